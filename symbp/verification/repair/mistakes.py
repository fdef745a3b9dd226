"""The one table of mistakes: what each is called, the edits that undo it, and what they cost.

An edit puts one part of the form in place of another; nothing is printed and nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

from symbp.language import written as w
from symbp.language.form import Edge, Unit, Var
from symbp.language.latex import LatexWriter
from symbp.language.written import Name, Written
from symbp.network.activation import ACTIVATIONS
from symbp.verification.judging.printed import is_pure, literals, value_of
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.repair.editing import Edit, Editing, added, exchanged, number, product, times
from symbp.verification.repair.lexicon import Spelled, changed, names, scripts
from symbp.verification.repair.slopes import HERE, mistaken, of_unit, one_less, slopes, squared

Edits = Iterator[Edit]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row of the table: `code` also names the sentence; `cost` puts small and usual mistakes first."""

    code: str
    edits: Callable[[Editing], Edits]
    cost: int


MANY: Final = 9
"""So many numbers are tried as an index."""


# -- names ---------------------------------------------------------------------------------------------------------------


def renaming(e: Editing, code: str, name: Name, var: Var, *, anyhow: bool = False, cost: int = 0) -> Edits:
    """Another quantity for one name."""
    one = e.lexicon.anyhow(var, e.medium if anyhow else "")
    if one is not None:
        new = e.name(one, name, e.lexicon.bare(name)[1])
        yield Edit(code, name, new, name, new, {"right": var}, cost)


def originals(e: Editing) -> Edits:
    """The weight before its update."""
    for name, var in e.here.items():
        if var.step and var.kind in {"weight", "bias"}:
            yield from renaming(e, "", name, replace(var, step=0))


def kinds(e: Editing) -> Edits:
    """The net input for the output, and back."""
    for name in e.names:
        var = e.here.get(name)
        if var is not None and var.kind in {"net", "out"}:
            yield from renaming(e, "", name, replace(var, kind="out" if var.kind == "net" else "net"), anyhow=True)
        quantity = e.lexicon.quantity(name)
        if quantity is None or quantity.kind not in {"net", "out", "input"} or quantity.var is not None:
            continue
        for kind in ("out", "net"):
            for one in e.lexicon.general(kind):
                if kind != quantity.kind and one.quantity.unit is None and quantity.unit is None and one.quantity.layer == quantity.layer:
                    new = e.name(one, name, e.lexicon.bare(name)[1])
                    yield Edit("", name, new, name, new)
                if one.name.base != name.base and kind != quantity.kind:
                    new = replace(name, base=one.name.base)
                    head = one.text[: one.name.head[1] - one.name.head[0]]
                    e.printer.known(new, head + e.printer.math[name.head[1] : name.span[1]])
                    yield Edit("", name, new, name, new)


def siblings(e: Editing) -> Edits:
    """Another quantity of the same kind: first of the units that the row is about, and of the same layer."""
    owner = e.subject.owner if e.subject is not None else None
    near = {owner} | ({owner.source, owner.target} if isinstance(owner, Edge) else set())
    for name, var in e.here.items():
        if var.kind not in {"error_total", "learning_rate"}:
            for other in like(e, var):
                yield from renaming(e, "", name, other, cost=0 if other.owner in near else 1)


def joined(e: Editing) -> Edits:
    """Of a chain of derivatives, a quantity that stands in its other links."""
    chained = {id(name): e.here.get(name) for part in e.parts if isinstance(part, w.Derivative) for name in names(part)}
    for edit in siblings(e) if len(chained) > 2 else ():
        if id(edit.old) in chained and edit.said["right"] in chained.values():
            yield edit


def like(e: Editing, var: Var) -> list[Var]:
    """The quantities of the same kind: of the same layer first."""
    words = e.spec.vocabulary
    if var.kind in {"weight", "bias"}:
        same = [p for p in words.parameters() if p.kind == var.kind and p != Var(var.kind, var.owner)]
        if isinstance(var.owner, Edge):
            edge = var.owner
            same.sort(key=lambda p: distance(p.owner, edge))
        return [Var(p.kind, p.owner, step=var.step) for p in same]
    if not isinstance(var.owner, Unit):
        return []
    layer = int(str(var.owner.layer))
    found = []
    for unit in (u for at in sorted(range(words.last + 1), key=lambda at: abs(at - layer)) for u in words.units(at)):
        kind = "input" if var.kind == "out" and unit.layer == 0 else "out" if var.kind == "input" and unit.layer else var.kind
        is_none = (kind in {"net", "delta"} and unit.layer == 0) or (kind in {"target", "error"} and unit not in words.outputs)
        if unit != var.owner and not is_none:
            found.append(Var(kind, unit, var.sample, var.time))
    return found


def distance(owner: object, edge: Edge) -> tuple[bool, bool]:
    if not isinstance(owner, Edge):
        return True, True
    return owner.target.layer != edge.target.layer, owner.source != edge.source and owner.target != edge.target


def reindexed(e: Editing) -> Edits:
    """A letter, a number or an offset in the scripts of a name changed, or two of its indices exchanged."""
    for name in e.names:
        text = e.text(name)
        for script, which in scripts(name):
            for new, shown in (*other_tokens(e, name, text, script, which), *exchanged_tokens(name, text, script, which)):
                e.printer.known(new, shown)
                yield Edit("", name, new, name, new)
            yield from relayered(e, name, text, script, which)


def other_tokens(e: Editing, name: Name, text: str, script: w.Script, which: int) -> Iterator[tuple[Name, str]]:
    for at, token in enumerate(script.tokens):
        values: Sequence[str] = ()
        if token.kind == "name" and len(token.text) == 1 and (which < 0 or token.text in e.letters):
            values = e.letters
        elif token.kind == "name" and len(token.text) == 2 and set(token.text) <= set("ijklmn"):
            pairs = [a + token.text[1] for a in e.letters] + [token.text[0] + b for b in e.letters]
            values = [token.text[::-1], *pairs]
        elif token.kind == "number" and token.text.isdigit():
            values = [str(value) for value in range(0 if e.lexicon.has_zero else 1, min(e.lexicon.most, MANY) + 1)]
        if token.kind == "number" and len(token.text) == 2 and which < 0:
            values = [*values, token.text[::-1]]
        for value in values:
            if value != token.text:
                yield changed(name, text, script, which, at, value)


def exchanged_tokens(name: Name, text: str, script: w.Script, which: int) -> Iterator[tuple[Name, str]]:
    """The two indices of a subscript the other way round."""
    tokens = script.tokens
    singles = [at for at, t in enumerate(tokens) if len(t.text) == 1 and t.kind in {"name", "number"}]
    if which < 0 and len(singles) == 2 and tokens[singles[0]].text != tokens[singles[1]].text:
        first, shown = changed(name, text, script, which, singles[0], tokens[singles[1]].text)
        assert first.sub is not None
        yield changed(first, shown, first.sub, which, singles[1], tokens[singles[0]].text)


def relayered(e: Editing, name: Name, text: str, script: w.Script, which: int) -> Edits:
    """The layer l, or the time t, one up or down, or as it is without an offset."""
    for at, token in enumerate(script.tokens):
        if token.kind != "name" or token.text not in {"l", "L", "k", "n", "t", "T"}:
            continue
        following = "".join(t.text for t in script.tokens[at + 1 : at + 3])
        is_offset = following in {"-1", "+1"}
        for offset in ("-1", "+1", ""):
            if following == offset or (not offset and not is_offset):
                continue
            kept = script.tokens[at + 3 :] if is_offset else script.tokens[at + 1 :]
            moved = (w.Token("sign", offset[0], 0, 0), w.Token("number", "1", 0, 0)) if offset else ()
            made = w.Script((*script.tokens[: at + 1], *moved, *kept), script.span)
            new = replace(name, sub=made) if which < 0 else replace(name, sups=(*name.sups[:which], made, *name.sups[which + 1 :]))
            end = (script.tokens[at + 2].end if is_offset else token.end) - name.span[0]
            start = token.end - name.span[0]
            is_open = text[script.span[0] - name.span[0] :].lstrip("_^").startswith(("{", "(", "[")) or not offset
            shown = text[:start] + offset + text[end:]
            shown = shown if is_open else text[: token.start - name.span[0]] + "{" + token.text + offset + "}" + text[end:]
            e.printer.known(new, shown)
            yield Edit("", name, new, name, new)


def throughout(e: Editing) -> Edits:
    """One unit, with or without the weights at it, or one letter, renamed wherever it stands."""
    for unit in sorted({var.owner for var in e.here.values() if isinstance(var.owner, Unit)}, key=str):
        for other in e.spec.vocabulary.units(int(str(unit.layer))):
            for with_weights in (False, True):
                new = e.moved(e.form, unit, other, with_weights=with_weights) if other != unit else None
                if new is not None:
                    start, end = e.printer.patch(e.form, new)[0]
                    was = e.printer.math[start:end]
                    yield Edit("", e.form, new, was, said={"right": Var("out", other), "moved": (unit, other)})
    for letter in e.letters:
        for instead in e.letters:
            if instead != letter and (found := with_letter(e, letter, instead)) is not e.form:
                yield Edit("", e.form, found, letter, instead)


def with_letter(e: Editing, letter: str, other: str) -> Written:
    new = e.form
    for name in e.names:
        found, shown = name, e.text(name)
        for script, which in scripts(name):
            for at, token in enumerate(script.tokens):
                if letter in token.text and token.kind == "name" and len(token.text) <= 2:
                    current = found.sub if which < 0 else found.sups[which]
                    assert current is not None
                    found, shown = changed(found, shown, current, which, at, token.text.replace(letter, other))
        if found is not name:
            e.printer.known(found, shown)
            new = exchanged(new, name, found)
    return new


def others(e: Editing) -> Edits:
    """A quantity of another kind for a name: the input for the output, a weight for a delta."""
    for name in e.names:
        var, quantity = e.here.get(name), e.lexicon.quantity(name)
        for one in e.lexicon.every:
            is_same = one.var == var if var is not None else one.text == e.text(name)
            if not is_same and usable(e, one) and (quantity is None or one.quantity.kind != quantity.kind or var is None):
                new = e.name(one, name, e.lexicon.bare(name)[1])
                yield Edit("", name, new, name, new, {"right": one.var} if one.var is not None else {})


def usable(e: Editing, one: Spelled) -> bool:
    """May this name be what belongs in the form: no error, none of an updated weight, and not what the left side is?"""
    return one.quantity.kind not in {"error_total", "error", "error_sample"} and not one.quantity.step and one.text not in heads(e)


def heads(e: Editing) -> set[str]:
    return {e.printer.math[n.span[0] : n.span[1]] for n in names(e.link.head)} if not e.link.is_carried else set()


# -- signs ---------------------------------------------------------------------------------------------------------------


def signs(e: Editing) -> Edits:
    """A minus put in or taken out, a term's sign turned, t - o for o - t."""
    known = {value_of(w.Number(text[1:], 0, HERE)) for text in e.numbers if text.startswith("-")}
    for node in e.parts:
        if isinstance(node, w.Number) and not node.is_whole:
            new = w.Negative(node, node.span)
            shown = new if node.span[0] == e.form.span[0] else w.Bracket(new, node.span)
            e.printer.known(shown, e.printer.written(new) if shown is new else f"({e.printer.written(new)})")
            text = e.text(node)
            yield Edit("", node, shown, node, f"-{text}", {"term": text}, cost=0 if value_of(node) in known else 1)
        if isinstance(node, w.Negative):
            yield Edit("", node, node.of, node, node.of, {} if node is e.form else {"term": e.text(node.of)})
        if isinstance(node, w.Sum):
            for at, term in enumerate(node.terms):
                turned_over = replace(node, minus=tuple(m ^ (k == at) for k, m in enumerate(node.minus)))
                yield Edit("", node, turned_over, node, turned_over, {"term": e.text(term)})
    if not isinstance(e.form, w.Negative):
        yield Edit("", e.form, w.Negative(e.form, e.form.span))
    for node in e.parts:
        if isinstance(node, w.Sum) and len(node.terms) == 2:
            flipped = replace(node, minus=tuple(not m for m in node.minus))
            yield Edit("", node, flipped, node, flipped, cost=1)
        if isinstance(node, w.Call) and node.name.base in {"exp", "e"} and len(node.args) == 1:
            yield Edit("", node.args[0], w.Negative(node.args[0], node.args[0].span), node.args[0])
        if isinstance(node, w.Power) and not isinstance(node.exponent, w.Number | w.Negative):
            yield Edit("", node.exponent, w.Negative(node.exponent, node.exponent.span), node.exponent)


# -- factors -------------------------------------------------------------------------------------------------------------


def places(e: Editing) -> Iterator[Written]:
    """Where a factor may be missing: the whole behind its minus, a term, the top or bottom of a fraction, what a sum is over."""
    whole = e.form
    while isinstance(whole, w.Negative) or (isinstance(whole, w.Bracket) and whole is not e.form):
        whole = whole.of
    yield whole
    for part in e.parts:
        if isinstance(part, w.Sum):
            yield from part.terms
        elif isinstance(part, w.Quotient):
            yield from (part.top, part.bottom)
        elif isinstance(part, w.BigSum) and part is not e.form:
            yield part.body


def put_in(e: Editing, factor: Written, cost: int = 0, **said: object) -> Edits:
    """A factor put into each place."""
    is_large = any(e.lexicon.is_matrix(name) for name in names(factor))
    for at, place in enumerate(places(e)):
        yield Edit("", place, times(place, factor), None, factor, said, cost=cost + bool(at))
        if is_large and not isinstance(place, w.Number):
            yield Edit("", place, times(place, factor, "odot"), None, factor, said, cost=cost + bool(at))
            turned_over = w.Transposed(factor, HERE)
            for one in (factor, turned_over):
                yield Edit("", place, w.Product((one, place), ("",), place.span), None, one, said, cost=cost + bool(at))
            yield Edit("", place, times(place, turned_over), None, turned_over, said, cost=cost + bool(at))


def activation_factors(e: Editing) -> Edits:
    for slope, unit in slopes(e):
        yield from put_in(e, slope, unit=unit)


def name_factors(e: Editing) -> Edits:
    """Any name of the person's; 1 - out; what the weight leads from; in a batch, 1/m."""
    for one in e.lexicon.every:
        if usable(e, one):
            yield from put_in(e, e.name(one, e.form))
    here = [(name, e.text(name)) for name in e.names]
    for name, text in here + [(one.name, one.text) for one in e.lexicon.every if one.var is None and e.letters]:
        for script, which in scripts(name):
            for new, shown in other_tokens(e, name, text, script, which):
                e.printer.known(new, shown)
                yield from put_in(e, new, cost=1)
    for unit in e.units:
        if (out := e.lexicon.out_of(unit)) is not None:
            yield from put_in(e, one_less(e.name(out, e.form)))
    owner = e.subject.owner if e.subject is not None and e.subject.kind == "weight" else None
    source = e.lexicon.out_of(owner.source, e.medium) if isinstance(owner, Edge) else None
    if source is not None:
        yield from put_in(e, e.name(source, e.form))
    if e.is_batch:
        factor = mean(e)
        inner = w.Bracket(e.form, e.form.span) if isinstance(e.form, w.Sum) else e.form
        yield Edit("", e.form, w.Product((factor, inner), ("",), e.form.span), None, factor)


def mean(e: Editing) -> Written:
    """1/m."""
    m = Name("m", None, (), 0, False, HERE, HERE)
    e.printer.known(m, "m")
    return w.Quotient(w.Number("1", 0, HERE), m, HERE)


def borrowed_factors(e: Editing) -> Edits:
    """A factor of the rows around that is no name: (o - t), a derivative, a quotient; a factor that should stand twice."""
    for node in e.parts:
        if isinstance(node, w.Name | w.Bracket | w.Call) and not isinstance(unwrapped(node), w.Number):
            yield Edit("", node, squared(node), node, squared(node))
    for node, text in e.around:
        if isinstance(node, w.Bracket | w.Sum | w.Derivative | w.Quotient | w.Power | w.Call):
            yield from put_in(e, e.borrowed(node, text))
    for place in places(e):
        if isinstance(place, w.Quotient):
            yield Edit("", place.bottom, times(place.bottom, place.top), None, place.top)


def twice(e: Editing) -> Edits:
    """A factor that stands twice."""
    for edit in surplus(e):
        if isinstance(edit.old, w.Product) and [e.text(factor) for factor in edit.old.factors].count(str(edit.was)) > 1:
            yield edit


def surplus(e: Editing) -> Edits:
    """A factor or two neighbours taken out, a power lowered, a divisor or a term left away."""
    for node in e.parts:
        if isinstance(node, w.Product):
            for count in (1, 2):
                for at in range(len(node.factors) - count + 1 if len(node.factors) > count else 0):
                    rest = (*node.factors[:at], *node.factors[at + count :])
                    marks = ("", *node.signs)
                    new = rest[0] if len(rest) == 1 else w.Product(rest, (*marks[:at], *marks[at + count :])[1:], node.span)
                    span = (node.factors[at].span[0], node.factors[at + count - 1].span[1])
                    yield Edit("", node, new, e.printer.math[slice(*span)], said={"out": span}, cost=count - 1)
        elif isinstance(node, w.Power) and isinstance(node.exponent, w.Number) and node.exponent.text == "2":
            yield Edit("", node, node.base, node)
        elif isinstance(node, w.Quotient) and not isinstance(node.bottom, w.Number):
            yield Edit("", node, node.top, node.bottom, cost=1)
        elif isinstance(node, w.Sum):
            for at in range(len(node.terms)):
                terms, minus = (*node.terms[:at], *node.terms[at + 1 :]), (*node.minus[:at], *node.minus[at + 1 :])
                alone = w.Negative(terms[0], node.span) if minus[0] else terms[0]
                new = alone if len(terms) == 1 else w.Sum(terms, minus, node.span)
                yield Edit("", node, new, node.terms[at], said={"out": node.terms[at].span}, cost=1)


def twos(e: Editing) -> Edits:
    """A factor of 2 or of a half, put in, taken out or turned."""
    for node in e.parts:
        if isinstance(node, w.Product):
            for at, factor in enumerate(node.factors):
                if is_two(factor):
                    rest = (*node.factors[:at], *node.factors[at + 1 :])
                    new = (
                        rest[0]
                        if len(rest) == 1
                        else w.Product(rest, node.signs[1:] if not at else (*node.signs[: at - 1], *node.signs[at:]), node.span)
                    )
                    yield Edit("", node, new, factor, said={"out": factor.span})
        if isinstance(node, w.Quotient) and isinstance(node.bottom, w.Number) and node.bottom.text == "2" and not is_two(node):
            yield Edit("", node, node.top, node)
        if isinstance(node, w.Quotient) and isinstance(node.top, w.Number) and node.top.text == "1" and not is_two(node):
            new = replace(node, top=w.Number("2", 0, node.top.span))
            yield Edit("", node, new, node, new)
        if isinstance(node, w.Number) and node.text in {"2", "0.5", "4"}:
            for text in "124":
                yield Edit("", node, w.Number(text, 0, node.span), node, text, cost=1)
    inner = e.form
    while isinstance(inner, w.Negative):
        inner = inner.of
    two = w.Number("2", 0, HERE)
    for factor in (two, w.Quotient(w.Number("1", 0, HERE), two, HERE)):
        yield Edit("", inner, w.Product((factor, inner), ("",), inner.span), inner, cost=1)


def is_two(node: Written) -> bool:
    """2, 0.5, or a half of any spelling."""
    node = unwrapped(node)
    if isinstance(node, w.Quotient) and isinstance(node.top, w.Number) and isinstance(node.bottom, w.Number):
        return (node.top.text, node.bottom.text) in {("1", "2"), ("2", "1")}
    return isinstance(node, w.Number) and node.text in {"2", "0.5"}


# -- derivatives of activations and errors -------------------------------------------------------------------------------


def foreign_slopes(e: Editing) -> Edits:
    """The derivative of another activation, or what is of a unit alone where its derivative belongs."""
    for node in e.parts:
        for new in mistaken(node):
            yield Edit("", node, new, node, new)
    for node, run in runs(e):
        unit = mentioned(e, run)
        one = e.lexicon.out_of(unit, e.medium) if unit is not None else None
        if unit is None or one is None:
            continue
        slope = of_unit(e, unit, e.name(one, e.form), e.spelled(Var("net", unit, 1), e.form))
        new = replaced_run(node, run, slope)
        said = {"unit": unit, "activation": e.spec.activation(unit).name}
        yield Edit("", node, new, run_text(e, run), slope, said, cost=len(run) - 1)
    for node in e.parts:
        if isinstance(node, w.Product) and len(node.factors) > 1:
            for slope, unit in slopes(e):
                if unit is None:
                    for factor in (f for f in node.factors if not isinstance(unwrapped(f), w.Number)):
                        yield Edit("", factor, w.Bracket(slope, factor.span), factor, slope, cost=1)


def runs(e: Editing) -> Iterator[tuple[Written, Sequence[Written]]]:
    """One factor of a product, or two neighbours; or a whole part."""
    for node in e.parts:
        if isinstance(node, w.Product):
            for count in (1, 2):
                for at in range(len(node.factors) - count + 1):
                    yield node, node.factors[at : at + count]
        if node is e.form or isinstance(node, w.Bracket | w.Sum | w.Power):
            yield node, (node,)


def replaced_run(node: Written, run: Sequence[Written], new: Written) -> Written:
    if not isinstance(node, w.Product) or run[0] is node:
        return new
    at = next(k for k, f in enumerate(node.factors) if f is run[0])
    factors = (*node.factors[:at], new, *node.factors[at + len(run) :])
    marks = ("", *node.signs)
    return new if len(factors) == 1 else w.Product(factors, (*marks[: at + 1], *marks[at + len(run) :])[1:], node.span)


def run_text(e: Editing, run: Sequence[Written]) -> str:
    return e.printer.math[run[0].span[0] : run[-1].span[1]]


def mentioned(e: Editing, run: Sequence[Written]) -> Unit | None:
    """The one unit whose output or net input is all that a run of factors is made of."""
    found = {e.here.get(name) for part in run for name in names(part)}
    kinds = {var.kind for var in found if var is not None}
    owners = {var.owner for var in found if var is not None}
    owner = next(iter(owners)) if len(owners) == 1 and None not in found and kinds <= {"out", "net"} else None
    return owner if isinstance(owner, Unit) else None


def functions(e: Editing) -> Edits:
    """Another function in a call, or another of its derivatives."""
    known = [*called(e), *(of_network(e))]
    for node in e.parts:
        if not isinstance(node, w.Call) or node.name.base in {"exp", "log", "ln", "max", "diag"} or len(node.args) != 1:
            continue
        for name, text in known if not node.name.base.startswith("np.") else ():
            if (name.base, name.primes) != (node.name.base, node.name.primes):
                made = replace(node.name, base=name.base, primes=name.primes)
                e.printer.known(made, text)
                yield Edit("", node, replace(node, name=made), e.text(node.name), text)
        for slope, _ in slopes(e) if node.name.primes else ():
            yield Edit("", node, slope, node, slope, cost=2)


def called(e: Editing) -> Iterator[tuple[Name, str]]:
    """The functions that the work calls, as it writes them."""
    for line in e.lexicon.lines:
        for part in (part for link in line.links for part in w.parts(link.right)):
            if isinstance(part, w.Call) and part.name.base not in {"exp", "log", "ln"}:
                yield part.name, line.row.math[part.name.span[0] : part.name.span[1]]


def of_network(e: Editing) -> Iterator[tuple[Name, str]]:
    """Those of the network, and their derivatives."""
    rows = [ACTIVATIONS["sigmoid"], *(e.spec.activations)]
    for row in dict.fromkeys(row.function.symbol for row in rows):
        for primes in (0, 1):
            text = LatexWriter._symbol(row) if e.medium == "latex" else row
            yield Name(row, None, (), primes, False, HERE, HERE), text + "'" * primes


def losses(e: Editing) -> Edits:
    """The derivative of another error: o - t for (o - t)/(o (1 - o)), and back."""
    pairs: list[tuple[Spelled, Spelled]] = []
    for unit in e.spec.vocabulary.outputs:
        out, target = e.lexicon.out_of(unit), e.lexicon.spelled(Var("target", unit, 1))
        if out is not None and target is not None:
            pairs.append((out, target))
    pairs += [(a, t) for a in e.lexicon.general("out") for t in e.lexicon.general("target")]
    cost = 0 if e.subject is not None and e.subject.kind == "out" else 2
    for out, target in pairs:
        o, t = e.name(out, e.form), e.name(target, e.form)
        gap: Written = w.Sum((o, t), (False, True), HERE)
        over = w.Quotient(gap, w.Product((o, one_less(o)), ("",), HERE), HERE)
        forms: list[Written] = [over, gap, w.Negative(w.Quotient(t, o, HERE), HERE), w.Product((w.Number("2", 0, HERE), gap), ("",), HERE)]
        for node in e.parts:
            if isinstance(node, w.Sum | w.Bracket | w.Quotient | w.Negative) and {e.text(n) for n in names(node)} <= {
                out.text,
                target.text,
            }:
                for new in forms:
                    yield Edit("", node, new, node, new, cost=cost)


# -- sums ----------------------------------------------------------------------------------------------------------------


def paths(e: Editing) -> Edits:
    """The paths that are missing, in the person's own factors."""
    for node in e.parts:
        if isinstance(node, w.Product | w.Derivative | Name):
            yield from other_paths(e, node)
        if isinstance(node, w.Sum):
            yield from more_terms(e, node)
    yield from further_paths(e)


def other_paths(e: Editing, node: Written) -> Edits:
    """(A B + A' B') C for A B C, where A and B are of a unit with siblings."""
    factors = node.factors if isinstance(node, w.Product) else (node,)
    for unit in {v.owner: 0 for n in names(node) if (v := e.here.get(n)) and isinstance(v.owner, Unit) and v.owner.layer}:
        assert isinstance(unit, Unit)
        siblings = [u for u in e.spec.vocabulary.units(int(str(unit.layer))) if u != unit]
        run = [k for k, f in enumerate(factors) if is_of(e, f, unit)]
        for chosen in dict.fromkeys((tuple(run), tuple(range(len(factors))))) if siblings else ():
            body = product([factors[k] for k in chosen], node.span)
            terms = [body, *(e.moved(body, unit, other, with_weights=True) or body for other in siblings)]
            total = w.Sum(tuple(terms), (False,) * len(terms), node.span)
            rest = [f for k, f in enumerate(factors) if k not in chosen]
            new = product([w.Bracket(total, node.span), *rest], node.span) if rest else total
            is_only = not any(var.owner in siblings for var in e.here.values())
            said = {"unit": reaching(e), "units": (unit, *siblings), "taken": (unit,) if is_only else ()}
            yield Edit("", node, new, body, said=said)


def is_of(e: Editing, node: Written, unit: Unit) -> bool:
    """Is a name here of the unit, or of a weight at it?"""
    owners = [e.here[name].owner for name in names(node) if name in e.here]
    return any(owner == unit or (isinstance(owner, Edge) and unit in {owner.source, owner.target}) for owner in owners)


def reaching(e: Editing) -> Unit | None:
    """The unit whose way to the error is summed up: that which the left side is about."""
    owner = e.subject.owner if e.subject is not None else None
    return owner.target if isinstance(owner, Edge) else owner if isinstance(owner, Unit) else None


def more_terms(e: Editing, node: w.Sum) -> Edits:
    """A term for a unit that the sum has left out."""
    for term, minus in zip(node.terms, node.minus, strict=True):
        for var in [e.here[name] for name in names(term) if name in e.here]:
            if not isinstance(var.owner, Unit):
                continue
            layer = e.spec.vocabulary.units(int(str(var.owner.layer)))
            for other in layer:
                found = e.moved(term, var.owner, other, with_weights=True) if other != var.owner else None
                if found is not None:
                    taken = tuple(u for u in layer if any(e.here[n].owner == u for t in node.terms for n in names(t) if n in e.here))
                    said = {"units": tuple(sorted({*taken, other}, key=str)), "taken": taken, "unit": reaching(e)}
                    yield Edit("", node, added(node, found, minus=minus), said=said)


def further_paths(e: Editing) -> Edits:
    """A term for a unit that is fed, in whichever layer, and that the form has left out."""
    unit = reaching(e)
    for weight, net in e.spec.vocabulary.fed(e.spec.vocabulary.out(unit)) if unit is not None else ():
        delta, own = e.spelled(Var("delta", net.owner, net.sample, net.time), e.form, anyhow=True), e.spelled(weight, e.form, anyhow=True)
        if delta is not None and own is not None:
            term = product((delta, own), HERE)
            for node in e.parts:
                if isinstance(node, w.Product | Name | w.Sum):
                    yield Edit("", node, added(node, term), said={"unit": unit, "added": e.printer.written(term)})


def over_indices(e: Editing) -> Edits:
    """A sum over an index, over samples, or over rows or columns."""
    for letter in e.letters:
        low = w.Script((w.Token("name", letter, 0, 0),), e.form.span)
        yield Edit("", e.form, w.BigSum("Σ", low, None, e.form, e.form.span), e.form)
        for node in e.parts:
            if isinstance(node, w.Product) and len(node.factors) > 1:
                inside = [f for f in node.factors if any(n.sub and letter in n.sub.text for n in names(f))]
                if inside and len(inside) < len(node.factors):
                    rest = [f for f in node.factors if all(f is not g for g in inside)]
                    total = w.BigSum("Σ", low, None, product(inside, node.span), node.span)
                    yield Edit("", node, product([*rest, total], node.span), node)
    for node in e.parts:
        if isinstance(node, w.BigSum):
            yield Edit("", node, node.body, node)
        if isinstance(node, Name) or node is e.form:
            for axis in ("1", "0"):
                name = Name("np.sum", None, (), 0, False, node.span, node.span)
                summed = w.Call(name, (node,), (("axis", axis),), node.span)
                if e.medium == "latex" and (text := e.text(node)).endswith("}") and "^{" in text and isinstance(node, Name):
                    e.printer.known(summed, rf"\sum_{{i=1}}^{{m}} {text[:-1]}(i)}}")
                yield Edit("", node, summed, node)
                if e.is_batch:
                    yield Edit("", node, w.Product((mean(e), summed), ("",), node.span), node)


def terms(e: Editing) -> Edits:
    """A term put in: a name, a number, a product that stands elsewhere."""
    plain = [(n, t) for n, t in e.around if isinstance(n, Name | w.Product | w.Power | w.Call | w.Number)]
    found = [e.borrowed(node, text) for node, text in plain if len(text) < 60]
    found += [e.name(one, e.form) for one in e.lexicon.every if one.quantity.kind in {"target", "out", "bias", "input"}]
    for node in e.parts:
        if isinstance(unwrapped(node), w.Number | w.Quotient) or isinstance(node, w.Bracket):
            continue
        one = w.Number("1", 0, HERE)
        for new in (added(node, one), added(one, node, minus=True)):
            yield Edit("", node, new, None, new)
        for term in found:
            if not stands_in(e, node, term):
                for new in (added(node, term), added(node, term, minus=True), added(term, node, minus=True)):
                    yield Edit("", node, new, None, term)


def stands_in(e: Editing, node: Written, term: Written) -> bool:
    """Is the term written in the sum already? To add it again, or with its sign turned, repairs nothing."""
    text = "".join(e.printer.texts[id(term)][1].split())
    inside = node.terms if isinstance(node, w.Sum) else (node,)
    return any("".join(e.text(t).split()).strip("()") == text.strip("()") for t in inside if id(t) in e.printer.own)


# -- matrices ------------------------------------------------------------------------------------------------------------


def transposes(e: Editing) -> Edits:
    """A transposition put in or taken out; factors in another order; both; entry by entry for a product of matrices."""
    if not any(map(e.lexicon.is_matrix, e.names)) and not any(isinstance(part, w.Matrix) for part in e.parts):
        return
    for node in e.parts:
        if isinstance(node, w.Transposed | w.Bracket) or (isinstance(node, Name) and e.lexicon.is_matrix(node)):
            for new in turned(e, node):
                yield Edit("", node, new, node, new)
    for node in e.parts:
        if isinstance(node, w.Product) and 2 <= len(node.factors) <= 4:
            for at, sign in enumerate(node.signs):
                new = replace(node, signs=(*node.signs[:at], "" if sign == "odot" else "odot", *node.signs[at + 1 :]))
                yield Edit("", node, new, node, new)
            options = [(factor, *turned(e, factor)) for factor in node.factors]
            for order in permutations(range(len(node.factors))):
                for mask in range(1 << len(order)):
                    kept = [options[k][(mask >> k) & 1] for k in order if (mask >> k) & 1 < len(options[k])]
                    if len(kept) == len(order) and (mask or order != tuple(range(len(order)))):
                        new = w.Product(tuple(kept), node.signs, node.span)
                        yield Edit("", node, new, node, new, cost=1 + mask.bit_count() // 2)


def turned(e: Editing, node: Written) -> Iterator[Written]:
    """A factor transposed, if it can be."""
    if isinstance(node, w.Transposed):
        inner = unwrapped(node.of)
        yield inner if isinstance(inner, Name | w.Matrix) else node.of
    elif isinstance(node, Name) and any(s.text in TURNS for s in node.sups):
        kept = tuple(s for s in node.sups if s.text not in TURNS)
        gone, text, start = next(s for s in node.sups if s.text in TURNS), e.text(node), node.span[0]
        new = replace(node, sups=kept)
        e.printer.known(new, text[: gone.span[0] - start].rstrip("^{") + text[gone.span[1] - start :].lstrip("}"))
        yield new
    elif not isinstance(node, w.Number | w.Quotient):
        yield w.Transposed(node, node.span)


TURNS: Final = frozenset({"T", "⊤"})


# -- numbers -------------------------------------------------------------------------------------------------------------


def constants(e: Editing) -> Edits:
    """A literal replaced by a value of the form that numbers were put into, or of the network, or the person's: the most alike first."""
    every = literals(e.form)
    for found in every:
        if found.is_whole and len(found.text) == 1:
            for text in "0123":
                yield Edit("", found, w.Number(text, 0, found.span), found, text, cost=1)
    named = [text for node, text in e.model if isinstance(node, Name)]
    aligned = dict(zip(map(id, every), named, strict=True)) if len(named) == len(every) else {}
    texts = dict.fromkeys(text for text in (*(text for _, text in e.model), *e.numbers) if is_plain(text))
    chosen = every if e.spec.is_numeric or e.model else [n for n in every if not n.is_whole or len(n.text) > 1]
    pairs = [(abs(float(text) - float(literal.text)), literal, text) for literal in chosen for text in texts]
    for off, literal, text in sorted(pairs, key=lambda pair: pair[0]):
        if off:
            new = number(text, literal.span)
            shown = w.Bracket(new, literal.span) if text.startswith("-") and literal is not e.form else new
            is_same = literal is e.form or aligned.get(id(literal)) == text
            cost = 0 if is_same else 1 + unlike(text, literal.text) + 3 * is_short(e)
            yield Edit("", literal, shown, literal, e.printer.decimal(text), cost=cost)


def is_plain(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def unlike(text: str, printed: str) -> int:
    """How little a number looks like what was printed: another order of its digits looks most like it, then one digit off."""
    a, b = text.lstrip("-").rstrip("0"), printed.rstrip("0")
    off = sum(x != y for x, y in zip(a.ljust(len(b)), b.ljust(len(a)), strict=True))
    return int(text.startswith("-")) + (0 if sorted(a) == sorted(b) or off < 2 else 3)


def is_short(e: Editing) -> bool:
    """Are there fewer numbers than names that they were put in for?"""
    return 0 < len(literals(e.form)) < sum(isinstance(node, Name) for node, _ in e.model)


def model_factors(e: Editing) -> Edits:
    """A number put in as a factor: a value of the form that numbers were put into."""
    for text, cost in values(e):
        yield from put_in(e, number(text, HERE), cost=cost)


def model_terms(e: Editing) -> Edits:
    """The value of a term of that form."""
    for text, cost in values(e):
        for place in e.parts:
            if isinstance(place, w.Sum | w.Product) or place is e.form:
                yield Edit("", place, added(place, number(text.lstrip("-"), HERE), minus=text.startswith("-")), None, text, cost=cost)


def values(e: Editing) -> Iterator[tuple[str, int]]:
    """The numbers that may have been put in: those of the form that they were put into, and others of the work."""
    if is_pure(e.form):
        yield from ((text, -5 if is_short(e) and isinstance(node, Name | w.Product) else 0) for node, text in e.model)
        yield from ((text, 2) for text in e.numbers)


# -- the table -----------------------------------------------------------------------------------------------------------

FEW: Final = 600
"""So many edits of each kind are tried."""
MISTAKES: Final = (
    Mistake("updated_weights_used", originals, 1),
    Mistake("net_vs_out", kinds, 1),
    Mistake("duplicated_factor", twice, 1),
    Mistake("wrong_index", joined, 1),
    Mistake("sign", signs, 1),
    Mistake("wrong_index", siblings, 2),
    Mistake("wrong_index", reindexed, 2),
    Mistake("factor_two", twos, 2),
    Mistake("wrong_constant", constants, 3),
    Mistake("wrong_loss_derivative", losses, 3),
    Mistake("missing_activation_derivative", activation_factors, 3),
    Mistake("transpose_order", transposes, 3),
    Mistake("duplicated_factor", surplus, 3),
    Mistake("wrong_activation_derivative", foreign_slopes, 3),
    Mistake("wrong_activation_derivative", functions, 3),
    Mistake("wrong_index", throughout, 5),
    Mistake("missing_sum", paths, 5),
    Mistake("missing_sum", over_indices, 5),
    Mistake("dropped_factor", name_factors, 5),
    Mistake("dropped_factor", model_factors, 5),
    Mistake("wrong_index", others, 6),
    Mistake("dropped_factor", borrowed_factors, 7),
    Mistake("missing_sum", model_terms, 8),
    Mistake("missing_sum", terms, 9),
)
"""In the order in which they are tried; what costs least is taken."""


NUMBERS: Final = tuple(row for row in MISTAKES if row.edits in {signs, twice, twos, constants, surplus, model_factors, model_terms})
"""What may be wrong with a form of numbers alone."""


def parameters(e: Editing) -> Edits:
    """A bias for a weight, and back."""
    for name, var in e.here.items():
        if var.kind in {"weight", "bias"}:
            for other in e.spec.vocabulary.parameters():
                if other.kind != var.kind:
                    yield from renaming(e, "", name, other)


LEFT: Final = (
    Mistake("wrong_lhs", siblings, 2),
    Mistake("wrong_lhs", parameters, 2),
    Mistake("net_vs_out", kinds, 3),
    Mistake("transpose_order", transposes, 3),
    Mistake("wrong_lhs", reindexed, 3),
    Mistake("wrong_lhs", functions, 4),
)
"""What may be wrong with a left side."""
