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


META = {'model_of': 'Zhang, Lipton, Li, Smola, Dive into Deep Learning (d2l.ai), backpropagation through time: W_hx, W_hh, W_qh, identity activation, closed form with matrix powers', 'errors': "a time step's own error forgotten; present for past state in the recurrent gradient"}

LINES = [
    (3, '$$\\mathbf{h}_t = \\mathbf{W}_{hx} \\mathbf{x}_t + \\mathbf{W}_{hh} \\mathbf{h}_{t-1}$$'),
    (4, '$$\\mathbf{o}_t = \\mathbf{W}_{qh} \\mathbf{h}_t$$'),
    (5, '$$L = \\sum_{t=1}^{3} \\frac{1}{2} \\lVert \\mathbf{o}_t - \\mathbf{y}_t \\rVert^2$$'),
    (8, '$$\\frac{\\partial L}{\\partial \\mathbf{o}_t} = \\mathbf{o}_t - \\mathbf{y}_t$$'),
    (10, '$$\\frac{\\partial L}{\\partial \\mathbf{W}_{qh}} = \\sum_{t=1}^{3} \\frac{\\partial L}{\\partial \\mathbf{o}_t} \\mathbf{h}_t^\\top$$'),
    (13, '$$\\frac{\\partial L}{\\partial \\mathbf{h}_3} = \\mathbf{W}_{qh}^\\top \\frac{\\partial L}{\\partial \\mathbf{o}_3}$$'),
    (14, '$$\\frac{\\partial L}{\\partial \\mathbf{h}_2} = \\mathbf{W}_{hh}^\\top \\frac{\\partial L}{\\partial \\mathbf{h}_3} + \\mathbf{W}_{qh}^\\top \\frac{\\partial L}{\\partial \\mathbf{o}_2}$$'),
    (15, '$$\\frac{\\partial L}{\\partial \\mathbf{h}_1} = \\mathbf{W}_{hh}^\\top \\frac{\\partial L}{\\partial \\mathbf{h}_2}$$'),
    (18, '$$\\frac{\\partial L}{\\partial \\mathbf{h}_t} = \\sum_{i=t}^{3} \\bigl(\\mathbf{W}_{hh}^\\top\\bigr)^{3-i}\\, \\mathbf{W}_{qh}^\\top \\frac{\\partial L}{\\partial \\mathbf{o}_{3+t-i}}$$'),
    (22, '$$\\frac{\\partial L}{\\partial \\mathbf{W}_{hx}} = \\sum_{t=1}^{3} \\frac{\\partial L}{\\partial \\mathbf{h}_t} \\mathbf{x}_t^\\top$$'),
    (23, '$$\\frac{\\partial L}{\\partial \\mathbf{W}_{hh}} = \\sum_{t=1}^{3} \\frac{\\partial L}{\\partial \\mathbf{h}_t} \\mathbf{h}_t^\\top$$'),
]


def draw(rng):
    P = dict(A=rng.normal(size=(2, 3)), B=rng.normal(size=(2, 2)), Q=rng.normal(size=(2, 2))); x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    def F(put):
        A, B, Q = (put(n, P[n]) for n in "ABQ"); h = np.zeros(2); L = 0
        for t in (1, 2, 3):
            h = put("h%d" % t, A @ x[t] + B @ h); o = put("o%d" % t, Q @ h); L = L + .5 * ((o - y[t]) ** 2).sum()
        put("L", L)
    V, D = tools(F); A, B, Q = P["A"], P["B"], P["Q"]
    h = [np.zeros(2)] + [V["h%d" % t] for t in (1, 2, 3)]; o = [None] + [V["o%d" % t] for t in (1, 2, 3)]
    dh = [None] + [D("L", "h%d" % t) for t in (1, 2, 3)]; do = [None] + [D("L", "o%d" % t) for t in (1, 2, 3)]
    for t in (1, 2, 3):
        R(1, h[t], A @ x[t] + B @ h[t - 1]); R(2, o[t], Q @ h[t]); R(4, do[t], o[t] - y[t])
        R(9, dh[t], sum(np.linalg.matrix_power(B.T, 3 - i) @ Q.T @ do[3 + t - i] for i in range(t, 4)))
    R(3, V["L"], sum(.5 * np.linalg.norm(o[t] - y[t]) ** 2 for t in (1, 2, 3)))
    R(5, D("L", "Q"), sum(np.outer(do[t], h[t]) for t in (1, 2, 3)))
    R(6, dh[3], Q.T @ do[3]); R(7, dh[2], B.T @ dh[3] + Q.T @ do[2])
    R(8, dh[1], B.T @ dh[2], v="wrong", code="missing_sum", codes=["missing_factor"], fix=[dh[1], B.T @ dh[2] + Q.T @ do[1]],
      exp=r"$$\frac{\partial L}{\partial \mathbf{h}_1} = \mathbf{W}_{hh}^\top \frac{\partial L}{\partial \mathbf{h}_2} + \mathbf{W}_{qh}^\top \frac{\partial L}{\partial \mathbf{o}_1}$$")
    R(10, D("L", "A"), sum(np.outer(dh[t], x[t]) for t in (1, 2, 3)))
    g = D("L", "B")
    R(11, g, sum(np.outer(dh[t], h[t]) for t in (1, 2, 3)), v="wrong", code="wrong_index", codes=["wrong_input"], fix=[g, sum(np.outer(dh[t], h[t - 1]) for t in (1, 2, 3))],
      exp=r"$$\frac{\partial L}{\partial \mathbf{W}_{hh}} = \sum_{t=1}^{3} \frac{\partial L}{\partial \mathbf{h}_t} \mathbf{h}_{t-1}^\top$$")

finish(draw, 3)
