"""NetworkSpec → Program: net, out, the error of each output, and the total error E with its penalties."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from symbp.language.form import HALF, ONE, TWO, Form, Node, Unit, Var, add, dot, frac, neg, number, power, sub, times
from symbp.network.program import Program, bindings
from symbp.network.spec import NetworkSpec

ERROR = Var("error_total")
Pairs = Generator[tuple[Var, Node], None, None]


def net_form(spec: NetworkSpec, net: Var) -> Node:
    """net_j = sum over sources i of w_ji out_i, plus the bias."""
    assert isinstance(net.owner, Unit)
    terms = [times(weight, source) for weight, source in spec.vocabulary.sources(net)]
    bias = spec.vocabulary.bias(net.owner)
    return add(*terms, *([] if bias is None else [bias]))


def out_form(spec: NetworkSpec, net: Var) -> Node:
    """out = f(net); of a joint activation, f_k of the net inputs of the whole layer."""
    assert isinstance(net.owner, Unit)
    activation = spec.activation(net.owner)
    if activation.joint is None:
        return activation.out(net)
    return activation.joint(spec.group_nets(net), spec.group(net.owner).index(net.owner))


def forward(spec: NetworkSpec) -> Program:
    """The forward pass of every sample and time step; its last binding is E."""
    pairs: list[tuple[Var, Node]] = []
    for sample in spec.vocabulary.every_sample:
        for time in spec.vocabulary.every_time:
            for layer in range(1, spec.vocabulary.last + 1):
                nets = spec.vocabulary.layer_nets(layer, sample, time)
                if any(spec.activation(unit).joint for unit in spec.vocabulary.units(layer)):
                    pairs += [(net, net_form(spec, net)) for net in nets]
                    pairs += [(Var("out", net.owner, sample, time), out_form(spec, net)) for net in nets]
                else:
                    for net in nets:
                        pairs += [(net, net_form(spec, net)), (Var("out", net.owner, sample, time), out_form(spec, net))]
    pairs += _errors(spec)
    return Program(bindings(pairs), spec.delta_sign, dict(assumptions(spec)))


def assumptions(spec: NetworkSpec) -> Pairs:
    """Under softmax with cross-entropy, where the targets sum to 1, the last one is 1 less the others."""
    words = spec.vocabulary
    if not spec.collapses or not spec.sums_to_one:
        return
    for sample in words.every_sample:
        for time in words.error_times:
            *others, last = (Var("target", unit, sample, time) for unit in words.outputs)
            yield last, add(ONE, *map(neg, others))


def _errors(spec: NetworkSpec) -> Pairs:
    """The error of each output, then of each sample, then what is added to them, then E."""
    words = spec.vocabulary
    whole = yield from _whole(spec)
    if words.samples > 1 and spec.reduction == "mean":
        whole = times(frac(ONE, number(words.samples)), whole)
    if not spec.constants:
        yield ERROR, whole
        return
    yield Var("error_data"), whole
    yield from _penalties(spec)
    yield ERROR, add(Var("error_data"), *_penalty_terms(spec))


def _whole(spec: NetworkSpec) -> Generator[tuple[Var, Node], None, Node]:
    """The errors that E sums up, each bound on the way; their sum is returned."""
    words = spec.vocabulary
    found: list[Var] = []
    for sample in words.every_sample:
        terms = [term for time in words.error_times for term in _terms(spec, sample, time)]
        own = Var("error_sample", None, sample)
        if words.samples == 1 and [var for var, _ in terms] == [own]:
            return terms[0][1]
        yield from terms
        if words.samples > 1 and terms[0][0] != own:
            yield own, add(*(var for var, _ in terms))
        found += [var for var, _ in terms] if words.samples == 1 else [own]
    return add(*found)


def _terms(spec: NetworkSpec, sample: int, time: int | None) -> Pairs:
    """The error of each output at one sample and time step, or the one error of a joint loss."""
    outputs = spec.vocabulary.outputs
    targets = [Var("target", unit, sample, time) for unit in outputs]
    outs = [Var("out", unit, sample, time) for unit in outputs]
    if spec.loss.joint is not None:
        yield Var("error_sample", None, sample, time), spec.loss.joint(targets, outs)
        return
    for unit, target, out in zip(outputs, targets, outs, strict=True):
        yield Var("error", unit, sample, time), spec.loss.term(target, out, len(outputs))


# -- penalties -----------------------------------------------------------------------------------------------------


def _penalties(spec: NetworkSpec) -> Pairs:
    """S_2 = sum of w^2; S_1 = sum of |w|; rho_j, the mean activation of unit j over the samples, and KL(rho || rho_j)."""
    if Var("weight_decay") in spec.constants:
        yield Var("squares"), add(*(power(w, TWO) for w in spec.decayed))
    if Var("l1") in spec.constants:
        yield Var("magnitudes"), add(*(magnitude(w) for w in spec.decayed))
    if spec.has_sparsity:
        for unit in spec.vocabulary.hidden:
            outs = observed(spec, unit)
            mean = add(*outs) if len(outs) == 1 else times(frac(ONE, number(len(outs))), add(*outs))
            yield Var("mean_activation", unit), mean
            yield Var("divergence", unit), divergence(Var("rho"), Var("mean_activation", unit))


def observed(spec: NetworkSpec, unit: Unit) -> list[Var]:
    """Every out of `unit`: of all samples, and of the time steps at which it is computed."""
    words = spec.vocabulary
    return [Var("out", unit, sample, time) for sample in words.every_sample for time in words.every_time if words.is_there(unit, time)]


def magnitude(x: Node) -> Node:
    """|x|."""
    return Form("abs", (x,))


def divergence(rho: Node, mean: Node) -> Node:
    """KL(rho || m) = rho ln(rho / m) + (1 - rho) ln((1 - rho) / (1 - m)) (UFLDL, Autoencoders and Sparsity)."""
    other, rest = sub(ONE, rho), sub(ONE, mean)
    return add(times(rho, Form("log", (frac(rho, mean),))), times(other, Form("log", (frac(other, rest),))))


def _penalty_terms(spec: NetworkSpec) -> Iterator[Node]:
    if Var("weight_decay") in spec.constants:
        yield times(HALF, Var("weight_decay"), Var("squares"))
    if Var("l1") in spec.constants:
        yield times(Var("l1"), Var("magnitudes"))
    if spec.has_sparsity:
        parts = [Var("divergence", unit) for unit in spec.vocabulary.hidden]
        yield times(Var("beta"), add(*parts))


def penalty_slope(spec: NetworkSpec, parameter: Var) -> list[Node]:
    """What the penalties add to dE/dw: lambda w, and lambda_1 sign(w)."""
    if not spec.constants or parameter not in spec.decayed:
        return []
    found: list[Node] = [times(Var("weight_decay"), parameter)] if Var("weight_decay") in spec.constants else []
    if Var("l1") in spec.constants:
        found.append(times(Var("l1"), Form("sign", (parameter,))))
    return found


def sparsity_slope(spec: NetworkSpec, unit: Unit) -> Node:
    """d(beta KL(rho || m_j)) / d out_j = beta / N (-rho / m_j + (1 - rho) / (1 - m_j)), N counting samples and time steps."""
    mean, count = Var("mean_activation", unit), len(observed(spec, unit))
    slope = add(neg(frac(Var("rho"), mean)), frac(sub(ONE, Var("rho")), sub(ONE, mean)))
    return dot(Var("beta") if count == 1 else frac(Var("beta"), number(count)), slope)
