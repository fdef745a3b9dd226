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


META = {'model_of': 'Matt Gormley, CMU 10-601 lecture on backpropagation: alpha and beta weights, a_j, z_j, b, y and y*, modules with dJ/d..., binary cross-entropy', 'errors': 'sign inside dJ/dy; derivative by the input without the sum over the hidden units'}

LINES = [
    (3, '- linear: $a_j = \\sum_{i=0}^{2} \\alpha_{ji} x_i$'),
    (4, '- sigmoid: $z_j = \\frac{1}{1+\\exp(-a_j)}$'),
    (5, '- linear: $b = \\sum_{j=0}^{3} \\beta_j z_j$'),
    (6, '- sigmoid: $y = \\frac{1}{1+\\exp(-b)}$'),
    (7, '- loss, with the true label $y^*$: $J = -\\left( y^* \\log y + (1-y^*) \\log(1-y) \\right)$'),
    (11, '$$\\frac{dJ}{dy} = -\\left( \\frac{y^*}{y} + \\frac{1-y^*}{1-y} \\right)$$'),
    (15, '$$\\frac{dy}{db} = y(1-y)$$'),
    (17, '$$\\frac{dJ}{db} = \\frac{dJ}{dy}\\frac{dy}{db} = y - y^*$$'),
    (21, '$$\\frac{dJ}{d\\beta_j} = \\frac{dJ}{db}\\frac{db}{d\\beta_j}, \\quad \\frac{db}{d\\beta_j} = z_j$$'),
    (25, '$$\\frac{dJ}{dz_j} = \\frac{dJ}{db}\\frac{db}{dz_j}, \\quad \\frac{db}{dz_j} = \\beta_j$$'),
    (27, '$$\\frac{dJ}{da_j} = \\frac{dJ}{dz_j}\\frac{dz_j}{da_j}, \\quad \\frac{dz_j}{da_j} = z_j(1-z_j)$$'),
    (31, '$$\\frac{dJ}{d\\alpha_{ji}} = \\frac{dJ}{da_j}\\frac{da_j}{d\\alpha_{ji}} = \\frac{dJ}{da_j} x_i$$'),
    (33, '$$\\frac{dJ}{d\\alpha_{ji}} = (y-y^*)\\,\\beta_j\\, z_j(1-z_j)\\, x_i$$'),
    (35, '$$\\frac{dJ}{d\\alpha_{j0}} = (y-y^*)\\,\\beta_j\\, z_j(1-z_j)$$'),
    (39, '$$\\frac{dJ}{dx_i} = \\frac{dJ}{da_j}\\frac{da_j}{dx_i} = \\frac{dJ}{da_j} \\alpha_{ji}$$'),
]


def draw(rng):
    P = dict(al=rng.normal(size=(3, 3)), be=rng.normal(size=4), x=rng.normal(size=2)); ys = rng.uniform(.2, .8)
    def F(put):
        al, be, x = (put(n, P[n]) for n in ("al", "be", "x"))
        a = put("a", al @ np.concatenate([[1], x])); z = put("z", sig(a)); b = put("b", be @ np.concatenate([[1], z])); y = put("y", sig(b))
        put("J", -(ys * np.log(y) + (1 - ys) * np.log(1 - y)))
    V, D = tools(F)
    xh, zh, z, y, be, al = np.append(1, P["x"]), np.append(1, V["z"]), V["z"], V["y"], P["be"], P["al"]
    R(1, V["a"], al @ xh); R(2, z, 1 / (1 + np.exp(-V["a"]))); R(3, V["b"], be @ zh); R(4, y, 1 / (1 + np.exp(-V["b"])))
    R(5, V["J"], -(ys * np.log(y) + (1 - ys) * np.log(1 - y)))
    dy = D("J", "y")
    R(6, dy, -(ys / y + (1 - ys) / (1 - y)), v="wrong", code="sign", fix=[dy, -(ys / y - (1 - ys) / (1 - y))],
      exp=r"\frac{dJ}{dy} = -\left( \frac{y^*}{y} - \frac{1-y^*}{1-y} \right)")
    R(7, D("y", "b"), y * (1 - y)); db = D("J", "b"); R(8, db, dy * D("y", "b"), y - ys)
    R(9, D("J", "be"), db * D("b", "be")); R(9, D("b", "be"), zh)
    R(10, D("J", "z"), db * D("b", "z")); R(10, D("b", "z"), be[1:])
    da = D("J", "a"); R(11, da, D("J", "z") * np.diag(D("z", "a"))); R(11, np.diag(D("z", "a")), z * (1 - z))
    g = D("J", "al"); R(12, g, np.outer(da, xh))
    R(13, g, np.outer((y - ys) * be[1:] * z * (1 - z), xh)); R(14, g[:, 0], (y - ys) * be[1:] * z * (1 - z))
    dx = D("J", "x")
    for j in range(3):
        R(15, dx, da[j] * al[j, 1:], v="wrong", code="missing_sum", fix=[dx, al[:, 1:].T @ da],
          exp=r"\frac{dJ}{dx_i} = \sum_{j=1}^{3} \frac{dJ}{da_j}\frac{da_j}{dx_i} = \sum_{j=1}^{3} \frac{dJ}{da_j} \alpha_{ji}")

finish(draw, 3)
