r"""Tokens → what a person wrote.

    atom     = number | name scripts | call | bracket | fraction | derivative | gradient | big sum | matrix | cases | indicator | norm

Everything must be consumed. Nesting is limited; what cannot be read raises Unreadable with the place and what was expected there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from symbp.verification.cursor import CLOSING, FUNCTIONS, MAX_DEPTH
from symbp.verification.derivatives import Derivatives
from symbp.verification.expressions import is_layer, is_transpose
from symbp.verification.tokens import Unreadable
from symbp.verification.written import (
    BigSum,
    Bracket,
    Call,
    Cases,
    Indicator,
    Matrix,
    Name,
    Norm,
    Number,
    Ones,
    Placed,
    Quotient,
    Relation,
    Script,
    Token,
    Written,
)

__all__ = ["FUNCTIONS", "PLACES", "Reader", "is_layer", "is_transpose"]

MAX_CELLS: Final = 4096
_MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"})
_PUNCTUATION = frozenset({",", ".", ";", ":"})
_COMPARISONS = frozenset({"=", "≠", "<", ">", "≤", "≥"})


class Reader(Derivatives):
    """Reads one run of tokens: `whole` gives its tree."""

    def atom(self) -> Written:
        token = self.token
        rule = _KINDS.get(token.kind) or (_ATOMS.get(token.text) if token.kind == "sign" else None)
        if token.kind == "environment" and token.text.startswith("begin"):
            rule = Reader.environment
        if rule is None:
            raise self.unexpected("a number, a name or a bracket")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(token.start)
        node = rule(self)
        self.depth -= 1
        return node

    def number(self) -> Written:
        token = self.token
        self.at += 1
        mantissa, _, exponent = token.text.partition("e")
        return Number(mantissa, int(exponent or 0), (token.start, token.end))

    def half(self) -> Written:
        token = self.token
        self.at += 1
        top, bottom = (Number(part, 0, (token.start, token.end)) for part in token.text.split("/"))
        return Quotient(top, bottom, (token.start, token.end))

    def bracket(self) -> Written:
        opening = self.token
        self.at += 1
        node = self.sum()
        if self.token.text in _COMPARISONS and self.token.kind == "sign" and opening.text == "[":
            node = self.comparison(node, opening.start)
            self.expect("]")
            return Indicator(node, (opening.start, self.behind()))
        if opening.text in {"[", "("} and self.token.kind == "sign" and self.token.text in {",", ";"}:
            return self.listed(node, opening)
        self.expect(CLOSING[opening.text])
        return Bracket(node, (opening.start, self.behind()))

    def listed(self, first: Written, opening: Token) -> Written:
        """[a, b; c, d] and [[a, b], [c, d]] as a matrix; a single row is a column, as a list of numbers is meant, also as (a, b)^T."""
        rows = [[first]]
        while not self.take(CLOSING[opening.text]):
            if self.take(";"):
                rows.append([self.sum()])
            else:
                self.expect(",")
                rows[-1].append(self.sum())
        cells = rows[0]
        if len(rows) == 1 and all(isinstance(cell, Matrix) and len(cell.rows[0]) == 1 for cell in cells):
            rows = [[row[0] for row in cell.rows] for cell in cells if isinstance(cell, Matrix)]
        elif len(rows) == 1:
            rows = [[cell] for cell in cells]
            self.take_transposition()
        return Matrix(tuple(tuple(row) for row in rows), (opening.start, self.behind()))

    def take_transposition(self) -> None:
        """Step over the T behind a list of numbers, which says only that it is a column."""
        save = self.at
        if self.take("^") and not is_transpose(self.script()):
            self.at = save

    def comparison(self, left: Written, start: int) -> Relation:
        sign = self.token.text
        if sign not in _COMPARISONS:
            raise self.unexpected("a comparison")
        self.at += 1
        return Relation(left, sign, self.sum(), (start, self.behind()))

    def bars(self) -> Written:
        """|x| or ‖x‖."""
        opening = self.token
        self.at += 1
        self.bars_open += 1
        node = self.sum()
        self.bars_open -= 1
        if self.token.text != opening.text:
            raise self.unexpected(repr(opening.text))
        self.at += 1
        return Norm(node, (opening.start, self.behind()))

    def wrapper(self) -> Written:
        """A box or a brace around something; what stands over or under the brace only comments."""
        opening = self.token
        self.at += 1
        self.expect("{")
        node = self.sum()
        self.expect("}")
        while opening.text in {"underbrace", "overbrace"} and self.token.text in {"_", "^"} and self.token.kind == "sign":
            self.at += 1
            self.script()
        return Bracket(node, (opening.start, self.behind()))

    def root(self) -> Written:
        start = self.token.start
        self.at += 1
        name = Name("sqrt", None, (), 0, False, (start, self.behind()), (start, self.behind()))
        if not (self.take("{") or self.take("(")):
            raise self.unexpected("'{'")
        node = self.sum()
        self.expect("}" if self.token.text == "}" else ")")
        return Call(name, (node,), (), (start, self.behind()))

    def ones(self) -> Written:
        """A column of ones, or the indicator of what follows."""
        start = self.token.start
        self.at += 1
        if self.is_sign("_"):
            self.at += 1
            inner = self.sub_reader(self.script())
            node = inner.sum()
            if inner.token.kind == "end":
                return Ones((start, self.behind()))
            return Indicator(inner.comparison(node, start), (start, self.behind()))
        if self.is_sign("(", "[", "{", "\\{") and self.compares():
            opening = self.token.text
            self.at += 1
            nested = opening == "{" and self.take("\\{")
            condition = self.comparison(self.sum(), start)
            if nested:
                self.expect("\\}")
            self.expect(CLOSING[opening])
            return Indicator(condition, (start, self.behind()))
        return Ones((start, self.behind()))

    def compares(self) -> bool:
        """Does the bracket here hold a comparison?"""
        return any(t.kind == "sign" and t.text in _COMPARISONS for t in self.tokens[self.at : self.over(self.at)])

    def big(self) -> Written:
        """A sum or product over an index, and all factors after it."""
        start, sign = self.token.start, "Π" if self.token.text == "Π" else "Σ"
        self.at += 1
        found: dict[str, Script] = {}
        while self.token.kind == "sign" and self.token.text in {"_", "^"} and self.token.text not in found:
            mark = self.token.text
            self.at += 1
            found[mark] = self.script()
        body = self.product()
        return BigSum(sign, found.get("_"), found.get("^"), body, (start, self.behind()))

    # -- matrices and cases ----------------------------------------------------------------------------------------

    def environment(self) -> Written:
        opening = self.token
        kind = opening.text.split()[1]
        if kind not in _MATRICES and kind not in {"cases", "dcases", "rcases"}:
            raise self.unexpected("a matrix or cases")
        self.at += 1
        rows: list[list[list[Token]]] = [[[]]]
        depth = 0
        while self.token.kind != "end":
            token = self.token
            self.at += 1
            if token.kind == "environment":
                depth += 1 if token.text.startswith("begin") else -1
                if depth < 0:
                    break
            if depth == 0 and token.text == "&":
                rows[-1].append([])
            elif depth == 0 and token.text == r"\\":
                rows.append([[]])
            else:
                rows[-1][-1].append(token)
        else:
            raise Unreadable(f"this {kind} is never closed", opening.start, f"\\end{{{kind}}}")
        rows = [row for row in rows if any(row)]
        if sum(map(len, rows)) > MAX_CELLS:
            raise Unreadable("a matrix of too many entries", opening.start, f"at most {MAX_CELLS}")
        span = (opening.start, self.behind())
        if kind in _MATRICES:
            return Matrix(tuple(tuple(self.read(cell, opening.start) for cell in row) for row in rows), span)
        return self.cases(rows, opening, span)

    def cases(self, rows: list[list[list[Token]]], opening: Token, span: tuple[int, int]) -> Written:
        values, conditions = [], []
        for row in rows:
            value, *rest = row
            while value and value[-1].text in {",", ";"}:
                value = value[:-1]
            values.append(self.read(value, opening.start))
            conditions.append(self.condition(rest[0] if rest else [], span))
        return Cases(tuple(values), tuple(conditions), span)

    def condition(self, tokens: list[Token], span: tuple[int, int]) -> Written | None:
        """The condition of a case: a comparison, or a place in the network that words name; None is otherwise."""
        said = " ".join(token.text for token in tokens if token.kind == "word")
        rest = [t for t in tokens if t.kind != "word" and t.text not in {"otherwise", "quad"}]
        while rest and rest[0].text in _PUNCTUATION:
            rest = rest[1:]
        while rest and rest[-1].text in _PUNCTUATION:
            rest = rest[:-1]
        if not rest:
            return None
        reader = self.sub_reader(Script(tuple(rest), span))
        left = reader.sum()
        if reader.token.kind == "end":
            place = next((kind for kind, words in PLACES.items() if any(word in said for word in words)), None)
            if place is None or not isinstance(left, Name):
                raise Unreadable(f"the condition {said[:40]!r}", rest[0].start, "a comparison, or the words output, hidden or input")
            return Placed(left, place, span)
        return reader.comparison(left, rest[0].start)


PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "output": ("output", "last layer", "ausgabe"),
    "hidden": ("hidden", "inner", "verdeckt"),
    "input": ("input",),
}
"""Words that say where in the network a unit is."""


_Rule = Callable[[Reader], Written]
_KINDS: Mapping[str, _Rule] = {
    "number": Reader.number,
    "half": Reader.half,
    "name": Reader.name,
    "ones": Reader.ones,
    "wrapper": Reader.wrapper,
}
_ATOMS: Mapping[str, _Rule] = {
    "(": Reader.bracket,
    "[": Reader.bracket,
    "{": Reader.bracket,
    "\\{": Reader.bracket,
    "|": Reader.bars,
    "‖": Reader.bars,
    "frac": Reader.fraction,
    "dv": Reader.marked,
    "pdv": Reader.marked,
    "∂": Reader.along,
    "∇": Reader.nabla,
    "Σ": Reader.big,
    "Π": Reader.big,
    "sqrt": Reader.root,
}
