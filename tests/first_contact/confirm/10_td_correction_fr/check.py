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


META = {'model_of': 'ULCO, M1 TSI, TD 2 correction (French): cost C, bare layer superscripts, units counted from zero, delta as a partial derivative', 'errors': 'sign of the output delta in the middle of a chain, carried on; derivative of the hidden activation missing'}

LINES = [
    (5, 'z_k^1 &= \\sum_{j=0}^{1} w_{k,j}^1 a_j^0 + b_k^1, \\qquad a_k^1 = \\sigma(z_k^1) \\\\'),
    (6, 'z_k^2 &= \\sum_{j=0}^{2} w_{k,j}^2 a_j^1 + b_k^2, \\qquad a_k^2 = \\sigma(z_k^2) \\\\'),
    (7, 'C &= \\frac12 \\sum_{k=0}^{1} (y_k - a_k^2)^2'),
    (12, "\\sigma'(t) = \\sigma(t)\\,(1 - \\sigma(t))."),
    (16, "\\delta_i^2 &= \\frac{\\partial C}{\\partial z_i^2} = \\frac{\\partial C}{\\partial a_i^2} \\times \\sigma'(z_i^2) \\\\"),
    (17, " &= (y_i - a_i^2) \\times \\sigma'(z_i^2) \\\\"),
    (18, ' &= (y_i - a_i^2) \\times a_i^2 (1 - a_i^2).'),
    (23, '\\delta_i^1 &= \\sum_{k=0}^{1} \\frac{\\partial C}{\\partial z_k^2} \\frac{\\partial z_k^2}{\\partial z_i^1} = \\sum_{k=0}^{1} \\delta_k^2 \\frac{\\partial z_k^2}{\\partial z_i^1} \\\\'),
    (24, "\\frac{\\partial z_k^2}{\\partial z_i^1} &= w_{k,i}^2\\, \\sigma'(z_i^1) \\\\"),
    (25, '\\delta_i^1 &= \\sum_{k=0}^{1} \\delta_k^2\\, w_{k,i}^2'),
    (30, '\\frac{\\partial C}{\\partial w_{i,j}^{\\ell}} &= \\delta_i^{\\ell}\\, a_j^{\\ell-1} \\\\'),
    (31, '\\frac{\\partial C}{\\partial b_i^{\\ell}} &= \\delta_i^{\\ell}'),
    (35, "\\delta^1 &= \\bigl( (W^2)^{\\mathsf T} \\delta^2 \\bigr) \\odot \\sigma'(z^1) \\\\"),
    (36, '\\nabla_{W^1} C &= \\delta^1 x^{\\mathsf T}'),
]


def draw(rng):
    P = dict(W1=rng.normal(size=(3, 2)), b1=rng.normal(size=3), W2=rng.normal(size=(2, 3)), b2=rng.normal(size=2)); x, y = rng.normal(size=2), rng.uniform(size=2)
    def F(put):
        W1, b1, W2, b2 = (put(n, P[n]) for n in ("W1", "b1", "W2", "b2"))
        z1 = put("z1", W1 @ x + b1); a1 = put("a1", sig(z1)); z2 = put("z2", W2 @ a1 + b2); a2 = put("a2", sig(z2)); put("C", ((y - a2) ** 2).sum() / 2)
    V, D = tools(F)
    a1, a2, W2 = V["a1"], V["a2"], P["W2"]; d1, d2 = D("C", "z1"), D("C", "z2"); s1, s2 = a1 * (1 - a1), a2 * (1 - a2)
    R(1, V["z1"], P["W1"] @ x + P["b1"]); R(2, V["z2"], W2 @ a1 + P["b2"]); R(3, V["C"], .5 * ((y - a2) ** 2).sum())
    t = rng.normal(); R(4, np.imag(sig(t + 1j * H)) / H, sig(t) * (1 - sig(t)))
    R(5, d2, D("C", "a2") * s2)
    R(6, d2, (y - a2) * s2, v="wrong", code="sign", fix=[d2, (a2 - y) * s2], exp=r"= (a_i^2 - y_i) \times \sigma'(z_i^2) \\")
    R(7, d2, (y - a2) * a2 * (1 - a2), v="follows", given=[(y - a2) * s2, (y - a2) * a2 * (1 - a2)])
    dz = D("z2", "z1")
    R(8, d1, d2 @ dz); R(9, dz, W2 * s1)
    R(10, d1, W2.T @ d2, v="wrong", code="missing_activation_derivative", fix=[d1, (W2.T @ d2) * s1], exp=r"\delta_i^1 &= \sum_{k=0}^{1} \delta_k^2\, w_{k,i}^2\, \sigma'(z_i^1)")
    R(11, D("C", "W2"), np.outer(d2, a1)); R(11, D("C", "W1"), np.outer(d1, x)); R(12, D("C", "b1"), d1); R(12, D("C", "b2"), d2)
    R(13, d1, (W2.T @ d2) * s1); R(14, D("C", "W1"), np.outer(d1, x))

finish(draw, 3)
