"""LAYERS: dense, softmax, log-softmax, dropout, batch and layer normalisation on a whole batch, forward and backward.

G = dE/dY is given; every other derivative of E follows from it, first entry by entry, then in matrices. Written with samples as rows.
"""

from __future__ import annotations

from symbp.derivation.batch import (
    SAMPLES,
    BatchLayer,
    Samples,
    Shape,
    Symbol,
    chain_over,
    explained,
    grad,
    hadamard,
    matmul,
    over,
    sections,
    transpose,
    upstream,
)
from symbp.derivation.normalisation import BATCH_NORM, LAYER_NORM
from symbp.derivation.steps import Display, Say, link
from symbp.errors import SymbpError, nearest
from symbp.language.form import (
    ONE,
    TWO,
    Form,
    Function,
    Index,
    Node,
    add,
    apply,
    exp,
    frac,
    partial,
    power,
    sub,
    times,
    total,
)
from symbp.language.matrices import entry, kronecker, ones, sum_over, whole
from symbp.network.forward import ERROR

N, L, J, K = (Index(name) for name in "nljk")
_BATCH = (Symbol("X", "N", "D"), Symbol("Y", "N", "D"), Symbol("G", "N", "D"))
_SHAPES: tuple[Shape, ...] = tuple({"N": n, "D": d} for n, d in ((2, 3), (3, 2), (3, 3), (1, 2), (2, 1)))
_DENSE_SHAPES: tuple[Shape, ...] = tuple({"N": n, "D": d, "K": k} for n, d, k in ((2, 3, 2), (3, 2, 3), (3, 3, 3), (1, 2, 1), (2, 1, 3)))


# -- dense ---------------------------------------------------------------------------------------------------------------


def _dense() -> BatchLayer:
    x, w, b, g, y = entry("X", N, J), entry("W", K, J), entry("b", K), entry("G", N, K), entry("Y", N, K)
    forward = explained(y, link(add(entry("b", K), sum_over(J, "D", times(x, w))), "definition"))
    local = Display(tuple(explained(partial(y, wrt), link(value, "only_factor")) for wrt, value in ((x, w), (w, x), (b, ONE))))
    entries = Display(
        (
            explained(
                total(ERROR, x), link(chain_over(K, "K", x, N, K), "over_outputs"), link(sum_over(K, "K", times(g, w)), "factors_put_in")
            ),
            explained(
                total(ERROR, w), link(chain_over(N, "N", w, N, K), "over_samples"), link(sum_over(N, "N", times(g, x)), "factors_put_in")
            ),
            explained(total(ERROR, b), link(chain_over(N, "N", b, N, K), "over_samples"), link(sum_over(N, "N", g), "factors_put_in")),
        )
    )
    whole_forward = explained(
        whole("Y"),
        link(add(matmul(whole("X"), transpose(whole("W"))), matmul(ones("N"), transpose(whole("b")))), "by_components"),
    )
    matrices = upstream(
        explained(grad("X"), link(matmul(whole("G"), whole("W")), "by_components")),
        explained(grad("W"), link(matmul(transpose(whole("G")), whole("X")), "by_components")),
        explained(grad("b"), link(matmul(transpose(whole("G")), ones("N")), "by_components")),
    )
    return BatchLayer(
        "dense",
        (Symbol("X", "N", "D"), Symbol("W", "K", "D"), Symbol("b", "K"), Symbol("Y", "N", "K"), Symbol("G", "N", "K")),
        {"n": "N", "j": "D", "k": "K"},
        (forward,),
        sections(
            "dense",
            (Display((forward,)), Say("layer_whole"), Display((whole_forward,))),
            (Say("layer_local"), local, Say("layer_dense_paths"), entries),
            (matrices,),
        ),
        _DENSE_SHAPES,
    )


# -- softmax, log-softmax ------------------------------------------------------------------------------------------------

_EXPS = apply(Function("exp", "exp"), whole("X"))
_SPREAD_SUMS = matmul(_EXPS, ones("D"), transpose(ones("D")))


def _row_sum(body: Node) -> Node:
    return sum_over(L, "D", body)


_EXP_SUM = _row_sum(exp(entry("X", N, L)))


def _softmax() -> BatchLayer:
    x, y, g = entry("X", N, J), entry("Y", N, K), entry("G", N, K)
    e_k, e_j, same = exp(entry("X", N, K)), exp(x), kronecker(K, J)
    y_j, g_j = entry("Y", N, J), entry("G", N, J)
    forward = explained(y, link(frac(e_k, _EXP_SUM), "definition"))
    local = explained(
        partial(y, x),
        link(frac(sub(times(same, _EXP_SUM, e_k), times(e_k, e_j)), power(_EXP_SUM, TWO)), "quotient_rule"),
        link(sub(times(same, y), times(y, y_j)), "recognise"),
        link(times(y, sub(same, y_j)), "factor_out"),
    )
    weighted = sum_over(K, "D", times(g, y))
    entries = explained(
        total(ERROR, x),
        link(chain_over(K, "D", x, N, K), "over_outputs"),
        link(sum_over(K, "D", times(g, y, sub(same, y_j))), "factors_put_in"),
        link(sub(times(g_j, y_j), times(y_j, weighted)), "kronecker"),
        link(times(y_j, sub(g_j, weighted)), "factor_out"),
    )
    y_whole, g_whole = whole("Y"), whole("G")
    rows_of_sums = matmul(hadamard(g_whole, y_whole), ones("D"), transpose(ones("D")))
    return BatchLayer(
        "softmax",
        _BATCH,
        {"n": "N", "j": "D", "k": "D", "l": "D"},
        (forward,),
        sections(
            "softmax",
            (Display((forward,)), Say("layer_whole"), Display((explained(y_whole, link(over(_EXPS, _SPREAD_SUMS), "by_components")),))),
            (Say("layer_kronecker"), Display((local,)), Say("layer_row_paths"), Display((entries,))),
            (upstream(explained(grad("X"), link(hadamard(y_whole, sub(g_whole, rows_of_sums)), "by_components"))),),
        ),
        _SHAPES,
    )


def _log_softmax() -> BatchLayer:
    x, y, g, s_j = entry("X", N, J), entry("Y", N, K), entry("G", N, K), entry("S", N, J)
    same, g_j = kronecker(K, J), entry("G", N, J)
    softmax = explained(entry("S", N, K), link(frac(exp(entry("X", N, K)), _EXP_SUM), "definition"))
    forward = explained(y, link(sub(entry("X", N, K), Form("log", (_EXP_SUM,))), "definition"))
    local = explained(partial(y, x), link(sub(same, frac(exp(x), _EXP_SUM)), "chain_rule"), link(sub(same, s_j), "definition_of_softmax"))
    entries = explained(
        total(ERROR, x),
        link(chain_over(K, "D", x, N, K), "over_outputs"),
        link(sum_over(K, "D", times(g, sub(same, s_j))), "factors_put_in"),
        link(sub(g_j, times(s_j, sum_over(K, "D", g))), "kronecker"),
    )
    logs = Form("log", (matmul(_EXPS, ones("D")),))
    whole_forward = (
        explained(whole("S"), link(over(_EXPS, _SPREAD_SUMS), "by_components")),
        explained(whole("Y"), link(sub(whole("X"), matmul(logs, transpose(ones("D")))), "by_components")),
    )
    sums = matmul(whole("G"), ones("D"), transpose(ones("D")))
    return BatchLayer(
        "log_softmax",
        (Symbol("X", "N", "D"), Symbol("S", "N", "D"), Symbol("Y", "N", "D"), Symbol("G", "N", "D")),
        {"n": "N", "j": "D", "k": "D", "l": "D"},
        (softmax, forward),
        sections(
            "log_softmax",
            (Display((softmax, forward)), Say("layer_whole"), Display(whole_forward)),
            (Say("layer_kronecker"), Display((local,)), Say("layer_row_paths"), Display((entries,))),
            (upstream(explained(grad("X"), link(sub(whole("G"), hadamard(whole("S"), sums)), "by_components"))),),
        ),
        _SHAPES,
    )


# -- dropout -------------------------------------------------------------------------------------------------------------


def _dropout() -> BatchLayer:
    x, y, m, g = (entry(symbol, N, J) for symbol in "XYMG")
    kept = sub(ONE, whole("p"))
    forward = explained(y, link(frac(times(m, x), kept), "definition"))
    entries = explained(
        total(ERROR, x),
        link(times(total(ERROR, y), partial(y, x)), "same_place"),
        link(times(g, frac(m, kept)), "factors_put_in"),
    )
    local = explained(partial(y, x), link(frac(m, kept), "only_factor"))
    scale = frac(ONE, kept)
    return BatchLayer(
        "dropout",
        (*_BATCH, Symbol("M", "N", "D"), Symbol("p")),
        {"n": "N", "j": "D"},
        (forward,),
        sections(
            "dropout",
            (
                Display((forward,)),
                Say("layer_whole"),
                Display((explained(whole("Y"), link(matmul(scale, hadamard(whole("M"), whole("X"))), "by_components")),)),
            ),
            (Say("layer_local"), Display((local,)), Say("layer_dropout_paths"), Display((entries,))),
            (upstream(explained(grad("X"), link(matmul(scale, hadamard(whole("M"), whole("G"))), "by_components"))),),
        ),
        _SHAPES,
    )


LAYERS: dict[str, BatchLayer] = {row.name: row for row in (_dense(), _softmax(), _log_softmax(), _dropout(), BATCH_NORM, LAYER_NORM)}


def layer_named(name: str) -> BatchLayer:
    """The row of LAYERS called `name`; an unknown name is an error that lists the known ones."""
    if name not in LAYERS:
        raise SymbpError(f"there is no layer {name!r}", hint=nearest(name, LAYERS))
    return LAYERS[name]


def samples_named(name: str) -> Samples:
    """The convention called `name`."""
    for known in SAMPLES:
        if name == known:
            return known
    raise SymbpError(f"samples as {name!r}", hint=nearest(name, SAMPLES))
