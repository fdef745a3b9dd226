"""A Jupyter notebook: the text of `ipynb.j2`, in which a line opens each cell, as nbformat 4.5; and what its code cells are made of.

A line `#%% markdown NAME` or `#%% code NAME` opens a cell, `#%% figure NAME` a picture that belongs to the cell before it, and
`#%% more NAME` goes on with that cell. No other line can begin so: a # of plain text is escaped, and a literal of Python with such a
line is written on one.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from symbp.language.form import Edge, Var
from symbp.network.activation import ACTIVATIONS
from symbp.network.forward import forward
from symbp.network.loss import LOSSES
from symbp.network.numbers import ExactRational, HighPrecision
from symbp.network.program import Program
from symbp.network.spec import NetworkSpec, by_place
from symbp.proof.gradients import DEFAULT_SEED, MOST_CHECKED, point_of
from symbp.proof.numeric import MAX_COMPOSED, composed_size
from symbp.publishing.environment import Safe
from symbp.publishing.python_code import ForwardCode, forward_code, identifiers, literal

if TYPE_CHECKING:
    from symbp.publishing.document import Document
    from symbp.publishing.formats import Style
    from symbp.publishing.recipe import Recipe

MOST_BINDINGS, MOST_PARAMETERS = 240, 60
"""A network with more has no cells that compute it once more: nobody would read them."""
TRAINING_STEPS, WORK = 100, 6000
"""So many steps are trained in a notebook; fewer where the network has many quantities."""
QUICK = 140
"""SymPy composes and differentiates an error of so many operations at once; it is not asked at all above MAX_COMPOSED."""
_OPENING = re.compile(r"#%% (markdown|code|figure|more) (\S+)")
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


def make_notebook(
    document: Document, style: Style, publish: Callable[[Document, str, Style], dict[str, str | bytes]]
) -> dict[str, str | bytes]:
    """`document` as a notebook without outputs; equal documents give equal bytes."""
    text = publish(document, "cells", style)[""]
    assert isinstance(text, str)
    return {"": notebook(text)}


def notebook(text: str) -> str:
    """The JSON of the notebook whose cells `text` holds."""
    cells: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for kind, name, source in _cells(text):
        if kind == "figure":
            encoded = b64encode(source.encode("utf-8")).decode("ascii")
            cells[-1].setdefault("attachments", {})[name] = {"image/svg+xml": encoded}
            continue
        if kind == "more":
            cells[-1]["source"] = ("".join(cells[-1]["source"]) + "\n\n" + source).splitlines(keepends=True)
            continue
        seen[name] += 1
        cell_id = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:50] + (f"-{seen[name]}" if seen[name] > 1 else "")
        cell = {"cell_type": kind, "id": cell_id, "metadata": {}, "source": source.splitlines(keepends=True)}
        cells.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    found = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _cells(text: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and source of each cell that has one."""
    kind, name, lines = "markdown", "start", list[str]()
    for line in [*text.split("\n"), "#%% markdown end"]:
        opening = _OPENING.fullmatch(line.rstrip())
        if opening is None:
            lines.append(line)
            continue
        if source := "\n".join(lines).strip("\n"):
            yield kind, name, source
        kind, name, lines = opening[1], opening[2], []


# -- code cells --------------------------------------------------------------------------------------------------------


def cell_names(document: Document) -> dict[str, Any]:
    """What `ipynb.j2` asks for: the call that derives the document again as `code`, and the network in Python as `lesson`."""
    recipe, spec = document.recipe, document.spec
    has_lesson = recipe is not None and spec is not None and recipe.network != "general"
    lesson = Lesson(spec, recipe) if has_lesson and spec is not None and recipe is not None else None
    return {"code": None if recipe is None else Call(recipe), "lesson": lesson if lesson and lesson.is_short else None}


@dataclass(frozen=True)
class Call:
    """The call of a recipe in Python."""

    recipe: Recipe

    @property
    def name(self) -> str:
        return self.recipe.call

    @property
    def files(self) -> list[Safe]:
        """The lines that write the files which the notebook brings."""
        written = ((literal(name), literal(text)) for name, text in self.recipe.files.items())
        return [Safe(f'(folder / {name}).write_text({text}, encoding="utf-8")') for name, text in written]

    @property
    def network(self) -> Safe:
        return Safe(_in_python(self.recipe.network, self.recipe.files))

    @property
    def derivation(self) -> Safe:
        return self._call(self.name, self.recipe.options)

    def training(self, steps: int) -> Safe:
        """The call of `train` with those options that say what is trained, not what is printed."""
        return self._call("train", {"steps": steps, **{k: v for k, v in self.recipe.options.items() if k in {"notation", "update"}}})

    def _call(self, name: str, options: Mapping[str, Any]) -> Safe:
        given = "".join(f", {option}={_in_python(value, self.recipe.files)}" for option, value in options.items())
        return Safe(f"symbp.{name}(network{given})")


def _in_python(value: Any, files: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return f"str(folder / {literal(value)})" if value in files else literal(value)
    if isinstance(value, int):
        return repr(value)
    names = tuple(value)
    return f"({', '.join(map(literal, names))}{',' if len(names) == 1 else ''})"


@dataclass(frozen=True)
class Lesson:
    """A network in Python, computed once more without symbp."""

    spec: NetworkSpec
    recipe: Recipe

    @cached_property
    def program(self) -> Program:
        return forward(self.spec)

    @cached_property
    def parameters(self) -> tuple[Var, ...]:
        return tuple(self.spec.vocabulary.parameters())

    @property
    def is_short(self) -> bool:
        return len(self.program.bindings) <= MOST_BINDINGS and len(self.parameters) <= MOST_PARAMETERS

    @property
    def is_numeric(self) -> bool:
        return self.spec.is_numeric

    @cached_property
    def _names(self) -> dict[Var, str]:
        return identifiers(dict.fromkeys((*self.parameters, *self.program.free, *self.program.forms)), self.spec.vocabulary)

    @cached_property
    def _code(self) -> ForwardCode:
        return forward_code(self.program.bindings, self._names)

    @property
    def imports(self) -> Safe:
        return Safe(", ".join(sorted([*self._code.imports, "mp", "mpf", "nstr"])))

    @property
    def functions(self) -> list[Safe]:
        return [Safe(text) for text in self._code.functions]

    @property
    def lines(self) -> list[Safe]:
        return [Safe(line) for line in self._code.lines]

    @property
    def signature(self) -> Safe:
        return Safe(f"forward({', '.join(self._names[p] for p in self.parameters)})")

    @property
    def data(self) -> list[Safe]:
        """Inputs, targets and whatever else is given, a line each."""
        return [Safe(f"{self._names[v]} = {_number(self._point[v])}") for v in self.program.free if v not in self.parameters]

    @property
    def start(self) -> list[tuple[Safe, Safe]]:
        """The parameters and their numbers."""
        return [(Safe(literal(self._names[p])), Safe(_number(self._point.get(p, Fraction(0))))) for p in self.parameters]

    @cached_property
    def _point(self) -> dict[Var, Fraction]:
        """The network's own numbers, or others at which the error exists: short ones, if it does at these."""
        if self.is_numeric:
            return {var: Fraction(value) for var, value in self.spec.data.items()}
        point = point_of(self.spec, self.program, DEFAULT_SEED)
        short = self.program.assumed({var: Fraction(round(value, 2)) for var, value in point.items()}, ExactRational())
        algebra = HighPrecision(30)
        values = self.program.evaluate({var: algebra.rational(value) for var, value in short.items()}, algebra)
        return short if all(algebra.exists(value) for value in values.values()) else point

    @property
    def symbols(self) -> list[tuple[Safe, Safe]]:
        """The symbols of SymPy that have another name here, since the network's units have names of their own."""
        words = by_place(self.spec.vocabulary)
        other = ((words.canonical(var), name) for var, name in self._names.items())
        return [(Safe(literal(symbol)), Safe(literal(name))) for symbol, name in other if symbol.replace("@", "_") != name]

    @property
    def gradient(self) -> Safe:
        """The gradient of the first parameter that is asked for, else of the first weight into the last layer."""
        words = self.spec.vocabulary
        last = [p for p in self.parameters if isinstance(p.owner, Edge) and p.owner.target.layer == words.last]
        asked = [self.spec.speller.read(name) for name in self.recipe.options.get("weights", ())]
        return Safe(f"derived.gradient({literal(words.canonical([*asked, *last, self.parameters[-1]][0]))})")

    @property
    def asks_sympy(self) -> bool:
        """Does SymPy's own diff of the composed error finish while one waits? With formulas of a user's it may not."""
        spec = self.spec
        own = any(a.name not in ACTIVATIONS for a in spec.activations) or spec.loss.name not in LOSSES
        is_quick = not QUICK < composed_size(self.program) <= MAX_COMPOSED
        return is_quick and (not own or sum(1 for _ in spec.vocabulary.parameters()) > MOST_CHECKED)

    @property
    def digits(self) -> int:
        """Digits to compute with, so that whatever is printed can be told from its neighbours."""
        return 60 + 3 * max(int(self.recipe.options.get(name) or 0) for name in ("digits", "decimals"))

    @property
    def printed(self) -> Safe:
        """By how much a printed number may differ from the number that it rounds."""
        decimals = self.recipe.options.get("decimals")
        if decimals is not None:
            return Safe(f"mpf(10) ** -{decimals} / 2")
        return Safe(f"abs(number) * mpf(10) ** {1 - int(self.recipe.options.get('digits', 6))} / 2")

    @property
    def rate(self) -> Safe | None:
        """The learning rate, where the network can be trained."""
        rate = self.spec.learning_rate
        return Safe(_number(Fraction(rate))) if self.is_numeric and rate is not None else None

    @property
    def is_plain_descent(self) -> bool:
        """Is the first step w - eta dE/dw for all parameters at once?"""
        spec = self.spec
        return spec.settings.optimizer == "gradient_descent" and spec.settings.training == "batch" and spec.update == "simultaneous"

    @property
    def fixed(self) -> list[Safe]:
        """Parameters that are not trained."""
        return [Safe(literal(self._names[p])) for p in self.parameters if p not in self.spec.trained]

    @property
    def steps(self) -> int:
        return max(5, min(TRAINING_STEPS, WORK // len(self.program.bindings)))


def _number(value: Fraction) -> str:
    """An exact number as mpmath reads it: a decimal, where it is one."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator > 1:
        return f"mpf({value.numerator}) / {value.denominator}"
    places = 0
    while (value * 10**places).denominator > 1:
        places += 1
    return f'mpf("{Decimal(int(value * 10**places)).scaleb(-places):f}")'
