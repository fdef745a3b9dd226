"""Network files: TOML → NetworkSpec. Every fault is named with its line, and nothing in the file is ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from unicodedata import category

from symbp.errors import Place, SymbpError, clipped, nearest
from symbp.language.form import Parameter, Unit, Var
from symbp.language.notation import NOTATIONS, Notation
from symbp.language.own_notation import chosen
from symbp.language.vocabulary import Vocabulary
from symbp.network.forward import forward
from symbp.network.gallery import example, examples
from symbp.network.layered import Topology, read_layers
from symbp.network.loss import ANY, Loss
from symbp.network.numbers import HighPrecision, to_decimal
from symbp.network.own import SYMBOLS, distinguished, loss_named
from symbp.network.reading import conventions_of, names_of
from symbp.network.recurrent import read_recurrent, start_values
from symbp.network.source import Source, counted, parse_toml, said
from symbp.network.spec import OPTIMIZERS, REDUCTIONS, TRAININGS, UPDATES, NetworkSpec, Settings, default_title, from_shorthand
from symbp.network.wired import read_units

TOP = (
    *("title", "about", "notation", "delta_sign", "loss", "reduction", "learning_rate", "train_bias", "update", "optimizer", "training"),
    *("momentum", "beta1", "beta2", "epsilon", "weight_decay", "l1", "decay_biases", "sparsity"),
    *("inputs", "layers", "outputs", "units", "parameters", "recurrent", "samples", "names", "reading"),
)
SAMPLE = ("inputs", "targets")
SPARSITY = ("rho", "beta")
BETWEEN_0_AND_1 = ("sigmoid", "softmax")
"""The activations whose mean may be compared with rho."""
DIGITS = 30
"""The precision at which outs are held to what the loss is defined for."""
MAX_BYTES, MAX_SAMPLES = 20_000_000, 1000


def load(network: str | Path) -> NetworkSpec:
    """The network that a file's path, a built-in example's name or a shorthand (`2-3-1:tanh`) stands for.

    What ends in `.toml` or contains a slash is a file.
    """
    text = str(network)
    if is_file(network):
        return read(file_text(Path(text)), text)
    if text[:1].isdigit():
        return from_shorthand(text)
    if text not in examples():
        raise SymbpError(
            f"there is no built-in example {clipped(text)!r}",
            hint=nearest(text, examples()) + "; a file ends in .toml or has a slash, a shorthand is like 2-3-1",
        )
    return read(example(text), text)


def is_file(network: str | Path) -> bool:
    """Does `network` name a file, and not an example or a shorthand?"""
    text = str(network)
    return isinstance(network, Path) or text.endswith(".toml") or "/" in text or "\\" in text


def file_text(path: Path) -> str:
    """The text of a network's file."""
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
    return _Reader(Source(text, source)).network(parse_toml(text, source))


@dataclass(frozen=True)
class _Reader:
    """Reads what every kind of network file has; the units are read by the module of their kind."""

    source: Source

    def network(self, table: Mapping[str, Any]) -> NetworkSpec:
        source = self.source
        source.keys(table, TOP, "", 0)
        topology = self._distinguished(self._topology(table))
        samples = self._samples(table, topology.vocabulary)
        constants, settings = self._constants(table), self._settings(table)
        vocabulary = replace(topology.vocabulary, samples=max(1, len(samples)), extras=self._extras(constants, settings, len(samples)))
        spec = NetworkSpec(
            vocabulary,
            topology.activations,
            title=self._line(table, "title", default_title(vocabulary)),
            about=self._line(table, "about", "-"),
            reading=conventions_of(source, table),
            names=names_of(source, table),
            decided=frozenset({"delta_sign", "reduction"} & set(table)),
            notation=self._notation(table),
            loss=self._loss(table),
            learning_rate=self._rate(table),
            values=topology.values,
            samples=samples,
            train_bias=source.flag(table, "train_bias", default=True),
            update=source.choice(table, "update", UPDATES, "simultaneous"),
            unit_activations=topology.unit_activations,
            reduction=source.choice(table, "reduction", REDUCTIONS, "sum"),
            delta_sign=self._sign(table),
            constants=constants,
            decay_biases=source.flag(table, "decay_biases", default=False),
            settings=settings,
        )
        self._fits(spec)
        try:
            spec.speller.check()
        except SymbpError as error:
            raise SymbpError(error.message, self._clash_place(spec, table), error.hint) from None
        return spec

    def _topology(self, table: Mapping[str, Any]) -> Topology:
        layers, units = self.source.tables(table, "layers"), self.source.tables(table, "units")
        if "recurrent" in table:
            self._alone(table, "recurrent", ("units", "parameters", "outputs"))
            return read_recurrent(self.source, table, layers)
        if "units" in table:
            self._alone(table, "units", ("layers",))
            return read_units(self.source, table, units)
        self._alone(table, "layers", ("parameters", "outputs"))
        if not layers:
            hint = "give one [[layers]] table per layer after the inputs, or [[units]], or [recurrent]"
            raise SymbpError("there are no [[layers]]", Place(self.source.name), hint)
        return read_layers(self.source, table, layers)

    def _distinguished(self, topology: Topology) -> Topology:
        """The same, in which a user's own functions that differ have symbols that differ."""
        rows = (*topology.activations, *topology.unit_activations.values())
        if len({row.function.definition for row in rows if row.function.definition is not None}) > len(SYMBOLS):
            raise SymbpError(
                f"more than {len(SYMBOLS)} activations of your own", Place(self.source.name), f"there are symbols for {len(SYMBOLS)}"
            )
        found = distinguished(rows)
        split = len(topology.activations)
        units = dict(zip(topology.unit_activations, found[split:], strict=True))
        return replace(topology, activations=found[:split], unit_activations=units)

    def _alone(self, table: Mapping[str, Any], form: str, others: Sequence[str]) -> None:
        for key in others:
            if key in table:
                raise SymbpError(
                    f"{key!r} does not go with {form!r}", self.source.top(key), "a network is given by layers, by units, or as recurrent"
                )

    def _fits(self, spec: NetworkSpec) -> None:
        """What does not go together."""
        words = spec.vocabulary
        if spec.update == "output_first" and not (
            words.is_layered and words.samples == 1 and spec.settings.optimizer == "gradient_descent"
        ):
            hint = 'that is for a layered network, one sample and gradient_descent; choose update = "simultaneous"'
            raise SymbpError("update is 'output_first'", self.source.top("update"), hint)
        if spec.has_sparsity and not words.hidden:
            raise SymbpError(
                "there are no hidden units to be sparse", self.source.top("sparsity"), "leave the key out, or add a hidden layer"
            )
        for unit in words.hidden if spec.has_sparsity else ():
            if (name := spec.activation(unit).name) not in BETWEEN_0_AND_1:
                message = f"sparsity is about outs between 0 and 1, but the activation of {words.unit_name(unit)} is {name}"
                raise SymbpError(message, self.source.top("sparsity"), f"known: {', '.join(BETWEEN_0_AND_1)}")
        self._targets_fit(spec)
        self._outs_fit(spec)

    def _targets_fit(self, spec: NetworkSpec) -> None:
        """Is the loss defined for every target?"""
        for at, sample in enumerate(spec.samples, 1):
            for var, value in sample.items():
                if var.kind == "target" and not spec.loss.targets.holds(Fraction(value)):
                    message = f"a target of sample {at} is {value}, and the loss {spec.loss.name} needs {spec.loss.targets.words}"
                    raise SymbpError(message, self.source.place("samples", at, "targets"), "choose another loss or other targets")

    def _outs_fit(self, spec: NetworkSpec) -> None:
        """Is the loss defined for the outs that the samples give? What rounds to the end of an interval is let through."""
        domain = spec.loss.outs
        if not spec.is_numeric or domain is ANY:
            return
        algebra = HighPrecision(DIGITS)
        values = forward(spec).evaluate(algebra.point(spec.data), algebra)
        for var in values:
            if var.kind == "out" and var.owner in spec.vocabulary.outputs and not domain.is_near(Fraction(to_decimal(values[var]))):
                name, out = spec.vocabulary.canonical(var), algebra.context.nstr(values[var], 6)
                message = f"{name} is {out}, and the loss {spec.loss.name} needs {domain.words}"
                raise SymbpError(message, self.source.top("loss"), "choose an activation of the output layer with such outs")

    def _clash_place(self, spec: NetworkSpec, table: Mapping[str, Any]) -> Place:
        """Where the one of two quantities with one name got it that the file names: a parameter, else an input or a unit."""
        assert spec.speller.clash is not None
        owners = [var.owner for var in spec.speller.clash[1:] if isinstance(var, Var)]
        for owner in owners:
            if isinstance(owner, Parameter):
                return self._parameter_place(owner.name, table)
        for unit in (owner for owner in owners if isinstance(owner, Unit)):
            assert isinstance(unit.layer, int)
            if not unit.layer:
                return self.source.top("inputs")
            if "units" in table:
                names = [own["name"] for own in table["units"]]
                return self.source.place("units", names.index(spec.vocabulary.unit_name(unit)) + 1, "name")
            at = unit.layer - ("recurrent" in table)
            return self.source.place("layers", at, "units") if at else self.source.place("recurrent", 1, "units")
        return Place(self.source.name)

    def _parameter_place(self, name: str, table: Mapping[str, Any]) -> Place:
        """Where a parameter has its number, else where it stands first."""
        if name in table.get("parameters", {}):
            return self.source.place("parameters", 1, name)
        for at, unit in enumerate(table.get("units", ()), 1):
            for key, names in (("inputs", list(unit["inputs"].values())), ("bias", [unit.get("bias")])):
                if name in names:
                    return self.source.place("units", at, key)
        kernels = [at for at, layer in enumerate(table.get("layers", ()), 1) if "kernel" in layer]
        return self.source.place("layers", kernels[0], "kernel") if kernels else Place(self.source.name)

    # -- the parts -------------------------------------------------------------------------------------------------

    def _line(self, table: Mapping[str, Any], key: str, default: str) -> str:
        """A line of text."""
        text, place = table.get(key, default), self.source.top(key)
        if not isinstance(text, str):
            raise SymbpError(f"the {key} is not a text", place)
        if len(text) > 500 or any(category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in text):
            raise SymbpError(f"the {key} is too long or holds control characters", place, "one line of at most 500 characters")
        if not text.strip():
            raise SymbpError(
                f"the {key} is empty", place, "leave the key out" + (" for a title made of the sizes" if key == "title" else "")
            )
        return text.strip()

    def _notation(self, table: Mapping[str, Any]) -> Notation:
        """A row of NOTATIONS, or the user's own in a file, which is found from where the network file is."""
        name = table.get("notation", "mazur")
        if isinstance(name, str) and name.endswith(".toml"):
            return chosen(name, Path(self.source.name).parent)
        return NOTATIONS[self.source.choice(table, "notation", NOTATIONS, "mazur")]

    def _loss(self, table: Mapping[str, Any]) -> Loss:
        return loss_named(table.get("loss", "half_squared_error"), self.source.top("loss"))

    def _rate(self, table: Mapping[str, Any]) -> Decimal | None:
        if "learning_rate" not in table:
            return None
        return self.source.number(table["learning_rate"], "learning_rate", self.source.top("learning_rate"))

    def _sign(self, table: Mapping[str, Any]) -> int:
        sign = table.get("delta_sign", 1)
        if isinstance(sign, bool) or not isinstance(sign, int) or sign not in {1, -1}:
            raise SymbpError(f"delta_sign is {said(sign)}", self.source.top("delta_sign"), "1 (delta = dE/dnet) or -1 (delta = -dE/dnet)")
        return sign

    def _positive(self, value: object, what: str, place: Place, below: int | None = None) -> Decimal:
        number = self.source.number(value, what, place)
        if number < 0 or (below is not None and number >= below):
            raise SymbpError(f"{what} is {number}", place, "not negative" if below is None else f"from 0 up to, but not, {below}")
        return number

    def _constants(self, table: Mapping[str, Any]) -> dict[Var, Decimal]:
        """The numbers of the penalties."""
        found = {}
        for key in ("weight_decay", "l1"):
            if key in table:
                found[Var(key)] = self._positive(table[key], key, self.source.top(key))
        if "sparsity" in table:
            own, place = table["sparsity"], self.source.top("sparsity")
            wrong = f"sparsity is {said(own)}"
            if isinstance(own, dict):
                unknown, missing = [key for key in own if key not in SPARSITY], [key for key in SPARSITY if key not in own]
                wrong = (
                    f"unknown key {unknown[0]!r} in sparsity" if unknown else f"{missing[0]!r} is missing in sparsity" if missing else ""
                )
            if wrong:
                raise SymbpError(wrong, place, "as in sparsity = { rho = 0.05, beta = 3 }")
            rho = self._positive(own["rho"], "rho", place, below=1)
            if not rho:
                raise SymbpError("rho is 0", place, "a mean activation between 0 and 1")
            found |= {Var("rho"): rho, Var("beta"): self._positive(own["beta"], "beta", place)}
        return found

    def _settings(self, table: Mapping[str, Any]) -> Settings:
        source = self.source
        optimizer = source.choice(table, "optimizer", OPTIMIZERS, "gradient_descent")
        constants = {}
        for key in dict.fromkeys(name for row in OPTIMIZERS.values() for name in row):
            if key in OPTIMIZERS[optimizer]:
                value = table.get(key, Decimal(OPTIMIZERS[optimizer][key]))
                constants[Var(key)] = self._positive(value, key, source.top(key), None if key == "epsilon" else 1)
            elif key in table:
                fitting = [name for name, row in OPTIMIZERS.items() if key in row]
                hint = f'it belongs to optimizer = "{fitting[0]}"'
                raise SymbpError(f"{key!r} does not go with the optimizer {optimizer!r}", source.top(key), hint)
        return Settings(optimizer, constants, source.choice(table, "training", TRAININGS, "batch"))

    def _extras(self, constants: Mapping[Var, Decimal], settings: Settings, samples: int) -> tuple[str, ...]:
        """The quantities that only this network has."""
        found = [var.kind for var in constants]
        found += ["error_data"] if constants else []
        found += [kind for key, kind in (("weight_decay", "squares"), ("l1", "magnitudes"), ("rho", "mean_activation")) if key in found]
        found += [*OPTIMIZERS[settings.optimizer], *(["update_number"] if settings.optimizer == "adam" else [])]
        return (*found, *(["online"] if settings.training == "online" and samples > 1 else []))

    # -- samples -----------------------------------------------------------------------------------------------------

    def _samples(self, table: Mapping[str, Any], words: Vocabulary) -> tuple[dict[Var, Decimal], ...]:
        samples = self.source.tables(table, "samples")
        if len(samples) > MAX_SAMPLES:
            raise SymbpError(f"{len(samples)} samples", self.source.place("samples", MAX_SAMPLES + 1, None), f"at most {MAX_SAMPLES}")
        return tuple(self._sample(table, sample, at, words) for at, sample in enumerate(samples, 1))

    def _sample(self, table: Mapping[str, Any], sample: Mapping[str, Any], at: int, words: Vocabulary) -> dict[Var, Decimal]:
        self.source.keys(sample, SAMPLE, "samples", at)
        found: dict[Var, Decimal] = {}
        for key, kind, units, times in (
            ("inputs", "input", words.units(0), words.every_time),
            ("targets", "target", words.outputs, words.error_times),
        ):
            place = self.source.place("samples", at, key)
            unit = "input" if key == "inputs" else "output"
            if key not in sample:
                raise SymbpError(f"sample {at} has no {key!r}", place, f"one number per {unit}")
            for time, row in zip(times, self._steps(sample[key], len(times), key, at, words), strict=True):
                numbers = self.source.row(row, len(units), f"{key} of sample {at}", unit, place)
                found.update(zip((Var(kind, owner, at, time) for owner in units), numbers, strict=True))
        return found | (start_values(self.source, table, words, at) if words.times else {})

    def _steps(self, given: object, steps: int, key: str, at: int, words: Vocabulary) -> list[object]:
        """The rows of a sample: one, or in a recurrent network one per time step."""
        if not words.times or (key == "targets" and words.error_at == (words.times,) and not _is_nested(given)):
            return [given]
        place = self.source.place("samples", at, key)
        if not _is_nested(given):
            raise SymbpError(f"{key} of sample {at} are not a list of lists", place, "one list per time step")
        assert isinstance(given, list)
        is_last = key == "targets" and words.error_at == (words.times,)
        hint = 'where error is "last", targets are one list' if is_last else "every sample is as long as the first"
        if len(given) != steps:
            raise SymbpError(
                f"{key} of sample {at}: {counted(len(given), 'step')}, but there {'is' if steps == 1 else 'are'} {steps}", place, hint
            )
        return given


def _is_nested(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(row, list) for row in given)
