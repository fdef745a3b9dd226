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


META = {'model_of': "Leonardo Tamiano's notes of Giorgio Gambosi's lectures, Machine Learning 24, Neural Networks II (Italian), here in vectors: a for the net inputs, z for the outputs, ln-likelihood error", 'errors': 'sigmoid derivative kept in the output delta under cross-entropy, carried on; update uphill'}

LINES = [
    (5, '\\mathbf{a}_1 &= \\mathbf{W}_1 \\mathbf{x} + \\mathbf{b}_1, & \\mathbf{z}_1 &= \\tanh(\\mathbf{a}_1) \\\\'),
    (6, '\\mathbf{a}_2 &= \\mathbf{W}_2 \\mathbf{z}_1 + \\mathbf{b}_2, & \\mathbf{z}_2 &= \\tanh(\\mathbf{a}_2) \\\\'),
    (7, 'a_3 &= \\mathbf{w}_3^T \\mathbf{z}_2 + b_3, & y &= \\sigma(a_3)'),
    (13, 'E = -t \\ln y - (1 - t) \\ln (1 - y)'),
    (18, '\\frac{\\partial E}{\\partial y} = \\frac{y - t}{y (1 - y)}'),
    (22, '\\delta_3 = \\frac{\\partial E}{\\partial a_3} = (y - t)\\, y (1 - y)'),
    (27, '\\frac{\\partial E}{\\partial \\mathbf{w}_3} = \\delta_3 \\mathbf{z}_2'),
    (30, '\\frac{\\partial E}{\\partial b_3} = (y - t)\\, y (1 - y)'),
    (35, '\\frac{d \\tanh(a)}{d a} = 1 - \\tanh^2(a),'),
    (40, '\\boldsymbol{\\delta}_2 &= \\delta_3 \\mathbf{w}_3 \\odot (1 - \\mathbf{z}_2 \\odot \\mathbf{z}_2) \\\\'),
    (41, '\\frac{\\partial E}{\\partial \\mathbf{W}_2} &= \\boldsymbol{\\delta}_2 \\mathbf{z}_1^T \\\\'),
    (42, '\\boldsymbol{\\delta}_1 &= \\left( \\mathbf{W}_2^T \\boldsymbol{\\delta}_2 \\right) \\odot (1 - \\mathbf{z}_1 \\odot \\mathbf{z}_1) \\\\'),
    (43, '\\frac{\\partial E}{\\partial \\mathbf{W}_1} &= \\boldsymbol{\\delta}_1 \\mathbf{x}^T \\\\'),
    (44, '\\frac{\\partial E}{\\partial \\mathbf{b}_1} &= \\boldsymbol{\\delta}_1'),
    (50, '\\mathbf{W}_1 \\leftarrow \\mathbf{W}_1 + \\eta \\frac{\\partial E}{\\partial \\mathbf{W}_1}'),
]


def draw(rng):
    S = dict(W1=(3, 2), b1=3, W2=(2, 3), b2=2, w3=2, b3=()); P = {k: rng.normal(size=s) for k, s in S.items()}; x, t = rng.normal(size=2), rng.uniform(.2, .8)
    def F(put):
        W1, b1, W2, b2, w3, b3 = (put(n, P[n]) for n in S)
        a1 = put("a1", W1 @ x + b1); z1 = put("z1", np.tanh(a1)); a2 = put("a2", W2 @ z1 + b2); z2 = put("z2", np.tanh(a2)); a3 = put("a3", w3 @ z2 + b3); y = put("y", sig(a3))
        put("E", -t * np.log(y) - (1 - t) * np.log(1 - y))
    V, D = tools(F); d = lambda n: D("E", n); z1, z2, y = V["z1"], V["z2"], V["y"]
    R(1, z1, np.tanh(P["W1"] @ x + P["b1"])); R(2, z2, np.tanh(P["W2"] @ z1 + P["b2"])); R(3, y, sig(P["w3"] @ z2 + P["b3"])); R(4, V["E"], -t * np.log(y) - (1 - t) * np.log(1 - y))
    R(5, d("y"), (y - t) / (y * (1 - y)))
    R(6, d("a3"), (y - t) * y * (1 - y), v="wrong", code="extra_factor", codes=["wrong_activation_derivative"], fix=[d("a3"), y - t], exp=r"\delta_3 = \frac{\partial E}{\partial a_3} = y - t")
    R(7, d("w3"), d("a3") * z2)
    R(8, d("b3"), (y - t) * y * (1 - y), v="follows", given=[(y - t) * y * (1 - y)], also=["wrong"], codes=["extra_factor"])
    u = rng.normal(); R(9, np.imag(np.tanh(u + 1j * H)) / H, 1 - np.tanh(u) ** 2)
    R(10, d("a2"), d("a3") * P["w3"] * (1 - z2 * z2)); R(11, d("W2"), np.outer(d("a2"), z1)); R(12, d("a1"), (P["W2"].T @ d("a2")) * (1 - z1 * z1))
    R(13, d("W1"), np.outer(d("a1"), x)); R(14, d("b1"), d("a1"))
    R(15, -.1 * d("W1"), .1 * d("W1"), v="wrong", code="sign", fix=[-.1 * d("W1"), -.1 * d("W1")], exp=r"\mathbf{W}_1 \leftarrow \mathbf{W}_1 - \eta \frac{\partial E}{\partial \mathbf{W}_1}")

finish(draw, 3)
