"""Single edits of a person's form, the smallest first: what each would change, in the tree and in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import permutations
from typing import Any

from symbp.language.form import Edge, Index, Layer, Unit, Var
from symbp.network.spec import NetworkSpec
from symbp.verification import written as w
from symbp.verification.lexicon import Lexicon, Spelled, changed, names, scripts
from symbp.verification.meaning import unwrapped
from symbp.verification.printed import literals, value_of
from symbp.verification.reader import Reader
from symbp.verification.tokens import Unreadable, lex
from symbp.verification.work import Line
from symbp.verification.written import Name, Span, Written


@dataclass(frozen=True, slots=True)
class Edit:
    """`code` names the mistake that the edit undoes; `form` is the edited tree, `text` what stands instead of `span`."""

    code: str
    form: Written
    span: Span
    text: str
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Editor:
    """Edits of one form of a line. `subject` is what the line's left side is about."""

    spec: NetworkSpec
    lexicon: Lexicon
    line: Line
    form: Written
    subject: Var | None
    functions: frozenset[str]
    numbers: Sequence[str] = ()
    is_batch: bool = False

    @property
    def math(self) -> str:
        return self.line.row.math

    def text(self, node: Written) -> str:
        return self.math[node.span[0] : node.span[1]]

    def edits(self) -> Iterator[Edit]:
        """Every edit of one place that is tried, in the order in which they are."""
        order = list(_ORDER)
        if self.subject is not None and self.subject.kind == "out":
            order.remove(Editor.losses)
            order.insert(order.index(Editor.slopes), Editor.losses)
        for kind in order:
            yield from kind(self)

    def wider(self) -> Iterator[Edit]:
        """Edits of several places at once, and what is put in."""
        yield from self.renamed()
        yield from self.paths()
        yield from self.further_paths()
        yield from self.constants()
        yield from self.lost()
        yield from self.ones()

    def put(self, old: Written, new: Written, code: str, text: str, **said: Any) -> Edit:
        return Edit(code, exchanged(self.form, old, new), old.span, text, said)

    def read(self, text: str) -> Written | None:
        """Text in the person's notation as a tree."""
        try:
            return Reader(lex(text, self.line.row.medium, self.lexicon.checker.grids.functions), self.functions).whole()
        except Unreadable:
            return None

    def parsed(self, old: Written, code: str, text: str, **said: Any) -> Iterator[Edit]:
        new = self.read(text)
        if new is not None:
            yield self.put(old, w.Bracket(new, old.span), code, text, **said)

    # -- signs -----------------------------------------------------------------------------------------------------

    def signs(self) -> Iterator[Edit]:
        for node in w.parts(self.form):
            if isinstance(node, w.Negative):
                yield self.put(node, node.of, "sign", self.text(node.of), was=self.text(node))
            if isinstance(node, w.Sum):
                for at, term in enumerate(node.terms):
                    minus = tuple(m ^ (k == at) for k, m in enumerate(node.minus))
                    yield self.put(node, replace(node, minus=minus), "sign", self.signed(node, minus), was=self.text(term))
        if not isinstance(self.form, w.Negative):
            inner = self.text(self.form)
            shown = f"-({inner})" if isinstance(self.form, w.Sum) else f"-{inner}"
            yield self.put(self.form, w.Negative(self.form, self.form.span), "sign", shown)
        for node in w.parts(self.form):
            if isinstance(node, w.Number) and not node.is_whole:
                yield self.put(node, w.Negative(node, node.span), "sign", f"(-{self.text(node)})", was=self.text(node))
            if isinstance(node, w.Sum) and len(node.terms) == 2:
                flipped = replace(node, minus=tuple(not m for m in node.minus))
                yield self.put(node, flipped, "sign", self.signed(node, flipped.minus), was=self.text(node))

    def signed(self, node: w.Sum, minus: Sequence[bool]) -> str:
        """The text of a sum with other signs."""
        out = ""
        for at, (term, is_minus) in enumerate(zip(node.terms, minus, strict=True)):
            sign = ("-" if is_minus else "") if not at else (" - " if is_minus else " + ")
            out += sign + self.text(term)
        return out

    # -- names -----------------------------------------------------------------------------------------------------

    def siblings(self) -> Iterator[Edit]:
        """Another quantity of the same kind; first that of the unit that the left side is about."""
        for name in self.names():
            var = self.lexicon.var(name)
            if var is not None and var.kind not in {"error_total", "learning_rate"}:
                for other in self.like(var):
                    if (one := self.lexicon.spelled(other)) is not None:
                        yield self.put(name, placed(one.name, name), "wrong_index", one.text, was=self.text(name), **self.unit_said(other, one))
            yield from self.reindexed(name)

    def names(self) -> list[Name]:
        return list(names(self.form))

    def like(self, var: Var) -> list[Var]:
        """The quantities of the same kind: of the same layer first."""
        words = self.spec.vocabulary
        if var.kind in {"weight", "bias"}:
            same = [p for p in words.parameters() if p.kind == var.kind and p != Var(var.kind, var.owner)]
            if isinstance(var.owner, Edge):
                edge = var.owner
                same.sort(key=lambda p: _distance(p.owner, edge))
            return [Var(p.kind, p.owner, step=var.step) for p in same]
        if not isinstance(var.owner, Unit):
            return []
        layer = var.owner.layer
        every = [u for at in sorted(range(words.last + 1), key=lambda at: abs(at - int(str(layer)))) for u in words.units(at)]
        found = []
        for unit in every:
            kind = "input" if var.kind == "out" and unit.layer == 0 else "out" if var.kind == "input" and unit.layer else var.kind
            if unit == var.owner or (kind in {"net", "delta"} and unit.layer == 0) or (kind in {"target", "error"} and unit not in words.outputs):
                continue
            found.append(Var(kind, unit, var.sample, var.time))
        return found

    def unit_said(self, var: Var, one: Spelled) -> dict[str, Any]:
        """What a sentence may say of the right quantity."""
        return {"should": one.text, "right": var}

    def reindexed(self, name: Name) -> Iterator[Edit]:
        """A letter or number of its scripts changed, or two of them exchanged."""
        text = self.text(name)
        letters = self.letters()
        for script, which in scripts(name):
            tokens = script.tokens
            for at, token in enumerate(tokens):
                if token.kind == "name" and len(token.text) == 1 and which < 0:
                    for letter in letters:
                        if letter != token.text:
                            new, shown = changed(name, text, script, which, at, letter)
                            yield self.put(name, new, "wrong_index", shown, was=text, should=shown)
                if token.kind == "number" and token.text.isdigit():
                    for value in range(5):
                        if str(value) != token.text and (which >= 0 or self.lexicon.var(name) is None):
                            new, shown = changed(name, text, script, which, at, str(value))
                            yield self.put(name, new, "wrong_index", shown, was=text, should=shown)
                if token.kind == "number" and len(token.text) == 2 and which < 0:
                    new, shown = changed(name, text, script, which, at, token.text[::-1])
                    yield self.put(name, new, "wrong_index", shown, was=text, should=shown)
            singles = [at for at, t in enumerate(tokens) if len(t.text) == 1 and t.kind in {"name", "number"}]
            if which < 0 and len(singles) == 2 and tokens[singles[0]].text != tokens[singles[1]].text:
                first, shown = changed(name, text, script, which, singles[0], tokens[singles[1]].text)
                assert first.sub is not None
                second, shown = changed(first, shown, first.sub, which, singles[1], tokens[singles[0]].text)
                yield self.put(name, second, "wrong_index", shown, was=text, should=shown)
            yield from self.relayered(name, text, script, which)

    def relayered(self, name: Name, text: str, script: w.Script, which: int) -> Iterator[Edit]:
        """The layer l one up or down, or none."""
        if which < 0:
            return
        tokens = script.tokens
        for at, token in enumerate(tokens):
            if token.kind != "name" or token.text not in {"l", "L", "k", "n"}:
                continue
            following = "".join(t.text for t in tokens[at + 1 : at + 3])
            for offset in ("-1", "+1", ""):
                if following == offset:
                    continue
                end = tokens[at + 2].end if following in {"-1", "+1"} else token.end
                start = name.span[0]
                shown = text[: token.end - start] + offset + text[end - start :]
                if not text[script.span[0] - start :].startswith(("{", "(", "[")) and offset:
                    shown = text[: token.start - start] + "{" + token.text + offset + "}" + text[end - start :]
                new = self.read(shown)
                if isinstance(new, Name):
                    yield self.put(name, new, "wrong_index", shown, was=text, should=shown)

    def letters(self) -> list[str]:
        """The letters of indices in the row."""
        found: dict[str, None] = {}
        for link in self.line.links:
            for form in (link.left, link.right):
                for name in names(form):
                    if name.sub is not None:
                        found |= dict.fromkeys(t.text for t in name.sub.tokens if t.kind == "name" and len(t.text) == 1)
        return [letter for letter in found if letter in "ijklmnpqrs"]

    def renamed(self) -> Iterator[Edit]:
        """One index renamed throughout: a unit's, with or without the weights at it, or a letter's."""
        units = {unit for name in self.names() if (var := self.lexicon.var(name)) is not None and isinstance(unit := var.owner, Unit)}
        for unit in sorted(units, key=str):
            for other in self.spec.vocabulary.units(int(str(unit.layer))):
                if other != unit:
                    for with_weights in (False, True):
                        yield from self.with_unit(self.form, unit, other, "wrong_index", with_weights=with_weights)
        letters = self.letters()
        for letter in letters:
            for other in letters:
                if other != letter:
                    yield from self.with_letter(letter, other)

    def with_letter(self, letter: str, other: str) -> Iterator[Edit]:
        new, text = self.form, self.text(self.form)
        pieces: list[tuple[Span, str]] = []
        for name in self.names():
            found, shown = name, self.text(name)
            for script, which in scripts(name):
                for at, token in enumerate(script.tokens):
                    if token.text == letter and token.kind == "name":
                        current = found.sub if which < 0 else found.sups[which]
                        assert current is not None
                        found, shown = changed(found, shown, current, which, at, other)
            if found is not name:
                new = exchanged(new, name, found)
                pieces.append((name.span, shown))
        if pieces:
            text = patched(self.math, self.form.span, pieces)
            yield Edit("wrong_index", new, self.form.span, text, {"was": letter, "should": other})

    def with_unit(self, node: Written, unit: Unit, other: Unit, code: str, *, with_weights: bool) -> Iterator[Edit]:
        """`node` with all that is of one unit replaced by what is of another."""
        found = self.moved_to(node, unit, other, with_weights=with_weights)
        if found is not None:
            new, text = found
            yield self.put(node, new, code, text, right=Var("out", other))

    def moved_to(self, node: Written, unit: Unit, other: Unit, *, with_weights: bool) -> tuple[Written, str] | None:
        new, pieces = node, []
        for name in names(node):
            var = self.lexicon.var(name)
            moved = self.counterpart(var, unit, other, with_weights=with_weights) if var is not None else None
            if moved is None:
                continue
            one = self.lexicon.spelled(moved)
            if one is None:
                return None
            new = exchanged(new, name, placed(one.name, name))
            pieces.append((name.span, one.text))
        return (new, patched(self.math, node.span, pieces)) if pieces else None

    def counterpart(self, var: Var, unit: Unit, other: Unit, *, with_weights: bool) -> Var | None:
        """The quantity that is of `other` what `var` is of `unit`."""
        if var.owner == unit:
            return replace(var, owner=other)
        if with_weights and isinstance(var.owner, Edge):
            edge = var.owner
            if edge.source == unit:
                return replace(var, owner=Edge(other, edge.target))
            if edge.target == unit:
                return replace(var, owner=Edge(edge.source, other))
        return None

    def kinds(self) -> Iterator[Edit]:
        """The net input for the output, and back."""
        for name in self.names():
            var = self.lexicon.var(name)
            if var is not None and var.kind in {"net", "out"}:
                other = replace(var, kind="out" if var.kind == "net" else "net")
                if (one := self.lexicon.spelled(other)) is not None:
                    yield self.put(name, placed(one.name, name), "net_vs_out", one.text, was=self.text(name), should=one.text, right=other)
            yield from self.general_kinds(name)

    def general_kinds(self, name: Name) -> Iterator[Edit]:
        readings = self.lexicon.checker.grids.readings(name)
        if not readings or readings[0].quantity.kind not in {"net", "out", "input"} or readings[0].quantity.var is not None:
            return
        for kind in ("out", "net"):
            for one in self.lexicon.general(kind):
                if one.name.base == name.base or kind == readings[0].quantity.kind:
                    continue
                new = Name(one.name.base, name.sub, name.sups, name.primes, name.plus, name.head, name.span)
                head = one.text[: one.name.head[1] - one.name.head[0]]
                text = head + self.math[name.head[1] : name.span[1]]
                yield self.put(name, new, "net_vs_out", text, was=self.text(name), should=text)

    def originals(self) -> Iterator[Edit]:
        """The weight before its update."""
        for name in self.names():
            var = self.lexicon.var(name)
            if var is not None and var.step and var.kind in {"weight", "bias"}:
                one = self.lexicon.spelled(replace(var, step=0))
                if one is not None:
                    yield self.put(name, placed(one.name, name), "updated_weights_used", one.text, was=self.text(name), should=one.text)

    # -- factors ---------------------------------------------------------------------------------------------------

    def twos(self) -> Iterator[Edit]:
        """A factor of 2 or of a half, put in or taken out."""
        for node in w.parts(self.form):
            if isinstance(node, w.Product):
                for at, factor in enumerate(node.factors):
                    if _is_two(factor):
                        yield self.without(node, at, "factor_two")
        inner = self.text(self.form)
        shown = f"({inner})" if isinstance(self.form, w.Sum) else inner
        for text, value in (("2", w.Number("2", 0, self.form.span)), (r"\frac{1}{2}" if self.line.row.medium == "latex" else "1/2", None)):
            factor = value or self.read(text)
            if factor is not None:
                new = w.Product((factor, w.Bracket(self.form, self.form.span)), ("",), self.form.span)
                yield self.put(self.form, new, "factor_two", f"{text} {'* ' * (self.line.row.medium == 'plain')}{shown}")
        for node in w.parts(self.form):
            if isinstance(node, w.Number) and node.text in {"2", "0.5", "4"}:
                for text in ("1", "2", "4"):
                    if text != node.text:
                        yield self.put(node, w.Number(text, 0, node.span), "factor_two", text, was=self.text(node))
            if isinstance(node, w.Quotient) and isinstance(node.bottom, w.Number) and node.bottom.text == "2" and not isinstance(node.top, w.Number):
                yield self.put(node, node.top, "factor_two", self.text(node.top))

    def without(self, node: w.Product, at: int, code: str) -> Edit:
        """A product without one of its factors."""
        factors = tuple(f for k, f in enumerate(node.factors) if k != at)
        signs = node.signs[1:] if at == 0 else (*node.signs[: at - 1], *node.signs[at:])
        new: Written = factors[0] if len(factors) == 1 else w.Product(factors, signs, node.span)
        gone = node.factors[at]
        if at == 0:
            text = self.math[node.factors[1].span[0] : node.span[1]]
        else:
            text = self.math[node.span[0] : node.factors[at - 1].span[1]] + self.math[gone.span[1] : node.span[1]]
        return self.put(node, new, code, text, was=self.text(gone))

    def surplus(self) -> Iterator[Edit]:
        """A factor taken out, or a power lowered."""
        for node in w.parts(self.form):
            if isinstance(node, w.Product):
                for at in range(len(node.factors)):
                    if not isinstance(node.factors[at], w.Number):
                        yield self.without(node, at, "duplicated_factor")
                for at in range(len(node.factors) - 1):
                    if len(node.factors) > 2:
                        yield self.without_run(node, at, "duplicated_factor")
            if isinstance(node, w.Power) and isinstance(node.exponent, w.Number) and node.exponent.text == "2":
                yield self.put(node, node.base, "duplicated_factor", self.text(node.base), was=self.text(node))

    def without_run(self, node: w.Product, at: int, code: str) -> Edit:
        """A product without two neighbours: out (1 - out)."""
        run = node.factors[at : at + 2]
        factors = (*node.factors[:at], *node.factors[at + 2 :])
        signs = (*node.signs[: max(at - 1, 0)], *(node.signs[at + 1 :] if at else node.signs[2:]))
        new: Written = factors[0] if len(factors) == 1 else w.Product(factors, (*signs, *("",) * 9)[: len(factors) - 1], node.span)
        if at == 0:
            text = self.math[node.factors[2].span[0] : node.span[1]]
        else:
            text = self.math[node.span[0] : node.factors[at - 1].span[1]] + self.math[run[1].span[1] : node.span[1]]
        return self.put(node, new, code, text, was=self.math[run[0].span[0] : run[1].span[1]])

    def slopes(self) -> Iterator[Edit]:
        """The derivative of an activation put in: of the unit that the left side is about first."""
        for text, unit in self.slope_texts():
            yield from self.multiplied(text, "missing_activation_derivative", unit=unit)

    def slope_texts(self) -> Iterator[tuple[str, Unit | None]]:
        """f'(net) of each unit, as the person would write it."""
        words = self.spec.vocabulary
        for unit in self.near_units():
            one, net = self.lexicon.out_of(unit), self.lexicon.spelled(Var("net", unit, 1))
            if one is not None:
                yield self.slope_of(unit, one.text, net.text if net else None), unit
        seen = set()
        for kind in ("net", "out"):
            for one in [*self.lexicon.general(kind)]:
                prime = self.lexicon.primed if kind == "net" else ""
                texts = [f"{prime}({one.text})"] if prime else []
                texts += self.general_slopes(one)
                for text in texts:
                    if text not in seen:
                        seen.add(text)
                        yield text, None
        del words

    def general_slopes(self, one: Spelled) -> list[str]:
        """f' of a whole layer or of an index: by the activation of its layer, or by each, where the layer is not told."""
        layer, words = one.quantity.layer, self.spec.vocabulary
        layers = [layer] if isinstance(layer, int) and layer else list(range(1, words.last + 1))
        activations = list(dict.fromkeys(self.spec.activation(Unit(at, 1)).name for at in layers))
        whole, latex = one.quantity.unit is None, self.line.row.medium == "latex"
        times = (r" \odot " if latex else " ⊙ ") if whole else " " if latex else " * "
        square = f"{one.text}{times}{one.text}" if whole else _squared(one.text, self.line.row.medium)
        if one.quantity.kind == "net":
            return [rf"\mathbf{{1}}[{one.text} > 0]"] if "relu" in activations else []
        texts = {"sigmoid": f"{one.text}{times}(1 - {one.text})", "tanh": f"(1 - {square})"}
        return [texts[name] for name in activations if name in texts]

    def near_units(self) -> list[Unit]:
        """The units of the network, those that the row is about first."""
        words = self.spec.vocabulary
        every = [u for at in range(1, words.last + 1) for u in words.units(at)]
        here = {v.owner for name in self.all_names() if (v := self.lexicon.var(name)) is not None}
        edges = {u for owner in here if isinstance(owner, Edge) for u in (owner.source, owner.target)}
        subject = self.subject.owner if self.subject is not None else None
        first = {subject} | ({subject.target} if isinstance(subject, Edge) else set())
        return sorted(every, key=lambda u: (u not in first, u not in here, u not in edges))

    def all_names(self) -> Iterator[Name]:
        for link in self.line.links:
            yield from names(link.left)
            yield from names(link.right)

    def slope_of(self, unit: Unit, out: str, net: str | None) -> str:
        """f'(net) of one unit."""
        name, sign = self.spec.activation(unit).name, " * " if self.line.row.medium == "plain" else " "
        if self.lexicon.primed and net is not None:
            return f"{self.lexicon.primed}({net})"
        if name == "tanh":
            return f"(1 - {_squared(out, self.line.row.medium)})"
        if name == "sigmoid":
            return f"{out}{sign}(1 - {out})"
        if name == "relu" and net is not None:
            return rf"\mathbf{{1}}[{net} > 0]"
        if name == "softplus" and net is not None:
            return f"1/(1 + e^{{-{net}}})"
        if net is not None:
            return rf"\frac{{\partial {out}}}{{\partial {net}}}" if self.line.row.medium == "latex" else f"∂{out}/∂{net}"
        return f"{out}{sign}(1 - {out})"

    def multiplied(self, text: str, code: str, **said: Any) -> Iterator[Edit]:
        """The form, or a term of it, times a factor."""
        factor = self.read(text)
        if factor is None:
            return
        inner = self.text(self.form)
        latex = self.line.row.medium == "latex"
        for sign, mark in (("", " " if latex else " * "), ("odot", r" \odot " if latex else " ⊙ ")):
            whole = w.Bracket(self.form, self.form.span)
            new = w.Product((whole, w.Bracket(factor, self.form.span)), (sign,), self.form.span)
            is_open = isinstance(self.form, w.BigSum) or (isinstance(self.form, w.Product) and isinstance(self.form.factors[-1], w.BigSum))
            if is_open and not sign:
                shown = f"{text} {inner}"
            else:
                shown = f"({inner}){mark}{text}" if isinstance(self.form, w.Sum) or is_open else f"{inner}{mark}{text}"
            yield self.put(self.form, new, code, shown, should=text, **said)
        for node in w.parts(self.form):
            if isinstance(node, w.Sum) or (isinstance(node, w.BigSum) and node is not self.form):
                for term in node.terms if isinstance(node, w.Sum) else (node.body,):
                    shown = self.text(term) + (" " if latex else " * ") + text
                    yield self.put(term, w.Product((term, factor), ("",), term.span), code, shown, should=text, **said)

    def lost(self) -> Iterator[Edit]:
        """A factor put in: any name of the person's."""
        head = set(self.text(name) for name in names(self.line.links[0].head)) if self.line.links else set()
        for one in self.lexicon.every:
            if one.quantity.kind not in {"error_total", "error", "error_sample", "slope"} and one.text not in head and not one.quantity.step:
                yield from self.multiplied(one.text, "dropped_factor")
        for text in ("(1 - {})",):
            for unit in self.near_units():
                if (one_out := self.lexicon.out_of(unit)) is not None:
                    yield from self.multiplied(text.format(one_out.text), "dropped_factor")
        if self.is_batch:
            yield from self.multiplied(r"\frac{1}{m}" if self.line.row.medium == "latex" else "1/m", "dropped_factor")

    def foreign_slopes(self) -> Iterator[Edit]:
        """The derivative of another activation: out (1 - out) for 1 - out^2, and others; also as what a unit's net input is put in."""
        for node in w.parts(self.form):
            runs: list[tuple[Written, Span, int, int]] = []
            if isinstance(node, w.Product):
                runs += [(node, (node.factors[a].span[0], node.factors[b - 1].span[1]), a, b) for a in range(len(node.factors)) for b in (a + 1, a + 2) if b <= len(node.factors)]
            elif node is self.form or isinstance(node, w.Bracket | w.Sum | w.Power):
                runs.append((node, node.span, 0, 0))
            for whole, span, a, b in runs:
                unit = self.mentioned(whole, a, b)
                if unit is None:
                    continue
                out = self.lexicon.out_of(unit)
                net = self.lexicon.spelled(Var("net", unit, 1))
                if out is None:
                    continue
                text = self.slope_of(unit, out.text, net.text if net else None) if self.spec.activation(unit).name != "identity" else "1"
                factor = self.read(text)
                if factor is None:
                    continue
                activation = self.spec.activation(unit).name
                if isinstance(whole, w.Product) and b:
                    factors = (*whole.factors[:a], w.Bracket(factor, span), *whole.factors[b:])
                    signs = ("", *whole.signs)
                    new: Written = w.Product(factors, tuple((*signs[1:a], *signs[a : a + 1], *signs[b:])[: len(factors) - 1]), whole.span)
                    if len(factors) == 1:
                        new = factors[0]
                    shown = self.math[whole.span[0] : span[0]] + text + self.math[span[1] : whole.span[1]]
                    yield self.put(whole, new, "wrong_activation_derivative", shown, was=self.math[span[0] : span[1]], should=text, unit=unit, activation=activation)
                else:
                    yield self.put(whole, w.Bracket(factor, span), "wrong_activation_derivative", text, was=self.text(whole), should=text, unit=unit, activation=activation)

    def foreign_layers(self) -> Iterator[Edit]:
        """The derivative of a whole layer's activation, where something else of that layer stands."""
        texts = [text for text, unit in self.slope_texts() if unit is None]
        for node in w.parts(self.form):
            if not isinstance(node, w.Product):
                continue
            for factor in node.factors:
                if isinstance(unwrapped(factor), w.Number):
                    continue
                for text in texts:
                    yield from self.parsed(factor, "wrong_activation_derivative", text if not text.endswith(")") or text.startswith("(") else f"({text})", was=self.text(factor), should=text)

    def further_paths(self) -> Iterator[Edit]:
        """A term for a unit that is fed, in whichever layer, and that the form has left out."""
        owner = self.subject.owner if self.subject is not None else None
        unit = owner.target if isinstance(owner, Edge) else owner
        if not isinstance(unit, Unit):
            return
        glue = " * " if self.line.row.medium == "plain" else " "
        for weight, net in self.spec.vocabulary.fed(self.spec.vocabulary.out(unit)):
            delta, own = self.lexicon.spelled(Var("delta", net.owner, net.sample, net.time)), self.lexicon.spelled(weight)
            if delta is None or own is None:
                continue
            text = f"{delta.text}{glue}{own.text}"
            term = self.read(text)
            for node in w.parts(self.form):
                if term is not None and isinstance(node, w.Product | Name | w.Sum):
                    shown = f"{self.text(node)} + {text}"
                    new = w.Bracket(w.Sum((node, term), (False, False), node.span), node.span)
                    yield self.put(node, new, "missing_sum", shown if node is self.form else f"({shown})", unit=unit)

    def mentioned(self, node: Written, a: int, b: int) -> Unit | None:
        """The one unit whose out or net input is all that a run of factors is made of."""
        parts: Sequence[Written] = node.factors[a:b] if isinstance(node, w.Product) and b else (node,)
        found = {self.lexicon.var(name) for part in parts for name in names(part)}
        if not found or None in found:
            return None
        owners = {var.owner for var in found if var is not None and var.kind in {"out", "net"}}
        kinds = {var.kind for var in found if var is not None}
        owner = next(iter(owners)) if len(owners) == 1 and kinds <= {"out", "net"} else None
        return owner if isinstance(owner, Unit) else None

    def losses(self) -> Iterator[Edit]:
        """The derivative of another error: o - t for (o - t)/(o (1 - o)), and back."""
        latex = self.line.row.medium == "latex"
        pairs = []
        for unit in self.spec.vocabulary.outputs:
            out, target = self.lexicon.out_of(unit), self.lexicon.spelled(Var("target", unit, 1))
            if out is not None and target is not None:
                pairs.append((out.text, target.text))
        for a in self.lexicon.general("out"):
            pairs += [(a.text, t.text) for t in self.lexicon.general("target")]
        for o, t in pairs:
            below = f"{o} (1 - {o})" if latex else f"({o} * (1 - {o}))"
            over = rf"\frac{{{o} - {t}}}{{{below}}}" if latex else f"({o} - {t})/{below}"
            texts = [over, f"({o} - {t})", f"-({t} - {o})", rf"-\frac{{{t}}}{{{o}}}" if latex else f"-{t}/{o}", f"2 ({o} - {t})"]
            for node in w.parts(self.form):
                if isinstance(node, w.Sum | w.Bracket | w.Quotient | w.Negative) and {self.text(n) for n in names(node)} <= {o, t}:
                    for text in texts:
                        shown = text if node is not self.form or text.startswith(("(", "\\", "-")) else text
                        yield from self.parsed(node, "wrong_loss_derivative", shown, was=self.text(node), should=text)

    # -- sums over paths -------------------------------------------------------------------------------------------

    def paths(self) -> Iterator[Edit]:
        """The paths that are missing, in the person's own factors; a sum over an index that has none."""
        for node in w.parts(self.form):
            if isinstance(node, w.Product | w.Derivative | Name):
                yield from self.other_paths(node)
            if isinstance(node, w.Sum):
                yield from self.more_terms(node)
        for letter in self.letters():
            inner = self.text(self.form)
            low = w.Script((w.Token("name", letter, 0, 0),), self.form.span)
            sign = rf"\sum_{{{letter}}} " if self.line.row.medium == "latex" else f"Σ_{letter} "
            yield self.put(self.form, w.BigSum("Σ", low, None, self.form, self.form.span), "missing_sum", sign + inner, was=inner)
            for node in w.parts(self.form):
                if isinstance(node, w.Product) and len(node.factors) > 1:
                    yield from self.summed_run(node, letter, low, sign)
        yield from self.over_samples()
        options = (("axis", "1"), ("axis", "0"))
        for option in options:
            name = Name("np.sum", None, (), 0, False, self.form.span, self.form.span)
            for node in w.parts(self.form):
                if isinstance(node, Name) or node is self.form:
                    inner = self.text(node)
                    shown = rf"\sum_{{i=1}}^{{m}} {inner}" if self.line.row.medium == "latex" else f"np.sum({inner}, axis={option[1]})"
                    yield self.put(node, w.Call(name, (node,), (option,), node.span), "missing_sum", shown, was=inner)

    def over_samples(self) -> Iterator[Edit]:
        """The sum, or the mean, over samples."""
        if not self.is_batch or self.line.row.medium != "latex":
            return
        for name in self.names():
            text = self.text(name)
            if text.endswith("}") and "^{" in text:
                total = rf"\sum_{{i=1}}^{{m}} {text[:-1]}(i)}}"
                for shown in (total, rf"\frac{{1}}{{m}} {total}"):
                    yield from self.parsed(name, "missing_sum", shown, was=text)

    def summed_run(self, node: w.Product, letter: str, low: w.Script, sign: str) -> Iterator[Edit]:
        """A sum over the factors that the letter stands in."""
        inside = [k for k, f in enumerate(node.factors) if any(name.sub and letter in name.sub.text for name in names(f))]
        if not inside or len(inside) == len(node.factors):
            return
        chosen = tuple(node.factors[k] for k in inside)
        rest = tuple(f for k, f in enumerate(node.factors) if k not in inside)
        body: Written = chosen[0] if len(chosen) == 1 else w.Product(chosen, ("",) * (len(chosen) - 1), node.span)
        total = w.BigSum("Σ", low, None, body, node.span)
        new = w.Product((*rest, w.Bracket(total, node.span)), ("",) * len(rest), node.span)
        glue = " " if self.line.row.medium == "latex" else " * "
        shown = glue.join([*(self.text(f) for f in rest), sign + glue.join(self.text(f) for f in chosen)])
        yield self.put(node, new, "missing_sum", shown, was=self.text(node))

    def other_paths(self, node: Written) -> Iterator[Edit]:
        """(A B + A' B') C for A B C, where A and B are of a unit with siblings."""
        factors = node.factors if isinstance(node, w.Product) else (node,)
        signs = ("", *node.signs) if isinstance(node, w.Product) else ("",)
        units: dict[Unit, None] = {}
        for name in names(node):
            var = self.lexicon.var(name)
            if var is not None and isinstance(var.owner, Unit) and var.owner.layer:
                units[var.owner] = None
        for unit in units:
            siblings = [u for u in self.spec.vocabulary.units(int(str(unit.layer))) if u != unit]
            if not siblings:
                continue
            run = [k for k, f in enumerate(factors) if self.is_of(f, unit)]
            for chosen in dict.fromkeys((tuple(run), tuple(range(len(factors))))):
                yield from self.with_paths(node, factors, signs, chosen, unit, siblings)

    def is_of(self, node: Written, unit: Unit) -> bool:
        for name in names(node):
            var = self.lexicon.var(name)
            owner = var.owner if var is not None else None
            if owner == unit or (isinstance(owner, Edge) and unit in {owner.source, owner.target}):
                return True
        return False

    def with_paths(
        self, node: Written, factors: Sequence[Written], signs: Sequence[str], run: Sequence[int], unit: Unit, siblings: Sequence[Unit]
    ) -> Iterator[Edit]:
        if not run:
            return
        chosen = tuple(factors[k] for k in run)
        glue = _GLUE.get(next((signs[k] for k in run[1:]), ""), " ") if self.line.row.medium == "latex" else " * "
        body: Written = chosen[0] if len(chosen) == 1 else w.Product(chosen, ("",) * (len(chosen) - 1), node.span)
        terms, shown = [body], [glue.join(self.text(f) for f in chosen)]
        for other in siblings:
            moved = [self.moved_to(f, unit, other, with_weights=True) or (f, self.text(f)) for f in chosen]
            trees = tuple(tree for tree, _ in moved)
            terms.append(trees[0] if len(trees) == 1 else w.Product(trees, ("",) * (len(trees) - 1), node.span))
            shown.append(glue.join(text for _, text in moved))
        total = w.Sum(tuple(terms), (False,) * len(terms), node.span)
        rest = tuple(f for k, f in enumerate(factors) if k not in run)
        new: Written = w.Product((w.Bracket(total, node.span), *rest), ("",) * len(rest), node.span) if rest else w.Bracket(total, node.span)
        text = " + ".join(shown)
        if rest:
            text = glue.join([f"({text})", *(self.text(f) for f in rest)])
        elif node is not self.form:
            text = f"({text})"
        said = {"unit": self.reaching(unit), "units": (unit, *siblings), "was": shown[0]}
        yield self.put(node, new, "missing_sum", text, **said)

    def reaching(self, through: Unit) -> Unit | None:
        """The unit whose way to the error leads through `through`: that which the left side is about."""
        owner = self.subject.owner if self.subject is not None else None
        return owner.target if isinstance(owner, Edge) else owner if isinstance(owner, Unit) else None

    def more_terms(self, node: w.Sum) -> Iterator[Edit]:
        """A term for a unit that the sum has left out."""
        for term, minus in zip(node.terms, node.minus, strict=True):
            for name in names(term):
                var = self.lexicon.var(name)
                if var is None or not isinstance(var.owner, Unit) or not var.owner.layer:
                    continue
                unit = var.owner
                for other in self.spec.vocabulary.units(int(str(unit.layer))):
                    found = self.moved_to(term, unit, other, with_weights=True) if other != unit else None
                    if found is not None:
                        tree, text = found
                        new = replace(node, terms=(*node.terms, tree), minus=(*node.minus, minus))
                        shown = self.text(node) + (" - " if minus else " + ") + text
                        yield self.put(node, new, "missing_sum", shown, units=(unit, other), unit=self.reaching(unit))

    # -- matrices --------------------------------------------------------------------------------------------------

    def transposes(self) -> Iterator[Edit]:
        """A transposition put in or taken out; factors in another order; both."""
        for node in w.parts(self.form):
            if isinstance(node, w.Transposed):
                yield self.put(node, node.of, "transpose_order", self.text(node.of), was=self.text(node))
            elif isinstance(node, Name) and self.is_matrix(node):
                yield self.toggled(node)
            elif isinstance(node, w.Bracket):
                yield self.put(node, w.Transposed(node, node.span), "transpose_order", f"{self.text(node)}^T", was=self.text(node))
        for node in w.parts(self.form):
            if isinstance(node, w.Product) and 2 <= len(node.factors) <= 4:
                yield from self.reordered(node)

    def is_matrix(self, name: Name) -> bool:
        readings = self.lexicon.checker.grids.readings(name)
        return bool(readings) and (readings[0].quantity.of or readings[0].quantity).is_whole

    def toggled(self, name: Name) -> Edit:
        kept = tuple(s for s in name.sups if s.text not in {"T", "⊤"})
        text = self.text(name)
        if len(kept) < len(name.sups):
            new: Written = replace(name, sups=kept)
            gone = next(s for s in name.sups if s.text in {"T", "⊤"})
            start = name.span[0]
            shown = text[: gone.span[0] - start].rstrip("^{") + text[gone.span[1] - start :].lstrip("}")
        else:
            new = w.Transposed(name, name.span)
            shown = f"({text})^T" if name.sups else f"{text}^T"
        return self.put(name, new, "transpose_order", shown, was=text)

    def reordered(self, node: w.Product) -> Iterator[Edit]:
        """The factors in another order, each as it is or transposed."""
        count = len(node.factors)
        options = [self.turns(factor) for factor in node.factors]
        for order in permutations(range(count)):
            for mask in range(1 << count):
                if order == tuple(range(count)) and not mask:
                    continue
                chosen = [options[k][(mask >> k) & 1] for k in order if (mask >> k) & 1 < len(options[k])]
                if len(chosen) != count:
                    continue
                trees = tuple(tree for tree, _ in chosen)
                signs = node.signs if "odot" not in node.signs else node.signs
                glue = " " if self.line.row.medium == "latex" else " * "
                yield self.put(node, w.Product(trees, signs, node.span), "transpose_order", glue.join(text for _, text in chosen), was=self.text(node))

    def turns(self, factor: Written) -> list[tuple[Written, str]]:
        """A factor as it is, and transposed if it is no number."""
        text = self.text(factor)
        if isinstance(factor, w.Number | w.Quotient):
            return [(factor, text)]
        if isinstance(factor, Name):
            edit = self.toggled(factor)
            inner = exchanged(factor, factor, replace(factor))
            kept = tuple(s for s in factor.sups if s.text not in {"T", "⊤"})
            turned: Written = replace(factor, sups=kept) if len(kept) < len(factor.sups) else w.Transposed(factor, factor.span)
            return [(inner, text), (turned, edit.text)]
        if isinstance(factor, w.Transposed):
            return [(factor, text), (factor.of, self.text(factor.of))]
        return [(factor, text), (w.Transposed(factor, factor.span), f"({text})^T" if not isinstance(factor, w.Bracket) else f"{text}^T")]

    # -- numbers ---------------------------------------------------------------------------------------------------

    def constants(self) -> Iterator[Edit]:
        """A literal replaced by a number of the network or of the person's own."""
        for number in literals(self.form):
            if number.is_whole and len(number.text) < 2 and not self.spec.is_numeric:
                continue
            for text in self.numbers:
                bare = text.lstrip("-")
                found = w.Number(bare, 0, number.span)
                if value_of(found) == value_of(number):
                    continue
                new: Written = w.Negative(found, number.span) if text.startswith("-") else found
                yield self.put(number, new, "wrong_constant", f"({text})" if text.startswith("-") else text, was=self.text(number), should=text)

    def ones(self) -> Iterator[Edit]:
        """A whole number that is off by a little: an exponent, a 1."""
        for number in literals(self.form):
            if number.is_whole and len(number.text) == 1:
                for text in ("0", "1", "2", "3"):
                    if text != number.text:
                        yield self.put(number, w.Number(text, 0, number.span), "wrong_constant", text, was=self.text(number), should=text)


_GLUE = {"cdot": r" \cdot ", "times": r" \times ", "star": " * ", "odot": r" \odot ", "": " ", "at": " @ "}
_ORDER: Sequence[Callable[[Editor], Iterator[Edit]]] = (
    Editor.originals,
    Editor.kinds,
    Editor.signs,
    Editor.siblings,
    Editor.twos,
    Editor.slopes,
    Editor.transposes,
    Editor.foreign_slopes,
    Editor.foreign_layers,
    Editor.surplus,
    Editor.losses,
)


def _is_two(node: Written) -> bool:
    node = unwrapped(node)
    if isinstance(node, w.Quotient):
        return isinstance(node.top, w.Number) and isinstance(node.bottom, w.Number) and (node.top.text, node.bottom.text) in {("1", "2"), ("2", "1")}
    return isinstance(node, w.Number) and node.text in {"2", "0.5"}


def _squared(text: str, medium: str) -> str:
    return f"{text}^2" if "^" not in text else f"({text})^2" if medium == "plain" else rf"({text})^2"


def _distance(owner: object, edge: Edge) -> tuple[bool, bool]:
    if not isinstance(owner, Edge):
        return True, True
    return owner.target.layer != edge.target.layer, owner.source != edge.source and owner.target != edge.target


def exchanged(node: Written, old: Written, new: Written) -> Written:
    """`node` with one part, told by identity, replaced."""
    if node is old:
        return new
    changes = {}
    for f in fields(node):
        value = getattr(node, f.name)
        made = _exchanged(value, old, new)
        if made is not value:
            changes[f.name] = made
    return replace(node, **changes) if changes else node


def _exchanged(value: Any, old: Written, new: Written) -> Any:
    if isinstance(value, tuple):
        made = tuple(_exchanged(item, old, new) for item in value)
        return made if any(a is not b for a, b in zip(made, value, strict=True)) else value
    if hasattr(value, "span") and not isinstance(value, w.Script):
        return exchanged(value, old, new)
    return value


def placed(name: Name, at: Name) -> Name:
    """A name from elsewhere, standing here."""
    return replace(name, span=at.span, head=at.head, sups=(*name.sups, *(s for s in at.sups if s.text in {"2"} and not name.sups)))


def patched(text: str, span: Span, pieces: Sequence[tuple[Span, str]]) -> str:
    """The text of a span with parts of it replaced."""
    out, at = "", span[0]
    for (start, end), shown in sorted(pieces):
        out += text[at:start] + shown
        at = end
    return out + text[at : span[1]]


__all__ = ["Edit", "Editor", "Index", "Layer"]
