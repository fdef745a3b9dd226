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


META = {'model_of': 'Zhou Zhihua, Machine Learning (the watermelon book), error BackPropagation with thresholds: alpha_h, b_h, beta_j, theta_j, g_j, e_h; as retold in Chinese blogs', 'errors': "threshold update of the output with the wrong sign; hidden output in place of the input in a weight's change"}

LINES = [
    (7, '$$\\alpha_h = \\sum_{i=1}^{2} v_{ih} x_i, \\qquad b_h = f(\\alpha_h - \\gamma_h)$$'),
    (11, '$$\\beta_j = \\sum_{h=1}^{3} w_{hj} b_h$$'),
    (13, '$$\\hat{y}_j = f(\\beta_j - \\theta_j)$$'),
    (17, '$$E = \\frac{1}{2} \\sum_{j=1}^{2} (\\hat{y}_j - y_j)^2$$'),
    (21, '$$\\frac{\\partial E}{\\partial w_{hj}} = \\frac{\\partial E}{\\partial \\hat{y}_j} \\cdot \\frac{\\partial \\hat{y}_j}{\\partial \\beta_j} \\cdot \\frac{\\partial \\beta_j}{\\partial w_{hj}}$$'),
    (23, '$$\\frac{\\partial \\beta_j}{\\partial w_{hj}} = b_h$$'),
    (27, "$$f'(x) = f(x)(1 - f(x))$$"),
    (31, '$$g_j = -\\frac{\\partial E}{\\partial \\hat{y}_j} \\cdot \\frac{\\partial \\hat{y}_j}{\\partial \\beta_j} = \\hat{y}_j (1 - \\hat{y}_j)(y_j - \\hat{y}_j)$$'),
    (33, '$$\\Delta w_{hj} = -\\eta \\frac{\\partial E}{\\partial w_{hj}} = \\eta g_j b_h$$'),
    (35, '$$\\Delta \\theta_j = -\\eta \\frac{\\partial E}{\\partial \\theta_j} = \\eta g_j$$'),
    (39, '$$e_h = -\\frac{\\partial E}{\\partial b_h} \\cdot \\frac{\\partial b_h}{\\partial \\alpha_h}$$'),
    (41, '$$\\frac{\\partial E}{\\partial b_h} = -\\sum_{j=1}^{2} w_{hj} g_j$$'),
    (43, '$$e_h = b_h (1 - b_h) \\sum_{j=1}^{2} w_{hj} g_j$$'),
    (45, '$$\\Delta v_{ih} = -\\eta \\frac{\\partial E}{\\partial v_{ih}} = \\eta e_h b_h$$'),
    (47, '$$\\Delta \\gamma_h = -\\eta e_h$$'),
]


def draw(rng):
    P = dict(v=rng.normal(size=(2, 3)), ga=rng.normal(size=3), w=rng.normal(size=(3, 2)), th=rng.normal(size=2))
    x, y, eta = rng.normal(size=2), rng.uniform(size=2), .2
    def F(put):
        v, ga, w, th = (put(n, P[n]) for n in ("v", "ga", "w", "th"))
        al = put("al", x @ v); b = put("b", sig(al - ga)); be = put("be", b @ w); yh = put("yh", sig(be - th))
        put("E", ((yh - y) ** 2).sum() / 2)
    V, D = tools(F)
    b, yh, w = V["b"], V["yh"], P["w"]
    gw, gv = D("E", "w"), D("E", "v")
    R(1, b, sig(x @ P["v"] - P["ga"])); R(2, V["be"], b @ w); R(3, yh, sig(V["be"] - P["th"])); R(4, V["E"], .5 * ((yh - y) ** 2).sum())
    dyb = np.diag(D("yh", "be"))
    dbw = np.array([[D("be", "w")[j, h, j] for j in range(2)] for h in range(3)])
    R(5, gw, D("E", "yh") * dyb * dbw); R(6, dbw, np.outer(b, [1, 1]))
    t = rng.normal(); R(7, np.imag(sig(t + 1j * H)) / H, sig(t) * (1 - sig(t)))
    g = -D("E", "yh") * dyb
    R(8, g, yh * (1 - yh) * (y - yh))
    R(9, -eta * gw, eta * np.outer(b, g))
    gt = D("E", "th")
    R(10, -eta * gt, eta * g, v="wrong", code="sign", codes=["bias_gradient"], fix=[-eta * gt, -eta * g],
      exp=r"\Delta \theta_j = -\eta \frac{\partial E}{\partial \theta_j} = -\eta g_j")
    e = -D("E", "b") * np.diag(D("b", "al"))
    R(11, e, -D("E", "al")); R(12, D("E", "b"), -(w @ g)); R(13, e, b * (1 - b) * (w @ g))
    R(14, -eta * gv, eta * np.outer([1, 1], e * b), v="wrong", code="wrong_input", codes=["wrong_index", "net_vs_out"], fix=[-eta * gv, eta * np.outer(x, e)],
      exp=r"\Delta v_{ih} = -\eta \frac{\partial E}{\partial v_{ih}} = \eta e_h x_i")
    R(15, -eta * D("E", "ga"), -eta * e)

finish(draw, 3)
