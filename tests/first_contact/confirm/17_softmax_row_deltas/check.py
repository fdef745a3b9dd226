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


META = {'model_of': 'Kevin Clark, Computing neural network gradients (Stanford CS224n notes): theta for the logits, row-vector deltas numbered from the output, sgn(h) for the derivative of ReLU, shape convention', 'errors': 'none'}

LINES = [
    (3, '$$z = Wx + b_1$$'),
    (4, '$$h = \\mathrm{ReLU}(z)$$'),
    (5, '$$\\theta = Uh + b_2$$'),
    (6, '$$\\hat{y} = \\mathrm{softmax}(\\theta)$$'),
    (7, '$$J = -\\sum_{i} y_i \\log \\hat{y}_i$$'),
    (11, '$$\\delta_1 = \\frac{\\partial J}{\\partial \\theta} = (\\hat{y} - y)^T$$'),
    (12, '$$\\delta_2 = \\frac{\\partial J}{\\partial z} = \\frac{\\partial J}{\\partial \\theta} \\frac{\\partial \\theta}{\\partial h} \\frac{\\partial h}{\\partial z}$$'),
    (16, '$$\\frac{\\partial \\theta}{\\partial h} = U$$'),
    (17, "$$\\frac{\\partial h}{\\partial z} = \\mathrm{diag}(\\mathrm{ReLU}'(z)) = \\mathrm{diag}(\\mathrm{sgn}(h))$$"),
    (21, '$$\\delta_2 = \\delta_1 U \\circ \\mathrm{sgn}(h)^T$$'),
    (25, '$$\\frac{\\partial J}{\\partial U} = \\delta_1^T h^T$$'),
    (26, '$$\\frac{\\partial J}{\\partial b_2} = \\delta_1^T$$'),
    (27, '$$\\frac{\\partial J}{\\partial W} = \\delta_2^T x^T$$'),
    (28, '$$\\frac{\\partial J}{\\partial b_1} = \\delta_2^T$$'),
    (32, '$$\\frac{\\partial J}{\\partial x} = (\\delta_2 W)^T$$'),
]


def draw(rng):
    S = dict(W=(4, 3), b1=(4, 1), U=(3, 4), b2=(3, 1), x=(3, 1)); P = {k: rng.normal(size=s) for k, s in S.items()}; y = np.eye(3)[:, [rng.integers(3)]]
    def F(put):
        W, b1, U, b2, x = (put(n, P[n]) for n in S)
        z = put("z", W @ x + b1); h = put("h", relu(z)); th = put("th", U @ h + b2); yh = put("yh", softmax(th)); put("J", -(y * np.log(yh)).sum())
    V, D = tools(F); d = lambda n: D("J", n); h, yh, U = V["h"], V["yh"], P["U"]; d1, d2 = d("th").T, d("z").T; sq = lambda a: a[:, 0, :, 0]
    R(1, V["z"], P["W"] @ P["x"] + P["b1"]); R(2, h, np.maximum(V["z"], 0)); R(3, V["th"], U @ h + P["b2"]); R(4, yh, np.exp(V["th"]) / np.exp(V["th"]).sum()); R(5, V["J"], -(y * np.log(yh)).sum())
    R(6, d1, (yh - y).T); R(7, d2, d1 @ sq(D("th", "h")) @ sq(D("h", "z"))); R(8, sq(D("th", "h")), U); R(9, sq(D("h", "z")), np.diag((V["z"] > 0).ravel() * 1.), np.diag(np.sign(h).ravel()))
    R(10, d2, (d1 @ U) * np.sign(h).T); R(11, d("U"), d1.T @ h.T); R(12, d("b2"), d1.T); R(13, d("W"), d2.T @ P["x"].T); R(14, d("b1"), d2.T); R(15, d("x"), (d2 @ P["W"]).T)

finish(draw, 3)
