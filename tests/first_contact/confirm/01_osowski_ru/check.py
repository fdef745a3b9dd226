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


META = {'model_of': 'Osowski, Neural networks for information processing (Russian edition, as on quark-xp.ru): u, v, y, d, weights w_ij with layer in brackets, unit inputs x_0, v_0', 'errors': 'w_ik for w_ki in the hidden delta; derivative of the other hidden neuron in one gradient'}

LINES = [
    (5, '\\[ u_i^{(1)} = \\sum_{j=0}^{3} w_{ij}^{(1)} x_j, \\qquad v_i = f\\bigl(u_i^{(1)}\\bigr) = \\operatorname{th} u_i^{(1)} \\]'),
    (6, '\\[ u_k^{(2)} = \\sum_{i=0}^{2} w_{ki}^{(2)} v_i, \\qquad y_k = \\operatorname{th} u_k^{(2)} \\]'),
    (10, '\\[ E = \\frac{1}{2} \\sum_{k=1}^{2} (y_k - d_k)^2 \\]'),
    (14, '\\[ \\frac{\\partial E}{\\partial w_{ij}^{(2)}} = (y_i - d_i)\\, \\frac{d f(u_i^{(2)})}{d u_i^{(2)}}\\, v_j \\]'),
    (15, '\\[ \\frac{d f(u_i^{(2)})}{d u_i^{(2)}} = 1 - y_i^2 \\]'),
    (16, '\\[ \\delta_i^{(2)} = (y_i - d_i) (1 - y_i^2) \\]'),
    (17, '\\[ \\frac{\\partial E}{\\partial w_{ij}^{(2)}} = \\delta_i^{(2)} v_j \\]'),
    (21, '\\[ \\frac{\\partial E}{\\partial w_{ij}^{(1)}} = \\sum_{k=1}^{2} (y_k - d_k)\\, \\frac{d y_k}{d v_i}\\, \\frac{d v_i}{d w_{ij}^{(1)}} \\]'),
    (22, '\\[ \\frac{d y_k}{d v_i} = (1 - y_k^2)\\, w_{ki}^{(2)} \\]'),
    (23, '\\[ \\delta_i^{(1)} = \\sum_{k=1}^{2} \\delta_k^{(2)} w_{ik}^{(2)} (1 - v_i^2) \\]'),
    (24, '\\[ \\frac{\\partial E}{\\partial w_{ij}^{(1)}} = \\delta_i^{(1)} x_j \\]'),
    (28, '\\[ \\frac{\\partial E}{\\partial w_{12}^{(1)}} = \\bigl[ \\delta_1^{(2)} w_{11}^{(2)} + \\delta_2^{(2)} w_{21}^{(2)} \\bigr] (1 - v_1^2)\\, x_2 \\]'),
    (29, '\\[ \\frac{\\partial E}{\\partial w_{23}^{(1)}} = \\bigl[ \\delta_1^{(2)} w_{12}^{(2)} + \\delta_2^{(2)} w_{22}^{(2)} \\bigr] (1 - v_1^2)\\, x_3 \\]'),
    (33, '\\[ \\Delta w_{ij}^{(m)} = -\\eta\\, \\frac{\\partial E}{\\partial w_{ij}^{(m)}} \\]'),
]


def draw(rng):
    P = dict(W1=rng.normal(size=(2, 4)), W2=rng.normal(size=(2, 3)), x=rng.normal(size=3), d=rng.normal(size=2))
    def F(put):
        W1 = put("W1", P["W1"]); W2 = put("W2", P["W2"]); d = P["d"]
        u1 = put("u1", W1 @ np.append(1, P["x"])); v = put("v", np.tanh(u1))
        u2 = put("u2", W2 @ np.append(1, v)); y = put("y", np.tanh(u2))
        put("E", ((y - d) ** 2).sum() / 2)
    V, D = tools(F)
    x, d, y, v, W1, W2 = np.append(1, P["x"]), P["d"], V["y"], V["v"], V["W1"], V["W2"]
    vh = np.append(1, v)
    d2, d1 = D("E", "u2"), D("E", "u1")
    g1, g2 = D("E", "W1"), D("E", "W2")
    R(1, V["u1"], W1 @ x)
    R(2, V["y"], np.tanh(W2 @ vh))
    R(3, V["E"], .5 * ((y - d) ** 2).sum())
    fp = np.diag(D("y", "u2"))
    R(4, g2, np.outer((y - d) * fp, vh))
    R(5, fp, 1 - y ** 2)
    R(6, d2, (y - d) * (1 - y ** 2))
    R(7, g2, np.outer(d2, vh))
    R(8, g1, np.einsum("k,ki,iij->ij", y - d, D("y", "v"), D("v", "W1")))
    R(9, D("y", "v"), (1 - y ** 2)[:, None] * W2[:, 1:])
    w = W2[:, 1:]
    R(10, d1, (w @ d2) * (1 - v ** 2), v="wrong", code="wrong_index", codes=["transpose_order"], fix=[d1, (w.T @ d2) * (1 - v ** 2)],
      exp=r"\delta_i^{(1)} = \sum_{k=1}^{2} \delta_k^{(2)} w_{ki}^{(2)} (1 - v_i^2)")
    R(11, g1, np.outer(d1, x))
    R(12, g1[0, 2], (d2[0] * w[0, 0] + d2[1] * w[1, 0]) * (1 - v[0] ** 2) * x[2])
    a = d2[0] * w[0, 1] + d2[1] * w[1, 1]
    R(13, g1[1, 3], a * (1 - v[0] ** 2) * x[3], v="wrong", code="wrong_index", fix=[g1[1, 3], a * (1 - v[1] ** 2) * x[3]],
      exp=r"\frac{\partial E}{\partial w_{23}^{(1)}} = \bigl[ \delta_1^{(2)} w_{12}^{(2)} + \delta_2^{(2)} w_{22}^{(2)} \bigr] (1 - v_2^2)\, x_3")
    R(14)                       # a plain update rule

finish(draw, 3)
