"""Random network files of every form, as text: graphs, recurrent networks, convolutions and batches, with and without penalties."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from hypothesis import strategies as st

NUMBERS = st.decimals("-1.4", "1.4", places=2).filter(bool).map(str)
ACTIVATION = st.sampled_from(["sigmoid", "tanh", "identity"])
FORMS = ("batch", "graph", "recurrent", "convolution")


@st.composite
def files(draw: st.DrawFn, form: str, *, numeric: bool = True, plain: bool = False) -> str:
    """A network file of one of FORMS; `plain` leaves out penalties, reduction, delta_sign and the rate."""
    has_sparsity = not plain and form != "recurrent" and draw(st.integers(0, 3)) == 0
    activation = st.just("sigmoid") if has_sparsity else ACTIVATION
    body, inputs, outputs, steps, error = BODIES[form](draw, activation, numeric)
    head = [] if plain else _head(draw)
    if has_sparsity and (len(re.findall(r'name = "h\d"', body)) > outputs or body.count("[[layers]]") > 1):
        head.append("sparsity = { rho = 0.1, beta = 0.5 }")
    samples = draw(st.integers(1, 3)) if numeric else 0
    return "\n".join([*head, body, *(_sample(draw, inputs, outputs, steps, error) for _ in range(samples))]) + "\n"


def _head(draw: st.DrawFn) -> list[str]:
    lines = [
        *("learning_rate = 0.5", "weight_decay = 0.25", "decay_biases = true", 'reduction = "mean"', "delta_sign = -1"),
        *('loss = "squared_error"', "train_bias = false", 'notation = "ufldl"', 'notation = "nielsen"'),
    ]
    chosen = [line for line in lines if draw(st.booleans())]
    return [line for line in chosen if not line.startswith("notation") or line == next(c for c in chosen if c.startswith("notation"))]


def _row(draw: st.DrawFn, size: int) -> str:
    return f"[{', '.join(draw(NUMBERS) for _ in range(size))}]"


def _matrix(draw: st.DrawFn, rows: int, columns: int) -> str:
    return f"[{', '.join(_row(draw, columns) for _ in range(rows))}]"


def _bias(draw: st.DrawFn, size: int) -> str:
    return draw(st.sampled_from(["", "bias = false\n", f"bias = {draw(NUMBERS)}\n", f"bias = {_row(draw, size)}\n"]))


def _sample(draw: st.DrawFn, inputs: int, outputs: int, steps: int, error: str) -> str:
    if not steps:
        return f"[[samples]]\ninputs = {_row(draw, inputs)}\ntargets = {_row(draw, outputs)}"
    targets = _row(draw, outputs) if error == "last" else _matrix(draw, steps, outputs)
    return f"[[samples]]\ninputs = {_matrix(draw, steps, inputs)}\ntargets = {targets}"


Body = tuple[str, int, int, int, str]


def _layer(draw: st.DrawFn, units: int, sources: int, activation: st.SearchStrategy[str], numeric: bool) -> str:
    weights = f"weights = {_matrix(draw, units, sources)}\n" if numeric else ""
    return f'[[layers]]\nunits = {units}\nactivation = "{draw(activation)}"\n{weights}{_bias(draw, units)}'


def _batch(draw: st.DrawFn, activation: st.SearchStrategy[str], numeric: bool) -> Body:
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    layers = "".join(_layer(draw, b, a, activation, numeric) for a, b in itertools.pairwise(sizes))
    return f"inputs = {sizes[0]}\n{layers}", sizes[0], sizes[-1], 0, ""


def _convolution(draw: st.DrawFn, activation: st.SearchStrategy[str], numeric: bool) -> Body:
    inputs = draw(st.integers(1, 4))
    layers, width = "", inputs
    for _ in range(draw(st.integers(1, 2))):
        size = draw(st.integers(1, width))
        kernel = _row(draw, size) if numeric else str(size)
        width += 1 - size
        layers += f'[[layers]]\nkernel = {kernel}\nactivation = "{draw(activation)}"\n{_bias(draw, width)}'
    if draw(st.booleans()):
        outputs = draw(st.integers(1, 2))
        layers += _layer(draw, outputs, width, activation, numeric)
        width = outputs
    return f"inputs = {inputs}\n{layers}", inputs, width, 0, ""


def _recurrent(draw: st.DrawFn, activation: st.SearchStrategy[str], numeric: bool) -> Body:
    inputs, units, outputs, steps = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 3))
    error = draw(st.sampled_from(["every", "last"]))
    body = f'inputs = {inputs}\n[recurrent]\nunits = {units}\nactivation = "{draw(activation)}"\nerror = "{error}"\n'
    if numeric:
        body += f"input_weights = {_matrix(draw, units, inputs)}\nrecurrent_weights = {_matrix(draw, units, units)}\n"
        body += draw(st.sampled_from(["", f"start = {_row(draw, units)}\n"]))
    else:
        body += f"length = {steps}\n"
    body += _bias(draw, units)
    width = units
    if draw(st.integers(0, 3)) == 0:
        body += _layer(draw, 2, width, activation, numeric)
        width = 2
    return body + _layer(draw, outputs, width, activation, numeric), inputs, outputs, steps, error


def _graph(draw: st.DrawFn, activation: st.SearchStrategy[str], numeric: bool) -> Body:
    inputs = draw(st.integers(1, 2))
    names = [f"h{n}" for n in range(1, draw(st.integers(1, 4)) + 1)]
    outputs = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    sources = [f"i{n}" for n in range(1, inputs + 1)]
    pool = [f"p{n}" for n in range(1, 9)]
    used: dict[str, None] = {}
    tables = []
    for name in names:
        chosen = draw(st.lists(st.sampled_from(sources), min_size=1, max_size=3, unique=True))
        parameters = [draw(st.sampled_from(pool)) for _ in chosen]
        bias = draw(st.sampled_from([None, None, *pool[5:]]))
        used |= dict.fromkeys([*parameters, *([bias] if bias else [])])
        arrows = ", ".join(f'{s} = "{p}"' for s, p in zip(chosen, parameters, strict=True))
        tables.append(_unit(name, draw(activation), arrows, bias))
        sources.append(name)
    order: Sequence[str] = draw(st.permutations(tables))
    listed = ", ".join(f'"{name}"' for name in outputs)
    body = f"inputs = [{', '.join(f'{chr(34)}i{n}{chr(34)}' for n in range(1, inputs + 1))}]\noutputs = [{listed}]\n" + "".join(order)
    if numeric:
        body += "[parameters]\n" + "".join(f"{p} = {draw(NUMBERS)}\n" for p in used)
    return body, inputs, len(outputs), 0, ""


def _unit(name: str, activation: str, arrows: str, bias: str | None) -> str:
    own = f'bias = "{bias}"\n' if bias else ""
    return f'[[units]]\nname = "{name}"\nactivation = "{activation}"\ninputs = {{ {arrows} }}\n{own}'


BODIES = {"batch": _batch, "graph": _graph, "recurrent": _recurrent, "convolution": _convolution}
