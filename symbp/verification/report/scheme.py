"""A `Scheme`: what is given marks, and on which terms; the TOML that describes it, every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

from symbp.errors import Place, SymbpError, nearest
from symbp.language.form import Var
from symbp.language.vocabulary import Vocabulary
from symbp.network.source import Source, parse_toml, said
from symbp.verification.report.credit import FORMS, Bare

RULES: Final = ("follows", "significant", "decimals", "bare", "numeric", "general", "given")
TABLES: Final = ("marks", "form", "from", "required")
KEYS: Final = ("per", "penalty", "default", *RULES, *TABLES)
DEFAULT: Final = "default"
"""The key of `[marks]`, or of the whole, for every quantity that no other key names."""
MAX_BYTES: Final = 1_000_000
MOST_DIGITS: Final = 40
QUOTED: Final = 'in [marks] a name stands in quotes, as in "dE/dw5" = 2 or "delta_*" = 1'
IN_QUOTES: Final = "names in quotes, as in {}"
Per: TypeAlias = Literal["quantity", "row"]
At: TypeAlias = tuple[str, int, str]
T = TypeVar("T")
_NAME = re.compile(r"d[A-Za-z]\w*\+?(?:@\w+)?/d[A-Za-z]\w*(?:@\w+)?|[A-Za-z]\w*\+?(?:@\w+)?")


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is given marks: each quantity that is reached, or each row that is right.

    `marks` holds names and patterns (`*` stands for anything) with their marks; a name comes before a pattern, a pattern before
    those below it, and `default` is for everything else. `penalty` is taken off for every mistake, a repeated one once; no work
    gets less than 0.

    `follows` is the share for what only follows from a mistake. Numbers earn with so many `significant` digits or `decimals`, or exact;
    `bare` is for those that stand alone. `numeric` and `general` let quotients of differences and formulas in indices earn. What is
    `given` may be used without a derivation. `form`, `rests` (`from` in the file) and `required` ask of quantities, by name or
    pattern, how they are given, what they must rest on, and what one row about them must name.
    """

    per: Per = "quantity"
    marks: Mapping[str, Decimal] | None = None
    default: Decimal = Decimal(1)
    penalty: Decimal = Decimal(0)
    follows: Decimal = Decimal(1)
    significant: int | None = None
    decimals: int | None = None
    bare: Bare = "review"
    numeric: bool = False
    general: bool = False
    given: tuple[str, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    rests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    source: Source | None = field(default=None, compare=False)
    """The text that it was read from, for what is found wrong with it once the network is known."""

    def worth(self, quantity: str) -> Decimal:
        """The marks for the quantity with this canonical name; `w5` in the scheme is also its gradient."""
        return _of(self.marks or {}, quantity, self.default)

    def form_of(self, quantity: str) -> str:
        """The form that is asked for: one of FORMS."""
        return _of(self.form, quantity, "any")

    def rests_on(self, quantity: str) -> tuple[str, ...]:
        """The quantities that it must rest on."""
        return _of(self.rests, quantity, ())

    def required_of(self, quantity: str) -> tuple[tuple[str, ...], ...]:
        """The rows that there must be: what each must name."""
        return _of(self.required, quantity, ())

    def asked(self, words: Vocabulary) -> tuple[str, ...]:
        """The quantities of a network that the scheme gives marks for, to look for in a work; none where it names none.

        A name or pattern that the network has nothing for is a SymbpError.
        """
        self.check(words)
        known = list(dict.fromkeys(_names(words)))
        found = [name for name in known if name.startswith("dE/d")] if self.marks and self.default else []
        for pattern, worth in (self.marks or {}).items():
            found += _fitting(pattern, known) if worth else []
        return tuple(dict.fromkeys(found))

    def check(self, words: Vocabulary) -> None:
        """Refuse names that the network has not, all of them at once."""
        known = list(dict.fromkeys((*_names(words), *_derivatives(words))))
        raise_all(list(self._unknown(known)))

    def _unknown(self, known: Sequence[str]) -> Iterator[SymbpError]:
        bare = [*known, *(name.removeprefix("dE/d") for name in known)]

        def fault(name: str, at: At, what: str) -> Iterator[SymbpError]:
            if not _fitting(name, bare) and _plain(name) not in bare:
                place = self.source.place(*at) if self.source else None
                is_pattern = "*" in name
                hint = (
                    (QUOTED if is_pattern else nearest(_plain(name), known)) if what == "the marks name" else nearest(_plain(name), known)
                )
                yield SymbpError(f"no quantity of the network is {'like ' if is_pattern else ''}{name!r}, which {what}", place, hint)

        for name in self.marks or {}:
            yield from fault(name, ("marks", 1, name), "the marks name")
        for name in self.given:
            yield from fault(name, ("", 0, "given"), "`given` names")
        for key, table in (("form", self.form), ("from", self.rests), ("required", self.required)):
            for name in table:
                if name != "*":
                    yield from fault(name, (key, 1, name), f"[{key}] names")
        for name, others in self.rests.items():
            for other in others:
                yield from fault(other, ("from", 1, name), f"the key {name!r} of [from] names")


def _of(table: Mapping[str, T], quantity: str, otherwise: T) -> T:
    """What a table of names and patterns says of a quantity: by its name first, then by the first pattern."""
    for name in (quantity, quantity.removeprefix("dE/d")):
        if name in table:
            return table[name]
    return next((value for pattern, value in table.items() if fnmatchcase(quantity, pattern)), otherwise)


def _plain(name: str) -> str:
    return name.strip().replace("∂", "d").replace(" ", "")


def _fitting(pattern: str, known: Sequence[str]) -> list[str]:
    return [name for name in known if fnmatchcase(name, pattern)] if "*" in pattern else [pattern] if _plain(pattern) in known else []


def _names(words: Vocabulary) -> Iterable[str]:
    """The canonical names of everything that a derivation of the network may reach."""
    yield from (f"dE/d{words.canonical(parameter)}" for parameter in words.parameters())
    yield from map(words.canonical, words.variables())


def _derivatives(words: Vocabulary) -> Iterable[str]:
    """The names of derivatives that a work may rest on."""
    for var in words.variables():
        if var.kind in {"net", "out", "error"}:
            yield f"dE/d{words.canonical(var)}"
        if var.kind in {"weight", "bias"} and not var.step:
            yield words.canonical(Var(var.kind, var.owner, step=1))


# -- reading -----------------------------------------------------------------------------------------------------------


def read_scheme(path: Path) -> Scheme:
    """The scheme that the file at `path` describes."""
    place = Place(str(path))
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise SymbpError("the file is too large", place, f"at most {MAX_BYTES // 1000} kB")
        return parse_scheme(path.read_bytes().decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise SymbpError(f"not UTF-8 at byte {error.start + 1}", place, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SymbpError(f"cannot read the marks: {reason}", place) from None


def parse_scheme(text: str, source: str) -> Scheme:
    """The scheme that the TOML `text` describes; `source` names it in messages.

    >>> parse_scheme('penalty = 0.5\\n[marks]\\n"delta_*" = 2\\ndefault = 0', "marks.toml").worth("delta_h1")
    Decimal('2')
    """
    try:
        table = parse_toml(text, source)
    except SymbpError as error:
        raise SymbpError(error.message, error.place, QUOTED) from None
    return _Parser(Source(text, source), table).scheme()


def raise_all(faults: Sequence[SymbpError]) -> None:
    """Raise what was found, if anything was: the first fault as an error, the others told with it."""
    if not faults:
        return
    first, *others = faults
    more = [f"{fault.place}: {fault.message}" if fault.place else fault.message for fault in others]
    raise SymbpError(first.message, first.place, "\n".join(filter(None, (first.hint, *more))) or None)


@dataclass
class _Parser:
    """Reads the keys one by one, and goes on after a fault."""

    reader: Source
    table: Mapping[str, Any]
    faults: list[SymbpError] = field(default_factory=list)

    def scheme(self) -> Scheme:
        for key in self.table:
            if key not in KEYS:
                self.got(None, partial(self.reader.keys, {key: None}, KEYS, "", 0))
        per = self.got("quantity", lambda: self.reader.choice(self.table, "per", ("quantity", "row"), "quantity"))
        numbers = self.marks(per)
        default = self.default(numbers)
        found = Scheme(
            cast(Per, per),
            numbers,
            default,
            self.number("penalty", "the penalty", Decimal(0)),
            follows=self.number("follows", "the share for what follows", Decimal(1), most=1),
            significant=self.count("significant", least=1),
            decimals=self.count("decimals", least=0),
            bare=cast(Bare, self.got("review", lambda: self.reader.choice(self.table, "bare", ("full", "none", "review"), "review"))),
            numeric=self.got(False, lambda: self.reader.flag(self.table, "numeric", default=False)),
            general=self.got(False, lambda: self.reader.flag(self.table, "general", default=False)),
            given=self.got((), lambda: self.list("given", self.table.get("given", []), ("", 0, "given"))),
            form=self.forms(),
            rests=self.lists("from"),
            required={name: tuple(map(_named, rows)) for name, rows in self.lists("required").items()},
            source=self.reader,
        )
        if found.significant is not None and found.decimals is not None:
            self.faults.append(SymbpError("there are both significant and decimals", self.reader.top("decimals"), "give one of them"))
        raise_all(self.faults)
        return found

    def got(self, otherwise: T, read: Callable[[], T]) -> T:
        """What is read, or else a fault is noted."""
        try:
            return read()
        except SymbpError as error:
            self.faults.append(error)
            return otherwise

    def marks(self, per: str) -> dict[str, Decimal]:
        marks = self.table_of("marks", QUOTED)
        if per == "row" and set(marks) - {DEFAULT}:
            name = next(name for name in marks if name != DEFAULT)
            place = self.reader.place("marks", 1, name)
            self.faults.append(SymbpError(f"marks per row have no name {name!r}", place, f"only {DEFAULT!r}, the marks of any row"))
        nothing = Decimal(0)
        return {
            name: self.got(nothing, partial(self.amount, value, ("marks", 1, name), f"the marks of {name!r}"))
            for name, value in marks.items()
        }

    def default(self, numbers: dict[str, Decimal]) -> Decimal:
        """What is in [marks] under `default`, which is no name, or else at the top."""
        inside = numbers.pop(DEFAULT, None)
        if DEFAULT not in self.table:
            return Decimal(1) if inside is None else inside
        if inside is not None:
            self.faults.append(SymbpError("default is there twice", self.reader.place("marks", 1, DEFAULT), "keep one of them"))
        return self.number(DEFAULT, "the default", Decimal(1))

    def number(self, key: str, what: str, otherwise: Decimal, most: int | None = None) -> Decimal:
        return self.got(otherwise, lambda: self.amount(self.table.get(key, otherwise), ("", 0, key), what, most))

    def amount(self, value: Any, at: At, what: str, most: int | None = None) -> Decimal:
        number = self.reader.number(value, what, self.reader.place(*at))
        if number < 0:
            raise SymbpError(f"{what}: {said(value)} is below 0", self.reader.place(*at), "a number from 0 up")
        if most is not None and number > most:
            raise SymbpError(f"{what}: {said(value)} is above {most}", self.reader.place(*at), f"a number from 0 to {most}")
        return number

    def count(self, key: str, least: int) -> int | None:
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_DIGITS:
            self.faults.append(SymbpError(f"{key} is {said(value)}", self.reader.top(key), f"a whole number from {least} to {MOST_DIGITS}"))
            return None
        return value

    def table_of(self, key: str, hint: str) -> Mapping[str, Any]:
        found = self.table.get(key, {})
        if not isinstance(found, dict):
            self.faults.append(SymbpError(f"{key} is {said(found)}", self.reader.top(key), f"a table: {hint}"))
            return {}
        return found

    def forms(self) -> dict[str, str]:
        """A form for each name, or one for all."""
        found = self.table.get("form", {})
        if isinstance(found, str):
            return {"*": self.got("any", lambda: self.reader.choice(self.table, "form", FORMS, "any"))}
        table = self.table_of("form", IN_QUOTES.format('"dE/dw1" = "delta"'))
        return {name: self.got("any", partial(self.reader.choice, table, name, FORMS, "any", ("form", 1))) for name in table}

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """A list of texts for each name; one text is a list of one."""
        table = self.table_of(key, IN_QUOTES.format('"dE/dw1" = ["delta_h1"]'))
        return {name: self.got((), partial(self.list, f"{name!r} of [{key}]", value, (key, 1, name))) for name, value in table.items()}

    def list(self, what: str, value: Any, at: At) -> tuple[str, ...]:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
            raise SymbpError(f"{what} is {said(value)}", self.reader.place(*at), 'a list of texts, as in ["delta_h1", "delta_o*"]')
        if at[0] == "required" and (empty := next((item for item in items if not _named(item)), None)) is not None:
            raise SymbpError(f"{what}: {empty!r} names nothing", self.reader.place(*at), 'a product, as in "dE/dout_o1 * dout_o1/dnet_o1"')
        return tuple(_plain(item) if at[0] != "required" else item for item in items)


def _named(row: str) -> tuple[str, ...]:
    """What a required row names, in canonical names; of an equation its right side."""
    text = row.replace("∂", "d").replace("_total", "").rpartition("=")[2]
    return tuple(dict.fromkeys(match[0] for match in _NAME.finditer(text)))
