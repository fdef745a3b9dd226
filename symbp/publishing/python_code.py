"""Forms as expressions of Python with the functions of mpmath: the forward pass of a program, a line for each quantity."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from keyword import iskeyword

from symbp.language.form import ADD, ARGUMENT, ATOM, NEG, OPS, POWER, TIMES, Form, Function, Node, Var
from symbp.language.vocabulary import Vocabulary
from symbp.network.calculus import definition_of, fold, unfold_functions
from symbp.network.program import Binding

TAKEN = frozenset(
    {"symbp", "mp", "mpf", "json", "network", "folder", "derived", "trained", "records", "numbers", "values", "forward", "central", "agree",
     "exp", "log", "sqrt", "sin", "cos", "erf", "pi", "max", "abs", "sign", "xlogy", "x", "y", "dict", "locals", "parameters"}
)  # fmt: skip
"""Names that the cells of a notebook use themselves."""
HELPERS: Mapping[str, str] = {
    "sign": "def sign(x):\n    return (x > 0) - (x < 0)",
    "xlogy": "def xlogy(x, y):\n    return x * log(y) if x else mpf(0)",
}
"""What mpmath does not have under these names; 0 ln 0 = 0."""
_MATHEMATICS = ("exp", "log", "sqrt", "sin", "cos", "erf", "pi")
BOUND = TIMES + 1
"""What stands right of a minus or a division asks this."""


@dataclass(frozen=True)
class Code:
    """An expression and how tightly it binds; `whole` says that it is made of whole numbers, which Python would divide as floats."""

    text: str
    binds: int = ATOM
    whole: bool = False

    def within(self, least: int) -> str:
        return self.text if self.binds >= least else f"({self.text})"

    def __neg__(self) -> Code:
        return Code(f"-{self.within(NEG)}", NEG, self.whole)

    def __add__(self, other: Code) -> Code:
        minus = other.text.startswith("-") and other.binds >= TIMES
        text = f"{self.within(ADD)} - {other.text[1:]}" if minus else f"{self.within(ADD)} + {other.within(ADD + 1)}"
        return Code(text, ADD, self.whole and other.whole)

    def __mul__(self, other: Code) -> Code:
        return Code(f"{self.within(TIMES)} * {other.within(BOUND)}", TIMES, self.whole and other.whole)


@dataclass
class PythonAlgebra:
    """The algebra whose elements are expressions; `used` gathers the names that they call."""

    used: set[str] = field(default_factory=set)

    def call(self, name: str, *args: Code) -> Code:
        self.used.add(name)
        return Code(f"{name}({', '.join(arg.text for arg in args)})")

    def rational(self, value: Fraction) -> Code:
        if value.denominator == 1:
            return Code(str(value), ATOM if value >= 0 else NEG, whole=True)
        return self.divide(Code(str(value.numerator), ATOM if value >= 0 else NEG, whole=True), Code(str(value.denominator), whole=True))

    def divide(self, x: Code, y: Code) -> Code:
        top = f"mpf({x.text})" if x.whole and y.whole else x.within(TIMES)
        return Code(f"{top} / {y.within(BOUND)}", TIMES)

    def power(self, x: Code, n: Code) -> Code:
        return Code(f"{x.within(ATOM)} ** {n.within(POWER)}", POWER, x.whole and n.whole)

    def exp(self, x: Code) -> Code:
        return self.call("exp", x)

    def log(self, x: Code) -> Code:
        return self.call("log", x)

    def sqrt(self, x: Code) -> Code:
        return self.call("sqrt", x)

    def sin(self, x: Code) -> Code:
        return self.call("sin", x)

    def cos(self, x: Code) -> Code:
        return self.call("cos", x)

    def erf(self, x: Code) -> Code:
        return self.call("erf", x)

    def pi(self) -> Code:
        self.used.add("pi")
        return Code("pi")

    def cases(self, x: Code, a: Code, b: Code) -> Code:
        return Code(f"{a.within(ADD)} if {x.within(ADD)} > 0 else {b.within(ADD)}", 0)

    def absolute(self, x: Code) -> Code:
        return Code(f"abs({x.text})")

    def sign(self, x: Code) -> Code:
        return self.call("sign", x)

    def maximum(self, x: Code, y: Code) -> Code:
        return Code(f"max({x.text}, {y.text})")

    def logarithmic(self, x: Code, y: Code) -> Code:
        return self.call("xlogy", x, y)


@dataclass(frozen=True)
class ForwardCode:
    """The forward pass in Python: what is imported, the functions that it calls, a line for each quantity."""

    imports: tuple[str, ...]
    functions: tuple[str, ...]
    lines: tuple[str, ...]


def identifiers(variables: Iterable[Var], words: Vocabulary) -> dict[Var, str]:
    """A name in Python for each variable: the canonical one, out_h1_s2 for out_h1@s2; where that is taken, with a stroke after it."""
    found: dict[Var, str] = {}
    taken = set(TAKEN)
    for var in variables:
        name = re.sub(r"\W", "_", words.canonical(var))
        while name in taken or iskeyword(name):
            name += "_"
        taken.add(name)
        found[var] = name
    return found


def forward_code(bindings: Iterable[Binding], names: Mapping[Var, str]) -> ForwardCode:
    """The assignments of a program under `names`."""
    writer = _Writer(names)
    lines = tuple(f"{names[b.var]} = {writer.expression(b.form).text}" for b in bindings)
    used = writer.algebra.used | ({"log"} if "xlogy" in writer.algebra.used else set())
    helpers = (text for name, text in HELPERS.items() if name in used)
    return ForwardCode(tuple(name for name in _MATHEMATICS if name in used), (*helpers, *writer.functions.values()), lines)


class _Writer:
    def __init__(self, names: Mapping[Var, str]) -> None:
        self.names = names
        self.algebra = PythonAlgebra()
        self.functions: dict[Function, str] = {}
        self.called: dict[Function, str] = {}

    def expression(self, node: Node) -> Code:
        match node:
            case Form("apply", (Function(order=0) as function, x)):
                return self.algebra.call(self._function(function), self.expression(x))
            case Form("apply" | "ddx"):
                return self.expression(unfold_functions(node))
            case Form(op, args):
                return self._operator(op, tuple(self.expression(arg) for arg in args))
            case Var():
                return Code(self.names[node])
        found: Code = fold(node, self.algebra, None)
        return found

    def _operator(self, op: str, args: tuple[Code, ...]) -> Code:
        """The operator by its meaning in OPS, of arguments that are written already."""
        meaning = OPS[op].meaning
        assert meaning is not None, op
        found: Code = meaning(self.algebra, *args)
        return found

    def _function(self, function: Function) -> str:
        """The name of a function of Python that is the activation's; it is written once."""
        if function not in self.called:
            name = function.name if function.name.isidentifier() and not iskeyword(function.name) else "activation"
            while name in TAKEN or name in self.called.values() or name in self.names.values():
                name += "_"
            self.called[function] = name
            inner = _Writer({**self.names, ARGUMENT: "x"})
            inner.algebra, inner.functions, inner.called = self.algebra, self.functions, self.called
            text = inner.expression(definition_of(function)).text
            self.functions[function] = f"def {name}(x):\n    return {text}"
        return self.called[function]


def literal(text: str) -> str:
    """`text` as Python: over several lines where it has them and nothing in it could be mistaken, else in one."""
    lines = text.split("\n")
    is_plain = all(c.isprintable() or c == "\n" for c in text) and not any(line.startswith("#%%") for line in lines)
    if len(lines) > 1 and is_plain and "\\" not in text and '"""' not in text and not text.endswith('"'):
        return '"""\\\n' + text + '"""'
    return json.dumps(text, ensure_ascii=False) if is_plain else ascii(text)
