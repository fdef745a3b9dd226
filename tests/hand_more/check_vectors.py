# ruff: noqa: C408, E731, E741, N802, N806, RUF005, T201
"""Checks the expected verdicts of the pieces 51 to 68 against an independent forward pass and complex-step derivatives.

    .venv/bin/python tests/hand_more/check_vectors.py

Nothing of symbp is imported. Each row of expected.json carries Python expressions: `lhs_py` is what the left side truly is, `rhs_py` what
the person wrote, `expected_py` the repaired right sides, `follows_py` what the right side is with the author's earlier wrong row put in.
Layers count from 0 (the input); W, b, z, a, d (dE/dz), p (f'(z)), ga, gW, gb, gx, E, D(out, node) are those of the forward pass; in a
batch X, Y, Zb, Ab, J (mean over samples), dZ (of one example, as a column each), dA, dW, db. Printed numbers are strings in N(...).
"""

import json
import pathlib
import re
import sys
import tomllib

import numpy as np

STEP = 1e-30
DRAWS = 14


def sig(v):
    return 1 / (1 + np.exp(-v))


def relu(v):
    return np.where(np.real(v) > 0, v, 0 * v)


def softmax(v):
    e = np.exp(v - np.max(np.real(v), axis=0))
    return e / e.sum(axis=0)


ACTIVATIONS = {
    "sigmoid": sig,
    "tanh": np.tanh,
    "identity": lambda v: v,
    "relu": relu,
    "softmax": softmax,
    "softplus": lambda v: np.log(1 + np.exp(v)),
}
LOSSES = {
    "half_squared_error": lambda t, o: ((t - o) ** 2 / 2).sum(),
    "squared_error": lambda t, o: ((t - o) ** 2).sum(),
    "cross_entropy": lambda t, o: -(t * np.log(o)).sum(),
    "binary_cross_entropy": lambda t, o: -(t * np.log(o) + (1 - t) * np.log(1 - o)).sum(),
}


class Printed:
    """A number (or matrix) as printed: right within one unit of its last place."""

    def __init__(self, value):
        flat = np.array(value, dtype=object)
        self.value = np.vectorize(float, otypes=[float])(flat)
        self.unit = np.vectorize(lambda s: 10.0 ** -(len(s.partition(".")[2])) if isinstance(s, str) else 1e-12, otypes=[float])(flat)


def literal(text, exact=()):
    """The value of an arithmetic expression with printed literals, and what their rounding explains (one unit each)."""
    pattern = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.])")
    scope = {"exp": np.exp, "sig": sig, "tanh": np.tanh, "log": np.log, "arr": np.array, "outer": np.outer}
    value = np.array(eval(text, scope), dtype=float)
    slack = np.zeros_like(value)
    for hit in pattern.finditer(text):
        if hit.group() in exact:
            continue
        unit = 10.0 ** -len(hit.group().partition(".")[2])
        moved = text[: hit.start()] + repr(float(hit.group()) + unit) + text[hit.end() :]
        slack = slack + np.abs(np.array(eval(moved, scope), dtype=float) - value)
    out = Printed.__new__(Printed)
    out.value, out.unit = value, slack + 1e-12
    return out


class Net:
    def __init__(self, spec, rng):
        self.spec, layers = spec, spec["layers"]
        first = spec["inputs"]
        self.n = [first if isinstance(first, int) else len(first)]
        self.n += [layer["units"] if isinstance(layer["units"], int) else len(layer["units"]) for layer in layers]
        self.L = len(layers)
        self.act = [None] + [ACTIVATIONS[layer.get("activation", "sigmoid")] for layer in layers]
        self.loss = LOSSES[spec.get("loss", "half_squared_error")]
        numeric = "weights" in layers[0]
        self.W, self.b = [None], [None]
        for l, layer in enumerate(layers, 1):
            shape = (self.n[l], self.n[l - 1])
            self.W.append(np.array(layer["weights"], dtype=float) if numeric else rng.normal(0, 0.8, shape))
            bias = layer.get("bias", False if numeric else [0] * self.n[l])
            if bias is False:
                self.b.append(np.zeros(self.n[l]))
            elif numeric:
                self.b.append(np.zeros(self.n[l]) + np.array(bias, dtype=float))
            else:
                self.b.append(rng.normal(0, 0.5, self.n[l]) if isinstance(bias, list) else np.zeros(self.n[l]) + rng.normal())
        if "samples" in spec:
            self.X = np.array([s["inputs"] for s in spec["samples"]], dtype=float).T
            self.Y = np.array([s["targets"] for s in spec["samples"]], dtype=float).T
        else:
            m = 5
            self.X = rng.normal(0, 1, (self.n[0], m))
            self.Y = rng.uniform(0.1, 0.9, (self.n[-1], m))
            if spec.get("loss") == "cross_entropy":
                self.Y = self.Y / self.Y.sum(axis=0)
        self.m = self.X.shape[1]

    def run(self, s=0, bump=None, delta=STEP * 1j, everywhere=False):
        """z, a, E of sample s, with `delta` added to the node called `bump`, like W2.0.1, z1.0, a1.0 or x.0."""
        kind, where = None, None
        if bump:
            head, *rest = bump.split(".")
            where = tuple(int(r) for r in rest)
            kind, layer = head[0], int(head[1:] or 0)
        x = self.X[:, s].astype(complex)
        if kind == "x":
            x[where] += delta
        z, a = [None], [x]
        for l in range(1, self.L + 1):
            W, b = self.W[l].astype(complex), self.b[l].astype(complex)
            if kind == "W" and layer == l:
                W[where] += delta
            if kind == "b" and layer == l:
                b[where] += delta
            z.append(W @ a[-1] + b)
            if kind == "z" and layer == l:
                z[-1][where] += delta
            out = self.act[l](z[-1])
            if kind == "a" and layer == l:
                out = out.copy()
                out[where] += delta
            a.append(out)
        return z, a, self.loss(self.Y[:, s], a[-1])

    def D(self, out, node, s=0):
        z, a, E = self.run(s, node)
        if out == "E":
            return E.imag / STEP
        head, index = out.split(".")
        return {"z": z, "a": a}[head[0]][int(head[1:])][int(index)].imag / STEP

    def scope(self):
        n, L = self.n, self.L
        D = self.D
        z, a, E = self.run()
        real = lambda rows: [None if r is None else np.real(r) for r in rows]
        z, a = real(z), real(a)
        layers = range(1, L + 1)
        vector = lambda kind, s=0: [None] + [np.array([D("E", f"{kind}{l}.{j}", s) for j in range(n[l])]) for l in layers]
        matrix = lambda s=0: (
            [None] + [np.array([[D("E", f"W{l}.{j}.{k}", s) for k in range(n[l - 1])] for j in range(n[l])]) for l in layers]
        )
        d, ga, gb, gW = vector("z"), vector("a"), vector("b"), matrix()
        Jac = [None] + [np.array([[D(f"a{l}.{i}", f"z{l}.{j}") for j in range(n[l])] for i in range(n[l])]) for l in layers]
        p = [None] + [np.diag(Jac[l]) for l in layers]
        m = self.m
        runs = [self.run(s) for s in range(m)]
        Zb = [None] + [np.real(np.array([r[0][l] for r in runs]).T) for l in layers]
        Ab = [np.real(np.array([r[1][l] for r in runs]).T) for l in range(L + 1)]
        dZ = [None] + [np.array([vector("z", s)[l] for s in range(m)]).T for l in layers]
        dA = [None] + [np.array([vector("a", s)[l] for s in range(m)]).T for l in layers]
        dW = [None] + [sum(matrix(s)[l] for s in range(m)) / m for l in layers]
        db = [None] + [sum(vector("b", s)[l] for s in range(m))[:, None] / m for l in layers]
        eta = self.spec.get("learning_rate", 0.1)
        return {
            **dict(
                n=n, L=L, x=np.real(a[0]), t=self.Y[:, 0], y=self.Y[:, 0], W=self.W, b=self.b, z=z, a=a, E=E.real, d=d, ga=ga, gb=gb, gW=gW
            ),
            **dict(p=p, Jac=Jac, D=D, m=m, X=self.X, Y=self.Y, Zb=Zb, Ab=Ab, dZ=dZ, dA=dA, dW=dW, db=db, eta=eta),
            "gx": np.array([D("E", f"x.{i}") for i in range(n[0])]),
            "J": sum(r[2].real for r in runs) / m,
            "act": self.act,
        }


class Recurrent:
    """A recurrent layer of tanh units under one output layer; h[0] is the start, steps count from 1."""

    def __init__(self, spec, rng):
        cell, layer = spec["recurrent"], spec["layers"][0]
        self.nx, self.nh, self.ny = spec["inputs"], cell["units"], layer["units"]
        self.T = spec["recurrent"].get("length", spec.get("length", 3))
        self.Wxh, self.Whh = rng.normal(0, 0.7, (self.nh, self.nx)), rng.normal(0, 0.7, (self.nh, self.nh))
        self.Why, self.bh, self.by = rng.normal(0, 0.7, (self.ny, self.nh)), rng.normal(0, 0.5, self.nh), rng.normal(0, 0.5, self.ny)
        self.x, self.y = rng.normal(0, 1, (self.T + 1, self.nx)), rng.normal(0, 1, (self.T + 1, self.ny))
        self.f, self.g = ACTIVATIONS[cell["activation"]], ACTIVATIONS[layer["activation"]]

    def run(self, bump=None):
        own = {name: np.array(getattr(self, name), dtype=complex) for name in ("Wxh", "Whh", "Why", "bh", "by")}
        head, where = None, ()
        if bump:
            head, *rest = bump.split(".")
            where = tuple(int(r) for r in rest)
            if head in own:
                own[head][where] += STEP * 1j
        s, h, o, Es = [None], [np.zeros(self.nh, dtype=complex)], [None], [0]
        for t in range(1, self.T + 1):
            v = own["Wxh"] @ self.x[t] + own["Whh"] @ h[-1] + own["bh"]
            if head == f"s{t}":
                v[where] += STEP * 1j
            s.append(v)
            u = self.f(v)
            if head == f"h{t}":
                u[where] += STEP * 1j
            h.append(u)
            q = self.g(own["Why"] @ u + own["by"])
            if head == f"o{t}":
                q[where] += STEP * 1j
            o.append(q)
            Es.append(((q - self.y[t]) ** 2).sum() / 2)
        return s, h, o, Es

    def scope(self):
        s, h, o, Es = self.run()
        real = lambda rows: [None if r is None else np.real(r) for r in rows]
        D = lambda node: sum(self.run(node)[3]).imag / STEP
        steps = range(1, self.T + 1)
        each = lambda kind, size: [None] + [np.array([D(f"{kind}{t}.{i}") for i in range(size)]) for t in steps]
        grad = lambda name, value: np.array([D(name + "." + ".".join(map(str, i))) for i in np.ndindex(value.shape)]).reshape(value.shape)
        into = lambda kind, t, j, of: self.run(f"{of}.{j}")[{"s": 0, "h": 1, "o": 2}[kind]][t].imag / STEP
        own = {name: getattr(self, name) for name in ("Wxh", "Whh", "Why", "bh", "by", "x", "y", "T", "nh", "nx", "ny")}
        return {
            **own,
            **dict(s=real(s), h=real(h), o=real(o), E=np.real(sum(Es)), Et=[np.real(e) for e in Es], steps=steps, into=into),
            **dict(ds=each("s", self.nh) + [np.zeros(self.nh)], dh=each("h", self.nh), do=each("o", self.ny)),
            **{"g" + name: grad(name, own[name]) for name in ("Wxh", "Whh", "Why", "bh", "by")},
        }


def deriv(f, v, order=1):
    """The derivative of an analytic f at a real v, by a complex step (order 1) or the difference of two (order 2)."""
    if order == 1:
        return np.imag(f(v + STEP * 1j)) / STEP
    return (deriv(f, v + 1e-5) - deriv(f, v - 1e-5)) / 2e-5


TOOLS = {
    **dict(np=np, sig=sig, relu=relu, softmax=softmax, exp=np.exp, log=np.log, tanh=np.tanh, outer=np.outer, diag=np.diag, dot=np.dot),
    **dict(arr=np.array, deriv=deriv, cosh=np.cosh, N=Printed, lit=literal, col=lambda v: np.array(v)[:, None], ones=np.ones),
    "dsig": lambda v: sig(v) * (1 - sig(v)),
    "V": lambda f, n: np.array([f(i) for i in range(n)]),
    "M": lambda f, r, c: np.array([[f(i, j) for j in range(c)] for i in range(r)]),
    "S": lambda f, n: sum(f(i) for i in range(n)),
}


def flat(value):
    if isinstance(value, Printed):
        return value.value.ravel(), value.unit.ravel(), value.value.shape
    if isinstance(value, (list, tuple)) and not all(isinstance(v, (int, float, complex, np.number)) for v in value):
        parts = [flat(v) for v in value]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]), [p[2] for p in parts]
    value = np.array(value, dtype=float)
    return value.ravel(), np.zeros(value.size), value.shape


def equal(left, right, times=1.0):
    """Whether they agree; a printed number within its unit. Shapes have to agree but for what has one entry only."""
    (u, su, hu), (v, sv, hv) = flat(left), flat(right)
    if u.size != v.size or (hu != hv and u.size > 1 and not (isinstance(left, Printed) or isinstance(right, Printed))):
        return False
    bound = times * (su + sv) * 1.0001 + 1e-8 * (1 + np.abs(u))
    return bool(np.all(np.abs(u - v) <= bound))


def check(folder):
    spec = tomllib.loads((folder / "spec.toml").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    (work,) = folder.glob("work.*")
    source = work.read_text(encoding="utf-8").splitlines()
    complaints = []
    numeric = "samples" in spec
    scopes = []
    for seed in range(1 if numeric else DRAWS):
        rng = np.random.default_rng(1000 + seed)
        scope = {**TOOLS, **(Recurrent(spec, rng) if "recurrent" in spec else Net(spec, rng)).scope()}
        exec(expected.get("setup_py", ""), scope)
        scopes.append(scope)

    def value(text, scope):
        return eval(text, scope)

    def holds(pair_of, row, times=1.0):
        """In every draw; a mismatch of sizes does not hold."""
        for scope in scopes:
            try:
                left, *rights = pair_of(row, scope)
            except (IndexError, ValueError) as error:
                return f"no: {error}"
            if not all(equal(left, right, times) for right in rights):
                return "no"
        return "yes"

    for row in expected["lines"]:
        name = f"{folder.name}:{row['line']}"
        if source[row["line"] - 1].strip() != row["text"]:
            complaints.append(f"{name}: text is not the line")
        verdict = row["verdict"]
        if verdict == "undecidable":
            if numeric:
                complaints.append(f"{name}: undecidable in a net with numbers")
            continue
        truth = lambda r, s: [value(r["lhs_py"], s), *(value(e, s) for e in r["rhs_py"])]
        true = holds(truth, row)
        if numeric and verdict != "correct" and holds(truth, row, times=4.0) == "yes":
            complaints.append(f"{name}: a near miss")
        if (true == "yes") != (verdict == "correct"):
            complaints.append(f"{name}: {verdict}, but true is {true}")
        if verdict == "wrong":
            repaired = holds(lambda r, s: [value(e, s) for e in r["expected_py"]], row)
            if repaired != "yes" or "code" not in row or "expected" not in row:
                complaints.append(f"{name}: the repair is {repaired}")
        if verdict == "follows":
            given = holds(lambda r, s: [value(r["follows_py"], s), *(value(e, s) for e in r["rhs_py"])], row)
            if given != "yes":
                complaints.append(f"{name}: follows from the wrong row: {given}")
    return expected, complaints


def main():
    here = pathlib.Path(__file__).parent
    verdicts, codes, bad = {}, {}, 0
    for folder in sorted(here.glob("[0-9][0-9]_*")):
        if not 51 <= int(folder.name[:2]) <= 68:
            continue
        expected, complaints = check(folder)
        for row in expected["lines"]:
            verdicts[row["verdict"]] = verdicts.get(row["verdict"], 0) + 1
            if "code" in row:
                codes[row["code"]] = codes.get(row["code"], 0) + 1
        print(f"{folder.name}: {len(expected['lines'])} rows", "ok" if not complaints else "")
        for line in complaints:
            print("   ", line)
        bad += len(complaints)
    print(verdicts)
    print(dict(sorted(codes.items(), key=lambda item: -item[1])))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
