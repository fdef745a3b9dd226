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


META = {'model_of': 'exercise in Zaki and Meira, Data Mining and Machine Learning (neural networks), answered by a student on quesba.com: ReLU hidden layer, sigmoid output, net gradients, plain ASCII', 'errors': 'derivative of ReLU forgotten for the dead unit, carried on; decimal slip in the bias update'}

LINES = [
    (4, 'net_h1 = 0.5*2 - 0.3*1 + 0.1 = 0.8'),
    (5, 'h1 = relu(0.8) = 0.8'),
    (6, 'net_h2 = -0.4*2 + 0.2*1 + 0.1 = -0.5'),
    (7, 'h2 = relu(-0.5) = 0'),
    (8, 'net_h3 = 0.1*2 + 0.6*1 + 0.1 = 0.9'),
    (9, 'h3 = relu(0.9) = 0.9'),
    (10, 'net_o = 0.7*0.8 - 0.9*0 - 0.5*0.9 + 0.2 = 0.31'),
    (11, 'o = sigmoid(0.31) = 0.577'),
    (14, 'E = 0.5*(o-y)^2 = 0.5*(0.577-1)^2 = 0.0895'),
    (17, 'delta_o = (o-y)*o*(1-o) = (0.577-1)*0.577*0.423 = -0.103'),
    (20, 'dE/dv1 = delta_o*h1 = -0.103*0.8 = -0.0824'),
    (21, 'dE/dv2 = delta_o*h2 = -0.103*0 = 0'),
    (22, 'dE/dv3 = delta_o*h3 = -0.103*0.9 = -0.0927'),
    (25, 'delta_h1 = delta_o*v1*1 = -0.103*0.7 = -0.0721'),
    (26, 'delta_h2 = delta_o*v2 = -0.103*(-0.9) = 0.0927'),
    (27, 'delta_h3 = delta_o*v3*1 = -0.103*(-0.5) = 0.0515'),
    (30, 'dE/dw11 = delta_h1*x1 = -0.0721*2 = -0.1442'),
    (31, 'dE/dw21 = delta_h2*x1 = 0.0927*2 = 0.1854'),
    (32, 'dE/dw32 = delta_h3*x2 = 0.0515*1 = 0.0515'),
    (35, 'new v1 = 0.7 - 0.1*(-0.0824) = 0.70824'),
    (36, 'new c = 0.2 - 0.1*(-0.103) = 0.303'),
    (37, 'new w32 = 0.6 - 0.1*0.0515 = 0.59485'),
]


def draw(rng):
    x = np.array([2., 1.])
    def F(put):
        W = put("W", [[.5, -.3], [-.4, .2], [.1, .6]]); b = put("b", [.1] * 3); v = put("v", [.7, -.9, -.5]); c = put("c", .2)
        n = put("n", W @ x + b); h = put("h", relu(n)); no = put("no", v @ h + c); o = put("o", sig(no)); put("E", (o - 1) ** 2 / 2)
    V, D = tools(F)
    n, h, o = V["n"], V["h"], V["o"]; g, gv, dh = D("E", "W"), D("E", "v"), D("E", "n"); do = float(D("E", "no"))
    R(1, n[0], .5 * 2 - .3 + .1, pr("0.8", n[0])); R(2, h[0], .8); R(3, n[1], -.8 + .2 + .1, pr("-0.5", n[1])); R(4, h[1], 0.)
    R(5, n[2], .2 + .6 + .1, pr("0.9", n[2])); R(6, h[2], .9); R(7, V["no"], .56 - .45 + .2, pr("0.31", V["no"]))
    R(8, o, sig(.31), pr("0.577", o)); R(9, V["E"], .5 * (o - 1) ** 2, pr("0.0895", V["E"], .5 * .423 ** 2))
    R(10, do, (o - 1) * o * (1 - o), pr("-0.103", do, -.423 * .577 * .423))
    R(11, gv[0], do * h[0], pr("-0.0824", gv[0], -.103 * .8)); R(12, gv[1], do * h[1], 0.); R(13, gv[2], do * h[2], pr("-0.0927", gv[2], -.103 * .9))
    R(14, dh[0], do * .7, pr("-0.0721", dh[0], -.103 * .7))
    R(15, dh[1], do * -.9, pr("0.0927", do * -.9, .103 * .9), v="wrong", code="missing_activation_derivative", codes=["wrong_activation_derivative"],
      fix=[dh[1], do * -.9 * 0, pr("0", -.103 * -.9 * 0)], exp="delta_h2 = delta_o*v2*0 = -0.103*(-0.9)*0 = 0")
    R(16, dh[2], do * -.5, pr("0.0515", dh[2], .103 * .5))
    R(17, g[0, 0], dh[0] * 2, pr("-0.1442", g[0, 0], -.0721 * 2))
    R(18, g[1, 0], dh[1] * 2, pr("0.1854", g[1, 0]), v="follows", given=[pr("0.1854", .0927 * 2)])
    R(19, g[2, 1], dh[2] * 1, pr("0.0515", g[2, 1], .0515))
    R(20, pr("0.70824", .7 - .1 * gv[0], .7 + .1 * .0824))
    R(21, pr("0.303", .2 - .1 * do, .2 + .1 * .103), v="wrong", code="arithmetic_slip", fix=[pr("0.2103", .2 - .1 * do, .2 + .1 * .103)], exp="new c = 0.2 - 0.1*(-0.103) = 0.2103")
    R(22, pr("0.59485", .6 - .1 * g[2, 1], .6 - .1 * .0515))

finish(draw, 1)
