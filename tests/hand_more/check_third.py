# ruff: noqa: B023, N802, N806, PT018, T201
"""Check every verdict of the pieces 71 to 90 against an independent forward pass and complex-step derivatives.

    .venv/bin/python tests/hand_more/check_third.py [NUMBER ...]

Only numpy and the standard library; nothing of symbp. Of each judged row `lhs_py` is what its left side truly is, `rhs_py` (one per link of
the chain) what the person wrote, `expected_py` the repaired row (left, then right sides), `follows_py` the value with the author's earlier
wrong row put in. They are evaluated on 14 random networks where no weights are given, else on the network itself.

Names: w1, b1 or b_h1, net_h1, out_h1, delta_h1, E_o1, E, target_o1 (t1, or t if there is one), w1p after an update, D(top, bottom), g(p);
and by layers from 0, the input: W, b, z, a, d, p (f'(z)), ga, gW, gb, Wn, bn, xv, tv; in a batch X, Y, Zb, Ab, dZ, dA (of one example, a
column each), dW, db, J (means). Rules: a printed number is right within one unit of its last place; arithmetic is allowed what the
rounding of its own literals explains (those of the network file and whole numbers are exact).
"""

import ast
import json
import re
import sys
import tomllib
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
CODES = set(
    "sign wrong_index missing_activation_derivative missing_sum net_vs_out wrong_constant dropped_factor duplicated_factor "
    "updated_weights_used rounding factor_two wrong_activation_derivative wrong_lhs bias_gradient arithmetic_slip "
    "wrong_loss_derivative transpose_order".split()
)
STEP = 1e-30
DRAWS = 14


def sig(v):
    return 1 / (1 + np.exp(-v))


def relu(v):
    return np.where(np.real(v) > 0, v, 0 * v)


def leaky(v):
    return np.where(np.real(v) > 0, v, 0.01 * v)


def step(v):
    return np.where(np.real(v) > 0, 1.0, 0.0)


def softplus(v):
    return np.log(1 + np.exp(v))


def softmax(v):
    e = np.exp(v)
    return e / e.sum()


ACT = {
    "sigmoid": sig,
    "tanh": np.tanh,
    "relu": relu,
    "leaky_relu": leaky,
    "softplus": softplus,
    "softmax": softmax,
    "identity": lambda v: v,
}
LOSS = {
    "half_squared_error": lambda t, o, n: (t - o) ** 2 / 2,
    "squared_error": lambda t, o, n: (t - o) ** 2,
    "mean_squared_error": lambda t, o, n: (t - o) ** 2 / n,
    "binary_cross_entropy": lambda t, o, n: -(t * np.log(o) + (1 - t) * np.log(1 - o)),
    "cross_entropy": lambda t, o, n: -t * np.log(o),
}


class Net:
    """The network of a spec, layer by layer: names of units, weights and biases, and a forward pass that can bump one of them."""

    def __init__(self, spec):
        self.spec = spec
        first = spec["inputs"]
        self.units = [[f"i{k + 1}" for k in range(first)] if isinstance(first, int) else first]
        self.w, self.bias, self.values, number = [None], [None], {}, 0
        layers = spec["layers"]
        for depth, layer in enumerate(layers, 1):
            names = layer["units"]
            if isinstance(names, int):
                letter = "o" if depth == len(layers) else "h" if len(layers) == 2 else f"h{depth}_"
                names = [f"{letter}{k + 1}" for k in range(names)]
            weights, bias = layer.get("weights"), layer.get("bias", False if "weights" in layer else [None] * len(names))
            rows = []
            for j in range(len(names)):
                rows.append([])
                for k in range(len(self.units[-1])):
                    number += 1
                    rows[-1].append(f"w{number}")
                    self.values[f"w{number}"] = weights[j][k] if weights else None
            self.w.append(rows)
            if bias is False:
                self.bias.append([None] * len(names))
            elif isinstance(bias, list):
                self.bias.append([f"b_{name}" for name in names])
                self.values.update({f"b_{name}": value if weights else None for name, value in zip(names, bias, strict=True)})
            else:
                self.bias.append([f"b{depth}"] * len(names))
                self.values[f"b{depth}"] = bias if weights else None
            self.units.append(names)
        self.is_numeric = "weights" in layers[0]
        self.act = [None] + [ACT[layer.get("activation", "sigmoid")] for layer in layers]
        self.outputs, self.L = self.units[-1], len(layers)
        self.loss = LOSS[spec.get("loss", "half_squared_error")]

    def draw(self, rng):
        """Values of the parameters, and the samples."""
        values = {n: rng.uniform(0.2, 0.9) * rng.choice([-1, 1]) if v is None else float(v) for n, v in self.values.items()}
        samples = []
        for s in self.spec.get("samples", [None] * 5):
            x = s["inputs"] if s else rng.uniform(0.3, 1.5, len(self.units[0])) * rng.choice([-1, 1], len(self.units[0]))
            t = np.array(s["targets"] if s else rng.uniform(0.1, 0.9, len(self.outputs)), dtype=float)
            if not s and self.spec.get("loss") == "cross_entropy":
                t = t / t.sum()
            samples.append(
                dict(zip(self.units[0], map(float, x), strict=True)) | {f"target_{o}": v for o, v in zip(self.outputs, t, strict=True)}
            )
        values["eta"] = self.spec.get("learning_rate", rng.uniform(0.1, 0.9))
        return values, samples

    def forward(self, given, bump=None):
        """Every quantity; the one called `bump` gets an imaginary step once it has its value."""
        v = {}

        def put(name, value):
            v[name] = value + (1j * STEP if name == bump else 0)

        for name, value in given.items():
            put(name, value)
        v.update({f"out_{name}": v[name] for name in self.units[0]})
        for layer in range(1, self.L + 1):
            names, before = self.units[layer], self.units[layer - 1]
            for j, name in enumerate(names):
                net = sum(v[self.w[layer][j][k]] * v[f"out_{source}"] for k, source in enumerate(before))
                put(f"net_{name}", net + (v[self.bias[layer][j]] if self.bias[layer][j] else 0))
            outs = self.act[layer](np.array([v[f"net_{name}"] for name in names]))
            for name, out in zip(names, outs, strict=True):
                put(f"out_{name}", out)
        for name in self.outputs:
            put(f"E_{name}", self.loss(v[f"target_{name}"], v[f"out_{name}"], len(self.outputs)))
        v["E"] = sum(v[f"E_{name}"] for name in self.outputs)
        return v

    def environment(self, draw, aliases=None, setup=""):
        values, samples = draw
        aliases = aliases or {}
        given = values | samples[0]
        base = self.forward(given)

        def true(name):
            while name in aliases and aliases[name] != name:
                name = aliases[name]
            return name

        def derivative(top, bottom, data):
            return float(np.imag(self.forward(data, bottom)[top]) / STEP)

        def D(top, bottom):
            top, bottom = true(top), true(bottom)
            assert top in base and bottom in base, (top, bottom)
            return derivative(top, bottom, given)

        layers = range(1, self.L + 1)

        def vector(kind, data):
            return [None] + [np.array([derivative("E", kind + u, data) for u in self.units[k]]) for k in layers]

        def matrix(data):
            return [None] + [np.array([[derivative("E", w, data) for w in row] for row in self.w[k]]) for k in layers]

        def offsets(data):
            return [None] + [np.array([derivative("E", n, data) if n else 0 for n in self.bias[k]]) for k in layers]

        def read(kind, data, start=1):
            v = self.forward(data)
            return [None] * start + [np.real(np.array([v[kind + u] for u in self.units[k]])) for k in range(start, self.L + 1)]

        env = dict(base)
        for k in layers:
            for name in self.units[k]:
                env[f"delta_{name}"] = D("E", f"net_{name}")
        for p in self.values:
            env[f"{p}p"] = given[p] - given["eta"] * D("E", p)
        for k, name in enumerate(self.outputs, 1):
            env["t" if len(self.outputs) == 1 else f"t{k}"] = given[f"target_{name}"]
        W = [None] + [np.array([[given[w] for w in row] for row in self.w[k]]) for k in layers]
        b = [None] + [np.array([given[n] if n else 0 for n in self.bias[k]]) for k in layers]
        gW, gb, z, a = matrix(given), offsets(given), read("net_", given), read("out_", given, 0)
        Jac = [None] + [np.array([[D(f"out_{i}", f"net_{j}") for j in self.units[k]] for i in self.units[k]]) for k in layers]
        every = [values | s for s in samples]
        m = len(every)
        env.update(W=W, b=b, z=z, a=a, d=vector("net_", given), ga=vector("out_", given), gW=gW, gb=gb, Jac=Jac, m=m, L=self.L)
        env.update(p=[None] + [np.diag(Jac[k]) for k in layers], xv=a[0], tv=np.array([given[f"target_{o}"] for o in self.outputs]))
        env.update(gx=np.array([D("E", i) for i in self.units[0]]))
        env.update(Wn=[None] + [W[k] - given["eta"] * gW[k] for k in layers], bn=[None] + [b[k] - given["eta"] * gb[k] for k in layers])
        env.update(X=np.array([read("out_", s, 0)[0] for s in every]).T)
        env.update(Y=np.array([[s[f"target_{o}"] for o in self.outputs] for s in every]).T)
        env.update(Zb=[None] + [np.array([read("net_", s)[k] for s in every]).T for k in layers])
        env.update(Ab=[np.array([read("out_", s, 0)[k] for s in every]).T for k in range(self.L + 1)])
        env.update(dZ=[None] + [np.array([vector("net_", s)[k] for s in every]).T for k in layers])
        env.update(dA=[None] + [np.array([vector("out_", s)[k] for s in every]).T for k in layers])
        env.update(dW=[None] + [sum(matrix(s)[k] for s in every) / m for k in layers])
        env.update(db=[None] + [sum(offsets(s)[k] for s in every) / m for k in layers])
        env.update(J=sum(np.real(self.forward(s)["E"]) for s in every) / m)
        env.update(
            D=D, sig=sig, relu=relu, leaky=leaky, step=step, softplus=softplus, softmax=softmax, tanh=np.tanh, exp=np.exp, log=np.log
        )
        env.update(sqrt=np.sqrt, cosh=np.cosh, sinh=np.sinh, arr=lambda v: np.array(v, dtype=float), outer=np.outer, diag=np.diag)
        env.update(ones=np.ones, dot=np.dot, given=given, g=lambda n: D("E", n))
        env.update(num=lambda f, x: float(np.imag(f(x + 1j * STEP)) / STEP))
        env.update(after=lambda: self.forward(given | {q: given[q] - given["eta"] * D("E", q) for q in self.values}))
        for name in aliases:
            if true(name) in env:
                env[name] = env[true(name)]
        exec(setup, env)
        return env

    def exact(self):
        """The numbers of the network file."""
        return {abs(float(x)) for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", json.dumps(self.spec))}


def unit_of(text):
    mantissa, _, exponent = text.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def value(code, env):
    return np.real(np.array(eval(code, env), dtype=complex))


def printed(code):
    """The units of the last places, of a code that is a literal number or matrix; else None."""

    def walk(node):
        if isinstance(node, ast.UnaryOp):
            return walk(node.operand)
        if isinstance(node, ast.List):
            return [walk(e) for e in node.elts]
        if isinstance(node, ast.Call) and node.func.id == "arr":
            return walk(node.args[0])
        if isinstance(node, ast.Constant):
            return unit_of(ast.get_source_segment(code, node)) if isinstance(node.value, float) else 1e-12
        raise ValueError

    try:
        return np.array(walk(ast.parse(code.strip(), mode="eval").body), dtype=float)
    except (ValueError, AttributeError):
        return None


def slack(code, env, exact):
    """What a unit of the last place of each rounded literal makes, and whether there is any."""
    base, total = value(code, env), 0.0
    for node in ast.walk(ast.parse(code, mode="eval")):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and abs(node.value) not in exact:
            text = ast.get_source_segment(code, node)
            start = node.col_offset
            moved = code[:start] + repr(node.value + unit_of(text)) + code[start + len(text) :]
            total = total + np.abs(value(moved, env) - base)
    return total


def judge_links(codes, target, env, net, notes=None):
    """Does each link of the chain equal `target`? A list of booleans."""
    exact = net.exact() | {0.5, 1.0, 2.0}
    result, allowance, previous = [], None, None
    for code in codes:
        code = code.strip()
        v = value(code, env)
        gap = np.abs(v - target)
        units = printed(code) if net.is_numeric else None
        if units is not None:
            inside = np.all(gap <= units * 1.000001)
            explained = previous is not None and np.all(np.abs(v - previous) <= units * 0.51) and np.all(gap <= units * 0.5 + allowance)
            result.append(bool(inside or explained))
            if notes is not None and inside and np.any(gap > units * 0.51):
                notes.append(f"{code} within one unit but not the rounding ({target})")
            if notes is not None and explained and not inside:
                notes.append(f"{code} only explained by the literals before it ({target})")
        elif net.is_numeric:
            allowance, previous = slack(code, env, exact), v
            result.append(bool(np.all(gap <= allowance * 1.02 + 1e-12 * max(1, np.max(np.abs(target))))))
        else:
            result.append(bool(np.all(gap <= 1e-9 * max(1, np.max(np.abs(target))))))
    return result


def check(folder):
    problems, notes = [], []
    spec = tomllib.loads((folder / "spec.toml").read_text())
    expected = json.loads((folder / "expected.json").read_text())
    work = next(folder.glob("work.*")).read_text().split("\n")
    net = Net(spec)
    rng = np.random.default_rng(7)
    draws = [net.draw(rng) for _ in range(1 if net.is_numeric else DRAWS)]
    envs = [net.environment(d, expected.get("aliases"), expected.get("setup_py", "")) for d in draws]
    if (expected["errors"] == "none") != all(r["verdict"] in ("correct", "undecidable") for r in expected["lines"]):
        problems.append(f"{folder.name}: errors does not fit the rows")
    for row in expected["lines"]:
        verdict = row["verdict"]

        def bad(why):
            problems.append(f"{folder.name}:{row['line']}: {why}   {row['text']}")

        if work[row["line"] - 1].strip() != row["text"]:
            bad("text differs")
        if ("code" in row) != (verdict == "wrong") or ("expected" in row) != (verdict == "wrong") or row.get("code", "sign") not in CODES:
            bad("code and expected belong to wrong rows")
        if verdict == "undecidable":
            continue
        outcomes = []
        try:
            for env in envs:
                here = [] if env is envs[0] else None
                target = value(row["lhs_py"], env)
                links = judge_links(row["rhs_py"], target, env, net, here)
                outcomes.append(all(links))
                if verdict == "correct":
                    notes += [f"{folder.name}:{row['line']}: {n}" for n in here or []]
                    if not all(links):
                        bad(f"not equal: {links} true {target}, {[value(c, env) for c in row['rhs_py']]}")
                        break
                elif verdict == "wrong":
                    left, *right = row["expected_py"]
                    links = judge_links(right, value(left, env), env, net)
                    if not right or not all(links):
                        bad(f"the expected form is wrong: {links} true {value(left, env)}, {[value(c, env) for c in right]}")
                        break
                else:
                    carried = value(row["follows_py"], env)
                    either = [judge_links(row["rhs_py"], goal, env, net) for goal in (carried, target)]
                    if not all(x or y for x, y in zip(*either, strict=True)):
                        bad(f"does not follow: {either} carried {carried}, true {target}, {[value(c, env) for c in row['rhs_py']]}")
                        break
        except Exception as error:
            bad(f"{type(error).__name__} {error}")
            continue
        if verdict in ("wrong", "follows") and any(outcomes):
            bad(f"{verdict}, but holds in {sum(outcomes)} of {len(outcomes)} draws")
    return problems, notes, expected


def main():
    folders = sorted(p for p in HERE.iterdir() if re.match(r"7[1-9]_|8\d_|90_", p.name) and (p / "expected.json").exists())
    if sys.argv[1:]:
        folders = [p for p in folders if p.name.split("_")[0] in sys.argv[1:]]
    verdicts, codes, failures, clean = {}, {}, 0, 0
    for folder in folders:
        problems, notes, expected = check(folder)
        clean += expected["errors"] == "none"
        for row in expected["lines"]:
            verdicts[row["verdict"]] = verdicts.get(row["verdict"], 0) + 1
            if "code" in row:
                codes[row["code"]] = codes.get(row["code"], 0) + 1
        for p in problems:
            print("PROBLEM", p)
        for n in notes:
            print("note   ", n)
        failures += len(problems)
    print(len(folders), "pieces,", clean, "without mistakes;", verdicts, codes)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
