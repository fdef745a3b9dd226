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


META = {'model_of': 'Justin Skycak (justinmath.com), Backpropagation: capital sigma as the net input of a neuron, RSS, neurons counted through', 'errors': 'net input for the output in one gradient; the factor 2 of the square lost in another'}

LINES = [
    (5, 'Σ₃ = w₁₃·x₁ + w₂₃·x₂ + b₃'),
    (6, 'Σ₄ = w₁₄·x₁ + w₂₄·x₂ + b₄'),
    (7, 'f(Σ₃) = ln(1 + e^Σ₃)'),
    (8, 'Σ₅ = w₃₅·f(Σ₃) + w₄₅·f(Σ₄) + b₅'),
    (9, 'RSS = (Σ₅ − y)²'),
    (13, '∂RSS/∂Σ₅ = 2(Σ₅ − y)'),
    (14, '∂RSS/∂w₃₅ = ∂RSS/∂Σ₅ · ∂Σ₅/∂w₃₅ = 2(Σ₅ − y)·f(Σ₃)'),
    (15, '∂RSS/∂w₄₅ = ∂RSS/∂Σ₅ · ∂Σ₅/∂w₄₅ = 2(Σ₅ − y)·Σ₄'),
    (16, '∂RSS/∂b₅ = 2(Σ₅ − y)'),
    (20, 'f′(Σ₃) = e^Σ₃/(1 + e^Σ₃) = 1/(1 + e^(−Σ₃))'),
    (21, '∂RSS/∂f(Σ₃) = ∂RSS/∂Σ₅ · w₃₅'),
    (22, '∂RSS/∂Σ₃ = ∂RSS/∂f(Σ₃) · f′(Σ₃) = 2(Σ₅ − y)·w₃₅·f′(Σ₃)'),
    (23, '∂RSS/∂w₁₃ = ∂RSS/∂Σ₃ · x₁'),
    (24, '∂RSS/∂w₂₃ = 2(Σ₅ − y)·w₃₅·f′(Σ₃)·x₂'),
    (25, '∂RSS/∂w₁₄ = (Σ₅ − y)·w₄₅·f′(Σ₄)·x₁'),
    (26, '∂RSS/∂b₄ = ∂RSS/∂Σ₄ = 2(Σ₅ − y)·w₄₅·f′(Σ₄)'),
]


def draw(rng):
    P = dict(w=rng.normal(size=(2, 2)), b=rng.normal(size=2), u=rng.normal(size=2), c=rng.normal()); x, y = rng.normal(size=2), rng.normal()
    def F(put):                      # w[i, j]: from neuron i+1 to neuron j+3
        w, b, u, c = (put(n, P[n]) for n in ("w", "b", "u", "c"))
        s = put("s", x @ w + b); f = put("f", np.log(1 + np.exp(s))); s5 = put("s5", u @ f + c); put("E", (s5 - y) ** 2)
    V, D = tools(F)
    s, f, s5, u = V["s"], V["f"], V["s5"], P["u"]
    fp = np.diag(D("f", "s")); e = D("E", "s5"); gw, gu = D("E", "w"), D("E", "u"); k = 2 * (s5 - y)
    R(1, s[0], P["w"][0, 0] * x[0] + P["w"][1, 0] * x[1] + P["b"][0]); R(2, s[1], P["w"][0, 1] * x[0] + P["w"][1, 1] * x[1] + P["b"][1])
    R(3, f[0], np.log(1 + np.exp(s[0]))); R(4, s5, u[0] * f[0] + u[1] * f[1] + P["c"]); R(5, V["E"], (s5 - y) ** 2)
    R(6, e, k); R(7, gu[0], e * D("s5", "u")[0], k * f[0])
    R(8, gu[1], e * D("s5", "u")[1], k * s[1], v="wrong", code="net_vs_out", fix=[gu[1], k * f[1]],
      exp="∂RSS/∂w₄₅ = ∂RSS/∂Σ₅ · ∂Σ₅/∂w₄₅ = 2(Σ₅ − y)·f(Σ₄)")
    R(9, D("E", "c"), k); R(10, fp[0], np.exp(s[0]) / (1 + np.exp(s[0])), 1 / (1 + np.exp(-s[0])))
    R(11, D("E", "f")[0], e * u[0]); R(12, D("E", "s")[0], D("E", "f")[0] * fp[0], k * u[0] * fp[0])
    R(13, gw[0, 0], D("E", "s")[0] * x[0]); R(14, gw[1, 0], k * u[0] * fp[0] * x[1])
    R(15, gw[0, 1], (s5 - y) * u[1] * fp[1] * x[0], v="wrong", code="missing_factor", codes=["wrong_constant"], fix=[gw[0, 1], k * u[1] * fp[1] * x[0]],
      exp="∂RSS/∂w₁₄ = 2(Σ₅ − y)·w₄₅·f′(Σ₄)·x₁")
    R(16, D("E", "b")[1], D("E", "s")[1], k * u[1] * fp[1])

finish(draw, 3)
