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


META = {'model_of': 'UAM Poznań, Uczenie maszynowe, lecture 12 on backpropagation (Polish notebook): row vectors, Theta and beta, nabla', 'errors': 'weights not transposed in the hidden delta'}

LINES = [
    (7, '$$a^{(0)} = x$$'),
    (8, '$$z^{(1)} = a^{(0)} \\Theta^{(1)} + \\beta^{(1)}, \\qquad a^{(1)} = \\tanh\\left(z^{(1)}\\right)$$'),
    (9, '$$z^{(2)} = a^{(1)} \\Theta^{(2)} + \\beta^{(2)}, \\qquad a^{(2)} = g\\left(z^{(2)}\\right) = \\frac{1}{1+e^{-z^{(2)}}}$$'),
    (13, '$$J(\\Theta, \\beta) = \\frac{1}{2} \\left\\| a^{(2)} - y \\right\\|^2$$'),
    (17, "$$\\delta^{(2)} = \\nabla_{a^{(2)}} J \\odot g'\\left(z^{(2)}\\right)$$"),
    (18, '$$\\nabla_{a^{(2)}} J = a^{(2)} - y$$'),
    (19, '$$\\delta^{(2)} = \\left(a^{(2)} - y\\right) \\odot a^{(2)} \\odot \\left(1 - a^{(2)}\\right)$$'),
    (23, '$$\\delta^{(1)} = \\left( \\delta^{(2)} \\Theta^{(2)} \\right) \\odot \\left(1 - a^{(1)} \\odot a^{(1)}\\right)$$'),
    (27, '$$\\nabla_{\\Theta^{(2)}} J = \\left(a^{(1)}\\right)^T \\delta^{(2)}$$'),
    (28, '$$\\nabla_{\\beta^{(2)}} J = \\delta^{(2)}$$'),
    (29, '$$\\nabla_{\\Theta^{(1)}} J = x^T \\delta^{(1)}$$'),
    (30, '$$\\nabla_{\\beta^{(1)}} J = \\delta^{(1)}$$'),
    (34, '$$\\Theta^{(l)} := \\Theta^{(l)} - \\alpha \\nabla_{\\Theta^{(l)}} J$$'),
]


def draw(rng):
    P = dict(T1=rng.normal(size=(3, 4)), b1=rng.normal(size=(1, 4)), T2=rng.normal(size=(4, 2)), b2=rng.normal(size=(1, 2))); x, y = rng.normal(size=(1, 3)), rng.uniform(size=(1, 2))
    def F(put):
        T1, b1, T2, b2 = (put(n, P[n]) for n in ("T1", "b1", "T2", "b2"))
        z1 = put("z1", x @ T1 + b1); a1 = put("a1", np.tanh(z1)); z2 = put("z2", a1 @ T2 + b2); a2 = put("a2", sig(z2)); put("J", ((a2 - y) ** 2).sum() / 2)
    V, D = tools(F)
    a1, a2, T2 = V["a1"], V["a2"], P["T2"]; d1, d2 = D("J", "z1"), D("J", "z2")
    R(1); R(2, V["a1"], np.tanh(x @ P["T1"] + P["b1"])); R(3, a2, 1 / (1 + np.exp(-(a1 @ T2 + P["b2"])))); R(4, V["J"], .5 * np.linalg.norm(a2 - y) ** 2)
    R(5, d2, D("J", "a2") * a2 * (1 - a2)); R(6, D("J", "a2"), a2 - y); R(7, d2, (a2 - y) * a2 * (1 - a2))
    assert d2.shape[1] != T2.shape[0]        # the product that row 8 writes is not even defined
    R(8, False, v="wrong", code="transpose_order", fix=[d1, (d2 @ T2.T) * (1 - a1 * a1)],
      exp=r"$$\delta^{(1)} = \left( \delta^{(2)} \left(\Theta^{(2)}\right)^T \right) \odot \left(1 - a^{(1)} \odot a^{(1)}\right)$$")
    R(9, D("J", "T2"), a1.T @ d2); R(10, D("J", "b2"), d2); R(11, D("J", "T1"), x.T @ d1); R(12, D("J", "b1"), d1); R(13)

finish(draw, 3)
