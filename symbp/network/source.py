"""A network file's text: its tables read piece by piece, every fault with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from symbp.errors import Place, SymbpError, nearest
from symbp.network.spec import NAME

MAX_DIGITS, MAX_EXPONENT, MAX_NAME = 200, 400, 24
LIMITS = f"at most {MAX_DIGITS} digits and a size between 1e-{MAX_EXPONENT} and 1e{MAX_EXPONENT}"
NAME_RULE = f"a name is a letter, then letters and digits, with single underscores between, at most {MAX_NAME} characters"


def parse_toml(text: str, source: str) -> dict[str, Any]:
    """The tables of `text`, its numbers as exact decimals; `source` names it in messages."""
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        raise SymbpError(f"not valid TOML: {_reason(error)}", _toml_place(str(error), text, source)) from None
    except RecursionError:
        raise SymbpError("not valid TOML: lists or tables are nested too deep", Place(source)) from None
    except (ValueError, InvalidOperation):
        raise SymbpError("a number with too many digits, or too large or small", _number_place(text, source), LIMITS) from None


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace("_", ""))


def _number_place(text: str, source: str) -> Place:
    """The first number that is too long, or has an exponent beyond every limit."""
    for at, line in enumerate(text.split("\n"), 1):
        if match := re.search(r"[0-9_]{1000,}|[eE][+-]?[0-9_]{7,}", line):
            return Place(source, at, match.start() + 1, line)
    return Place(source)


def _reason(error: tomllib.TOMLDecodeError) -> str:
    return re.sub(r" \(at .*\)$", "", str(error)).lower()


def _toml_place(message: str, text: str, source: str) -> Place:
    lines = text.splitlines() or [""]
    match = re.search(r"at line (\d+), column (\d+)", message)
    line, column = (int(match[1]), int(match[2])) if match else (len(lines), len(lines[-1]) + 1)
    return Place(source, line, column, lines[line - 1] if line <= len(lines) else "")


def locate(text: str, table: str, occurrence: int, key: str | None) -> tuple[int, int, str] | None:
    """Line, column and text of `key` in the `occurrence`-th (from 1) `[[table]]`, or of that header itself."""
    current, counts = "", {"": occurrence}
    for at, line in enumerate(text.split("\n"), 1):
        if header := re.match(r"\s*\[\[?\s*([A-Za-z_][\w.-]*)\s*\]\]?", line):
            current = header[1]
            counts[current] = counts.get(current, 0) + 1
            if key is None and (current, counts[current]) == (table, occurrence):
                return at, header.start(1) + 1, line
            if key == current and not table:
                return at, header.start(1) + 1, line
        elif key is not None and (current, counts.get(current)) == (table, occurrence):
            match = re.match(rf"\s*[\"']?({re.escape(key)})[\"']?\s*=", line)
            if match:
                return at, match.start(1) + 1, line
    return None


def counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def said(value: object) -> str:
    """A value as a network file writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return repr(value)
        case list():
            return "a list"
        case dict():
            return "a table"
        case Decimal() | int():
            text = str(value)
            return text if len(text) <= 40 else text[:30] + "…"
    return str(value)


@dataclass(frozen=True)
class Source:
    """The text of a network file and its name, so that every message can point into it."""

    text: str
    name: str

    def place(self, table: str, occurrence: int, key: str | None) -> Place:
        for wanted in ((table, occurrence, key), (table, occurrence, None), ("", 0, table)):
            if found := locate(self.text, *wanted):
                return Place(self.name, *found)
        return Place(self.name)

    def top(self, key: str | None) -> Place:
        return self.place("", 0, key)

    def keys(self, table: Mapping[str, Any], known: Sequence[str], where: str, occurrence: int) -> None:
        for key in table:
            if key not in known:
                inside = f" in [[{where}]] number {occurrence}" if where and occurrence else f" in [{where}]" if where else ""
                raise SymbpError(
                    f"unknown key {key!r}{inside}", self.place(where, max(1, occurrence) if where else 0, key), nearest(key, known)
                )

    def tables(self, table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise SymbpError(f"{key!r} is not a list of tables", self.top(key), f"write [[{key}]] above each of them")
        return found

    def choice(self, table: Mapping[str, Any], key: str, known: Any, default: str, where: tuple[str, int] = ("", 0)) -> str:
        """One of the names in `known`."""
        name = table.get(key, default)
        if not isinstance(name, str) or name not in known:
            raise SymbpError(f"unknown {key} {said(name)}", self.place(*where, key), nearest(str(name), known))
        return name

    def flag(self, table: Mapping[str, Any], key: str, *, default: bool) -> bool:
        flag = table.get(key, default)
        if not isinstance(flag, bool):
            raise SymbpError(f"{key} is {said(flag)}", self.top(key), "true or false")
        return flag

    def number(self, value: object, what: str, place: Place) -> Decimal:
        """An exact finite decimal of a sensible size."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise SymbpError(f"{what}: {said(value)} is not a number", place, "a decimal, as in 0.15")
        exact = Decimal(value)
        if not exact.is_finite():
            raise SymbpError(f"{what}: {exact} is not a finite number", place, "a decimal, as in 0.15")
        if len(exact.as_tuple().digits) > MAX_DIGITS or abs(exact.adjusted()) > MAX_EXPONENT:
            raise SymbpError(f"{what}: a number with too many digits, or too large or small", place, LIMITS)
        return exact

    def row(self, value: object, length: int, what: str, unit: str, place: Place) -> list[Decimal]:
        if not isinstance(value, list):
            raise SymbpError(f"{what} is not a list", place, f"a list of {length}, one per {unit}")
        if len(value) != length:
            raise SymbpError(
                f"{what}: {counted(len(value), 'number')}, but there {'is' if length == 1 else 'are'} {counted(length, unit)}",
                place,
                f"one number per {unit}",
            )
        return [self.number(item, what, place) for item in value]

    def matrix(self, value: object, rows: int, columns: int, what: str, place: Place) -> list[list[Decimal]]:
        """`rows` lists of `columns` numbers."""
        shape = f"{rows} rows (one per unit) of {columns} (one per source)"
        if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
            raise SymbpError(f"{what} are not a list of rows", place, shape)
        sizes = {len(row) for row in value}
        if len(value) != rows or sizes != {columns}:
            found = (
                f"{len(value)} by {sizes.pop()}"
                if len(sizes) == 1
                else counted(len(value), "row") + " of unequal length" * (len(value) > 1)
            )
            raise SymbpError(f"{what} are {found}", place, f"expected {shape}")
        return [self.row(row, columns, what, "source", place) for row in value]

    def count(self, table: Mapping[str, Any], key: str, place: Place) -> int | tuple[str, ...]:
        if key not in table:
            raise SymbpError(f"{key!r} is missing", place, "a number, or a list of names")
        value = table[key]
        if isinstance(value, list):
            for name in value:
                self.unit_name(name, place)
            if not value:
                raise SymbpError(f"{key!r} is an empty list", place, "a layer has at least one unit")
            return tuple(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise SymbpError(f"{key} is {said(value)}", place, "a number, or a list of names")
        if value < 1:
            raise SymbpError(f"{key} is {value}", place, "a layer has at least one unit")
        return value if value < 10**6 else 10**6

    def unit_name(self, name: object, place: Place, what: str = "a unit") -> str:
        """A name that a unit or a parameter can have."""
        if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME:
            raise SymbpError(f"{said(name)} is not a name that {what} can have", place, NAME_RULE)
        return name
