"""Edits of signs and of names: a sibling's index, the net input for the output, the weight before its update."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from symbp.language.form import Edge, Unit, Var
from symbp.verification import written as w
from symbp.verification.judging.printed import value_of
from symbp.verification.repair.editing import Edit, Editing, exchanged, patched, placed
from symbp.verification.repair.lexicon import Spelled, changed, names, scripts
from symbp.verification.written import Name, Span, Written

_SIGN = re.compile("[-+−–]")


class Renaming(Editing):
    """Edits that put one name for another, or turn a sign."""

    def signs(self) -> Iterator[Edit]:
        """A sign turned: a number's that the network has with the other one, a minus, a term's, the whole form's."""
        known = {value_of(w.Number(text[1:], 0, (0, 0))) for text in self.numbers if text.startswith("-")}
        yield from self.signs_of_numbers(lambda number: value_of(number) in known)
        for node in w.parts(self.form):
            if isinstance(node, w.Negative):
                yield self.without_minus(node)
            if isinstance(node, w.Sum):
                for at in range(len(node.terms)):
                    yield self.turned_term(node, at)
        if not isinstance(self.form, w.Negative):
            inner = self.text(self.form)
            shown = f"-({inner})" if isinstance(self.form, w.Sum) else f"-{inner}"
            yield self.put(self.form, w.Negative(self.form, self.form.span), "sign", shown)
        yield from self.signs_of_numbers(lambda number: value_of(number) not in known)
        for node in w.parts(self.form):
            if isinstance(node, w.Sum) and len(node.terms) == 2:
                flipped = replace(node, minus=tuple(not m for m in node.minus))
                yield self.put(node, flipped, "sign", self.signed(node, flipped.minus), was=self.text(node))

    def signs_of_numbers(self, wanted: Callable[[w.Number], bool]) -> Iterator[Edit]:
        """A minus put before a printed number."""
        for node in w.parts(self.form):
            if isinstance(node, w.Number) and not node.is_whole and wanted(node):
                text = self.text(node)
                shown = f"-{text}" if node.span[0] == self.form.span[0] else f"(-{text})"
                yield self.put(node, w.Negative(node, node.span), "sign", shown, was=text, term=text, should=f"-{text}")

    def without_minus(self, node: w.Negative) -> Edit:
        """A minus taken out."""
        span, inner = (node.span[0], node.of.span[0]), self.text(node.of)
        said = {"was": self.text(node), "should": inner} | ({} if node is self.form else {"term": inner})
        if self.math[span[0] : span[1]].strip() not in {"-", "−", "–"}:
            return self.put(node, node.of, "sign", inner, **said)
        return Edit("sign", exchanged(self.form, node, node.of), span, "", said)

    def turned_term(self, node: w.Sum, at: int) -> Edit:
        """One term of a sum with the other sign; only its sign is written anew, where it stands between two terms."""
        minus = tuple(m ^ (k == at) for k, m in enumerate(node.minus))
        new, text, term = replace(node, minus=minus), self.signed(node, minus), node.terms[at]
        said = {"was": self.text(node), "should": text, "term": self.text(term)}
        gap = (node.terms[at - 1].span[1], term.span[0]) if at else (0, 0)
        sign = _SIGN.search(self.math, *gap) if at else None
        if sign is None:
            return self.put(node, new, "sign", text, **said)
        mark = "+" if node.minus[at] else "-"
        shown = mark + self.math[sign.end() : term.span[1]]
        return Edit("sign", exchanged(self.form, node, new), (sign.start(), term.span[1]), shown, said)

    def signed(self, node: w.Sum, minus: Sequence[bool]) -> str:
        """The text of a sum with other signs."""
        out = ""
        for at, (term, is_minus) in enumerate(zip(node.terms, minus, strict=True)):
            sign = ("-" if is_minus else "") if not at else (" - " if is_minus else " + ")
            out += sign + self.text(term)
        return out

    def siblings(self) -> Iterator[Edit]:
        """Another quantity of the same kind; first that of the unit that the left side is about."""
        for name in self.names():
            var = self.lexicon.var(name)
            if var is not None and var.kind not in {"error_total", "learning_rate"}:
                for other in self.like(var):
                    if (one := self.lexicon.spelled(other)) is not None:
                        yield self.put(
                            name, placed(one.name, name), "wrong_index", one.text, was=self.text(name), **self.unit_said(other, one)
                        )
            yield from self.reindexed(name)

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
            if (
                unit == var.owner
                or (kind in {"net", "delta"} and unit.layer == 0)
                or (kind in {"target", "error"} and unit not in words.outputs)
            ):
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

    def renamed(self) -> Iterator[Edit]:
        """One index renamed throughout: a unit's, with or without the weights at it, or a letter's."""
        units = {unit for name in self.names() if (var := self.lexicon.var(name)) is not None and isinstance(unit := var.owner, Unit)}
        for unit in sorted(units, key=str):
            for other in self.spec.vocabulary.units(int(str(unit.layer))):
                if other != unit:
                    for with_weights in (False, True):
                        yield from self.with_unit(self.form, unit, other, "wrong_index", with_weights=with_weights)
        letters = self.letters()
        for letter, instead in product(letters, letters):
            if instead != letter:
                yield from self.with_letter(letter, instead)

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
        """`node` with all that is of one unit replaced by what is of another; what stands around it stays."""
        found = self.moved(node, unit, other, with_weights=with_weights)
        if found is not None:
            new, pieces = found
            span = (min(at[0] for at, _ in pieces), max(at[1] for at, _ in pieces))
            said = {"right": Var("out", other), "was": self.math[span[0] : span[1]], "moved": (unit, other)}
            yield Edit(code, exchanged(self.form, node, new), span, patched(self.math, span, pieces), said)

    def moved_to(self, node: Written, unit: Unit, other: Unit, *, with_weights: bool) -> tuple[Written, str] | None:
        """The tree and the text of what is of `other` as `node` is of `unit`."""
        found = self.moved(node, unit, other, with_weights=with_weights)
        return None if found is None else (found[0], patched(self.math, node.span, found[1]))

    def moved(self, node: Written, unit: Unit, other: Unit, *, with_weights: bool) -> tuple[Written, list[tuple[Span, str]]] | None:
        """The tree of it, and the names that change."""
        new, pieces = node, []
        for name in names(node):
            var = self.lexicon.var(name)
            moved = self.counterpart(var, unit, other, with_weights=with_weights) if var is not None else None
            if moved is None:
                continue
            one = self.lexicon.anyhow(moved, self.line.row.medium)
            if one is None:
                return None
            new = exchanged(new, name, placed(one.name, name))
            pieces.append((name.span, one.text))
        return (new, pieces) if pieces else None

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
                if (one := self.lexicon.anyhow(other, self.line.row.medium)) is not None:
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


def _distance(owner: object, edge: Edge) -> tuple[bool, bool]:
    if not isinstance(owner, Edge):
        return True, True
    return owner.target.layer != edge.target.layer, owner.source != edge.source and owner.target != edge.target
