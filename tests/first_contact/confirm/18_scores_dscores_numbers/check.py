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


META = {'model_of': 'g-eoj on GitHub, cs231n two-layer backprop mathematics example: scores, probs, dscores, dW2, dh1 with numbers, row vectors, indices from zero', 'errors': 'a minus lost in one back-propagated entry, carried on; a sign slip in the bias update'}

LINES = [
    (5, 'X = [1, -2]'),
    (6, 'h_in = X*W1 + b1 = [0.8, 0.65, -1.1]'),
    (7, 'h1 = max(0, h_in) = [0.8, 0.65, 0]'),
    (8, 'scores = h1*W2 + b2 = [0.74, -0.075, -0.265]'),
    (9, 'exp(scores) = [2.0959, 0.9277, 0.7672]'),
    (10, 'probs = exp(scores)/3.7909 = [0.5529, 0.2447, 0.2024]'),
    (11, 'loss = -log(probs[2]) = -log(0.2024) = 1.5975'),
    (14, 'dscores = probs - [0, 0, 1] = [0.5529, 0.2447, -0.7976]'),
    (15, 'dW2 = h1.T*dscores = [[0.4423, 0.1958, -0.6381], [0.3594, 0.1591, -0.5184], [0, 0, 0]]'),
    (16, 'db2 = dscores = [0.5529, 0.2447, -0.7976]'),
    (17, 'dh1 = dscores*W2.T'),
    (18, 'dh1[0] = 0.5529*0.6 + 0.2447*(-0.3) - 0.7976*0.2 = 0.0988'),
    (19, 'dh1[1] = 0.5529*0.4 + 0.2447*0.1 - 0.7976*0.5 = -0.1532'),
    (20, 'dh1[2] = 0.5529*(-0.7) + 0.2447*0.2 - 0.7976*0.1 = -0.4178'),
    (21, 'dh_in = dh1*(h_in > 0) = [0.0988, -0.1532, 0]'),
    (22, 'dW1 = X.T*dh_in = [[0.0988, -0.1532, 0], [-0.1976, 0.3064, 0]]'),
    (25, 'new W2[0][2] = 0.2 - 0.1*(-0.6381) = 0.2638'),
    (26, 'new W1[0][0] = 0.5 - 0.1*0.0988 = 0.4901'),
    (27, 'new b2[2] = -0.1 - 0.1*(-0.7976) = -0.1798'),
]


def draw(rng):
    X = np.array([[1., -2.]]); t = np.array([[0, 0, 1.]])
    def F(put):
        W1 = put("W1", np.array([[.5, -.1], [-.2, -.4], [.3, .6]]).T); b1 = put("b1", [[.1, .05, -.2]]); W2 = put("W2", np.array([[.6, .4, -.7], [-.3, .1, .2], [.2, -.5, .1]]).T); b2 = put("b2", [[0, .1, -.1]])
        z = put("z", X @ W1 + b1); h = put("h", relu(z)); s = put("s", h @ W2 + b2); p = put("p", softmax(s)); put("L", -(t * np.log(p)).sum())
    V, D = tools(F); d = lambda n: D("L", n)
    def arr(texts, truth, lit=None):
        truth = np.ravel(truth); lit = truth if lit is None else np.ravel(lit); texts = texts.replace(",", " ").split()
        assert len(texts) == truth.size
        return all(pr(a, b, c) for a, b, c in zip(texts, truth, lit))
    ds = np.array([[.5529, .2447, -.7976]]); p = V["p"]
    R(1); R(2, arr("0.8 0.65 -1.1", V["z"])); R(3, arr("0.8 0.65 0", V["h"])); R(4, arr("0.74 -0.075 -0.265", V["s"])); R(5, arr("2.0959 0.9277 0.7672", np.exp(V["s"])))
    R(6, pr("3.7909", np.exp(V["s"]).sum()), arr("0.5529 0.2447 0.2024", p)); R(7, V["L"], -np.log(p[0, 2]), pr("1.5975", V["L"], -np.log(.2024)))
    R(8, d("s"), p - t, arr("0.5529 0.2447 -0.7976", p - t)); R(9, d("W2"), V["h"].T @ d("s"), arr("0.4423 0.1958 -0.6381 0.3594 0.1591 -0.5184 0 0 0", d("W2"), V["h"].T @ ds)); R(10, d("b2"), d("s"), arr("0.5529 0.2447 -0.7976", d("b2")))
    dh = d("h")[0]; W2 = V["W2"]
    R(11, d("h"), d("s") @ W2.T)
    R(12, pr("0.0988", dh[0], ds[0] @ W2[0])); assert W2[1, 2] == -.5
    R(13, pr("-0.1532", dh[1]), v="wrong", code="sign", codes=["wrong_constant", "arithmetic_slip"], fix=[pr("0.6444", dh[1], ds[0] @ W2[1])], exp="dh1[1] = 0.5529*0.4 + 0.2447*0.1 - 0.7976*(-0.5) = 0.6444")
    assert pr("-0.1532", .5529 * .4 + .2447 * .1 - .7976 * .5)
    R(14, pr("-0.4178", dh[2], ds[0] @ W2[2]))
    R(15, d("z"), d("h") * (V["h"] > 0), arr("0.0988 -0.1532 0", d("z")), v="follows", given=[arr("0.0988 -0.1532 0", [.0988, -.1532, 0])])
    R(16, arr("0.0988 -0.1532 0 -0.1976 0.3064 0", d("W1")), v="follows", given=[arr("0.0988 -0.1532 0 -0.1976 0.3064 0", X.T @ np.array([[.0988, -.1532, 0]]))])
    R(17, pr("0.2638", .2 - .1 * d("W2")[0, 2], .2 + .1 * .6381)); R(18, pr("0.4901", .5 - .1 * d("W1")[0, 0], .5 - .1 * .0988))
    R(19, pr("-0.1798", -.1 - .1 * d("b2")[0, 2], -.1 + .1 * .7976), v="wrong", code="sign", codes=["arithmetic_slip"], fix=[pr("-0.0202", -.1 - .1 * d("b2")[0, 2], -.1 + .1 * .7976)], exp="new b2[2] = -0.1 - 0.1*(-0.7976) = -0.0202")

finish(draw, 1)
