"""Network files of units, recurrent layers, kernels, batches and penalties: what they mean, and what is wrong with a bad one."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from plain import plain

from symbp.api import report
from symbp.derivation.derive import derive
from symbp.errors import SymbpError
from symbp.network.numbers import Rounding
from symbp.network.reader import read
from symbp.network.spec import NetworkSpec
from symbp.proof.certify import certify

GRAPH = """\
inputs = ["i1", "i2"]
outputs = ["o1"]
[[units]]
name = "h1"
inputs = { i1 = "w1", i2 = "w2" }
bias = "b1"
[[units]]
name = "o1"
inputs = { h1 = "w3" }
[parameters]
w1 = 0.1
w2 = 0.2
w3 = 0.3
b1 = 0.05
[[samples]]
inputs = [1, 2]
targets = [0.5]
"""
RECURRENT = """\
inputs = 1
[recurrent]
units = 2
activation = "tanh"
input_weights = [[0.5], [-0.3]]
recurrent_weights = [[0.1, 0.2], [-0.4, 0.3]]
bias = [0.1, 0]
[[layers]]
units = 1
weights = [[0.7, -0.2]]
bias = 0.1
[[samples]]
inputs = [[1], [0.5]]
targets = [[0], [0.2]]
"""
KERNEL = """\
inputs = 3
[[layers]]
kernel = [0.5, -0.3]
bias = 0.1
[[layers]]
units = 1
weights = [[0.7, -0.2]]
[[samples]]
inputs = [1, 0.5, -1]
targets = [0.2]
"""
BATCH = """\
learning_rate = 0.5
inputs = 1
[[layers]]
units = 1
weights = [[0.5]]
[[samples]]
inputs = [1]
targets = [0.2]
[[samples]]
inputs = [2]
targets = [0.4]
"""
THREE = '[[units]]\nname = "{0}"\ninputs = {{ {1} }}\n'
UNITS = GRAPH[GRAPH.index("[[units]]") : GRAPH.index("[parameters]")]


def but(text: str, old: str, new: str) -> str:
    """`text` with one thing otherwise."""
    assert old in text
    return text.replace(old, new, 1)


def graph(old: str, new: str) -> str:
    return but(GRAPH, old, new)


def recurrent(old: str, new: str) -> str:
    return but(RECURRENT, old, new)


def kernel(old: str, new: str) -> str:
    return but(KERNEL, old, new)


def batch(old: str, new: str) -> str:
    return but(BATCH, old, new)


def units(*pairs: tuple[str, str]) -> str:
    """GRAPH with these units: (name, inputs)."""
    return but(GRAPH, UNITS, "".join(THREE.format(*pair) for pair in pairs))


def top(line: str, text: str = BATCH) -> str:
    return f"{line}\n{text}"


def with_key(line: str) -> str:
    """RECURRENT with one more key of [recurrent], which is line 8."""
    return recurrent("bias = [0.1, 0]\n", f"bias = [0.1, 0]\n{line}\n")


UNSAMPLED = RECURRENT.partition("[[samples]]")[0]


class Bad(NamedTuple):
    """A faulty file, where the message points to, and what it says."""

    text: str
    place: str
    says: tuple[str, ...]


NAME_RULE = "a name is a letter"
BAD = {
    # graphs
    "cycle": Bad(graph('i2 = "w2"', 'o1 = "w2"'), "5:1", ("h1 → o1 → h1", "acyclic", "[recurrent]")),
    "cycle of three": Bad(
        units(("a1", 'i1 = "w1", c1 = "w9"'), ("b9", 'a1 = "w2"'), ("c1", 'b9 = "w3"'), ("o1", 'c1 = "w4"')), "5:1", ("a1 → b9 → c1 → a1",)
    ),
    "cycle before the first unit": Bad(
        units(("o1", 'c1 = "w4"'), ("a1", 'i1 = "w1", c1 = "w9"'), ("c1", 'a1 = "w3"')), "11:1", ("circle: c1 → a1 → c1",)
    ),
    "self loop": Bad(graph('h1 = "w3"', 'o1 = "w3"'), "9:1", ("circle: o1 → o1",)),
    "source": Bad(graph('h1 = "w3"', 'h2 = "w3"'), "9:1", ("o1 has an input from 'h2'", "known: h1, i1, i2, o1")),
    "source in a table of its own": Bad(
        graph('inputs = { h1 = "w3" }', '[units.inputs]\nh1 = "w3"\nh8 = "w4"'), "7:3", ("o1 has an input from 'h8'",)
    ),
    "output": Bad(graph('["o1"]', '["o2"]'), "2:1", ("the output 'o2' is no unit", "known: h1, o1")),
    "output an input": Bad(graph('["o1"]', '["i1"]'), "2:1", ("the output 'i1' is no unit",)),
    "output twice": Bad(graph('["o1"]', '["o1", "o1"]'), "2:1", ("'o1' is listed twice",)),
    "outputs a text": Bad(graph('["o1"]', '"o1"'), "2:1", ("outputs is 'o1'", "a list of units' names")),
    "outputs empty": Bad(graph('["o1"]', "[]"), "2:1", ("outputs is an empty list", "a list of units' names")),
    "output a list": Bad(graph('["o1"]', '[["o1"]]'), "2:1", ("the output a list is no unit", "known: h1, o1")),
    "output a table": Bad(graph('["o1"]', "[{ a = 1 }]"), "2:1", ("the output a table is no unit", "known: h1, o1")),
    "output a number": Bad(graph('["o1"]', "[1]"), "2:1", ("the output 1 is no unit",)),
    "no outputs": Bad(graph('outputs = ["o1"]\n', ""), "", ("'outputs' is missing", 'outputs = ["o1"]')),
    "unit twice": Bad(graph('name = "o1"', 'name = "h1"'), "8:1", ("'h1' is used twice",)),
    "unit named like an input": Bad(graph('name = "h1"', 'name = "i1"'), "4:1", ("'i1' is used twice",)),
    "input twice": Bad(graph('["i1", "i2"]', '["i1", "i1"]'), "1:1", ("'i1' is used twice",)),
    "no name": Bad(graph('name = "h1"\n', ""), "3:3", ("unit 1 has no name", 'name = "h1"')),
    "a name with a gap": Bad(graph('name = "h1"', 'name = "h 1"'), "4:1", ("'h 1' is not a name that a unit can have", NAME_RULE)),
    "no number for a parameter": Bad(graph("w3 = 0.3\n", ""), "10:2", ("'w3' has no number", "all parameters or none")),
    "a parameter too many": Bad(graph("w3 = 0.3\n", "w3 = 0.3\nw4 = 3\n"), "14:1", ("no unit has the parameter 'w4'", "known: b1, w1")),
    "number instead of a name": Bad(graph('"w3"', "0.3"), "9:1", ("from h1 to o1 is 0.3", "a parameter's name")),
    "true instead of a name": Bad(graph('"w3"', "true"), "9:1", ("from h1 to o1 is true", "a parameter's name")),
    "a parameter with a gap": Bad(graph('"w3"', '"w 3"'), "9:1", ("'w 3' is not a name that a parameter can have", NAME_RULE)),
    "parameter nan": Bad(graph("w3 = 0.3", "w3 = nan"), "13:1", ("w3: NaN is not a finite number",)),
    "parameter inf": Bad(graph("w3 = 0.3", "w3 = -inf"), "13:1", ("w3: -Infinity is not a finite number",)),
    "parameter a text": Bad(graph("w3 = 0.3", 'w3 = "0.3"'), "13:1", ("w3: '0.3' is not a number",)),
    "parameter true": Bad(graph("w3 = 0.3", "w3 = true"), "13:1", ("w3: true is not a number",)),
    "units and layers": Bad(GRAPH + "[[layers]]\nunits = 1\n", "18:3", ("'layers' does not go with 'units'", "by layers, by units")),
    "units and recurrent": Bad(GRAPH + "[recurrent]\nunits = 1\n", "3:3", ("'units' does not go with 'recurrent'",)),
    "no inputs of a unit": Bad(graph('{ h1 = "w3" }', "{}"), "9:1", ("o1 has no inputs", 'inputs = { i1 = "w1" }')),
    "inputs of a unit missing": Bad(graph('inputs = { h1 = "w3" }\n', ""), "7:3", ("o1 has no inputs",)),
    "inputs of a unit a list": Bad(graph('{ h1 = "w3" }', '["h1"]'), "9:1", ("the inputs of o1 are a list", 'inputs = { i1 = "w1" }')),
    "bias a number": Bad(graph('bias = "b1"', "bias = 0.1"), "6:1", ("the bias of h1 is 0.1", 'bias = "b1"', "[parameters]")),
    "bias true": Bad(graph('bias = "b1"', "bias = true"), "6:1", ("the bias of h1 is true", "or false")),
    "key of a unit": Bad(graph('bias = "b1"', 'bais = "b1"'), "6:1", ("'bais' in [[units]] number 1", "did you mean 'bias'")),
    "activation of a unit": Bad(graph('name = "h1"', 'name = "h1"\nactivation = "sigm"'), "5:1", ("'sigm'", "did you mean 'sigmoid'")),
    "parameters a number": Bad(top("parameters = 3", GRAPH.replace("[parameters]\n", "[[samples]]\n")), "1:1", ("not a table",)),
    "parameters a list of tables": Bad(graph("[parameters]", "[[parameters]]"), "10:3", ("'parameters' is not a table", "[parameters]")),
    "units a number": Bad(top("units = 2", but(GRAPH, UNITS, "")), "1:1", ("'units' is not a list of tables", "[[units]]")),
    "inputs of a sample": Bad(graph("[1, 2]", "[1]"), "16:1", ("inputs of sample 1: 1 number", "2 inputs")),
    "targets of a sample": Bad(graph("[0.5]", "[0.5, 1]"), "17:1", ("targets of sample 1: 2 numbers", "1 output")),
    # names that mean something already
    "parameter E": Bad(GRAPH.replace("w3", "E"), "13:1", ("'E' is used twice", "error total", "another name")),
    "parameter eta": Bad(GRAPH.replace("w3", "eta"), "13:1", ("'eta' is used twice", "learning rate")),
    "parameter t1": Bad(GRAPH.replace("w3", "t1"), "13:1", ("'t1' is used twice", "target")),
    "parameter net_h1": Bad(GRAPH.replace("w3", "net_h1"), "13:1", ("'net_h1' is used twice",)),
    "bias delta_h1": Bad(GRAPH.replace("b1", "delta_h1"), "14:1", ("'delta_h1' is used twice",)),
    "parameter named as an input": Bad(GRAPH.replace("w3", "i1").replace("i1 = 0.3", "i1 = 0.4"), "13:1", ("'i1' is used twice",)),
    "parameter lambda": Bad(top("weight_decay = 0.1", GRAPH.replace("w3", "lambda")), "14:1", ("'lambda' is used twice", "weight decay")),
    "parameter of Nielsen's": Bad(top('notation = "nielsen"', GRAPH.replace("w3", "C")), "14:1", ("'C' is used twice", "nielsen")),
    "parameter E without a number": Bad(
        but(GRAPH, GRAPH[GRAPH.index("[parameters]") :], "").replace("w3", "E"), "9:1", ("'E' is used twice",)
    ),
    "input named as a kernel's entry": Bad(kernel("inputs = 3", 'inputs = ["k1", "b", "c"]'), "3:1", ("'k1' is used twice",)),
    # convolutions
    "kernel too long": Bad(kernel("[0.5, -0.3]", "[1, 2, 3, 4]"), "3:1", ("4 entries for 3 sources", "from 1 to 3")),
    "kernel empty": Bad(kernel("[0.5, -0.3]", "[]"), "3:1", ("0 entries for 3 sources", "from 1 to 3")),
    "kernel negative": Bad(kernel("[0.5, -0.3]", "-1"), "3:1", ("-1 entries", "from 1 to 3")),
    "kernel true": Bad(kernel("[0.5, -0.3]", "true"), "3:1", ("kernel of layer 1 is true", "a list of numbers, or how many")),
    "kernel a fraction": Bad(kernel("[0.5, -0.3]", "2.5"), "3:1", ("kernel of layer 1 is 2.5", "a list of numbers, or how many")),
    "kernel of two dimensions": Bad(kernel("[0.5, -0.3]", "[[0.5, -0.3]]"), "3:1", ("kernel of layer 1: a list is not a number",)),
    "kernel nan": Bad(kernel("[0.5, -0.3]", "[0.5, nan]"), "3:1", ("kernel of layer 1", "finite")),
    "kernel and weights": Bad(kernel("bias = 0.1", "weights = [[1]]"), "4:1", ("a kernel and weights", "a kernel only")),
    "kernel and units": Bad(kernel("bias = 0.1", "units = 3"), "4:1", ("3 units, but its kernel gives 2",)),
    "biases of a kernel": Bad(kernel("bias = 0.1", "bias = [1, 2, 3]"), "4:1", ("bias of layer 1: 3 numbers", "2 units")),
    "kernel without numbers": Bad(kernel("[0.5, -0.3]", "2"), "2:3", ("layer 1 has no weights", "every layer or for none")),
    "numbers for the kernel only": Bad(kernel("weights = [[0.7, -0.2]]\n", ""), "5:3", ("layer 2 has no weights",)),
    "weights after a kernel": Bad(kernel("[[0.7, -0.2]]", "[[0.7, -0.2, 1]]"), "7:1", ("1 by 3", "of 2 (one per source)")),
    # time
    "kernel after a recurrent layer": Bad(recurrent("weights = [[0.7", "kernel = [1]\nweights = [[0.7"), "10:1", ("'kernel'", "weights")),
    "sequences of two lengths": Bad(
        recurrent("[[samples]]", "[[samples]]\ninputs = [[1]]\ntargets = [[1]]\n[[samples]]"), "16:1", ("2 steps", "is 1", "as the first")
    ),
    "targets of too few steps": Bad(recurrent("[[0], [0.2]]", "[[0]]"), "14:1", ("1 step, but there are 2",)),
    "targets in one list": Bad(recurrent("[[0], [0.2]]", "[0, 0.2]"), "14:1", ("not a list of lists", "one list per time step")),
    "inputs in one list": Bad(recurrent("[[1], [0.5]]", "[1, 0.5]"), "13:1", ("not a list of lists", "one list per time step")),
    "no steps": Bad(recurrent("[[1], [0.5]]", "[]"), "13:1", ("0 time steps", "from 1 to 200")),
    "inputs of a step": Bad(recurrent("[[1], [0.5]]", "[[1, 2], [0.5]]"), "13:1", ("2 numbers", "1 input")),
    "targets for every step where the last counts": Bad(
        with_key('error = "last"'), "15:1", ("2 steps, but there is 1", 'where error is "last"', "one list")
    ),
    "error": Bad(with_key('error = "lats"'), "8:1", ("'lats'", "did you mean 'last'", "every")),
    "start too short": Bad(with_key("start = [1]"), "8:1", ("start: 1 number", "2 recurrent units")),
    "start a number": Bad(with_key("start = 0"), "8:1", ("start is not a list", "one per recurrent unit")),
    "start nan": Bad(with_key("start = [0, nan]"), "8:1", ("start", "finite")),
    "start of a symbolic network": Bad(but(UNSAMPLED, "activation", "start = 0\nactivation"), "4:1", ("start is not a list",)),
    "length against the samples": Bad(with_key("length = 3"), "8:1", ("length is 3", "2 steps", "leave the key out")),
    "length true": Bad(but(UNSAMPLED, "activation", "length = true\nactivation"), "4:1", ("true time steps", "from 1 to 200")),
    "length 0": Bad(but(UNSAMPLED, "activation", "length = 0\nactivation"), "4:1", ("0 time steps", "from 1 to 200")),
    "length a text": Bad(but(UNSAMPLED, "activation", 'length = "3"\nactivation'), "4:1", ("'3' time steps", "from 1 to 200")),
    "no recurrent weights": Bad(
        recurrent("recurrent_weights = [[0.1, 0.2], [-0.4, 0.3]]\n", ""), "2:2", ("'recurrent_weights' is missing in [recurrent]",)
    ),
    "no weights after it": Bad(recurrent("weights = [[0.7, -0.2]]\n", ""), "8:3", ("'weights' is missing in [[layers]] number 1",)),
    "recurrent weights not square": Bad(recurrent("[[0.1, 0.2], [-0.4, 0.3]]", "[[0.1, 0.2]]"), "6:1", ("1 by 2", "2 rows", "of 2")),
    "input weights": Bad(recurrent("[[0.5], [-0.3]]", "[[0.5, 1], [1, 1]]"), "5:1", ("input weights are 2 by 2", "of 1")),
    "key of recurrent": Bad(recurrent("bias = [0.1, 0]", "baias = [0.1, 0]"), "7:1", ("'baias' in [recurrent]", "did you mean 'bias'")),
    "weights of recurrent": Bad(recurrent("input_weights", "weights"), "5:1", ("'weights' in [recurrent]", "input_weights")),
    "two recurrent layers": Bad(recurrent("[recurrent]", "[[recurrent]]"), "2:3", ("'recurrent' is not a table", "[recurrent]")),
    "nothing after it": Bad(RECURRENT.partition("[[layers]]")[0], "2:2", ("there are no [[layers]]", "output layer")),
    "outputs of a recurrent network": Bad(top('outputs = ["o1"]', RECURRENT), "1:1", ("'outputs' does not go with 'recurrent'",)),
    # batches, penalties and conventions
    "output_first with a batch": Bad(top('update = "output_first"'), "1:1", ("'output_first'", "one sample", "simultaneous")),
    "output_first with a graph": Bad(top('update = "output_first"', GRAPH), "1:1", ("'output_first'", "layered", "simultaneous")),
    "output_first with time": Bad(top('update = "output_first"', RECURRENT), "1:1", ("'output_first'", "layered", "simultaneous")),
    "parameters of layers": Bad(BATCH + "[parameters]\nw1 = 2\n", "12:2", ("'parameters' does not go with 'layers'",)),
    "too many samples": Bad(BATCH + "[[samples]]\ninputs = [1]\ntargets = [1]\n" * 999, "3006:3", ("1001 samples", "at most 1000")),
    "second sample": Bad(batch("inputs = [2]", "inputs = [2, 3]"), "10:1", ("inputs of sample 2", "2 numbers", "1 input")),
    "second sample nan": Bad(batch("[0.4]", "[nan]"), "11:1", ("targets of sample 2", "finite")),
    "key of the second sample": Bad(batch("targets = [0.4]", "target = [0.4]"), "11:1", ("'target'", "number 2", "'targets'")),
    "weight decay negative": Bad(top("weight_decay = -0.1"), "1:1", ("weight_decay is -0.1", "not negative")),
    "weight decay true": Bad(top("weight_decay = true"), "1:1", ("weight_decay: true is not a number",)),
    "weight decay infinite": Bad(top("weight_decay = inf"), "1:1", ("weight_decay", "finite")),
    "l1 negative": Bad(top("l1 = -1"), "1:1", ("l1 is -1", "not negative")),
    "sparsity with an unknown key": Bad(top("sparsity = { rho = 0.1, betta = 3 }", KERNEL), "1:1", ("'betta'", "rho = 0.05, beta = 3")),
    "sparsity without beta": Bad(top("sparsity = { rho = 0.1 }", KERNEL), "1:1", ("'beta' is missing", "rho = 0.05, beta = 3")),
    "sparsity a number": Bad(top("sparsity = 3", KERNEL), "1:1", ("sparsity is 3", "rho = 0.05, beta = 3")),
    "rho 0": Bad(top("sparsity = { rho = 0, beta = 3 }", KERNEL), "1:1", ("rho is 0", "between 0 and 1")),
    "rho 1": Bad(top("sparsity = { rho = 1, beta = 3 }", KERNEL), "1:1", ("rho is 1", "not, 1")),
    "beta negative": Bad(top("sparsity = { rho = 0.1, beta = -3 }", KERNEL), "1:1", ("beta is -3", "not negative")),
    "sparsity without hidden units": Bad(top("sparsity = { rho = 0.1, beta = 3 }"), "1:1", ("no hidden units", "hidden layer")),
    "sparsity of outs that may be negative": Bad(
        top("sparsity = { rho = 0.1, beta = 3 }", RECURRENT), "1:1", ("between 0 and 1", "h1 is tanh", "sigmoid")
    ),
    "delta_sign 0": Bad(top("delta_sign = 0"), "1:1", ("delta_sign is 0", "1 (delta = dE/dnet) or -1")),
    "delta_sign true": Bad(top("delta_sign = true"), "1:1", ("delta_sign is true", "or -1")),
    "delta_sign a text": Bad(top('delta_sign = "-1"'), "1:1", ("delta_sign is '-1'", "or -1")),
    "delta_sign a list": Bad(top("delta_sign = [1]"), "1:1", ("delta_sign is a list", "or -1")),
    "delta_sign a fraction": Bad(top("delta_sign = 1.0"), "1:1", ("delta_sign is 1.0", "or -1")),
    "reduction": Bad(top('reduction = "avg"'), "1:1", ("'avg'", "mean, sum")),
    "decay_biases": Bad(top("decay_biases = 1"), "1:1", ("decay_biases is 1", "true or false")),
    "momentum without it": Bad(top("momentum = 0.9"), "1:1", ("'momentum' does not go with", 'optimizer = "momentum"')),
    "momentum 1": Bad(top('optimizer = "momentum"\nmomentum = 1'), "2:1", ("momentum is 1", "from 0 up to, but not, 1")),
    "beta1 of momentum": Bad(top('optimizer = "momentum"\nbeta1 = 0.9'), "2:1", ("'beta1' does not go with", 'optimizer = "adam"')),
    "optimizer": Bad(top('optimizer = "adams"'), "1:1", ("'adams'", "did you mean 'adam'", "gradient_descent")),
    "training": Bad(top('training = "onlin"'), "1:1", ("'onlin'", "did you mean 'online'", "batch")),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_file(bad: Bad) -> None:
    with pytest.raises(SymbpError) as caught:
        read(bad.text, "net.toml")
    message = str(caught.value)
    first, *rest = message.splitlines()
    assert first.startswith(f"net.toml:{bad.place}: " if bad.place else "net.toml: "), message
    assert not [words for words in bad.says if words not in message], message
    if bad.place:
        line, column = map(int, bad.place.split(":"))
        assert rest[0] == "  " + bad.text.splitlines()[line - 1]
        assert rest[1] == " " * (column + 1) + "^"


# -- networks that look odd and are right --------------------------------------------------------------------------------


def arrows(*pairs: tuple[str, str], outputs: str = '"o1"', bias: str = "") -> str:
    """A graph of units with these names and inputs, without numbers."""
    return f'inputs = ["i1", "i2"]\noutputs = [{outputs}]\n' + "".join(THREE.format(*pair) for pair in pairs) + bias


GOOD = {
    "unit that leads nowhere": arrows(("h1", 'i1 = "w1"'), ("h2", 'h1 = "w2", i2 = "w3"'), ("o1", 'h1 = "w4"')),
    "two units in a row that lead nowhere": arrows(("h1", 'i1 = "w1"'), ("h2", 'i1 = "w2"'), ("h3", 'h2 = "w3"'), ("o1", 'h1 = "w4"')),
    "output that feeds others": arrows(("o1", 'i1 = "w1"'), ("o2", 'o1 = "w2", i2 = "w3"'), outputs='"o1", "o2"'),
    "output that feeds what leads nowhere": arrows(("o1", 'i1 = "w1"'), ("h1", 'o1 = "w2"')),
    "outputs at different depths": arrows(("o1", 'i1 = "w1"'), ("h1", 'i2 = "w2"'), ("o2", 'h1 = "w3"'), outputs='"o2", "o1"'),
    "a parameter twice in a unit": arrows(("h1", 'i1 = "w1", i2 = "w1"'), ("o1", 'h1 = "w2", i1 = "w2"')),
    "a parameter in two layers": arrows(("h1", 'i1 = "w1"'), ("o1", 'h1 = "w1"')),
    "a weight that is a bias": arrows(("h1", 'i1 = "w1"'), ("o1", 'h1 = "w2"'), bias='bias = "w1"\n'),
    "a weight that is its own unit's bias": arrows(("o1", 'i1 = "w1"'), bias='bias = "w1"\n'),
    "a bias of two layers": arrows(("h1", 'i1 = "w1"')) + 'bias = "b"\n' + THREE.format("o1", 'h1 = "w2"') + 'bias = "b"\n',
    "an input that nobody uses": arrows(("o1", 'i1 = "w1"')),
    "one unit": "inputs = 1\n[[layers]]\nunits = 1\nbias = false\n",
    "a unit named like its parameter": arrows(("a", 'i1 = "a"'), ("o1", 'a = "b"')),
    "units in any order": arrows(("o1", 'h1 = "w2"'), ("h1", 'i1 = "w1"')),
    "one time step": RECURRENT.replace("[[1], [0.5]]", "[[1]]").replace("[[0], [0.2]]", "[[0]]"),
    "one step, the last": with_key('error = "last"').replace("[[1], [0.5]]", "[[1]]").replace("[[0], [0.2]]", "[0.3]"),
    "last targets in a list of lists": with_key('error = "last"').replace("[[0], [0.2]]", "[[0.2]]"),
    "sequences without numbers": "inputs = 1\n[recurrent]\nunits = 1\nlength = 2\n[[layers]]\nunits = 1\n",
    "hidden layer after a recurrent one": "inputs = 1\n[recurrent]\nunits = 1\nlength = 2\nerror = 'last'\n"
    + "[[layers]]\nunits = 1\n" * 2,
    "sparsity over time": "sparsity = { rho = 0.1, beta = 1 }\ninputs = 1\n[recurrent]\nunits = 1\nlength = 2\nerror = 'last'\n"
    + "[[layers]]\nunits = 1\n" * 2,
    "kernel of one entry": KERNEL.replace("[0.5, -0.3]", "[0.5]").replace("[[0.7, -0.2]]", "[[0.7, -0.2, 0.1]]"),
    "kernel of the full width": KERNEL.replace("[0.5, -0.3]", "[0.5, -0.3, 0.2]").replace("[[0.7, -0.2]]", "[[0.7]]"),
    "two kernels": "inputs = 4\n[[layers]]\nkernel = 2\nbias = 0\n[[layers]]\nkernel = 3\nactivation = 'tanh'\n",
    "a kernel alone": "inputs = 2\n[[layers]]\nkernel = 2\n",
    "named units of a kernel": KERNEL.replace("bias = 0.1", 'bias = 0.1\nunits = ["left", "right"]'),
    "a batch by its mean": top('reduction = "mean"'),
    "a batch without a rate": batch("learning_rate = 0.5\n", ""),
    "two hidden layers in Nielsen's notation, sparse": "notation = 'nielsen'\nsparsity = { rho = 0.1, beta = 1 }\ninputs = 1\n"
    + "[[layers]]\nunits = 1\n" * 3,
}


def spec_of(text: str) -> NetworkSpec:
    return read(text, "net.toml")


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD.keys())
def test_an_odd_network_is_derived_and_checked(text: str) -> None:
    spec = spec_of(text)
    for detail in ("brief", "normal", "full"):
        assert certify(derive(spec, Rounding(6), detail)).verdicts  # type: ignore[arg-type]
    assert report(spec, 1).ok


def test_a_unit_that_leads_nowhere_has_no_gradient_and_the_document_says_why() -> None:
    spec = spec_of(GOOD["unit that leads nowhere"])
    checked = certify(derive(spec, Rounding(6)))
    rules = {
        spec.vocabulary.canonical(step.lhs.args[1]): [link.rule for link in step.chain]  # type: ignore[union-attr, arg-type]
        for step in checked.derivation.steps()
        if getattr(step.lhs, "op", "") == "total" and step.lhs.args[1].kind == "out"  # type: ignore[union-attr]
    }
    assert rules["out_h2"] == ["no_path"]
    gradients = {spec.vocabulary.canonical(check.parameter): check.analytic for check in checked.gradients}
    assert gradients["w2"] == gradients["w3"] == 0
    assert gradients["w1"] != 0


def test_units_of_a_file_are_the_layers_of_another() -> None:
    layers = but(BATCH, "weights = [[0.5]]", "weights = [[0.5]]\nbias = 0.25")
    wired = BATCH.replace("inputs = 1\n", 'inputs = ["i1"]\noutputs = ["o1"]\n', 1).replace(
        "[[layers]]\nunits = 1\nweights = [[0.5]]\n",
        '[[units]]\nname = "o1"\ninputs = { i1 = "w1" }\nbias = "b1"\n[parameters]\nw1 = 0.5\nb1 = 0.25\n',
    )
    one, other = (report(spec_of(text), 1) for text in (layers, wired))
    assert [c.analytic for c in one.checks] == [c.analytic for c in other.checks]
    assert plain(layers).gradient("w1") == plain(wired).gradient("w1")
