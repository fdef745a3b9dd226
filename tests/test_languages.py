"""Languages: catalogues are complete and what the sentences ask for; documents in another language hold no English; English needs none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from random_networks import network

import symbp
from symbp.derivation.layers import LAYERS
from symbp.derivation.rules import RULES
from symbp.errors import SymbpError
from symbp.language.plain import terminal_columns
from symbp.network.activation import ACTIVATIONS
from symbp.network.gallery import examples
from symbp.network.loss import LOSSES
from symbp.proof.general import CheckedGeneral
from symbp.proof.layers import CheckedLayer
from symbp.publishing import environment as running
from symbp.publishing import saying
from symbp.publishing.document import Document
from symbp.publishing.environment import locale_folder, templates_folder
from symbp.publishing.formats import FORMATS, Format
from symbp.publishing.general import general_document
from symbp.publishing.languages import PLACEHOLDER, languages, translations, worded
from symbp.publishing.latex_escape import escape_latex, escape_wide_latex
from symbp.publishing.layers import layer_document
from symbp.publishing.render import render
from symbp.publishing.wide import beside_formulas, is_wide, one_line, wrapped

CATALOGUES = [lang for lang in languages(locale_folder()) if lang != "en"]
SPECIAL = re.compile(r"[\\{}$&#_%~^<>|*\[\]`\"@]")
"""What some format would take for its own."""
NAMES = {
    *("symbp", "SymPy", "UFLDL", "Adam", "KL", "Huber", "logits", "Polyak", "Rumelhart", "Hinton", "Williams", "Kingma", "Ba"),
    *("sigmoid", "tanh", "ReLU", "Leaky", "ELU", "SiLU", "GELU", "softplus", "softmax", "log", "sin", "Han", "Kamber", "t", "o", "k", "j"),
}
"""What is written in Latin letters in Chinese, too."""
FORMULA = re.compile(r"\]\([^)]*\)|\$\$.*?\$\$|\$[^$]*\$|```.*?```", re.DOTALL)
RANDOM = (*range(11), *range(18, 33))


@pytest.fixture(scope="module")
def messages(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All messages that there are, extracted anew."""
    pot = tmp_path_factory.mktemp("pot") / "symbp.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(checkout)
        command = ["pybabel", "-q", "extract", "--mapping", "pyproject.toml", "--no-location", "--output", str(pot), "templates", "symbp"]
        CommandLineInterface().run([*command[:-2], "."])
    return read_po(BytesIO(pot.read_bytes()))


def keys(catalogue: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, forms(message.id)) for message in catalogue if message.id}


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Singular and plural, or the only one."""
    return (text,) if isinstance(text, str) else tuple(text)


def catalogue(lang: str) -> Catalog:
    return read_po(BytesIO((locale_folder() / lang / "LC_MESSAGES" / "symbp.po").read_bytes()))


def translated(lang: str) -> list[Message]:
    return [message for message in catalogue(lang) if message.id]


# -- catalogues --------------------------------------------------------------------------------------------------------


def test_there_is_chinese_beside_english() -> None:
    assert {"en", "zh"} <= set(languages(locale_folder()))


def test_messages_come_from_sentences_and_from_tables(messages: Catalog) -> None:
    """The extraction is not empty by mistake: it has every sentence of the templates, and what tables word."""
    found = keys(messages)
    source = (templates_folder() / "sentences.j2").read_text("utf-8")
    assert {(context, (text,)) for context, text in worded()} <= found
    assert {("rule", (words,)) for words in RULES.values()} <= found
    assert len(found) > source.count("endtrans") - 40
    assert (None, ("The factors one by one:",)) in found


@pytest.mark.parametrize("lang", CATALOGUES)
def test_a_catalogue_has_every_message_and_no_other(lang: str, messages: Catalog) -> None:
    found = catalogue(lang)
    assert keys(found) == keys(messages), "run `make catalogues` and translate what is new"
    assert not found.obsolete
    assert not [message.id for message in found if message.fuzzy]
    assert not [message.id for message in translated(lang) if not all(forms(message.string))]


@pytest.mark.parametrize("lang", CATALOGUES)
def test_a_translation_names_what_the_sentence_names(lang: str) -> None:
    for message in translated(lang):
        wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
        for text in forms(message.string):
            assert set(PLACEHOLDER.findall(text)) == wanted, message.id
            assert "%" not in PLACEHOLDER.sub("", text)


@pytest.mark.parametrize("lang", [*CATALOGUES, "en"])
def test_no_message_holds_what_a_format_takes_for_its_own(lang: str, messages: Catalog) -> None:
    """Words of sentences go out as they are. What tables of other rooms have, those in a context, is escaped."""
    every = translated(lang) if lang != "en" else [message for message in messages if message.id]
    texts = [text for message in every if not message.context for text in forms(message.string if lang != "en" else message.id)]
    assert len(texts) > 300
    assert not [text for text in texts if SPECIAL.search(PLACEHOLDER.sub("", text)) or "//" in text or "--" in text]


@pytest.mark.parametrize("lang", CATALOGUES)
def test_what_is_read_is_what_is_written(lang: str) -> None:
    """The `.mo` beside the `.po` is made of it, by whatever version of Babel: that stands in the header of each."""
    compiled = BytesIO()
    write_mo(compiled, catalogue(lang))
    shipped = read_mo(BytesIO((locale_folder() / lang / "LC_MESSAGES" / "symbp.mo").read_bytes()))
    own = read_mo(BytesIO(compiled.getvalue()))
    assert len(own) > 300
    assert contents(shipped) == contents(own), "run `make catalogues`"


def contents(found: Catalog) -> dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]]:
    """What a catalogue says, without its header."""
    return {(message.context, forms(message.id)): forms(message.string) for message in found if message.id}


@pytest.mark.parametrize("lang", CATALOGUES)
def test_latex_has_every_letter_of_a_catalogue(lang: str) -> None:
    for message in translated(lang):
        for text in forms(message.string):
            escape_wide_latex(text)


def test_chinese_has_full_width_punctuation() -> None:
    for message in translated("zh"):
        for text in forms(message.string):
            plain = PLACEHOLDER.sub("0", text)
            assert not re.search(r"[,;:?!()]|\.(?!\d)", plain), text
            assert any(map(is_wide, plain)) or set(re.findall("[A-Za-z]+", plain)) <= NAMES, text


# -- documents ---------------------------------------------------------------------------------------------------------


@cache
def documents() -> tuple[Document, ...]:
    """Of examples in each detail, networks of every kind, general derivations, layers and a training."""
    found = [symbp.derive(name, detail=detail) for name in examples() for detail in ("normal",)]
    found += [symbp.derive("mazur", detail=detail, appendix="all", update="output_first", steps=2) for detail in ("brief", "full")]
    found += [symbp.derive("softmax", detail="brief"), symbp.derive("2-2-2-2-1:relu"), symbp.train("xor", steps=5)]
    general: list[CheckedGeneral] = [
        symbp.derive("general", notation=notation, layout=layout).checked
        for notation, layout in (("mazur", "denominator"), ("ufldl", "numerator"))
    ]
    layers: list[CheckedLayer] = [
        symbp.derive(f"layer:{name}", samples=samples).checked for name in LAYERS for samples in ("rows", "columns")
    ]
    return (*(Document.of(one.checked) for one in found), *map(general_document, general), *map(layer_document, layers))


@cache
def random_documents(folder: Path) -> tuple[Document, ...]:
    """Networks that between them have everything that a network file can say."""
    found = []
    for i in RANDOM:
        path = folder / f"{i}.toml"
        path.write_text(network(i), "utf-8")
        found.append(Document.of(symbp.derive(path).checked))
    return tuple(found)


def english(text: str) -> set[str]:
    """The words outside formulas that are no names."""
    noted = " ".join(re.findall(r"\\text\{([^}]*)\}", text))
    return set(re.findall(r"[A-Za-z]+", FORMULA.sub(" ", text) + noted)) - NAMES


def own_words(document: Document) -> Iterator[str]:
    """What a user named: the title, and formulas of activations and losses."""
    if document.spec is not None:
        words = document.spec.vocabulary
        rows = {document.spec.activation(unit).name for at in range(1, words.last + 1) for unit in words.units(at)}
        yield from (name for name in rows if name not in ACTIVATIONS)
        yield from [document.spec.loss.words] if document.spec.loss.name not in LOSSES else []
        yield document.title


def test_chinese_documents_hold_no_english(tmp_path_factory: pytest.TempPathFactory) -> None:
    for document in (*documents(), *random_documents(tmp_path_factory.getbasetemp())):
        text = render(document, "md", lang="zh")
        known = {word for own in own_words(document) for word in re.findall(r"[A-Za-z]+", own)}
        assert english(text) <= known, document.title


def test_titles_of_examples_and_of_networks_without_one_are_translated() -> None:
    for name in (*examples(), "2-3-1"):
        title = render(Document.of(symbp.derive(name).checked), "txt", lang="zh").splitlines()[0]
        assert any(map(is_wide, title)), title
    assert render(Document.of(symbp.derive("2-3-1").checked), "md", lang="zh").startswith("# 2-3-1 网络的反向传播\n")


@pytest.mark.parametrize("lang", CATALOGUES)
@pytest.mark.parametrize("name", [row.name for row in FORMATS.values() if isinstance(row, Format)])
def test_every_format_renders_in_every_language(lang: str, name: str) -> None:
    for document in documents():
        text = render(document, name, lang=lang)
        assert text != render(document, name)
        assert not re.search(r"%\(|\(\(\*|\*\)\)|Undefined|None", text)


def test_lines_of_a_terminal_hold_chinese() -> None:
    for document in documents():
        lines = render(document, "txt", lang="zh").splitlines()
        assert max(map(terminal_columns, lines)) <= 80
        assert not [line for line in lines if re.match(r"[，。；：、！？）]", line)], "a line does not begin with punctuation"


def test_markdown_in_chinese_keeps_its_formulas_apart() -> None:
    """GitHub reads `$` as mathematics only where no letter touches it."""
    for document in documents():
        text = render(document, "md", lang="zh")
        assert not re.search(r"[\u2e80-\uffef]\$|\$[\u2e80-\uffef]", text)


def test_what_a_user_names_is_escaped_in_translations(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'loss = "(t - o)^4"\ninputs = 1\n[[layers]]\nunits = 1\nactivation = "x*sigmoid(2*x)"\n'
        '[[layers]]\nunits = 1\nactivation = "leaky_relu"\n',
        "utf-8",
    )
    document = Document.of(symbp.derive(path).checked)
    for lang in ("en", *CATALOGUES):
        text = render(document, "tex", lang=lang)
        assert r"(t - o)\textasciicircum{}4" in text
        assert "x\\*sigmoid(2\\*x)" in render(document, "md", lang=lang)


# -- languages ---------------------------------------------------------------------------------------------------------


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(SymbpError, match="'zz'") as caught:
        render(documents()[0], "md", lang="zz")
    assert "en" in str(caught.value)
    assert "zh" in str(caught.value)


def test_a_language_is_no_path() -> None:
    with pytest.raises(SymbpError, match="unknown language"):
        translations("../locale/zh", locale_folder())


def test_another_language_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue beside the others is a language; what it lacks is said in English."""
    german = Catalog(locale="de")
    german.add(("%(num)s input", "%(num)s inputs"), ("%(num)s Eingang", "%(num)s Eingänge"))
    german.add("The network has %(parts)s.", "Das Netz hat %(parts)s.")
    german.add("%(first)s and %(last)s", "%(first)s und %(last)s")
    german.add("chain rule", "Kettenregel", context="rule")
    german.add("if", "falls", context="cases")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "symbp.mo").open("wb") as file:
        write_mo(file, german)
    for module in (running, saying):
        monkeypatch.setattr(module, "locale_folder", lambda: tmp_path)
    for kept in (running.environment, running._spoken):
        kept.cache_clear()
    try:
        text = render(Document.of(symbp.derive("relu").checked), "txt", lang="de")
    finally:
        for kept in (running.environment, running._spoken):
            kept.cache_clear()
    assert "Das Netz hat 2 Eingänge, a hidden layer of 2 relu units und 1 identity output unit." in " ".join(text.split())
    assert "(Kettenregel)" in text
    assert ", falls net_h1 > 0; " in text


def test_full_width_letters_need_a_latex_that_has_them() -> None:
    with pytest.raises(SymbpError, match="LaTeX has no"):
        escape_latex("网络")
    assert escape_wide_latex("网络_1") == r"网络\_1"


# -- how full-width text is set ----------------------------------------------------------------------------------------


def test_spaces_beside_full_width_letters() -> None:
    assert one_line("误差为 目标值 ，且 $x$ 。 每个\n  a b") == "误差为目标值，且 $x$。每个 a b"
    assert one_line("한국 어 와 日本 語") == "한국 어 와 日本語"
    assert beside_formulas("令$x$，则 $y$。") == "令 $x$ ，则 $y$ 。"


def test_lines_break_between_full_width_letters_but_not_before_their_marks() -> None:
    assert wrapped("误差如何随它变化？很大。", 8) == ["误差如何", "随它变", "化？很", "大。"]
    assert wrapped("a net-input and more", 9) == ["a net-", "input and", "more"]
    assert wrapped("a net-input and more", 9, on_hyphens=False) == ["a", "net-input", "and more"]
    assert wrapped("单元 net_h1（输入）", 8) == ["单元", "net_h1", "（输入）"]
