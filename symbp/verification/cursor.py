r"""Tokens, and where a reader stands in them: what is next, scripts, groups in brackets, names with all that is attached to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from symbp.network.activation import ACTIVATIONS
from symbp.verification.tokens import Unreadable
from symbp.verification.written import Name, Script, Token

MAX_DEPTH: Final = 60
MAX_SCRIPTS: Final = 12
"""So many scripts one name or bracket may have, and so many indices one subscript."""
MAX_PRIMES: Final = 4
FUNCTIONS: Final = frozenset(
    "exp log ln tanh sinh cosh sin cos max min diag relu ReLU softmax softplus sigmoid logistic sign sgn sqrt erf sech silu gelu elu id "
    "np.sum np.dot np.exp np.log np.tanh np.maximum np.multiply np.sqrt np.mean np.outer np.diag".split()
) | {row.function.symbol for row in ACTIVATIONS.values() if row.name != "sigmoid"}
"""Names that are always functions."""
CLOSING: Final[Mapping[str, str]] = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}


class Cursor:
    """Steps through one run of tokens. `functions` are the letters that stand for a function where a bracket follows."""

    def __init__(self, tokens: Sequence[Token], functions: Collection[str] = (), end: int = 0) -> None:
        self.tokens = [*tokens, Token("end", "", tokens[-1].end if tokens else end, tokens[-1].end if tokens else end)]
        self.functions = functions
        self.at = 0
        self.depth = 0
        self.bars_open = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def is_sign(self, *texts: str) -> bool:
        """Is the token here one of these signs?"""
        return self.token.kind == "sign" and self.token.text in texts

    def behind(self) -> int:
        """Where the token before this one ends."""
        return self.tokens[self.at - 1].end

    def take(self, text: str) -> bool:
        found = self.token.kind != "end" and self.token.text == text and self.token.kind in {"sign", "environment"}
        self.at += found
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(repr(text))

    def unexpected(self, expected: str) -> Unreadable:
        token = self.token
        if token.kind == "end":
            return Unreadable("the formula ends too early", token.start, expected)
        if token.text == "|" and self.peek().text == "_":
            return Unreadable("a value at a point", token.start, "the formula without it")
        return Unreadable(f"unexpected {token.text!r}", token.start, expected)

    def too_deep(self, at: int) -> Unreadable:
        return Unreadable("this is nested too deeply", at, f"at most {MAX_DEPTH} levels")

    # -- groups ----------------------------------------------------------------------------------------------------

    def script(self) -> Script:
        """What is raised or lowered: a group in braces or brackets, or one token."""
        start, first = self.token.start, self.at
        if self.token.text == "{" and self.token.kind == "sign":
            self.close()
            return Script(tuple(self.tokens[first + 1 : self.at - 1]), (start, self.behind()))
        if self.token.text in {"(", "["} and self.token.kind == "sign":
            self.close()
            return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))
        if self.token.kind == "end":
            raise self.unexpected("what is raised or lowered")
        while self.token.text in {"-", "+"} and self.token.kind == "sign" and self.peek().kind in {"number", "name"} and self.peek().tight:
            self.at += 1
        self.at += 1
        while self.token.tight and self.token.kind == "number" and self.tokens[self.at - 1].kind == "name":
            self.at += 1
        return Script(tuple(self.tokens[first : self.at]), (start, self.behind()))

    def close(self) -> None:
        """Step over the bracket here and everything up to the one that closes it."""
        opening = self.token
        waiting = []
        while True:
            token = self.token
            if token.kind == "end":
                raise Unreadable(f"this {opening.text!r} is never closed", opening.start, repr(CLOSING[opening.text]))
            if token.kind == "sign" and token.text in CLOSING:
                waiting.append(CLOSING[token.text])
            elif token.kind == "sign" and waiting and token.text == waiting[-1]:
                waiting.pop()
            self.at += 1
            if not waiting:
                return
            if len(waiting) > MAX_DEPTH:
                raise self.too_deep(opening.start)

    def group(self) -> list[Token]:
        """The tokens of a fraction's part: in braces, or one token, of a number its first digit."""
        token, first = self.token, self.at
        if token.text == "{" and token.kind == "sign":
            self.close()
            return self.tokens[first + 1 : self.at - 1]
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            self.tokens[self.at] = Token("number", token.text[1:], token.start + 1, token.end, True)
            return [Token("number", token.text[0], token.start, token.start + 1)]
        if token.kind == "end":
            raise self.unexpected("'{'")
        self.at += 1
        return [token]

    def over(self, at: int) -> int:
        """Behind the bracket that opens at the token `at`, or behind that token if it is none; nothing is read."""
        if self.tokens[at].kind != "sign" or self.tokens[at].text not in CLOSING:
            return min(at + 1, len(self.tokens) - 1)
        waiting: list[str] = []
        while self.tokens[at].kind != "end":
            token = self.tokens[at]
            if token.kind == "sign" and token.text in CLOSING:
                waiting.append(CLOSING[token.text])
            elif token.kind == "sign" and token.text == waiting[-1]:
                waiting.pop()
            at += 1
            if not waiting:
                break
        return at

    # -- names -----------------------------------------------------------------------------------------------------

    def scripts(self, base: str, head: tuple[int, int]) -> Name:
        sub: Script | None = None
        sups: list[Script] = []
        primes, plus = 0, False
        while True:
            token = self.token
            if token.kind == "number" and token.tight and sub is None and not sups and token.text.isdigit() and base not in FUNCTIONS:
                self.at += 1
                sub = Script((token,), (token.start, token.end))
            elif token.kind == "sign" and token.text == "_":
                self.at += 1
                more = self.lowered()
                sub = more if sub is None else Script((*sub.tokens, *more.tokens), (sub.span[0], more.span[1]))
            elif token.kind == "sign" and token.text == "^":
                self.at += 1
                script = self.script()
                if script.text in {"'", "''"}:
                    primes += len(script.text)
                else:
                    sups.append(script)
            elif token.kind == "sign" and token.text in {"'", "''"}:
                self.at += 1
                primes += len(token.text)
            elif token.kind == "sign" and token.text == "+" and token.tight and not plus and self.is_mark():
                self.at += 1
                plus = True
            else:
                break
            if primes > MAX_PRIMES or len(sups) > MAX_SCRIPTS or (sub is not None and len(sub.tokens) > 4 * MAX_SCRIPTS):
                raise Unreadable("too many scripts", token.start, f"at most {MAX_PRIMES} primes and {MAX_SCRIPTS} scripts")
        return Name(base, sub, tuple(sups), primes, plus, head, (head[0], self.behind()))

    def lowered(self) -> Script:
        """A subscript; without braces a word, or letters and digits that stand close together: h1, 12, ij."""
        token = self.token
        if token.kind not in {"name", "number"}:
            return self.script()
        first = self.at
        self.at += 1
        is_word = token.kind == "name" and len(token.text) > 1
        while self.token.tight and self.token.kind == "number" and not is_word:
            self.at += 1
        if token.kind == "name" and self.at == first + 1 and not is_word:
            while self.is_index() and self.peek().text not in {"_", "^"}:
                self.at += 1
        return Script(tuple(self.tokens[first : self.at]), (token.start, self.behind()))

    def is_index(self) -> bool:
        """Is this a letter that belongs to the subscript before it?"""
        token, before = self.token, self.tokens[self.at - 1]
        letters = "ijklmnpqr"
        return token.tight and token.kind == "name" and token.text in letters and before.text in letters and len(token.text) == 1

    def is_mark(self) -> bool:
        """Is the plus here that of an updated weight: w5+, with an operator or the end behind it?"""
        after = self.peek()
        if after.kind == "end":
            return True
        return after.kind == "sign" and after.text in {"=", ")", "star", "cdot", "times", "-", "+", "/", "≈", ",", ":="} and not after.tight
