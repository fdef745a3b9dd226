"""Network files: TOML → NetworkSpec. Every fault is named with its line, and nothing in the file is ignored."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any
from unicodedata import category

from symbp.errors import Place, SymbpError, nearest
from symbp.language.form import Layer, Unit, Var
from symbp.language.notation import NOTATIONS
from symbp.language.vocabulary import Sharing, Vocabulary
from symbp.network.activation import Activation
from symbp.network.loss import Loss
from symbp.network.own import loss_named
from symbp.network.spec import NAME, UPDATES, NetworkSpec, activation_named, check_sizes, default_names, from_shorthand

TOP = ("title", "notation", "loss", "learning_rate", "train_bias", "update", "inputs", "layers", "samples")
LAYER = ("units", "activation", "weights", "bias")
SAMPLE = ("inputs", "targets")
MAX_BYTES, MAX_DIGITS, MAX_EXPONENT = 20_000_000, 200, 400
LIMITS = f"at most {MAX_DIGITS} digits and a size between 1e-{MAX_EXPONENT} and 1e{MAX_EXPONENT}"


def examples() -> tuple[str, ...]:
    """The names of the built-in examples."""
    return tuple(sorted(p.name.removesuffix(".toml") for p in files("symbp.examples").iterdir() if p.name.endswith(".toml")))


def example_titles() -> tuple[tuple[str, str], ...]:
    """The built-in examples and what each is called."""
    texts = {name: (files("symbp.examples") / f"{name}.toml").read_text("utf-8") for name in examples()}
    return tuple((name, str(tomllib.loads(text).get("title", ""))) for name, text in texts.items())


def load(network: str | Path) -> NetworkSpec:
    """The network that a file's path, a built-in example's name or a shorthand (`2-3-1:tanh`) stands for.

    What ends in `.toml` or contains a slash is a file.
    """
    text = str(network)
    if isinstance(network, Path) or text.endswith(".toml") or "/" in text or "\\" in text:
        return read(_file_text(Path(text)), text)
    if text[:1].isdigit():
        return from_shorthand(text)
    if text not in examples():
        raise SymbpError(
            f"there is no built-in example {text!r}",
            hint=nearest(text, examples()) + "; a file ends in .toml or has a slash, a shorthand is like 2-3-1",
        )
    return read((files("symbp.examples") / f"{text}.toml").read_text("utf-8"), text)


def _file_text(path: Path) -> str:
    place = Place(str(path))
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise SymbpError("the file is too large", place, f"at most {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SymbpError(f"not UTF-8 at byte {error.start + 1}", place, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        hint = f"the built-in example is called {path.stem}" if path.stem in examples() else None
        raise SymbpError(f"cannot read the network file: {reason}", place, hint) from None


def read(text: str, source: str) -> NetworkSpec:
    """The network that the TOML `text` describes; `source` names it in messages."""
    try:
        table = tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        raise SymbpError(f"not valid TOML: {_reason(error)}", _toml_place(str(error), text, source)) from None
    except RecursionError:
        raise SymbpError("not valid TOML: lists or tables are nested too deep", Place(source)) from None
    except (ValueError, InvalidOperation):
        raise SymbpError("a number with too many digits, or too large or small", _number_place(text, source), LIMITS) from None
    return _Reader(text, source).network(table)


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
class _Reader:
    """Holds the text, so that every message can point into it."""

    text: str
    source: str

    def place(self, table: str, occurrence: int, key: str | None) -> Place:
        for wanted in ((table, occurrence, key), (table, occurrence, None), ("", 0, table)):
            if found := locate(self.text, *wanted):
                return Place(self.source, *found)
        return Place(self.source)

    def top(self, key: str | None) -> Place:
        return self.place("", 0, key)

    def network(self, table: Mapping[str, Any]) -> NetworkSpec:
        self._keys(table, TOP, "", 0)
        layers = self._tables(table, "layers")
        if not layers:
            raise SymbpError("there are no [[layers]]", Place(self.source), "give one [[layers]] table per layer after the inputs")
        sizes, names = self._units(table, layers)
        sharing = tuple(self._sharing(layer, at, sizes[at]) for at, layer in enumerate(layers, 1))
        vocabulary = Vocabulary(names, sharing)
        spec = NetworkSpec(
            vocabulary,
            tuple(self._activation(layer, at) for at, layer in enumerate(layers, 1)),
            title=self._title(table, sizes),
            notation=self._choice(table, "notation", NOTATIONS, "mazur"),
            loss=self._loss(table),
            learning_rate=self._rate(table),
            values=self._values(layers, vocabulary),
            samples=self._samples(table, vocabulary),
            train_bias=self._flag(table, "train_bias", default=True),
            update=self._choice(table, "update", UPDATES, "simultaneous"),
        )
        try:
            spec.speller.check()
        except SymbpError as error:
            raise SymbpError(error.message, self._clash_place(spec), error.hint) from None
        return spec

    def _clash_place(self, spec: NetworkSpec) -> Place:
        """Where the first of two quantities with one name got it."""
        assert spec.speller.clash is not None
        for var in spec.speller.clash[1:]:
            if isinstance(var, Var) and isinstance(var.owner, Unit) and isinstance(var.owner.layer, int):
                at = var.owner.layer
                return self.place("layers", at, "units") if at else self.top("inputs")
        return Place(self.source)

    # -- the parts -------------------------------------------------------------------------------------------------

    def _keys(self, table: Mapping[str, Any], known: Sequence[str], where: str, occurrence: int) -> None:
        for key in table:
            if key not in known:
                inside = f" in [[{where}]] number {occurrence}" if where else ""
                raise SymbpError(f"unknown key {key!r}{inside}", self.place(where, occurrence, key), nearest(key, known))

    def _tables(self, table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise SymbpError(f"{key!r} is not a list of tables", self.top(key), f"write [[{key}]] above each of them")
        return found

    def _title(self, table: Mapping[str, Any], sizes: tuple[int, ...]) -> str:
        title = table.get("title", f"Backpropagation in a {'-'.join(map(str, sizes))} network")
        if not isinstance(title, str):
            raise SymbpError("the title is not a text", self.top("title"))
        if len(title) > 500 or any(category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in title):
            raise SymbpError("the title is too long or holds control characters", self.top("title"), "one line of at most 500 characters")
        if not title.strip():
            raise SymbpError("the title is empty", self.top("title"), "leave the key out for a title made of the sizes")
        return title.strip()

    def _choice(self, table: Mapping[str, Any], key: str, known: Any, default: str) -> str:
        name = table.get(key, default)
        if not isinstance(name, str) or name not in known:
            raise SymbpError(f"unknown {key} {said(name)}", self.top(key), nearest(str(name), known))
        return name

    def _loss(self, table: Mapping[str, Any]) -> Loss:
        return loss_named(table.get("loss", "half_squared_error"), self.top("loss"))

    def _flag(self, table: Mapping[str, Any], key: str, *, default: bool) -> bool:
        flag = table.get(key, default)
        if not isinstance(flag, bool):
            raise SymbpError(f"{key} is {said(flag)}", self.top(key), "true or false")
        return flag

    def _rate(self, table: Mapping[str, Any]) -> Decimal | None:
        if "learning_rate" not in table:
            return None
        return self.number(table["learning_rate"], "learning_rate", self.top("learning_rate"))

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

    def _row(self, value: object, length: int, what: str, unit: str, place: Place) -> list[Decimal]:
        if not isinstance(value, list):
            raise SymbpError(f"{what} is not a list", place, f"a list of {length}, one per {unit}")
        if len(value) != length:
            raise SymbpError(
                f"{what}: {counted(len(value), 'number')}, but there {'is' if length == 1 else 'are'} {counted(length, unit)}",
                place,
                f"one number per {unit}",
            )
        return [self.number(item, what, place) for item in value]

    def _units(self, table: Mapping[str, Any], layers: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, ...], tuple[tuple[str, ...], ...]]:
        given = [self._count(table, "inputs", self.top("inputs"))]
        for at, layer in enumerate(layers, 1):
            self._keys(layer, LAYER, "layers", at)
            given.append(self._count(layer, "units", self.place("layers", at, "units")))
        sizes = tuple(size if isinstance(size, int) else len(size) for size in given)
        check_sizes(sizes, Place(self.source))
        defaults = default_names(sizes)
        names = tuple(default if isinstance(own, int) else own for own, default in zip(given, defaults, strict=True))
        seen: dict[str, int] = {}
        for at, layer_names in enumerate(names):
            for name in layer_names:
                if name in seen:
                    place = self.place("layers", at, "units") if at else self.top("inputs")
                    raise SymbpError(
                        f"the name {name!r} is used twice",
                        place,
                        "every input and unit has a name of its own; i1, h1, o1 are those given where there is none",
                    )
                seen[name] = at
        return sizes, names

    def _count(self, table: Mapping[str, Any], key: str, place: Place) -> int | tuple[str, ...]:
        if key not in table:
            raise SymbpError(f"{key!r} is missing", place, "a number, or a list of names")
        value = table[key]
        if isinstance(value, list):
            for name in value:
                if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > 24:
                    rule = "a name is a letter, then letters and digits, with single underscores between, at most 24 characters"
                    raise SymbpError(f"{name!r} is not a name that a unit can have", place, rule)
            if not value:
                raise SymbpError(f"{key!r} is an empty list", place, "a layer has at least one unit")
            return tuple(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise SymbpError(f"{key} is {said(value)}", place, "a number, or a list of names")
        if value < 1:
            raise SymbpError(f"{key} is {value}", place, "a layer has at least one unit")
        return value if value < 10**6 else 10**6

    def _activation(self, layer: Mapping[str, Any], at: int) -> Activation:
        return activation_named(layer.get("activation", "sigmoid"), self.place("layers", at, "activation"))

    def _sharing(self, layer: Mapping[str, Any], at: int, size: int) -> Sharing:
        place = self.place("layers", at, "bias")
        if "bias" not in layer:
            return Sharing.NONE if "weights" in layer else Sharing.UNIT
        bias = layer["bias"]
        if bias is False:
            return Sharing.NONE
        if isinstance(bias, list):
            self._row(bias, size, f"the bias of layer {at}", "unit", place)
            return Sharing.UNIT
        if bias is True or not isinstance(bias, int | Decimal):
            raise SymbpError(
                f"the bias of layer {at} is {said(bias)}", place, "a number (shared by the layer), a list (one per unit), or false"
            )
        self.number(bias, f"the bias of layer {at}", place)
        return Sharing.SHARED

    def _values(self, layers: Sequence[Mapping[str, Any]], vocabulary: Vocabulary) -> dict[Var, Decimal]:
        without = [at for at, layer in enumerate(layers, 1) if "weights" not in layer]
        if len(without) == len(layers):
            return {}
        if without:
            message = f"layer {without[0]} has no weights, but other layers have"
            raise SymbpError(message, self.place("layers", without[0], None), "give weights for every layer or for none")
        values: dict[Var, Decimal] = {}
        for at, layer in enumerate(layers, 1):
            place = self.place("layers", at, "weights")
            rows = layer["weights"]
            shape = f"{vocabulary.width(at)} rows (one per unit) of {vocabulary.width(at - 1)} (one per source)"
            if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
                raise SymbpError(f"the weights of layer {at} are not a list of rows", place, shape)
            sizes = {len(row) for row in rows}
            if len(rows) != vocabulary.width(at) or sizes != {vocabulary.width(at - 1)}:
                found = (
                    f"{len(rows)} by {sizes.pop()}"
                    if len(sizes) == 1
                    else counted(len(rows), "row") + " of unequal length" * (len(rows) > 1)
                )
                raise SymbpError(f"the weights of layer {at} are {found}", place, f"expected {shape}")
            for unit, row in zip(vocabulary.units(at), rows, strict=True):
                numbers = self._row(row, vocabulary.width(at - 1), f"the weights of layer {at}", "source", place)
                values.update(zip(vocabulary.weights(unit), numbers, strict=True))
            values.update(self._biases(layer, vocabulary, at))
        return values

    def _biases(self, layer: Mapping[str, Any], vocabulary: Vocabulary, at: int) -> dict[Var, Decimal]:
        match vocabulary.sharing[at - 1]:
            case Sharing.SHARED:
                return {Var("bias", Layer(at)): Decimal(layer["bias"])}
            case Sharing.UNIT:
                return {Var("bias", unit): Decimal(b) for unit, b in zip(vocabulary.units(at), layer["bias"], strict=True)}
        return {}

    def _samples(self, table: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[dict[Var, Decimal], ...]:
        samples = self._tables(table, "samples")
        if len(samples) > 1:
            raise SymbpError(f"{len(samples)} samples", self.place("samples", 2, None), "this version derives for one sample")
        return tuple(self._sample(sample, at, vocabulary) for at, sample in enumerate(samples, 1))

    def _sample(self, sample: Mapping[str, Any], at: int, vocabulary: Vocabulary) -> dict[Var, Decimal]:
        self._keys(sample, SAMPLE, "samples", at)
        found: dict[Var, Decimal] = {}
        for key, kind, layer, unit in (("inputs", "input", 0, "input"), ("targets", "target", vocabulary.last, "output")):
            place = self.place("samples", at, key)
            if key not in sample:
                raise SymbpError(f"sample {at} has no {key!r}", place, f"one number per {unit}")
            units: tuple[Unit, ...] = vocabulary.units(layer)
            numbers = self._row(sample[key], len(units), f"{key} of sample {at}", unit, place)
            found.update(zip((Var(kind, owner, sample=1) for owner in units), numbers, strict=True))
        return found
