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


META = {'model_of': 'Vu Huu Tiep, Machine Learning cơ bản, lesson 14 (multi-layer perceptron and backpropagation): batch with samples as columns, W transposed in the forward pass, E^(l) for the errors, mean over N (Vietnamese)', 'errors': 'weights transposed in the hidden error; bias gradient without the sum over the samples'}

LINES = [
    (7, '$$\\mathbf{Z}^{(1)} = \\mathbf{W}^{(1)T} \\mathbf{X} + \\mathbf{b}^{(1)}$$'),
    (8, '$$\\mathbf{A}^{(1)} = \\tanh(\\mathbf{Z}^{(1)})$$'),
    (9, '$$\\hat{\\mathbf{Y}} = \\mathbf{Z}^{(2)} = \\mathbf{W}^{(2)T} \\mathbf{A}^{(1)} + \\mathbf{b}^{(2)}$$'),
    (13, '$$J = \\frac{1}{2N} \\sum_{n=1}^{N} \\| \\mathbf{y}_n - \\hat{\\mathbf{y}}_n \\|_2^2 = \\frac{1}{2N} \\| \\mathbf{Y} - \\hat{\\mathbf{Y}} \\|_F^2$$'),
    (17, '$$\\mathbf{E}^{(2)} = \\frac{\\partial J}{\\partial \\mathbf{Z}^{(2)}} = \\frac{1}{N} (\\hat{\\mathbf{Y}} - \\mathbf{Y})$$'),
    (18, '$$\\frac{\\partial J}{\\partial \\mathbf{W}^{(2)}} = \\mathbf{A}^{(1)} \\mathbf{E}^{(2)T}$$'),
    (19, '$$\\frac{\\partial J}{\\partial w_{ij}^{(2)}} = \\sum_{n=1}^{N} a_{in}^{(1)} e_{jn}^{(2)}$$'),
    (20, '$$\\frac{\\partial J}{\\partial \\mathbf{b}^{(2)}} = \\sum_{n=1}^{N} \\mathbf{e}_n^{(2)}$$'),
    (24, "$$f'(\\mathbf{Z}^{(1)}) = 1 - \\mathbf{A}^{(1)} \\odot \\mathbf{A}^{(1)}$$"),
    (25, "$$\\mathbf{E}^{(1)} = \\frac{\\partial J}{\\partial \\mathbf{Z}^{(1)}} = \\left( \\mathbf{W}^{(2)T} \\mathbf{E}^{(2)} \\right) \\odot f'(\\mathbf{Z}^{(1)})$$"),
    (26, '$$\\frac{\\partial J}{\\partial \\mathbf{W}^{(1)}} = \\mathbf{X} \\mathbf{E}^{(1)T}$$'),
    (27, '$$\\frac{\\partial J}{\\partial \\mathbf{b}^{(1)}} = \\mathbf{E}^{(1)}$$'),
    (31, '$$\\mathbf{W}^{(l)} = \\mathbf{W}^{(l)} - \\eta \\frac{\\partial J}{\\partial \\mathbf{W}^{(l)}}$$'),
]


def draw(rng):
    X = np.array([[.5, 1.2, -.8], [-1., .4, .9]]); Y = np.array([[.2, 1., -.5], [-.4, .1, .6]])
    P = dict(W1=np.array([[.3, -.6], [.9, .2], [-.4, .7]]).T, b1=np.array([[.1, -.1, .2]]).T, W2=np.array([[.5, -.2, .8], [-.7, .6, .4]]).T, b2=np.array([[0, .3]]).T)
    P = {k: v + .1 * rng.normal(size=v.shape) for k, v in P.items()}; N = 3
    def F(put):
        W1, b1, W2, b2 = (put(n, P[n]) for n in ("W1", "b1", "W2", "b2"))
        Z1 = put("Z1", W1.T @ X + b1); A1 = put("A1", np.tanh(Z1)); Z2 = put("Z2", W2.T @ A1 + b2); put("J", ((Y - Z2) ** 2).sum() / (2 * N))
    V, D = tools(F); d = lambda n: D("J", n); A1, Z2 = V["A1"], V["Z2"]; E1, E2 = d("Z1"), d("Z2")
    R(1, V["Z1"], P["W1"].T @ X + P["b1"]); R(2, A1, np.tanh(V["Z1"])); R(3, Z2, P["W2"].T @ A1 + P["b2"])
    R(4, V["J"], sum(np.linalg.norm(Y[:, n] - Z2[:, n]) ** 2 for n in range(N)) / (2 * N), np.linalg.norm(Y - Z2) ** 2 / (2 * N))
    R(5, E2, (Z2 - Y) / N); R(6, d("W2"), A1 @ E2.T); R(7, d("W2"), np.einsum("in,jn->ij", A1, E2)); R(8, d("b2"), E2.sum(1, keepdims=True)); R(9, np.imag(np.tanh(V["Z1"] + 1j * H)) / H, 1 - A1 * A1)
    assert P["W2"].T.shape[1] != E2.shape[0]      # the product that row 10 writes is not defined
    R(10, False, v="wrong", code="transpose_order", fix=[E1, (P["W2"] @ E2) * (1 - A1 * A1)],
      exp=r"$$\mathbf{E}^{(1)} = \frac{\partial J}{\partial \mathbf{Z}^{(1)}} = \left( \mathbf{W}^{(2)} \mathbf{E}^{(2)} \right) \odot f'(\mathbf{Z}^{(1)})$$")
    R(11, d("W1"), X @ E1.T)
    R(12, d("b1"), E1, v="wrong", code="missing_sum", codes=["bias_gradient"], fix=[d("b1"), E1.sum(1, keepdims=True)], exp=r"$$\frac{\partial J}{\partial \mathbf{b}^{(1)}} = \sum_{n=1}^{N} \mathbf{e}_n^{(1)}$$")
    R(13)

finish(draw, 3)
