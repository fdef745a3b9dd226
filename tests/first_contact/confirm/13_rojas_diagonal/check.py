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


META = {'model_of': 'Raul Rojas, Neural Networks, chapter 7, the matrix form: row vectors, extended vectors and weights with hats and bars, diagonal matrices D, gamma', 'errors': 'none'}

LINES = [
    (4, '\\[ \\mathbf{o}^{(1)} = s\\bigl( \\hat{\\mathbf{o}}\\, \\overline{\\mathbf{W}}_1 \\bigr) \\]'),
    (5, '\\[ \\mathbf{o}^{(2)} = s\\bigl( \\hat{\\mathbf{o}}^{(1)}\\, \\overline{\\mathbf{W}}_2 \\bigr) \\]'),
    (6, '\\[ E = \\tfrac12 \\lVert \\mathbf{o}^{(2)} - \\mathbf{t} \\rVert^2 \\]'),
    (9, '\\[ \\mathbf{D}_2 = \\begin{pmatrix} o_1^{(2)} (1 - o_1^{(2)}) & 0 \\\\ 0 & o_2^{(2)} (1 - o_2^{(2)}) \\end{pmatrix} \\]'),
    (10, '\\[ \\mathbf{D}_1 = \\begin{pmatrix} o_1^{(1)} (1 - o_1^{(1)}) & 0 \\\\ 0 & o_2^{(1)} (1 - o_2^{(1)}) \\end{pmatrix} \\]'),
    (12, '\\[ \\mathbf{e} = \\begin{pmatrix} o_1^{(2)} - t_1 \\\\ o_2^{(2)} - t_2 \\end{pmatrix} \\]'),
    (15, '\\[ \\boldsymbol{\\delta}^{(2)} = \\mathbf{D}_2\\, \\mathbf{e} \\]'),
    (16, '\\[ \\boldsymbol{\\delta}^{(1)} = \\mathbf{D}_1 \\mathbf{W}_2\\, \\boldsymbol{\\delta}^{(2)} = \\mathbf{D}_1 \\mathbf{W}_2 \\mathbf{D}_2\\, \\mathbf{e} \\]'),
    (18, '\\[ \\delta^{(1)}_j = o^{(1)}_j \\bigl(1 - o^{(1)}_j\\bigr) \\sum_{q=1}^{2} w^{(2)}_{jq} \\delta^{(2)}_q \\]'),
    (21, '\\[ \\Delta \\overline{\\mathbf{W}}_2^{T} = -\\gamma\\, \\boldsymbol{\\delta}^{(2)} \\hat{\\mathbf{o}}^{(1)} \\]'),
    (22, '\\[ \\Delta \\overline{\\mathbf{W}}_1^{T} = -\\gamma\\, \\boldsymbol{\\delta}^{(1)} \\hat{\\mathbf{o}} \\]'),
    (24, '\\[ \\frac{\\partial E}{\\partial w^{(2)}_{jq}} = o^{(1)}_j \\delta^{(2)}_q, \\qquad \\frac{\\partial E}{\\partial w^{(1)}_{ij}} = o_i\\, \\delta^{(1)}_j \\]'),
]


def draw(rng):
    P = dict(W1=rng.normal(size=(4, 2)), W2=rng.normal(size=(3, 2))); o, t, ga = rng.normal(size=3), rng.uniform(size=2), .3
    def F(put):
        W1, W2 = put("W1", P["W1"]), put("W2", P["W2"])
        n1 = put("n1", np.append(o, 1) @ W1); o1 = put("o1", sig(n1)); n2 = put("n2", np.append(o1, 1) @ W2); o2 = put("o2", sig(n2)); put("E", ((o2 - t) ** 2).sum() / 2)
    V, D = tools(F)
    o1, o2, W2 = V["o1"], V["o2"], P["W2"][:2]; oh, o1h = np.append(o, 1), np.append(o1, 1); d1, d2 = D("E", "n1"), D("E", "n2")
    D1, D2, e = D("o1", "n1"), D("o2", "n2"), D("E", "o2")
    R(1, o1, sig(oh @ P["W1"])); R(2, o2, sig(o1h @ P["W2"])); R(3, V["E"], .5 * np.linalg.norm(o2 - t) ** 2)
    R(4, D2, np.diag(o2 * (1 - o2))); R(5, D1, np.diag(o1 * (1 - o1))); R(6, e, o2 - t); R(7, d2, D2 @ e); R(8, d1, D1 @ W2 @ d2, D1 @ W2 @ D2 @ e)
    R(9, d1, o1 * (1 - o1) * (W2 @ d2)); g1, g2 = D("E", "W1"), D("E", "W2")
    R(10, -ga * g2.T, -ga * np.outer(d2, o1h)); R(11, -ga * g1.T, -ga * np.outer(d1, oh)); R(12, g2[:2], np.outer(o1, d2)); R(12, g1[:3], np.outer(o, d1))

finish(draw, 3)
