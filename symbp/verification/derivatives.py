r"""Fractions and derivatives: \frac{\partial E}{\partial w}, dE/dw, ∂_w E, \dv{E}{w}, d/dx (…), \nabla_W E."""

from __future__ import annotations

from symbp.verification.expressions import Expressions
from symbp.verification.tokens import Unreadable
from symbp.verification.written import Derivative, Nabla, Quotient, Token, Written


class Derivatives(Expressions):
    """Reads fractions, and those that are derivatives."""

    def fraction(self) -> Written:
        start = self.token.start
        self.at += 1
        top = self.group()
        bottom = self.group()
        span = (start, self.behind())
        if top and bottom and _is_differential(top[0]) and bottom[0].text == top[0].text:
            return self.derivative(top, bottom, span)
        return Quotient(self.read(top, start), self.read(bottom, start), span)

    def derivative(self, top: list[Token], bottom: list[Token], span: tuple[int, int]) -> Written:
        is_round = top[0].text == "∂"
        if len(top) > 1 and top[1].text == "^":
            raise Unreadable("a second derivative", top[0].start, "first derivatives")
        wrt = self.read(bottom[1:], bottom[0].end)
        if len(top) > 1:
            return Derivative(self.read(top[1:], top[0].end), wrt, is_round, span)
        return self.applied(wrt, is_round, span[0])

    def marked(self) -> Written:
        """\\dv{E}{w}, or \\dv{w} before what it is applied to."""
        token = self.token
        is_round = token.text == "pdv"
        self.at += 1
        if self.is_sign("["):
            raise Unreadable("a second derivative", token.start, "first derivatives")
        first = self.group()
        if not self.is_sign("{") or not self.token.tight:
            return self.applied(self.read(first, token.start), is_round, token.start)
        of, wrt = self.read(first, token.start), self.read(self.group(), token.start)
        return Derivative(of, wrt, is_round, (token.start, self.behind()))

    def applied(self, wrt: Written, is_round: bool, start: int) -> Written:
        """d/dx before what it is applied to: a bracket, or the product that follows."""
        if self.token.text in {"(", "[", "\\{"}:
            node: Written = self.factor()
        elif self.token.text == "{":
            node = self.factor()
        else:
            node = self.product()
        return Derivative(node, wrt, is_round, (start, self.behind()), is_applied=True)

    def along(self) -> Written:
        """∂E/∂w, ∂/∂w E or ∂_w E, in a line."""
        start = self.token.start
        self.at += 1
        if self.take("/"):
            return self.applied(self.by("∂"), True, start)
        if self.take("_"):
            wrt = self.sub_reader(self.script()).whole()
            return Derivative(self.factor(), wrt, True, (start, self.behind()), is_applied=True)
        of = self.factor()
        self.expect("/")
        return Derivative(of, self.by("∂"), True, (start, self.behind()))

    def by(self, mark: str) -> Written:
        """What stands under ∂ or d, which may be in a bracket with it."""
        is_held = self.is_sign("(")
        self.at += is_held
        if self.token.text != mark:
            raise self.unexpected(repr(mark))
        self.at += 1
        wrt = self.factor()
        if is_held:
            self.expect(")")
        return wrt

    def straight(self) -> Written | None:
        start = self.token.start
        if self.peek().text == "/" and self.is_differential(self.at + 2):
            self.at += 2
            return self.applied(self.by("d"), False, start)
        of = self.peek()
        if not (of.tight and (of.kind == "name" or of.text == "(")) or not self.is_differential(self.behind_factor(self.at + 1) + 1):
            return None
        self.at += 1
        top = self.factor()
        if not self.is_sign("/"):
            raise self.unexpected("'/'")
        self.at += 1
        return Derivative(top, self.by("d"), False, (start, self.behind()))

    def is_differential(self, at: int) -> bool:
        """Is the token at `at` a d with something close behind it, and a sign of division before it?"""
        if self.tokens[min(at, len(self.tokens) - 1) - 1].text != "/":
            return False
        here = self.tokens[at : at + 3]
        if here and here[0].text == "(" and here[0].kind == "sign":
            here = here[1:]
        return len(here) > 1 and here[0].text == "d" and here[0].kind == "name" and here[1].tight and here[1].kind != "end"

    def behind_factor(self, at: int) -> int:
        """Behind a name or a bracket at `at` with its scripts and, of a function, its argument; nothing is read."""
        is_name = self.tokens[at].kind == "name"
        at = self.over(at)
        while self.tokens[at].kind != "end":
            token = self.tokens[at]
            if token.kind == "sign" and token.text in {"^", "_"}:
                is_bare, at = self.tokens[at + 1].kind == "name", self.over(at + 1)
                while is_bare and self.tokens[at].tight and self.tokens[at].kind == "name" and len(self.tokens[at].text) == 1:
                    at += 1
            elif token.tight and (token.kind == "number" or token.text in {"'", "''"}):
                at += 1
            elif is_name and token.kind == "sign" and token.text in {"(", "["}:
                at, is_name = self.over(at), False
            else:
                break
        return at

    def nabla(self) -> Written:
        start = self.token.start
        self.at += 1
        if not self.take("_"):
            raise self.unexpected("'_' and what the derivative is by")
        wrt = self.script()
        of = self.factor() if self.token.kind == "name" or self.token.text == "(" else None
        return Nabla(wrt, of, (start, self.behind()))


def _is_differential(token: Token) -> bool:
    return (token.text == "∂" and token.kind == "sign") or (token.text == "d" and token.kind == "name")
