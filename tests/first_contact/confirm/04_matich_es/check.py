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


META = {'model_of': "Freeman and Skapura's generalised delta rule as in Spanish course notes (Matich, Redes neuronales: conceptos básicos): net^h_pj, i_pj, o_pk, superscripts h and o, delta with the opposite sign", 'errors': 'none'}

LINES = [
    (5, 'net^h_{pj} &= \\sum_{i=1}^{3} w^h_{ji} x_{pi} + \\theta^h_j \\\\'),
    (6, 'i_{pj} &= f^h_j(net^h_{pj}) = \\frac{1}{1 + e^{-net^h_{pj}}} \\\\'),
    (7, 'net^o_{pk} &= \\sum_{j=1}^{2} w^o_{kj} i_{pj} + \\theta^o_k \\\\'),
    (8, 'o_{pk} &= f^o_k(net^o_{pk}) = net^o_{pk}'),
    (13, 'E_p = \\frac{1}{2} \\sum_{k=1}^{2} (y_{pk} - o_{pk})^2'),
    (18, '\\frac{\\partial E_p}{\\partial w^o_{kj}} &= -(y_{pk} - o_{pk}) \\frac{\\partial f^o_k}{\\partial net^o_{pk}} \\frac{\\partial net^o_{pk}}{\\partial w^o_{kj}} \\\\'),
    (19, '\\frac{\\partial net^o_{pk}}{\\partial w^o_{kj}} &= i_{pj} \\\\'),
    (20, '-\\frac{\\partial E_p}{\\partial w^o_{kj}} &= (y_{pk} - o_{pk})\\, i_{pj} \\\\'),
    (21, '\\delta^o_{pk} &= y_{pk} - o_{pk} = -\\frac{\\partial E_p}{\\partial net^o_{pk}} \\\\'),
    (22, 'w^o_{kj}(t+1) &= w^o_{kj}(t) + \\eta\\, \\delta^o_{pk}\\, i_{pj}'),
    (27, '\\frac{\\partial E_p}{\\partial w^h_{ji}} &= -\\sum_{k=1}^{2} (y_{pk} - o_{pk}) \\frac{\\partial o_{pk}}{\\partial net^o_{pk}} \\frac{\\partial net^o_{pk}}{\\partial i_{pj}} \\frac{\\partial i_{pj}}{\\partial net^h_{pj}} \\frac{\\partial net^h_{pj}}{\\partial w^h_{ji}} \\\\'),
    (28, '\\frac{\\partial net^o_{pk}}{\\partial i_{pj}} &= w^o_{kj} \\\\'),
    (29, '\\frac{\\partial i_{pj}}{\\partial net^h_{pj}} &= i_{pj} (1 - i_{pj}) \\\\'),
    (30, '\\delta^h_{pj} &= i_{pj} (1 - i_{pj}) \\sum_{k=1}^{2} \\delta^o_{pk} w^o_{kj} \\\\'),
    (31, 'w^h_{ji}(t+1) &= w^h_{ji}(t) + \\eta\\, \\delta^h_{pj}\\, x_{pi} \\\\'),
    (32, '\\theta^h_j(t+1) &= \\theta^h_j(t) + \\eta\\, \\delta^h_{pj}'),
]


def draw(rng):
    P = dict(Wh=rng.normal(size=(2, 3)), th=rng.normal(size=2), Wo=rng.normal(size=(2, 2)), to=rng.normal(size=2))
    x, y = rng.normal(size=3), rng.normal(size=2)
    def F(put):
        Wh, th, Wo, to = (put(n, P[n]) for n in ("Wh", "th", "Wo", "to"))
        nh = put("nh", Wh @ x + th); i = put("i", sig(nh)); no = put("no", Wo @ i + to); o = put("o", no)
        put("E", ((y - o) ** 2).sum() / 2)
    V, D = tools(F)
    i, o, Wo = V["i"], V["o"], V["Wo"]
    R(1, V["nh"], P["Wh"] @ x + P["th"]); R(2, i, 1 / (1 + np.exp(-V["nh"]))); R(3, V["no"], Wo @ i + P["to"]); R(4, o, V["no"])
    R(5, V["E"], .5 * ((y - o) ** 2).sum())
    dno = np.array([[D("no", "Wo")[k, k, j] for j in range(2)] for k in range(2)])
    go, gh = D("E", "Wo"), D("E", "Wh")
    R(6, go, -(y - o)[:, None] * np.diag(D("o", "no"))[:, None] * dno)
    R(7, dno, np.array([i, i]))
    R(8, -go, np.outer(y - o, i))
    R(9, y - o, -D("E", "no"))
    R(10, -.25 * go, .25 * np.outer(y - o, i))
    dnh = np.array([[D("nh", "Wh")[j, j, m] for m in range(3)] for j in range(2)])
    R(11, gh, -np.einsum("k,k,kj,j,ji->ji", y - o, np.diag(D("o", "no")), D("no", "i"), np.diag(D("i", "nh")), dnh))
    R(12, D("no", "i"), Wo); R(13, np.diag(D("i", "nh")), i * (1 - i))
    dh = -D("E", "nh")
    R(14, dh, i * (1 - i) * (Wo.T @ (y - o)))
    R(15, -.25 * gh, .25 * np.outer(dh, x)); R(16, -.25 * D("E", "th"), .25 * dh)

finish(draw, 3)
