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


META = {'model_of': 'German Wikipedia, Backpropagation (net_j, o_j, w_ij from i to j, delta_j, units counted through), as a solved exercise in numbers with decimal commas', 'errors': 'updated output weights used in both hidden deltas'}

LINES = [
    (6, 'net3 = w13*o1 + w23*o2 = 0,3*0,8 - 0,4*0,5 = 0,04'),
    (7, 'o3 = 1/(1 + e^(-0,04)) = 0,5100'),
    (8, 'net4 = w14*o1 + w24*o2 = 0,6*0,8 + 0,1*0,5 = 0,53'),
    (9, 'o4 = 1/(1 + e^(-0,53)) = 0,6295'),
    (10, 'net5 = w35*o3 + w45*o4 = 0,7*0,5100 - 0,5*0,6295 = 0,0423'),
    (11, 'o5 = 1/(1 + e^(-0,0423)) = 0,5106'),
    (12, 'E = 1/2*(t5 - o5)^2 = 0,5*(1 - 0,5106)^2 = 0,1198'),
    (15, 'delta5 = o5*(1 - o5)*(o5 - t5) = 0,5106*0,4894*(-0,4894) = -0,1223'),
    (16, 'dE/dw35 = delta5*o3 = -0,1223*0,5100 = -0,0624'),
    (17, 'dE/dw45 = delta5*o4 = -0,1223*0,6295 = -0,0770'),
    (18, 'w35_neu = w35 - 0,6*dE/dw35 = 0,7 + 0,6*0,0624 = 0,7374'),
    (19, 'w45_neu = w45 - 0,6*dE/dw45 = -0,5 + 0,6*0,0770 = -0,4538'),
    (22, 'delta3 = o3*(1 - o3)*delta5*w35 = 0,5100*0,4900*(-0,1223)*0,7374 = -0,0225'),
    (23, 'delta4 = o4*(1 - o4)*delta5*w45 = 0,6295*0,3705*(-0,1223)*(-0,4538) = 0,0129'),
    (24, 'dE/dw13 = delta3*o1 = -0,0225*0,8 = -0,0180'),
    (25, 'dE/dw23 = delta3*o2 = -0,0225*0,5 = -0,0113'),
    (26, 'dE/dw14 = delta4*o1 = 0,0129*0,8 = 0,0103'),
    (27, 'dE/dw24 = delta4*o2 = 0,0129*0,5 = 0,0065'),
    (28, 'w13_neu = 0,3 + 0,6*0,0180 = 0,3108'),
    (29, 'w24_neu = 0,1 - 0,6*0,0065 = 0,0961'),
]


def draw(rng):
    def F(put):
        W = put("W", [[.3, -.4], [.6, .1]]); U = put("U", [.7, -.5])
        n = put("n", W @ np.array([.8, .5])); o = put("o", sig(n))
        n5 = put("n5", U @ o); o5 = put("o5", sig(n5)); put("E", (1 - o5) ** 2 / 2)
    V, D = tools(F)
    n3, n4 = V["n"]; o3, o4 = V["o"]; d5 = D("E", "n5"); d3, d4 = D("E", "n"); g = D("E", "W"); u = D("E", "U")
    s = lambda z: 1 / (1 + np.exp(-z))
    R(1, n3, .3 * .8 - .4 * .5, pr("0,04", n3))
    R(2, pr("0,5100", o3, s(.04)))
    R(3, n4, .6 * .8 + .1 * .5, pr("0,53", n4))
    R(4, pr("0,6295", o4, s(.53)))
    R(5, pr("0,0423", V["n5"], .7 * .51 - .5 * .6295))
    R(6, pr("0,5106", V["o5"], s(.0423)))
    R(7, pr("0,1198", V["E"], .5 * (1 - .5106) ** 2))
    R(8, d5, V["o5"] * (1 - V["o5"]) * (V["o5"] - 1), pr("-0,1223", d5, -.5106 * .4894 * .4894))
    R(9, u[0], d5 * o3, pr("-0,0624", u[0], -.1223 * .51))
    R(10, u[1], d5 * o4, pr("-0,0770", u[1], -.1223 * .6295))
    R(11, pr("0,7374", .7 - .6 * u[0], .7 + .6 * .0624))
    R(12, pr("-0,4538", -.5 - .6 * u[1], -.5 + .6 * .0770))
    kw = dict(v="wrong", code="updated_weights_used", codes=["wrong_constant", "arithmetic_slip"])
    R(13, d3, o3 * (1 - o3) * d5 * .7, pr("-0,0225", d3), fix=[d3, o3 * (1 - o3) * d5 * .7, pr("-0,0214", d3, .51 * .49 * -.1223 * .7)],
      exp="delta3 = o3*(1 - o3)*delta5*w35 = 0,5100*0,4900*(-0,1223)*0,7 = -0,0214", **kw)
    assert pr("-0,0225", .51 * .49 * -.1223 * .7374)
    R(14, d4, o4 * (1 - o4) * d5 * -.5, pr("0,0129", d4), fix=[d4, o4 * (1 - o4) * d5 * -.5, pr("0,0143", d4, .6295 * .3705 * -.1223 * -.5)],
      exp="delta4 = o4*(1 - o4)*delta5*w45 = 0,6295*0,3705*(-0,1223)*(-0,5) = 0,0143", **kw)
    assert pr("0,0129", .6295 * .3705 * -.1223 * -.4538)
    R(15, g[0, 0], d3 * .8, pr("-0,0180", g[0, 0]), v="follows", given=[pr("-0,0180", -.0225 * .8)])
    R(16, g[0, 1], d3 * .5, pr("-0,0113", g[0, 1]), v="follows", given=[pr("-0,0113", -.0225 * .5)])
    R(17, g[1, 0], d4 * .8, pr("0,0103", g[1, 0]), v="follows", given=[pr("0,0103", .0129 * .8)])
    R(18, g[1, 1], d4 * .5, pr("0,0065", g[1, 1]), v="follows", given=[pr("0,0065", .0129 * .5)])
    R(19, pr("0,3108", .3 - .6 * g[0, 0]), v="follows", given=[pr("0,3108", .3 + .6 * .018)])
    R(20, pr("0,0961", .1 - .6 * g[1, 1]), v="follows", given=[pr("0,0961", .1 - .6 * .0065)])

finish(draw, 1)
