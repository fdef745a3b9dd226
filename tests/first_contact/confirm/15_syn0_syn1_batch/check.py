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


META = {'model_of': 'iamtrask, A neural network in 11 lines of Python: l0, syn0, l1, l1_error, l1_delta, a batch with samples as rows, numpy-like text', 'errors': 'sigmoid derivative formed from the net input; sign of one update'}

LINES = [
    (5, 'l0 = X'),
    (6, 'z1 = l0.dot(syn0)'),
    (7, 'l1 = 1/(1+exp(-z1))'),
    (8, 'l2 = 1/(1+exp(-l1.dot(syn1)))'),
    (9, 'E = 0.5*sum((y - l2)**2)'),
    (13, 'l2_error = y - l2'),
    (14, 'dE/dl2 = -l2_error'),
    (18, 'l2_delta = l2_error*l2*(1-l2)'),
    (19, 'dE/dsyn1 = -l1.T.dot(l2_delta)'),
    (23, 'l1_error = l2_delta.dot(syn1.T)'),
    (24, 'dE/dl1 = -l1_error'),
    (28, 'l1_delta = l1_error*z1*(1-z1)'),
    (29, 'dE/dsyn0 = -l0.T.dot(l1_delta)'),
    (33, 'syn1 = syn1 + l1.T.dot(l2_delta)'),
    (34, 'syn0 = syn0 - l0.T.dot(l1_delta)'),
]


def draw(rng):
    X = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0], [.5, -1, 1]], float); y = np.array([[1.], [0], [1], [0]])
    P = dict(s0=np.array([[.4, -.7, .1], [-.5, .3, .6], [.8, .2, -.9], [-.1, .5, .7]]).T, s1=np.array([[.6, -.8, .3, .9]]).T)
    P = {k: v + .1 * rng.normal(size=v.shape) for k, v in P.items()}
    def F(put):
        s0, s1 = put("s0", P["s0"]), put("s1", P["s1"])
        z1 = put("z1", X @ s0); l1 = put("l1", sig(z1)); z2 = put("z2", l1 @ s1); l2 = put("l2", sig(z2)); put("E", .5 * ((y - l2) ** 2).sum())
    V, D = tools(F); d = lambda n: D("E", n); l1, l2, z1 = V["l1"], V["l2"], V["z1"]; e2 = y - l2; d2 = -d("z2"); e1 = d2 @ P["s1"].T; d1 = -d("z1")
    R(1); R(2, z1, X @ P["s0"]); R(3, l1, 1 / (1 + np.exp(-z1))); R(4, l2, 1 / (1 + np.exp(-l1 @ P["s1"]))); R(5, V["E"], .5 * (e2 ** 2).sum())
    R(6, e2, -d("l2")); R(7, d("l2"), -e2); R(8, d2, e2 * l2 * (1 - l2)); R(9, d("s1"), -l1.T @ d2); R(10, e1, -d("l1")); R(11, d("l1"), -e1)
    R(12, d1, e1 * z1 * (1 - z1), v="wrong", code="net_vs_out", codes=["wrong_activation_derivative"], fix=[d1, e1 * l1 * (1 - l1)], exp="l1_delta = l1_error*l1*(1-l1)")
    R(13, d("s0"), -X.T @ d1, also=["follows"]); R(14, -d("s1"), l1.T @ d2)
    R(15, -d("s0"), -X.T @ d1, v="wrong", code="sign", fix=[-d("s0"), X.T @ d1], exp="syn0 = syn0 + l0.T.dot(l1_delta)")

finish(draw, 3)
