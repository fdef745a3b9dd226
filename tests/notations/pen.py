"""How formulas are spelled in a personal notation, in LaTeX, ASCII or Unicode."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from notations.nets import Network
from notations.notation import Notation
from notations.trees import Call, Fraction, Index, Number, Over, Prime, Product, Quantity, Row, Slope, Square, Sum, Tree, quantities
from notations.truth import replace_kind

LETTERS = {  # LaTeX, ASCII, Unicode; what is not here is spelled as it is called
    "delta": (r"\delta", "delta", "δ"),
    "eta": (r"\eta", "eta", "η"),
    "alpha": (r"\alpha", "alpha", "α"),
    "beta": (r"\beta", "beta", "β"),
    "theta": (r"\theta", "theta", "θ"),
    "Theta": (r"\Theta", "Theta", "Θ"),
    "calL": (r"\mathcal{L}", "L", "L"),
    "Etot": ("E_{total}", "E_total", "E_total"),
    "yhat": (r"\hat{y}", "yhat", "ŷ"),
    "Yhat": (r"\hat{Y}", "Yhat", "Ŷ"),
    "net": (r"\mathrm{net}", "net", "net"),
    "out": (r"\mathrm{out}", "out", "out"),
    "in": (r"\mathrm{in}", "in", "in"),
    "target": (r"\mathrm{target}", "target", "target"),
    "grad": (r"\mathrm{grad}", "grad", "grad"),
}
LOW, HIGH = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"), str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")
WORDS = {"net", "out", "in", "target"}
HIDDEN_WEIGHTS, OUTPUT_WEIGHTS = "V", "W"
SUM, PRODUCT, FACTOR, POWER = range(4)


@dataclass(frozen=True, slots=True)
class Name:
    """A letter or word with what stands below and above it; `argument`: in brackets behind it."""

    base: str
    below: str = ""
    above: str = ""
    argument: str = ""


class Pen:
    """Spells the rows of one person."""

    def __init__(self, network: Network, notation: Notation) -> None:
        self.network, self.notation = network, notation
        self.column = 0 if notation.tex else 1 if notation.medium == "ascii" else 2
        self.whole = network.kind not in {"scalar", "numbers"}

    def unambiguous(self, rows: list[Row]) -> bool:
        """Whether everything that the rows speak of is spelled in its own way, and no letter is a function or a differential too."""
        of = {self._same(one) for row in rows for one in quantities(row)}
        spelled = Counter(self.quantity(one) for one in of)
        letters = {self.name(one).base for one in of}
        taken = {
            self.letter("E" if self.notation.error == "Etot" else self.notation.error),
            *("f" if self.notation.function == "f" else ()),
        }
        taken |= {self.notation.gradient} & {"d", "g"}
        clash = any(self.name(one).base in taken for one in of if one.kind != "E")
        return max(spelled.values()) == 1 and not clash and not ("d" in letters and self._differential() == "d" and self.column != 1)

    def _same(self, of: Quantity) -> Quantity:
        """Names that may coincide: a weight that is assigned to, the inputs as outs of layer 0."""
        assigned = of.kind == "new" and self.notation.update in {"assign", "arrow"}
        return replace_kind(of, "w") if assigned else replace_kind(of, "x") if of.kind == "out" and of.layer == 0 else of

    # names

    def quantity(self, of: Quantity) -> str:
        """A quantity as it is spelled."""
        if of.kind != "new":
            return self._spelled(self.name(of))
        name = self.name(replace_kind(of, "w"))
        match self.notation.update:
            case "plus" if self.notation.tex:
                return self._spelled(Name(name.base, name.below, name.above + "+"))
            case "new" if self.notation.tex:
                return self._spelled(Name(name.base, name.below, name.above + r"\mathrm{new}"))
            case "prime":
                return self._spelled(Name(name.base + "'", name.below, name.above))
            case "plus" | "new" as mark:
                return self._spelled(name) + {"plus": "+", "new": "_new"}[mark]
        return self._spelled(name)

    def name(self, of: Quantity) -> Name:
        """What a quantity is called."""
        match of.kind:
            case "E" | "eta":
                return Name(self.letter(self.notation.error if of.kind == "E" else self.notation.eta))
            case "count":
                return Name("N")
        if of.kind == "new":
            of = replace_kind(of, "w")
        if of.kind == "x" and self.notation.inputs_out:
            of = replace_kind(of, "out")
        return self._name_of_whole(of) if self.whole else self._name_of_weight(of) if of.kind == "w" else self._name_of_unit(of)

    def letter(self, key: str) -> str:
        """A letter or word in this medium."""
        text = LETTERS[key][self.column] if key in LETTERS else key
        return text.replace(key, key.capitalize()) if self.notation.capitals and key in WORDS else text

    def _unit(self, layer: int, number: str) -> str:
        """A unit by name: h1, o1."""
        name = ("o" if layer == self.network.last else "h") + number
        return name.upper() if self.notation.capitals else name

    def _base(self, kind: str, layer: Index) -> str:
        notation = self.notation
        if kind == "out" and layer == self.network.last and notation.hat:
            return self.letter("yhat")
        if kind in {"net", "out"} and notation.by_layer and layer:
            return self.letter(notation.by_layer[0 if layer == 1 else 1][kind == "out"])
        return self.letter(getattr(notation, kind))

    def _name_of_unit(self, of: Quantity) -> Name:
        notation, layer, kind = self.notation, of.layer, of.kind
        assert isinstance(layer, int)
        base = self._base(kind, layer)
        if not of.unit:  # a shared bias
            return Name(base, "", self._layer(layer)) if notation.units == "super" else Name(base, str(layer + notation.layer_shift))
        i = of.unit[0]
        assert isinstance(i, int)
        alone = notation.lone and self.network.sizes[layer] == 1
        number = "" if alone else str(i - 1 + notation.first)
        ends = kind == "t" or kind == "x" or (kind == "out" and layer == self.network.last and notation.hat)
        if ends and not (kind == "t" and notation.units in {"named", "suffix", "call"} and notation.t != "y"):
            return Name(base, number) if kind != "out" or not notation.inputs_out else self._marked(base, layer, i)
        return self._marked(base, layer, i)

    def _marked(self, base: str, layer: int, i: int) -> Name:
        """A letter with the marks of a unit."""
        notation = self.notation
        alone = notation.lone and self.network.sizes[layer] == 1
        number = "" if alone else str(i - 1 + notation.first)
        unit = self._unit(layer, number)
        match notation.units:
            case "named":
                return Name(base, unit)
            case "super":
                return Name(base, number, self._layer(layer))
            case "double":
                return Name(base, f"{layer + notation.layer_shift}{'' if notation.joined else ','}{i}")
            case "through":
                return Name(base, str(self._through(layer, i)))
            case "letters":
                kind = notation.by_layer[0 if layer == 1 else 1]
                own = base in {self.letter(letter) for letter in kind}
                return Name(base, number if own else self.letter(kind[1]) + number)
            case "call":
                return Name(base, "", "", unit)
        return Name(unit, base) if base in {self.letter(notation.net), self.letter(notation.out)} else Name(base, unit)

    def _through(self, layer: int, i: int) -> int:
        """Hidden and output units numbered through; from the inputs on where weights are named by two units."""
        before = sum(self.network.sizes[0 if self.notation.weights == "units" else 1 : layer])
        return before + i - 1 + self.notation.first

    def _layer(self, layer: Index, *, weight: bool = False) -> str:
        """The mark of a layer, in its brackets."""
        notation = self.notation
        shift = notation.weight_shift if weight else notation.layer_shift
        text = _index(layer, shift if isinstance(layer, int) else shift - notation.layer_shift)
        return text.join(notation.brackets) if notation.brackets else text

    def _name_of_weight(self, of: Quantity) -> Name:
        notation, layer = self.notation, of.layer
        assert isinstance(layer, int)
        base = self.letter(notation.w)
        i, j = (index for index in of.unit if isinstance(index, int))
        match notation.weights:
            case "through":
                return Name(base, str(self._number(layer, i, j) - 1 + notation.first))
            case "units":
                marks = [str(self._through(layer, i)), str(j - 1 + notation.first if layer == 1 else self._through(layer - 1, j))]
            case "named":
                start = f"{notation.x}{j}" if layer == 1 else self._unit(layer - 1, str(j))
                marks = [self._unit(layer, str(i)), start]
            case _:
                marks = [str(i - 1 + notation.first), str(j - 1 + notation.first)]
        pair = ("" if notation.joined or self.column else ",").join(marks if notation.lead == "into" else marks[::-1])
        if notation.weights == "letters":
            return Name("vw"[layer == self.network.last], pair)
        return Name(base, pair, self._layer(layer, weight=True) if notation.weights == "edge" else "")

    def _number(self, layer: int, i: int, j: int) -> int:
        ordered = self.network.weights()
        if self.notation.numbering == "source":
            ordered.sort(key=lambda weight: (weight[0], weight[2], weight[1]))
        return ordered.index((layer, i, j)) + 1

    def _name_of_whole(self, of: Quantity) -> Name:
        notation, kind, layer = self.notation, of.kind, of.layer
        entry = "".join(_index(index, 0) for index in of.unit)
        if self.network.steps:
            return self._name_in_time(of, entry)
        base = self._base("w" if kind == "u" else kind, layer)
        if self.network.kind == "batch" and kind in {"x", "t", "net", "out", "delta"}:
            base = (
                self.letter("Yhat") if base == self.letter("yhat") else {r"\delta": r"\Delta", "δ": "Δ", "delta": "Delta"}.get(base, base)
            )
            base = base.upper() if len(base) == 1 and base.isascii() else base
        if kind in {"t", "x"} or (kind == "out" and layer == self.network.last and notation.hat) or notation.units == "letters":
            return self._lettered_whole(base, of, entry)
        if notation.units == "super":
            return Name(base, entry, self._layer(layer, weight=kind in {"w", "b"}))
        mark = ("o" if layer == self.network.last else "h") if notation.units == "named" else _index(layer, 0)
        return Name(base, mark + ("," + entry if entry else ""))

    def _lettered_whole(self, base: str, of: Quantity, entry: str) -> Name:
        """Where the letter tells the layer, or there is but one such quantity."""
        if of.kind == "w":
            return Name(OUTPUT_WEIGHTS if of.layer == self.network.last else HIDDEN_WEIGHTS)
        if of.kind == "b":
            return Name("c" if of.layer == self.network.last else "b")
        if of.kind == "delta":
            letter = self.notation.by_layer[0 if of.layer == 1 else 1][0]
            return Name(base, letter.upper() if self.network.kind == "batch" else letter)
        return Name(base, entry)

    def _name_in_time(self, of: Quantity, entry: str) -> Name:
        kind, first = of.kind, of.layer == 1
        if kind in {"w", "u"}:
            own = {"w": "U" if first else "V", "u": "W"}[kind]
            return Name(own) if self.notation.weights == "letters" else Name("W", {"w": "xh" if first else "hy", "u": "hh"}[kind])
        if kind == "b":
            return Name("b" if first else "c") if self.notation.weights == "letters" else Name("b", "h" if first else "y")
        return Name(self._base(kind, of.layer), _index(of.step, 0) + entry)

    def _spelled(self, name: Name) -> str:
        if self.notation.tex:
            below = f"_{self._braced(name.below)}" if name.below else ""
            above = f"^{self._braced(name.above)}" if name.above else ""
            return name.base + (below + above if self.notation.joined else above + below) + (f"({name.argument})" if name.argument else "")
        return name.base + self._below(name) + self._above(name.above) + (f"({name.argument})" if name.argument else "")

    def _braced(self, text: str) -> str:
        return f"{{{text}}}" if self.notation.braces or len(text) > 1 else text

    def _below(self, name: Name) -> str:
        if not name.below:
            return ""
        if self.column == 2 and name.below.isdigit():
            return name.below.translate(LOW)
        if not name.below.isalnum() and "_" not in name.below:
            return f"_{{{name.below}}}"
        close = self.notation.joined and not self.network.steps and name.below[0].isdigit() and len(name.base) == 1
        return name.below if close else "_" + name.below

    def _above(self, text: str) -> str:
        if not text:
            return ""
        return text.translate(HIGH) if self.column == 2 and "[" not in text and not any(c.isalpha() for c in text) else "^" + text

    # formulas

    def row(self, row: Row) -> list[str]:
        """The sides of a row, and before each but the first the relation."""
        assigned = row.about == "update" and self.notation.update in {"assign", "arrow"}
        relation = (
            {"assign": " := ", "arrow": r" \leftarrow " if self.notation.tex else " <- "}[self.notation.update] if assigned else " = "
        )
        return [self.write(row.sides[0]), *((" = " if at else relation) + self.write(side) for at, side in enumerate(row.sides[1:]))]

    def write(self, tree: Tree, level: int = SUM) -> str:
        """A formula as an operand of that level."""
        match tree:
            case Quantity():
                return self.quantity(tree)
            case Number(text):
                return f"({text})" if text.startswith("-") and level > SUM else text
            case Sum(terms):
                return self._bracketed(self._sum(terms), level > SUM)
            case Product(factors, sign):
                return self._bracketed(self._product(factors, sign), level > PRODUCT)
            case Fraction():
                return self._fraction(tree, level)
            case Square(base):
                inner = self._bracketed(self.write(base), True) if self._above_taken(base) else self.write(base, POWER)
                return inner + ("²" if self.column == 2 else "^2")
            case Call():
                return self._call(tree)
            case Prime():
                return self._prime(tree, level)
            case Slope(of, by, plain):
                return self._slope(of, by, plain=plain)
            case Over(letter, end, body):
                summed = self._over(letter, end) + self.write(body, FACTOR if isinstance(body, Sum) else SUM)
                return self._bracketed(summed, level > SUM)

    def _bracketed(self, text: str, wanted: bool) -> str:
        if not wanted:
            return text
        return rf"\left( {text} \right)" if r"\frac" in text and self.notation.tex else f"({text})"

    def _sum(self, terms: tuple[tuple[int, Tree], ...]) -> str:
        text = ""
        for at, (sign, term) in enumerate(terms):
            mark = (" + " if sign > 0 else " - ") if at else ("" if sign > 0 else "-")
            text += mark + self.write(term, SUM if sign > 0 and not at else PRODUCT if not _signed(term) else FACTOR)
        return text if self.column < 2 else text.replace("-", "−")

    def _product(self, factors: tuple[Tree, ...], sign: str) -> str:
        written = [self.write(factor, SUM if not at and _negative(factor) else FACTOR) for at, factor in enumerate(factors)]
        match sign:
            case "o":
                return (r" \odot ", " * ", " ⊙ ")[self.column].join(written)
            case "@":
                apart = [isinstance(factor, Slope) and self._slashed() for factor in factors]
                return (" ", " @ ", " ")[self.column].join(map(self._bracketed, written, apart))
        mark = self.notation.sign
        text = written[0]
        for before, factor, factor_text in zip(factors, factors[1:], written[1:], strict=False):
            slashed = self._slashed() and (isinstance(before, Slope) or isinstance(factor, Slope))
            plain = isinstance(factor, Number) or (slashed and not mark.strip())
            text += ((r" \cdot ", " * ", " · ")[self.column] if plain else mark or " ") + factor_text
        return text

    def _slashed(self) -> bool:
        """Whether derivatives are written in a line, so that it must be seen where they end."""
        return "/" in self.notation.derivative or self.notation.derivative == "nabla"

    def _fraction(self, tree: Fraction, level: int) -> str:
        if tree.above == Number("1") and tree.below == Number("2"):
            return self.notation.half
        if self.notation.tex:
            return rf"\frac{{{self.write(tree.above)}}}{{{self.write(tree.below)}}}"
        return self._bracketed(f"{self.write(tree.above, FACTOR)}/{self.write(tree.below, FACTOR)}", level > PRODUCT)

    def _above_taken(self, base: Tree) -> bool:
        return isinstance(base, Quantity) and bool(self.name(base).above)

    def _call(self, tree: Call) -> str:
        inner, function = self.write(tree.of), tree.function
        match function:
            case "T":
                taken = self._above_taken(tree.of)
                return (f"({inner})" if taken else self.write(tree.of, POWER)) + self.notation.transposed
            case "norm":
                return rf"\| {inner} \|^2" if self.notation.tex else f"||{inner}||^2" if self.column == 1 else f"‖{inner}‖²"
            case "ones":
                one = (r"\mathbf{1}", "ones", "1")[self.column]
                if self.column:
                    return f"sum({inner}, axis={0 if self.notation.rows else 1})"
                return rf"{one}^T {inner}" if self.notation.rows else rf"{inner} {one}"
            case "ln":
                return ((r"\ln(", "log(", "ln(")[self.column]) + inner + ")"
            case "exp":
                return self._exp(inner)
        if self.notation.function == "written" and function in {"sigmoid", "softplus"}:
            return self._written(function, tree.of)
        return f"{self._function(function)}({inner})"

    def _exp(self, inner: str) -> str:
        return f"e^{{{inner}}}" if self.notation.tex else f"exp({inner})"

    def _written(self, function: str, of: Tree) -> str:
        if function == "softplus":
            return (r"\ln(", "log(", "ln(")[self.column] + f"1 + {self._exp(self.write(of))})"
        below = f"1 + {self._exp('-' + self.write(of, FACTOR))}"
        return rf"\frac{{1}}{{{below}}}" if self.notation.tex else f"1/({below})"

    def _function(self, function: str) -> str:
        if self.notation.function == "f" and function not in {"softmax", "identity"}:
            return "f"
        if function == "sigmoid" and self.notation.function != "name":
            return (r"\sigma", "sigma", "σ")[self.column]
        own = {"tanh": r"\tanh"}.get(function, rf"\mathrm{{{function}}}")
        return own if self.notation.tex else function

    def _prime(self, tree: Prime, level: int) -> str:
        out = replace_kind(tree.net, "out")
        if not tree.worked:
            return f"{self._function(tree.function)}'({self.quantity(tree.net)})"
        if tree.function == "softplus":
            return self._bracketed(self._written("sigmoid", tree.net), level > PRODUCT and not self.notation.tex)
        sign = "o" if self.whole else "*"
        one = Number("1")
        square: Tree = Product((out, out), "o") if self.whole else Square(out)
        worked: dict[str, Tree] = {
            "sigmoid": Product((out, Sum(((1, one), (-1, out)))), sign),
            "tanh": Sum(((1, one), (-1, square))),
        }
        return self.write(worked[tree.function], FACTOR if level == POWER else PRODUCT if tree.function == "sigmoid" and level else level)

    def _differential(self) -> str:
        return self.notation.derivative.replace("/", " ").split()[-1].replace("()", "").replace("rm", "d")

    def _slope(self, of: Quantity, by: Quantity, *, plain: bool) -> str:
        if of.kind == "E" and by.kind in {"w", "b", "u"} and self.notation.gradient and not plain:
            return self._own_gradient(by)
        of_text, by_text = self.quantity(of), self.quantity(by)
        match self.notation.derivative:
            case "D[]":
                return f"D[{of_text}, {by_text}]"
            case "d()/d()":
                return f"d({of_text})/d({by_text})"
            case "nabla" if of.kind == "E":
                return rf"\nabla_{{{by_text}}} {of_text}"
            case "d/d" | "∂/∂" as style:
                mark = style[0] if not self.notation.tex else r"\partial "
                return f"{mark}{of_text}/{mark}{by_text}" if not self.notation.tex else f"{mark}{of_text} / {mark}{by_text}"
        mark = {"frac d": "d", "frac rm": r"\mathrm{d}", "frac delta": r"\delta "}.get(self.notation.derivative, r"\partial ")
        return rf"\{'dfrac' if self.notation.derivative.startswith('dfrac') else 'frac'}{{{mark}{of_text}}}{{{mark}{by_text}}}"

    def _own_gradient(self, by: Quantity) -> str:
        name = self.name(by)
        match self.notation.gradient:
            case "d":
                return self._spelled(Name("d" + name.base, name.below, name.above))
            case "g" if by.kind == "w":
                return self._spelled(Name("g", name.below, name.above))
            case "dE_d" if not self.notation.tex:
                return f"d{self.letter(self.notation.error)}_d{self._spelled(name)}"
        return self._spelled(Name(self.letter("grad"), self._spelled(name)))

    def _over(self, letter: str, end: int) -> str:
        top = {"t": "T", "n": "N"}.get(letter, str(end))
        if self.notation.tex:
            return rf"\sum_{{{letter}=1}}^{{{top}}} "
        return f"sum_{letter} " if self.column == 1 else f"∑_{letter} "


def _index(index: Index, shift: int) -> str:
    if isinstance(index, int):
        return str(index + shift)
    moved = index.shift + shift
    return index.letter + (f"{moved:+d}" if moved else "")


def _signed(term: Tree) -> bool:
    return isinstance(term, Sum) or (isinstance(term, Product) and _negative(term.factors[0]))


def _negative(factor: Tree) -> bool:
    """What begins with a minus and needs no brackets at the beginning of a product."""
    return (isinstance(factor, Sum) and len(factor.terms) == 1) or (isinstance(factor, Number) and factor.text.startswith("-"))
