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


META = {'model_of': 'kepr on Qiita, the mathematics of backpropagation for beginners (Japanese): a chain of single neurons, u for the net input, z for the output, every small step', 'errors': 'none'}

LINES = [
    (7, '$$u_1 = w_1 x + b_1 = 0.8 \\times 0.5 + 0.1 = 0.5$$'),
    (8, '$$z_1 = \\sigma(u_1) = \\sigma(0.5) \\fallingdotseq 0.6225$$'),
    (9, '$$u_2 = w_2 z_1 + b_2 = -1.2 \\times 0.6225 + 0.3 \\fallingdotseq -0.4470$$'),
    (10, '$$z_2 = \\sigma(u_2) \\fallingdotseq 0.3901$$'),
    (11, '$$y = w_3 z_2 + b_3 = 1.5 \\times 0.3901 - 0.2 \\fallingdotseq 0.3851$$'),
    (12, '$$L = \\frac{1}{2}(y - t)^2 = \\frac{1}{2}(0.3851 + 0.5)^2 \\fallingdotseq 0.3917$$'),
    (18, '$$\\frac{\\partial L}{\\partial y} = y - t \\fallingdotseq 0.8851$$'),
    (19, '$$\\frac{\\partial L}{\\partial w_3} = \\frac{\\partial L}{\\partial y} \\frac{\\partial y}{\\partial w_3} = (y - t) z_2 \\fallingdotseq 0.8851 \\times 0.3901 \\fallingdotseq 0.3453$$'),
    (20, '$$\\frac{\\partial L}{\\partial b_3} = y - t \\fallingdotseq 0.8851$$'),
    (24, '$$\\frac{\\partial L}{\\partial u_2} = \\frac{\\partial L}{\\partial y} \\frac{\\partial y}{\\partial z_2} \\frac{\\partial z_2}{\\partial u_2} = (y - t) w_3 z_2 (1 - z_2)$$'),
    (25, '$$\\frac{\\partial L}{\\partial u_2} \\fallingdotseq 0.8851 \\times 1.5 \\times 0.3901 \\times (1 - 0.3901) \\fallingdotseq 0.3159$$'),
    (26, '$$\\frac{\\partial L}{\\partial w_2} = \\frac{\\partial L}{\\partial u_2} z_1 \\fallingdotseq 0.3159 \\times 0.6225 \\fallingdotseq 0.1966$$'),
    (30, '$$\\frac{\\partial L}{\\partial u_1} = \\frac{\\partial L}{\\partial u_2} w_2 z_1 (1 - z_1) \\fallingdotseq 0.3159 \\times (-1.2) \\times 0.6225 \\times 0.3775 \\fallingdotseq -0.0891$$'),
    (31, '$$\\frac{\\partial L}{\\partial w_1} = \\frac{\\partial L}{\\partial u_1} x \\fallingdotseq -0.0891 \\times 0.5 \\fallingdotseq -0.0445$$'),
    (32, '$$\\frac{\\partial L}{\\partial w_1} = (y - t) w_3 z_2 (1 - z_2) w_2 z_1 (1 - z_1) x$$'),
    (36, '$$w_3 \\leftarrow w_3 - \\eta \\frac{\\partial L}{\\partial w_3} \\fallingdotseq 1.5 - 0.5 \\times 0.3453 \\fallingdotseq 1.3274$$'),
    (37, '$$w_2 \\leftarrow w_2 - \\eta \\frac{\\partial L}{\\partial w_2} \\fallingdotseq -1.2 - 0.5 \\times 0.1966 \\fallingdotseq -1.2983$$'),
    (38, '$$w_1 \\leftarrow w_1 - \\eta \\frac{\\partial L}{\\partial w_1} \\fallingdotseq 0.8 + 0.5 \\times 0.0445 \\fallingdotseq 0.8223$$'),
    (39, '$$b_1 \\leftarrow b_1 - \\eta \\frac{\\partial L}{\\partial b_1} \\fallingdotseq 0.1 + 0.5 \\times 0.0891 \\fallingdotseq 0.1445$$'),
]


def draw(rng):
    def F(put):
        w1, w2, w3, b1, b2, b3 = (put(n, v) for n, v in (("w1", .8), ("w2", -1.2), ("w3", 1.5), ("b1", .1), ("b2", .3), ("b3", -.2)))
        u1 = put("u1", w1 * .5 + b1); z1 = put("z1", sig(u1)); u2 = put("u2", w2 * z1 + b2); z2 = put("z2", sig(u2))
        y = put("y", w3 * z2 + b3); put("L", (y + .5) ** 2 / 2)
    V, D = tools(F)
    z1, z2, y = V["z1"], V["z2"], V["y"]
    g = lambda n: float(D("L", n))
    R(1, V["u1"], .8 * .5 + .1, pr("0.5", V["u1"])); R(2, pr("0.6225", z1)); R(3, pr("-0.4470", V["u2"], -1.2 * .6225 + .3)); R(4, pr("0.3901", z2))
    R(5, pr("0.3851", y, 1.5 * .3901 - .2)); R(6, pr("0.3917", V["L"], .5 * .8851 ** 2)); R(7, g("y"), y + .5, pr("0.8851", g("y")))
    R(8, g("w3"), g("y") * D("y", "w3"), (y + .5) * z2, pr("0.3453", g("w3"), .8851 * .3901)); R(9, g("b3"), y + .5, pr("0.8851", g("b3")))
    R(10, g("u2"), g("y") * D("y", "z2") * D("z2", "u2"), (y + .5) * 1.5 * z2 * (1 - z2))
    R(11, pr("0.3159", g("u2"), .8851 * 1.5 * .3901 * (1 - .3901))); R(12, g("w2"), g("u2") * z1, pr("0.1966", g("w2"), .3159 * .6225))
    R(13, g("u1"), g("u2") * -1.2 * z1 * (1 - z1), pr("-0.0891", g("u1"), .3159 * -1.2 * .6225 * .3775))
    R(14, g("w1"), g("u1") * .5, pr("-0.0445", g("w1"), -.0891 * .5)); R(15, g("w1"), (y + .5) * 1.5 * z2 * (1 - z2) * -1.2 * z1 * (1 - z1) * .5)
    R(16, pr("1.3274", 1.5 - .5 * g("w3"), 1.5 - .5 * .3453)); R(17, pr("-1.2983", -1.2 - .5 * g("w2"), -1.2 - .5 * .1966))
    R(18, pr("0.8223", .8 - .5 * g("w1"), .8 + .5 * .0445)); R(19, pr("0.1445", .1 - .5 * g("b1"), .1 + .5 * .0891))

finish(draw, 1)
