"""Checks the verdict of every judged row by numbers: own forward pass, complex step, no other program.
   python check.py          checks;  python check.py --write  writes expected.json too"""
import json, os, re, sys
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
H = 1e-30
sig = lambda z: 1 / (1 + np.exp(-z))
relu = lambda z: np.where(np.real(z) > 0, z, 0 * z)
softmax = lambda z: np.exp(z) / np.exp(z).sum()


def tools(F):
    """F(put) is the forward pass; put(name, value) stores a quantity.  -> values V, derivative D(y, x) of shape y.shape + x.shape"""
    def run(name=None, at=()):
        N = {}
        def put(n, v):
            v = np.array(v, dtype=complex)
            if n == name:
                v[at] += 1j * H
            N[n] = v
            return v
        F(put)
        return N
    base = run()
    V = {k: np.real(v) for k, v in base.items()}
    def D(y, x):
        out = np.zeros(base[y].shape + base[x].shape)
        for i in np.ndindex(*base[x].shape):
            out[(Ellipsis,) + i] = np.imag(run(x, i)[y]) / H
        return out
    return V, D


def pr(text, *candidates):
    """is the printed number a correct rounding of one of the candidates?"""
    t = str(text).replace(",", ".")
    d = len(t.split(".")[1]) if "." in t else 0
    return bool(any(abs(float(t) - float(c)) <= 0.5 * 10.0 ** -d + 1e-9 for c in candidates))


def same(chain):
    flags = [c for c in chain if isinstance(c, bool)]
    vals = [np.asarray(c, float) for c in chain if not isinstance(c, bool)]
    if not all(flags):
        return False
    return all(v.shape == vals[0].shape and np.allclose(v, vals[0], rtol=1e-9, atol=1e-12) for v in vals[1:])


RES = {}


def R(k, *chain, v="correct", code=None, codes=(), also=(), exp=None, fix=None, given=None, note=None):
    """k: the k-th judged row.  chain: the members of its equation, which are equal iff the row is right."""
    ok = same(chain)
    where = "row %d (line %d)" % (k, LINES[k - 1][0])
    if v == "correct":
        assert ok, where + " is not right: %r" % (chain,)
    elif v == "wrong":
        assert not ok, where + " is right"
        assert fix is not None and same(fix), where + " correction is not right %r" % (fix,)
    elif v == "follows":
        assert not ok, where + " is right in absolute terms"
        assert given is not None and same(given), where + " does not follow %r" % (given,)
    row = {"line": LINES[k - 1][0], "text": LINES[k - 1][1], "verdict": v}
    if code: row["code"] = code
    if codes: row["also_codes"] = list(codes)
    if also: row["also"] = list(also)
    if exp: row["expected"] = exp
    if note: row["note"] = note
    assert k not in RES or RES[k] == row
    RES[k] = row


def finish(draw, draws):
    for n in range(draws):
        draw(np.random.default_rng(100 + n))
    assert sorted(RES) == list(range(1, len(LINES) + 1)), "rows missing"
    work = [f for f in os.listdir(HERE) if f.startswith("work.")][0]
    lines = open(os.path.join(HERE, work), encoding="utf-8").read().split("\n")
    for n, t in LINES:
        assert lines[n - 1] == t, (n, t, lines[n - 1])
    out = dict(META, lines=[RES[k] for k in sorted(RES)])
    path = os.path.join(HERE, "expected.json")
    if "--write" in sys.argv:
        json.dump(out, open(path, "w", encoding="utf-8"), ensure_ascii=False, indent=1)
    assert json.load(open(path, encoding="utf-8")) == out
    print("%-28s %2d rows, %s" % (os.path.basename(HERE), len(LINES), ", ".join("%d %s" % (sum(r["verdict"] == q for r in RES.values()), q) for q in ("correct", "wrong", "follows", "undecidable") if any(r["verdict"] == q for r in RES.values()))))


META = {'model_of': 'MIT 6.036 lecture notes (Introduction to Machine Learning), chapter on neural networks: W transposed in the forward pass, W_0, dloss/dZ^l, star for the componentwise product', 'errors': 'outer product of the middle layer the wrong way round'}

LINES = [
    (3, '$$Z^1 = W^{1T} X + W_0^1, \\qquad A^1 = \\mathrm{ReLU}(Z^1)$$'),
    (5, '$$Z^2 = W^{2T} A^1 + W_0^2, \\qquad A^2 = \\tanh(Z^2)$$'),
    (7, '$$Z^3 = W^{3T} A^2 + W_0^3, \\qquad A^3 = Z^3$$'),
    (9, '$$\\mathrm{loss} = (A^3 - y)^2$$'),
    (13, '$$\\frac{\\partial \\mathrm{loss}}{\\partial Z^3} = \\frac{\\partial \\mathrm{loss}}{\\partial A^3} = 2 (A^3 - y)$$'),
    (15, '$$\\frac{\\partial \\mathrm{loss}}{\\partial W^3} = A^2 \\left( \\frac{\\partial \\mathrm{loss}}{\\partial Z^3} \\right)^T$$'),
    (17, '$$\\frac{\\partial \\mathrm{loss}}{\\partial W_0^3} = \\frac{\\partial \\mathrm{loss}}{\\partial Z^3}$$'),
    (21, '$$\\frac{\\partial \\mathrm{loss}}{\\partial A^2} = W^3 \\frac{\\partial \\mathrm{loss}}{\\partial Z^3}$$'),
    (23, '$$\\frac{\\partial \\mathrm{loss}}{\\partial Z^2} = (1 - A^2 * A^2) * \\frac{\\partial \\mathrm{loss}}{\\partial A^2}$$'),
    (25, '$$\\frac{\\partial \\mathrm{loss}}{\\partial W^2} = \\frac{\\partial \\mathrm{loss}}{\\partial Z^2} (A^1)^T$$'),
    (27, '$$\\frac{\\partial \\mathrm{loss}}{\\partial W_0^2} = \\frac{\\partial \\mathrm{loss}}{\\partial Z^2}$$'),
    (31, "$$\\frac{\\partial \\mathrm{loss}}{\\partial Z^1} = \\mathrm{ReLU}'(Z^1) * \\left( W^2 \\frac{\\partial \\mathrm{loss}}{\\partial Z^2} \\right)$$"),
    (33, '$$\\frac{\\partial \\mathrm{loss}}{\\partial W^1} = X \\left( \\frac{\\partial \\mathrm{loss}}{\\partial Z^1} \\right)^T$$'),
    (35, '$$\\frac{\\partial \\mathrm{loss}}{\\partial X} = W^1 \\frac{\\partial \\mathrm{loss}}{\\partial Z^1}$$'),
    (39, '$$W^l = W^l - \\eta \\frac{\\partial \\mathrm{loss}}{\\partial W^l}$$'),
]


def draw(rng):
    S = dict(W1=(3, 4), c1=(4, 1), W2=(4, 2), c2=(2, 1), W3=(2, 1), c3=(1, 1), X=(3, 1)); P = {k: rng.normal(size=s) for k, s in S.items()}; y = rng.normal()
    def F(put):
        W1, c1, W2, c2, W3, c3, X = (put(n, P[n]) for n in S)
        z1 = put("z1", W1.T @ X + c1); a1 = put("a1", relu(z1)); z2 = put("z2", W2.T @ a1 + c2); a2 = put("a2", np.tanh(z2)); z3 = put("z3", W3.T @ a2 + c3)
        a3 = put("a3", z3); put("L", ((a3 - y) ** 2).sum())
    V, D = tools(F); d = lambda n: D("L", n)
    R(1, V["a1"], np.maximum(P["W1"].T @ P["X"] + P["c1"], 0)); R(2, V["a2"], np.tanh(P["W2"].T @ V["a1"] + P["c2"])); R(3, V["z3"], P["W3"].T @ V["a2"] + P["c3"], V["a3"])
    R(4, V["L"], ((V["a3"] - y) ** 2).sum()); R(5, d("z3"), d("a3"), 2 * (V["a3"] - y)); R(6, d("W3"), V["a2"] @ d("z3").T); R(7, d("c3"), d("z3"))
    R(8, d("a2"), P["W3"] @ d("z3")); R(9, d("z2"), (1 - V["a2"] ** 2) * d("a2"))
    R(10, d("W2"), d("z2") @ V["a1"].T, v="wrong", code="transpose_order", fix=[d("W2"), V["a1"] @ d("z2").T],
      exp=r"$$\frac{\partial \mathrm{loss}}{\partial W^2} = A^1 \left( \frac{\partial \mathrm{loss}}{\partial Z^2} \right)^T$$")
    R(11, d("c2"), d("z2")); R(12, d("z1"), (V["z1"] > 0) * (P["W2"] @ d("z2"))); R(13, d("W1"), P["X"] @ d("z1").T); R(14, d("X"), P["W1"] @ d("z1")); R(15)

finish(draw, 3)
