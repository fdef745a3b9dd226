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


META = {'model_of': 'Daniel Uhr, Exemplo numérico de backpropagation (notebook, Portuguese): manual pass with rounded numbers', 'errors': 'sigmoid-like derivative for tanh in one unit, carried on; sign slip in an update'}

LINES = [
    (7, '$$z_1 = w_{11} x_1 + w_{12} x_2 + b_1 = 0.4 \\cdot 1.5 + 0.2 \\cdot (-0.5) + 0.1 = 0.6$$'),
    (8, '$$z_2 = w_{21} x_1 + w_{22} x_2 + b_2 = -0.3 \\cdot 1.5 + 0.5 \\cdot (-0.5) - 0.2 = -0.9$$'),
    (9, '$$h_1 = \\tanh(0.6) = 0.5370$$'),
    (10, '$$h_2 = \\tanh(-0.9) = -0.7163$$'),
    (11, '$$\\hat{y} = v_1 h_1 + v_2 h_2 + c = 0.8 \\cdot 0.5370 - 0.6 \\cdot (-0.7163) + 0.05 = 0.9094$$'),
    (12, '$$L = \\tfrac12 (\\hat{y} - y)^2 = \\tfrac12 (0.9094 - 0.5)^2 = 0.0838$$'),
    (16, '$$\\frac{\\partial L}{\\partial \\hat{y}} = \\hat{y} - y = 0.4094$$'),
    (17, '$$\\frac{\\partial L}{\\partial v_1} = \\frac{\\partial L}{\\partial \\hat{y}} h_1 = 0.4094 \\cdot 0.5370 = 0.2198$$'),
    (18, '$$\\frac{\\partial L}{\\partial v_2} = 0.4094 \\cdot (-0.7163) = -0.2933$$'),
    (19, '$$\\frac{\\partial L}{\\partial c} = 0.4094$$'),
    (20, '$$\\frac{\\partial L}{\\partial h_1} = v_1 \\cdot 0.4094 = 0.3275$$'),
    (21, '$$\\frac{\\partial L}{\\partial h_2} = v_2 \\cdot 0.4094 = -0.2456$$'),
    (25, '$$\\frac{\\partial L}{\\partial z_1} = 0.3275 \\cdot (1 - 0.5370^2) = 0.3275 \\cdot 0.7116 = 0.2331$$'),
    (26, '$$\\frac{\\partial L}{\\partial z_2} = -0.2456 \\cdot (-0.7163) \\cdot (1 + 0.7163) = 0.3019$$'),
    (30, '$$\\frac{\\partial L}{\\partial w_{11}} = 0.2331 \\cdot 1.5 = 0.3496$$'),
    (31, '$$\\frac{\\partial L}{\\partial w_{12}} = 0.2331 \\cdot (-0.5) = -0.1165$$'),
    (32, '$$\\frac{\\partial L}{\\partial w_{21}} = 0.3019 \\cdot 1.5 = 0.4529$$'),
    (33, '$$\\frac{\\partial L}{\\partial w_{22}} = 0.3019 \\cdot (-0.5) = -0.1510$$'),
    (34, '$$\\frac{\\partial L}{\\partial b_1} = 0.2331$$'),
    (38, '$$v_1^{novo} = v_1 - 0.1 \\cdot \\frac{\\partial L}{\\partial v_1} = 0.8 - 0.1 \\cdot 0.2198 = 0.7780$$'),
    (39, '$$w_{12}^{novo} = w_{12} - 0.1 \\cdot \\frac{\\partial L}{\\partial w_{12}} = 0.2 - 0.1 \\cdot (-0.1165) = 0.1884$$'),
]


def draw(rng):
    x = np.array([1.5, -.5])
    def F(put):
        W = put("W", [[.4, .2], [-.3, .5]]); b = put("b", [.1, -.2]); v = put("v", [.8, -.6]); c = put("c", .05)
        z = put("z", W @ x + b); h = put("h", np.tanh(z)); y = put("y", v @ h + c); put("L", (y - .5) ** 2 / 2)
    V, D = tools(F)
    g, dz, dh, dv = D("L", "W"), D("L", "z"), D("L", "h"), D("L", "v")
    e = D("L", "y")
    R(1, V["z"][0], .4 * 1.5 + .2 * -.5 + .1, pr("0.6", V["z"][0]))
    R(2, V["z"][1], -.3 * 1.5 + .5 * -.5 - .2, pr("-0.9", V["z"][1]))
    R(3, pr("0.5370", V["h"][0])); R(4, pr("-0.7163", V["h"][1]))
    R(5, pr("0.9094", V["y"], .8 * .537 + .6 * .7163 + .05))
    R(6, pr("0.0838", V["L"], .5 * .4094 ** 2))
    R(7, e, V["y"] - .5, pr("0.4094", e))
    R(8, dv[0], e * V["h"][0], pr("0.2198", dv[0], .4094 * .5370))
    R(9, pr("-0.2933", dv[1], -.4094 * .7163))
    R(10, pr("0.4094", D("L", "c")))
    R(11, pr("0.3275", dh[0], .8 * .4094)); R(12, pr("-0.2456", dh[1], -.6 * .4094))
    R(13, pr("0.7116", 1 - .537 ** 2), pr("0.2331", dz[0], .3275 * .7116))
    R(14, pr("0.3019", dz[1]), v="wrong", code="wrong_activation_derivative", codes=["sign"],
      fix=[pr("-0.1196", dz[1], -.2456 * (1 - .7163 ** 2))], exp=r"\frac{\partial L}{\partial z_2} = -0.2456 \cdot (1 - (-0.7163)^2) = -0.1196")
    assert pr("0.3019", .2456 * .7163 * 1.7163)
    R(15, pr("0.3496", g[0, 0], .2331 * 1.5)); R(16, pr("-0.1165", g[0, 1], -.2331 * .5))
    R(17, pr("0.4529", g[1, 0]), v="follows", given=[pr("0.4529", .3019 * 1.5)])
    R(18, pr("-0.1510", g[1, 1]), v="follows", given=[pr("-0.1510", .3019 * -.5)])
    R(19, pr("0.2331", D("L", "b")[0], .2331))
    R(20, pr("0.7780", .8 - .1 * dv[0], .8 - .1 * .2198))
    R(21, pr("0.1884", .2 - .1 * g[0, 1], .2 + .1 * .1165), v="wrong", code="arithmetic_slip", codes=["sign"],
      fix=[pr("0.2117", .2 - .1 * g[0, 1], .2 + .1 * .1165)], exp=r"w_{12}^{novo} = w_{12} - 0.1 \cdot \frac{\partial L}{\partial w_{12}} = 0.2 - 0.1 \cdot (-0.1165) = 0.2117")

finish(draw, 1)
