"""Batch and layer normalisation: the same steps, with mean and variance over the samples or over the features.

Batch normalisation: Ioffe and Szegedy (2015), arXiv:1502.03167; layer normalisation: Ba, Kiros and Hinton (2016), arXiv:1607.06450.
The variance is the biased one, and sigma = sqrt(v + epsilon).
"""

from __future__ import annotations

from dataclasses import dataclass

from symbp.derivation.batch import BatchLayer, Shape, Symbol, explained, grad, hadamard, matmul, over, sections, transpose, upstream
from symbp.derivation.steps import Display, Link, Say, Step, link
from symbp.language.form import ONE, TWO, Form, Index, Node, Var, add, frac, neg, partial, power, sub, times, total
from symbp.language.matrices import entry, ones, sum_over, whole
from symbp.network.forward import ERROR

N, M, L, J = (Index(name) for name in "nmlj")
XHAT, SIGMA, GAMMA, BETA, G = (whole(symbol) for symbol in ("xhat", "sigma", "gamma", "beta", "G"))
X_NJ, XHAT_NJ, Y_NJ, G_NJ = (entry(symbol, N, J) for symbol in ("X", "xhat", "Y", "G"))


@dataclass(frozen=True)
class _Over:
    """Mean and variance are taken over `size` entries that differ in the index `own`; there is one for each `stat`.

    `other` is a second index for `own`, where that is taken.
    """

    name: str
    size: str
    stats: str
    own: Index
    other: Index
    stat: Index

    @property
    def count(self) -> Var:
        return whole(self.size)

    def at(self, symbol: str) -> Var:
        return entry(symbol, self.stat)

    def beside(self, symbol: str) -> Var:
        """The entry of a batch matrix at the second index."""
        return entry(symbol, *((self.other, J) if self.own == N else (N, self.other)))

    def spread(self, vector: Node) -> Form:
        """The vector repeated along the entries that share its mean."""
        return matmul(ones("N"), transpose(vector)) if self.own == N else matmul(vector, transpose(ones("D")))

    def gathered(self, matrix: Node) -> tuple[Node, ...]:
        """The factors of the vector of sums over the entries that share a mean."""
        return (transpose(matrix), ones("N")) if self.own == N else (matrix, ones("D"))

    def spread_sums(self, matrix: Node) -> Form:
        """The same sums, each in every place that it is a sum of."""
        return matmul(ones("N"), transpose(ones("N")), matrix) if self.own == N else matmul(matrix, ones("D"), transpose(ones("D")))


def _for_samples(vector: Node) -> Form:
    """A vector of features, repeated for each sample."""
    return matmul(ones("N"), transpose(vector))


def _forward(a: _Over) -> tuple[Step, ...]:
    mean, variance, sigma = a.at("mu"), a.at("v"), a.at("sigma")
    share = frac(ONE, a.count)
    return (
        explained(mean, link(times(share, sum_over(a.own, a.size, X_NJ)), "definition")),
        explained(variance, link(times(share, sum_over(a.own, a.size, power(sub(X_NJ, mean), TWO))), "definition")),
        explained(sigma, link(Form("sqrt", (add(variance, whole("epsilon")),)), "definition")),
        explained(XHAT_NJ, link(frac(sub(X_NJ, mean), sigma), "definition")),
        explained(Y_NJ, link(add(times(entry("gamma", J), XHAT_NJ), entry("beta", J)), "definition")),
    )


def _centred(a: _Over) -> Form:
    return sub(whole("X"), a.spread(whole("mu")))


def _forward_matrices(a: _Over) -> Display:
    share, centred = frac(ONE, a.count), _centred(a)
    shifted = add(whole("v"), matmul(whole("epsilon"), ones(a.stats)))
    return Display(
        (
            explained(whole("mu"), link(matmul(share, *a.gathered(whole("X"))), "by_components")),
            explained(whole("v"), link(matmul(share, *a.gathered(hadamard(centred, centred))), "by_components")),
            explained(SIGMA, link(Form("sqrt", (shifted,)), "by_components")),
            explained(XHAT, link(over(centred, a.spread(SIGMA)), "by_components")),
            explained(whole("Y"), link(add(hadamard(_for_samples(GAMMA), XHAT), _for_samples(BETA)), "by_components")),
        )
    )


# -- entry by entry ------------------------------------------------------------------------------------------------------


def _total(var: Var) -> Form:
    return total(ERROR, var)


def _through(of: Var, wrt: Var) -> Node:
    """dE/d of · d of / d wrt: one path of the chain rule."""
    return times(_total(of), partial(of, wrt))


def _affine() -> Display:
    beta, gamma = entry("beta", J), entry("gamma", J)
    return Display(
        (
            explained(
                _total(beta),
                link(sum_over(N, "N", _through(Y_NJ, beta)), "over_samples"),
                link(sum_over(N, "N", G_NJ), "factors_put_in"),
            ),
            explained(
                _total(gamma),
                link(sum_over(N, "N", _through(Y_NJ, gamma)), "over_samples"),
                link(sum_over(N, "N", times(G_NJ, XHAT_NJ)), "factors_put_in"),
            ),
            explained(_total(XHAT_NJ), link(_through(Y_NJ, XHAT_NJ), "same_place"), link(times(G_NJ, gamma), "factors_put_in")),
        )
    )


def _deviation(a: _Over) -> Display:
    """dE/dsigma, then dE/dv through sigma alone."""
    sigma, variance, x = a.at("sigma"), a.at("v"), sub(X_NJ, a.at("mu"))
    to_xhat = _total(XHAT_NJ)
    weighted = sum_over(a.own, a.size, times(to_xhat, XHAT_NJ))
    return Display(
        (
            explained(
                _total(sigma),
                link(sum_over(a.own, a.size, _through(XHAT_NJ, sigma)), "sum_over_shared"),
                link(sum_over(a.own, a.size, times(to_xhat, Form("neg", (frac(x, power(sigma, TWO)),)))), "factors_put_in"),
                link(times(neg(frac(ONE, sigma)), weighted), "normalised_again"),
            ),
            explained(
                _total(variance),
                link(_through(sigma, variance), "chain_rule"),
                link(times(_total(sigma), frac(ONE, times(TWO, sigma))), "factors_put_in"),
            ),
        )
    )


def _mean(a: _Over) -> Display:
    mean, variance, sigma = a.at("mu"), a.at("v"), a.at("sigma")
    sums = times(frac(ONE, sigma), sum_over(a.own, a.size, _total(XHAT_NJ)))
    deviations = sum_over(a.own, a.size, sub(X_NJ, mean))
    return Display(
        (
            explained(
                _total(mean),
                link(add(_through(variance, mean), sum_over(a.own, a.size, _through(XHAT_NJ, mean))), "mean_paths"),
                link(sub(times(neg(frac(TWO, a.count)), deviations, _total(variance)), sums), "factors_put_in"),
                link(times(neg(frac(ONE, sigma)), sum_over(a.own, a.size, _total(XHAT_NJ))), "deviations"),
            ),
        )
    )


def _input(a: _Over) -> Display:
    mean, variance, sigma = a.at("mu"), a.at("v"), a.at("sigma")
    beside, xhat = _total(a.beside("xhat")), a.beside("xhat")
    bracket = add(
        times(a.count, _total(XHAT_NJ)),
        neg(sum_over(a.other, a.size, beside)),
        neg(times(XHAT_NJ, sum_over(a.other, a.size, times(beside, xhat)))),
    )
    return Display(
        (
            explained(
                _total(X_NJ),
                link(add(*(_through(via, X_NJ) for via in (XHAT_NJ, variance, mean))), "three_paths"),
                link(
                    add(
                        times(frac(ONE, sigma), _total(XHAT_NJ)),
                        times(frac(TWO, a.count), sub(X_NJ, mean), _total(variance)),
                        times(frac(ONE, a.count), _total(mean)),
                    ),
                    "factors_put_in",
                ),
                link(times(frac(ONE, times(a.count, sigma)), bracket), "derivatives_put_in"),
            ),
        )
    )


# -- matrices ------------------------------------------------------------------------------------------------------------


def _matrices(a: _Over) -> Display:
    to_xhat, share = grad("xhat"), frac(ONE, a.count)
    weighted = hadamard(to_xhat, XHAT)
    return upstream(
        explained(grad("beta"), link(matmul(transpose(G), ones("N")), "by_components")),
        explained(grad("gamma"), link(matmul(transpose(hadamard(G, XHAT)), ones("N")), "by_components")),
        explained(to_xhat, link(hadamard(_for_samples(GAMMA), G), "by_components")),
        explained(grad("sigma"), link(over(_negative(a.gathered(weighted)), SIGMA), "by_components")),
        explained(grad("v"), link(over(grad("sigma"), matmul(TWO, SIGMA)), "by_components")),
        explained(grad("mu"), link(over(_negative(a.gathered(to_xhat)), SIGMA), "by_components")),
        explained(
            grad("X"),
            link(
                add(
                    over(to_xhat, a.spread(SIGMA)),
                    hadamard(_centred(a), matmul(frac(TWO, a.count), *a.spread(grad("v")).args)),
                    matmul(share, *a.spread(grad("mu")).args),
                ),
                "three_paths",
            ),
            link(over(_compact(a, to_xhat), matmul(a.count, *a.spread(SIGMA).args)), "derivatives_put_in"),
            *_gamma_taken_out(a),
        ),
    )


def _compact(a: _Over, of: Node) -> Node:
    """N A - (sums of A) - xhat ∘ (sums of A ∘ xhat): A less its part along ones and along xhat, N times."""
    return add(matmul(a.count, of), neg(a.spread_sums(of)), neg(hadamard(XHAT, a.spread_sums(hadamard(of, XHAT)))))


def _gamma_taken_out(a: _Over) -> tuple[Link, ...]:
    """Over the samples of a feature, its gamma is a common factor."""
    if a.own != N:
        return ()
    scale = matmul(frac(ONE, a.count), *a.spread(over(GAMMA, SIGMA)).args)
    return (link(hadamard(scale, _compact(a, G)), "gamma_taken_out"),)


def _negative(factors: tuple[Node, ...]) -> Form:
    first, *rest = factors
    return matmul(neg(first), *rest)


def _normalisation(a: _Over) -> BatchLayer:
    forward = _forward(a)
    return BatchLayer(
        a.name,
        (
            *(Symbol(name, "N", "D") for name in ("X", "xhat", "Y", "G")),
            *(Symbol(name, a.stats) for name in ("mu", "v", "sigma")),
            *(Symbol(name, "D") for name in ("gamma", "beta")),
            Symbol("epsilon"),
        ),
        {"n": "N", "m": "N", "j": "D", "l": "D"},
        forward,
        sections(
            a.name,
            (Display(forward), Say("layer_whole"), _forward_matrices(a)),
            (
                Say("layer_affine"),
                _affine(),
                Say("layer_deviation"),
                _deviation(a),
                Say("layer_mean"),
                _mean(a),
                Say("layer_three_paths"),
                _input(a),
            ),
            (_matrices(a),),
        ),
        SHAPES,
    )


SHAPES: tuple[Shape, ...] = tuple({"N": n, "D": d} for n, d in ((2, 3), (3, 2), (3, 3), (1, 2)))
BATCH_NORM = _normalisation(_Over("batch_norm", "N", "D", N, M, J))
LAYER_NORM = _normalisation(_Over("layer_norm", "D", "N", J, L, N))
