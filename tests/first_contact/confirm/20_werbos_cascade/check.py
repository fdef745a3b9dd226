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


META = {'model_of': 'Paul Werbos, Backpropagation through time: what it does and how to do it (1990): ordered derivatives F_, net_i, x_i, a fully connected cascade instead of layers', 'errors': 'path through the second hidden unit forgotten, written out again in one gradient; wrong source in another'}

LINES = [
    (4, 'net3 = W31*x1 + W32*x2'),
    (5, 'x3 = s(net3)'),
    (6, 'net4 = W41*x1 + W42*x2 + W43*x3'),
    (7, 'x4 = s(net4)'),
    (8, 'net5 = W52*x2 + W53*x3 + W54*x4'),
    (9, 'Yhat = x5 = s(net5)'),
    (10, 'E = 0.5*(Yhat - Y)^2'),
    (13, 'F_Yhat = dE/dYhat = Yhat - Y'),
    (14, 'F_net5 = F_Yhat * Yhat * (1 - Yhat)'),
    (15, 'F_x4 = W54 * F_net5'),
    (16, 'F_net4 = F_x4 * x4 * (1 - x4)'),
    (17, 'F_x3 = W53 * F_net5'),
    (18, 'F_net3 = F_x3 * x3 * (1 - x3)'),
    (21, 'F_W54 = dE/dW54 = F_net5 * x4'),
    (22, 'F_W53 = dE/dW53 = F_net5 * x3'),
    (23, 'F_W52 = dE/dW52 = F_net5 * x1'),
    (24, 'F_W43 = dE/dW43 = F_net4 * x3'),
    (25, 'F_W41 = dE/dW41 = W54 * F_net5 * x4 * (1 - x4) * x1'),
    (26, 'F_W32 = dE/dW32 = F_net3 * x2'),
    (27, 'F_W31 = dE/dW31 = W53 * F_net5 * x3 * (1 - x3) * x1'),
    (30, 'new W54 = W54 - 0.1 * F_W54'),
]


def draw(rng):
    names = ["W31", "W32", "W41", "W42", "W43", "W52", "W53", "W54"]; P = {n: rng.normal() for n in names}; x1, x2, Y = rng.normal(), rng.normal(), rng.uniform()
    def F(put):
        W = {n: put(n, P[n]) for n in names}
        n3 = put("n3", W["W31"] * x1 + W["W32"] * x2); x3 = put("x3", sig(n3)); n4 = put("n4", W["W41"] * x1 + W["W42"] * x2 + W["W43"] * x3); x4 = put("x4", sig(n4))
        n5 = put("n5", W["W52"] * x2 + W["W53"] * x3 + W["W54"] * x4); x5 = put("x5", sig(n5)); put("E", .5 * (x5 - Y) ** 2)
    V, D = tools(F); F_ = lambda n: float(D("E", n)); W = P; x3, x4, x5 = float(V["x3"]), float(V["x4"]), float(V["x5"])
    R(1, V["n3"], W["W31"] * x1 + W["W32"] * x2); R(2, x3, sig(V["n3"])); R(3, V["n4"], W["W41"] * x1 + W["W42"] * x2 + W["W43"] * x3); R(4, x4, sig(V["n4"]))
    R(5, V["n5"], W["W52"] * x2 + W["W53"] * x3 + W["W54"] * x4); R(6, x5, sig(V["n5"])); R(7, V["E"], .5 * (x5 - Y) ** 2); R(8, F_("x5"), x5 - Y)
    R(9, F_("n5"), F_("x5") * x5 * (1 - x5)); R(10, F_("x4"), W["W54"] * F_("n5")); R(11, F_("n4"), F_("x4") * x4 * (1 - x4))
    R(12, F_("x3"), W["W53"] * F_("n5"), v="wrong", code="missing_sum", fix=[F_("x3"), W["W53"] * F_("n5") + W["W43"] * F_("n4")], exp="F_x3 = W53 * F_net5 + W43 * F_net4")
    R(13, F_("n3"), F_("x3") * x3 * (1 - x3)); R(14, F_("W54"), F_("n5") * x4); R(15, F_("W53"), F_("n5") * x3)
    R(16, F_("W52"), F_("n5") * x1, v="wrong", code="wrong_index", codes=["wrong_input"], fix=[F_("W52"), F_("n5") * x2], exp="F_W52 = dE/dW52 = F_net5 * x2")
    R(17, F_("W43"), F_("n4") * x3); R(18, F_("W41"), W["W54"] * F_("n5") * x4 * (1 - x4) * x1); R(19, F_("W32"), F_("n3") * x2)
    q = W["W53"] * F_("n5") * x3 * (1 - x3) * x1
    R(20, F_("W31"), q, v="follows", given=[q], exp=None); R(21, -.1 * F_("W54"), -.1 * F_("n5") * x4)

finish(draw, 3)
