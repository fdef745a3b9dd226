"""The languages of documents: English, which the sentences are written in, and one for each catalogue of gettext beside the templates.

`templates/locale/<language>/LC_MESSAGES/symbp.po` is a translation, `symbp.mo` what is read of it; `make catalogues` brings both up to
date. Another language is another such file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from symbp.derivation.rules import RULES
from symbp.errors import SymbpError, nearest
from symbp.language.writer import IN_ENGLISH, CaseWords
from symbp.network.activation import ACTIVATIONS
from symbp.network.gallery import example_titles
from symbp.network.loss import LOSSES
from symbp.network.spec import TITLE
from symbp.publishing.wide import is_wide

ENGLISH = "en"
CATALOGUE = Path("LC_MESSAGES") / "symbp.mo"
RULE, CASES = "rule", "cases"
"""Contexts of messages: what is called so elsewhere may be called otherwise in another language."""


def languages(folder: Path) -> tuple[str, ...]:
    """The languages whose catalogues are in `folder`, and English."""
    return tuple(sorted({ENGLISH, *(path.parent.parent.name for path in folder.glob(f"*/{CATALOGUE.as_posix()}"))}))


@cache
def translations(lang: str, folder: Path) -> NullTranslations:
    """The catalogue of `lang` in `folder`; English has an empty one."""
    if lang not in languages(folder):
        raise SymbpError(f"unknown language {lang!r}", hint=nearest(lang, languages(folder)))
    if lang == ENGLISH:
        return NullTranslations()
    return GNUTranslations(BytesIO((folder / lang / CATALOGUE).read_bytes()))


def is_full_width(known: NullTranslations) -> bool:
    """Is the language written in full-width letters, as Chinese is?"""
    return any(map(is_wide, known.gettext("The network")))


def callables(known: NullTranslations, fill: Callable[[str, Mapping[str, Any]], str]) -> dict[str, Callable[..., str]]:
    """What the templates call to translate; `fill` puts what is named into a message."""
    return {
        "gettext": lambda message, /, **names: fill(known.gettext(message), names),
        "ngettext": lambda one, many, n, /, **names: fill(known.ngettext(one, many, n), {"num": n} | names),
        "pgettext": lambda context, message, /, **names: fill(known.pgettext(context, message), names),
        "npgettext": lambda context, one, many, n, /, **names: fill(known.npgettext(context, one, many, n), {"num": n} | names),
    }


def case_words(known: NullTranslations) -> CaseWords:
    """The words inside a formula with cases."""
    return CaseWords(*(known.pgettext(CASES, word) for word in IN_ENGLISH))


def worded() -> Iterator[tuple[str, str]]:
    """What the tables of other rooms word, each with its context: a catalogue has these messages besides those of the templates."""
    yield from ((RULE, words) for words in RULES.values())
    yield from ((CASES, word) for word in IN_ENGLISH)
    yield from (("loss", loss.words) for loss in LOSSES.values())
    yield from (("loss name", loss.name) for loss in LOSSES.values())
    yield from (("activation", name) for name in ACTIVATIONS)
    yield from (("title", title) for title in (TITLE, *example_titles()))


def extract(*_: object, options: object = None) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """`worded` for Babel, which calls this as it calls its own readers of source text."""
    yield from ((1, "pgettext", message, []) for message in dict.fromkeys(worded()))


PLACEHOLDER = re.compile(r"%\((\w+)\)s")
"""What is named in a message."""
