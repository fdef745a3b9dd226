# ruff: noqa: B023, C416, N802, PT018, SIM211, T201
"""Check every verdict of tests/hand_more against an independent forward pass and complex-step derivatives.

    .venv/bin/python tests/hand_more/check.py [NUMBER ...]

Only numpy and the standard library; nothing of symbp. Of each row of expected.json the Python expressions `lhs_py`, `rhs_py` (one per
link of the chain), `expected_py` and `follows_py` are evaluated: on 14 random networks where no weights are given, else on the network.
Rules: a printed number is right within one unit of its last place; arithmetic is allowed what the rounding of its own literals (a unit
each, since each would be right by itself; those of the network file and whole numbers are exact) explains, and so is the number behind
it. A note says where half a unit is not enough.
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


def sig(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return x if np.real(x) > 0 else 0 * x


def softplus(x):
    return np.log(1 + np.exp(x))


ACT = {"sigmoid": sig, "tanh": np.tanh, "relu": relu, "softplus": softplus, "identity": lambda x: x}
LOSS = {
    "half_squared_error": lambda t, o, n: (t - o) ** 2 / 2,
    "squared_error": lambda t, o, n: (t - o) ** 2,
    "mean_squared_error": lambda t, o, n: (t - o) ** 2 / n,
    "binary_cross_entropy": lambda t, o, n: -(t * np.log(o) + (1 - t) * np.log(1 - o)),
    "hinge": lambda t, o, n: 1 - t * o if np.real(1 - t * o) > 0 else 0 * o,
}


class Net:
    """The network of a spec: units in order, each with its sources, weights and bias."""

    def __init__(self, spec):
        self.spec, self.units, self.params = spec, [], {}
        count = spec["inputs"]
        self.inputs = [f"i{k + 1}" for k in range(count)] if isinstance(count, int) else count
        self.is_numeric = False
        if "units" in spec:
            for u in spec["units"]:
                self.units.append((u["name"], u.get("activation", "sigmoid"), list(u["inputs"].items()), u.get("bias")))
                for name in [*u["inputs"].values(), u.get("bias")]:
                    if name:
                        self.params[name] = None
            self.outputs = spec["outputs"]
            for name, value in spec.get("parameters", {}).items():
                self.params[name] = value
            self.is_numeric = "parameters" in spec
        else:
            sources, number = self.inputs, 0
            layers = spec["layers"]
            for depth, layer in enumerate(layers, 1):
                names = layer["units"]
                if isinstance(names, int):
                    letter = "o" if depth == len(layers) else "h" if len(layers) == 2 else f"h{depth}_"
                    names = [f"{letter}{k + 1}" for k in range(names)]
                bias, weights = layer.get("bias", False if "weights" in layer else True), layer.get("weights")
                self.is_numeric = self.is_numeric or weights is not None
                for k, name in enumerate(names):
                    edges = []
                    for j, source in enumerate(sources):
                        number += 1
                        edges.append((source, f"w{number}"))
                        self.params[f"w{number}"] = weights[k][j] if weights else None
                    b = None
                    if bias is not False:
                        shared = isinstance(bias, (int, float)) and bias is not True
                        b = f"b{depth}" if shared else f"b_{name}"
                        self.params[b] = (bias if shared else bias[k]) if weights else None
                    self.units.append((name, layer.get("activation", "sigmoid"), edges, b))
                sources = names
            self.outputs = sources
        self.loss = LOSS[spec.get("loss", "half_squared_error")]

    def draw(self, rng):
        """Values of parameters, inputs and targets."""
        values = {}
        for name, value in self.params.items():
            values[name] = value if self.is_numeric else rng.uniform(0.2, 0.9) * rng.choice([-1, 1])
        sample = self.spec.get("samples", [None])[0]
        for k, name in enumerate(self.inputs):
            values[name] = sample["inputs"][k] if sample else rng.uniform(0.3, 1.5) * rng.choice([-1, 1])
        for k, name in enumerate(self.outputs):
            values["target_" + name] = sample["targets"][k] if sample else rng.uniform(0.1, 0.9)
        values["eta"] = self.spec.get("learning_rate", rng.uniform(0.1, 0.9))
        return values

    def forward(self, given, bump=None):
        """Every quantity; the one called `bump` gets an imaginary step once it has its value."""
        v = dict(given)

        def put(name, value):
            v[name] = value + (1j * STEP if name == bump else 0)

        for name in list(v):
            put(name, v[name])
        for name in self.inputs:
            v["out_" + name] = v[name]
        for name, activation, edges, bias in self.units:
            put("net_" + name, sum(v[w] * v["out_" + s] for s, w in edges) + (v[bias] if bias else 0))
            put("out_" + name, ACT[activation](v["net_" + name]))
        for name in self.outputs:
            put("E_" + name, self.loss(v["target_" + name], v["out_" + name], len(self.outputs)))
        v["E"] = sum(v["E_" + name] for name in self.outputs)
        return v

    def environment(self, given, aliases=None, setup=""):
        aliases = aliases or {}
        base = self.forward(given)
        known = {k: v for k, v in base.items()}

        def true(name):
            while name in aliases and aliases[name] != name:
                name = aliases[name]
            return name

        def D(top, bottom):
            top, bottom = true(top), true(bottom)
            assert top in known and bottom in known, (top, bottom)
            return float(np.imag(self.forward(given, bottom)[top]) / STEP)

        def after(train_bias=None):
            train = self.spec.get("train_bias", True) if train_bias is None else train_bias
            new = dict(given)
            for p in self.params:
                if train or p not in {u[3] for u in self.units}:
                    new[p] = given[p] - given["eta"] * D("E", p)
            return self.forward(new)

        env = {k: v for k, v in known.items()}
        for name, *_ in self.units:
            env["delta_" + name] = D("E", "net_" + name)
        for p in self.params:
            env[p + "p"] = given[p] - given["eta"] * D("E", p)
        if len(self.outputs) == 1:
            env["t"] = given["target_" + self.outputs[0]]
        else:
            for k, name in enumerate(self.outputs, 1):
                env[f"t{k}"] = given["target_" + name]
        env.update(D=D, after=after, sig=sig, relu=relu, softplus=softplus, tanh=np.tanh, exp=np.exp, log=np.log, cosh=np.cosh)
        env.update(sqrt=np.sqrt, max=max, net=self, given=given, g=lambda p: D("E", p))
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


def lone(code):
    """The text of the literal that `code` is, with or without a sign, or None."""
    m = re.fullmatch(r"\(*\s*[-+]?\s*\(*\s*(\d+\.?\d*(?:[eE]-?\d+)?)\s*\)*", code)
    return m and m.group(1)


def value(code, env):
    return np.real(eval(code, env))


def slack(code, env, exact):
    """What a unit of the last place of each rounded literal makes."""
    tree = ast.parse(code, mode="eval")
    total = 0.0
    base = value(code, env)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and abs(node.value) not in exact:
            text = ast.get_source_segment(code, node)
            unit = unit_of(text)
            start = node.col_offset
            moved = code[:start] + repr(node.value + unit) + code[start + len(text) :]
            total += np.max(np.abs(value(moved, env) - base))
    return total


def judge_link(codes, target, env, net, notes=None):
    """Does each link of the chain equal `target`? A list of booleans."""
    exact = net.exact() | {0.5, 1.0, 2.0}
    result, allowance, previous = [], 0.0, None
    for code in codes:
        v = value(code, env)
        gap = np.max(np.abs(v - target))
        literal = lone(code)
        if literal and "." in literal and net.is_numeric:
            unit = unit_of(literal)
            inside = gap <= unit * 1.000001
            explained = previous is not None and allowance and abs(v - previous) <= unit * 0.51 and gap <= unit * 0.5 + allowance
            result.append(bool(inside or explained))
            if notes is not None and inside and gap > unit * 0.51:
                notes.append(f"{literal} within one unit but not the rounding ({target:.12g})")
            if notes is not None and explained and not inside:
                notes.append(f"{literal} only explained by the literals before it ({target:.12g})")
        elif net.is_numeric:
            allowance, previous = slack(code, env, exact), v
            floor = 1e-12 * max(1, np.max(np.abs(target)))
            result.append(bool(gap <= allowance * 1.02 + floor))
            if notes is not None and result[-1] and gap > allowance * 0.51 + floor:
                notes.append(f"{code} needs a whole unit of its literals ({target:.12g})")
        else:
            result.append(bool(gap <= 1e-9 * max(1, np.max(np.abs(target)))))
    return result


def check(folder):
    problems, notes = [], []
    spec = tomllib.loads((folder / "spec.toml").read_text())
    expected = json.loads((folder / "expected.json").read_text())
    work = next(folder.glob("work.*")).read_text().split("\n")
    net = Net(spec)
    rng = np.random.default_rng(7)
    draws = [net.draw(rng) for _ in range(1 if net.is_numeric else 14)]
    envs = [net.environment(d, expected.get("aliases"), expected.get("setup_py", "")) for d in draws]
    if expected["errors"] == "none" and any(r["verdict"] in ("wrong", "follows") for r in expected["lines"]):
        problems.append("errors is none, but there are some")
    for row in expected["lines"]:
        where = f"{folder.name}:{row['line']}"

        def bad(why):
            problems.append(f"{where}: {why}   {row['text']}")

        if work[row["line"] - 1].strip() != row["text"]:
            bad("text differs")
        verdict = row["verdict"]
        if ("code" in row) != (verdict == "wrong") or ("expected" in row) != (verdict == "wrong"):
            bad("code and expected belong to wrong rows")
        if row.get("code", "sign") not in CODES:
            bad("no such code")
        if verdict == "undecidable":
            continue
        if "lhs_py" not in row:
            bad("not checked")
            continue
        outcomes = []
        for env in envs:
            here = []
            try:
                links = judge_link(row["rhs_py"], value(row["lhs_py"], env), env, net, here if env is envs[0] else None)
            except Exception as error:
                bad(f"{type(error).__name__} {error}")
                break
            outcomes.append(all(links))
            if verdict == "correct":
                notes += [f"{where}: {n}" for n in here]
                if not all(links):
                    bad(f"not equal: {links} true {value(row['lhs_py'], env):.12g}, {[float(value(c, env)) for c in row['rhs_py']]}")
                    break
            elif verdict == "wrong":
                left, *right = row["expected_py"]
                links = judge_link(right, value(left, env), env, net)
                if not all(links):
                    bad(f"the expected form is wrong: {links} true {value(left, env):.12g}, {[float(value(c, env)) for c in right]}")
                    break
            elif verdict == "follows":
                carried, true = value(row["follows_py"], env), value(row["lhs_py"], env)
                for k, code in enumerate(row["rhs_py"]):
                    before = row["rhs_py"][:k]
                    ok = judge_link([*before, code], carried, env, net)[-1] or judge_link([*before, code], true, env, net)[-1]
                    if not ok:
                        bad(f"does not follow: {code} is {value(code, env):.12g}, carried {carried:.12g}, true {true:.12g}")
        if row.get("code") == "rounding":
            # the literals are rounded further than need be, so they are no excuse
            off = [abs(value(c, envs[0]) - value(row["lhs_py"], envs[0])) / unit_of(lone(c)) for c in row["rhs_py"] if lone(c)]
            if not any(gap > 1.5 for gap in off):
                bad(f"rounding, but off by {off} units")
            continue
        if verdict in ("wrong", "follows") and outcomes and any(outcomes):
            bad(f"{verdict}, but holds in {sum(outcomes)} of {len(outcomes)} draws")
    return problems, notes, expected


def main():
    folders = sorted(p for p in HERE.iterdir() if re.match(r"2[1-9]_|3\d_|4[0-2]_", p.name) and (p / "expected.json").exists())
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
