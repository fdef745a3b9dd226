"""Network files and shorthands: what is read, and the one message that each fault gets."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from symbp.cli import main
from symbp.language.form import Layer, Unit, Var
from symbp.network.reader import load, read
from symbp.network.spec import NetworkSpec

FILE = """\
title = "A step by step backpropagation example"
notation = "mazur"               # how things are spelled; the command line may override it
loss = "half_squared_error"
learning_rate = 0.5
inputs = 2                       # or names: ["i1", "i2"]
[[layers]]
units = 2                        # or names: ["h1", "h2"]
activation = "sigmoid"
weights = [[0.15, 0.20], [0.25, 0.30]]   # a row per unit, a column per source; absent: purely symbolic
bias = 0.35                      # a number: one bias shared by the layer; a list: one per unit; false: none
[[layers]]
units = 2
activation = "sigmoid"
weights = [[0.40, 0.45], [0.50, 0.55]]
bias = 0.60
[[samples]]
inputs = [0.05, 0.10]
targets = [0.01, 0.99]
"""
SYMBOLIC = "inputs = 2\n[[layers]]\nunits = 2\n[[layers]]\nunits = 1\n"
MATRIX, SECOND = "[[0.15, 0.20], [0.25, 0.30]]", "[[0.40, 0.45], [0.50, 0.55]]"
PYTHON = ("Decimal(", "<class", "datetime.", "True", "False", "None", "sys.", "Traceback", "Exception")
LONGEST = 1500


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def but(old: str, new: str, text: str = FILE) -> str:
    """The file with one thing changed."""
    assert old in text
    return text.replace(old, new, 1)


def spec_of(text: str) -> NetworkSpec:
    return read(text, "net.toml")


def refused(*arguments: str, command: str = "derive") -> str:
    """The message of a run that must fail: exit code 2, one message, nothing printed, nothing written."""
    before = sorted(Path().rglob("*"))
    options = ["--to", "md", "-o", "out/"] if command == "derive" else []
    result = CliRunner().invoke(main, [command, *arguments, *options])
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    assert sorted(Path().rglob("*")) == before
    message = result.stderr
    assert message.startswith("symbp: ")
    assert message.count("symbp: ") == 1
    assert len(message) < LONGEST
    assert not [word for word in PYTHON if word in message], message
    return message


# -- what is read ------------------------------------------------------------------------------------------------------


def test_the_format() -> None:
    spec = spec_of(FILE)
    assert spec.title == "A step by step backpropagation example"
    assert (spec.notation.name, spec.loss.name, spec.learning_rate) == ("mazur", "half_squared_error", Decimal("0.5"))
    assert spec.vocabulary.names == (("i1", "i2"), ("h1", "h2"), ("o1", "o2"))
    assert [a.name for a in spec.activations] == ["sigmoid", "sigmoid"]
    named = {spec.vocabulary.canonical(var): str(value) for var, value in spec.data.items()}
    weights = dict(zip([f"w{n}" for n in range(1, 9)], ["0.15", "0.20", "0.25", "0.30", "0.40", "0.45", "0.50", "0.55"], strict=True))
    sample = {"i1": "0.05", "i2": "0.10", "t1": "0.01", "t2": "0.99"}
    assert named == weights | sample | {"b1": "0.35", "b2": "0.60", "eta": "0.5"}
    assert (spec.is_numeric, spec.train_bias, spec.update) == (True, True, "simultaneous")


def test_the_example_is_that_file_and_does_not_train_its_biases() -> None:
    spec = load("mazur")
    assert (spec.data, spec.train_bias) == (spec_of(FILE).data, False)


def test_decimals_are_kept_to_the_last_digit() -> None:
    digits = "0." + "1234567890" * 5 + "0123456789"
    text = but("0.15", digits)
    assert str(spec_of(text).data[spec_of(text).speller.read("w1")]) == digits
    Path("net.toml").write_text(text, "utf-8")
    shown = CliRunner().invoke(main, ["derive", "net.toml", "--to", "json", "--digits", "60"])
    assert f'"value": "{digits}"' in shown.stdout


def test_names_of_ones_own() -> None:
    spec = spec_of(but("inputs = 2", 'inputs = ["rain", "sun_1"]', but("units = 2 ", 'units = ["left", "right"] ')))
    assert spec.vocabulary.names == (("rain", "sun_1"), ("left", "right"), ("o1", "o2"))


def test_what_may_be_left_out() -> None:
    spec = spec_of(SYMBOLIC)
    assert (spec.notation.name, spec.loss.name, spec.learning_rate, spec.update) == ("mazur", "half_squared_error", None, "simultaneous")
    assert (spec.train_bias, spec.is_numeric, spec.title) == (True, False, "Backpropagation in a 2-2-1 network")
    assert [a.name for a in spec.activations] == ["sigmoid", "sigmoid"]


@pytest.mark.parametrize(
    ("bias", "names", "values"),
    [
        ("", [], []),
        ("bias = false\n", [], []),
        ("bias = 0.35\n", ["b1"], ["0.35"]),
        ("bias = 0\n", ["b1"], ["0"]),
        ("bias = [1, 2]\n", ["b_h1", "b_h2"], ["1", "2"]),
    ],
)
def test_bias_with_weights(bias: str, names: list[str], values: list[str]) -> None:
    line = "bias = 0.35                      # a number: one bias shared by the layer; a list: one per unit; false: none\n"
    spec = spec_of(but(line, bias))
    assert [spec.vocabulary.canonical(b) for b in spec.vocabulary.biases(1)] == names
    assert [str(spec.data[b]) for b in spec.vocabulary.biases(1)] == values


@pytest.mark.parametrize(
    ("bias", "names"),
    [("", ["b_h1", "b_h2"]), ("bias = false\n", []), ("bias = 0.35\n", ["b1"]), ("bias = [1, 2]\n", ["b_h1", "b_h2"])],
)
def test_bias_without_weights_says_only_how_it_is_shared(bias: str, names: list[str]) -> None:
    spec = spec_of(but("units = 2\n", "units = 2\n" + bias, SYMBOLIC))
    assert [spec.vocabulary.canonical(b) for b in spec.vocabulary.biases(1)] == names
    assert not spec.data


@pytest.mark.parametrize("without", ["weights", "samples"])
def test_a_network_that_lacks_numbers_stays_symbolic_and_says_so(without: str) -> None:
    lines = [line for line in FILE.splitlines() if not line.startswith(without)]
    text = "\n".join(lines) if without == "weights" else FILE.partition("[[samples]]")[0]
    Path("net.toml").write_text(text, "utf-8")
    shown = CliRunner().invoke(main, ["derive", "net.toml"]).stdout
    assert "the derivation stays symbolic" in " ".join(shown.split())
    assert "≈ 0." not in shown.partition("Appendix")[0]


@pytest.mark.parametrize(
    ("shorthand", "names", "activations"),
    [
        ("2-1", (("i1", "i2"), ("o1",)), ["sigmoid"]),
        ("1-2-1", (("i1",), ("h1", "h2"), ("o1",)), ["sigmoid", "sigmoid"]),
        ("1-1-2-1", (("i1",), ("h1_1",), ("h2_1", "h2_2"), ("o1",)), ["sigmoid"] * 3),
        ("2-3-1:tanh", (("i1", "i2"), ("h1", "h2", "h3"), ("o1",)), ["tanh", "tanh"]),
        ("2-3-1:tanh,sigmoid", (("i1", "i2"), ("h1", "h2", "h3"), ("o1",)), ["tanh", "sigmoid"]),
    ],
)
def test_shorthands(shorthand: str, names: tuple[tuple[str, ...], ...], activations: list[str]) -> None:
    spec = load(shorthand)
    assert spec.vocabulary.names == names
    assert [a.name for a in spec.activations] == activations
    assert all(isinstance(bias.owner, Unit) for at in range(1, len(names)) for bias in spec.vocabulary.biases(at))
    assert not spec.is_numeric


@pytest.mark.parametrize("name", ["net.toml", "./net", "sub/net"])
def test_what_ends_in_toml_or_has_a_slash_is_a_file(name: str) -> None:
    Path("sub").mkdir()
    Path(name).write_text(SYMBOLIC, "utf-8")
    assert load(name) == load(Path(name)) == spec_of(SYMBOLIC)


def test_line_ends_of_windows_are_read() -> None:
    Path("net.toml").write_bytes(FILE.replace("\n", "\r\n").encode())
    assert load("net.toml") == spec_of(FILE)


@pytest.mark.parametrize(
    ("notation", "text", "name"),
    [
        ("mazur", "w_5", "w5"),
        ("mazur", "w_{5}", "w5"),
        ("mazur", "b1", "b1"),
        ("ufldl", "W^(2)_11", "w5"),
        ("ufldl", "W^{(1)}_{12}", "w2"),
        ("ufldl", "w5", "w5"),
        ("ufldl", "b^(1)", "b1"),
        ("nielsen", "w^3_11", "w5"),
        ("nielsen", "w^2_{21}", "w3"),
        ("nielsen", "b^3", "b2"),
    ],
)
def test_weights_are_asked_for_by_canonical_name_or_in_the_notation(notation: str, text: str, name: str) -> None:
    spec = load("mazur").with_options(notation)
    assert spec.speller.read(text) == load("mazur").speller.read(name)


# -- bad input ---------------------------------------------------------------------------------------------------------


class Bad(NamedTuple):
    """A faulty file, the line that the message points to, and what it says."""

    text: str
    line: int | None
    says: tuple[str, ...]


LAYERS, MAZUR = "[[layers]]", "half_squared_error"
BAD = {
    "broken": Bad(but("inputs = 2  ", "inputs = = 2"), 5, ("net.toml:5:10", "not valid TOML", "\n           ^")),
    "unclosed": Bad(FILE + "x = [", 19, ("not valid TOML",)),
    "key twice": Bad(but("inputs = 2", "inputs = 2\ninputs = 3"), 6, ("not valid TOML",)),
    "key": Bad(but("loss =", "los ="), 3, ("'los'", "did you mean 'loss'", "learning_rate", "samples")),
    "key in a layer": Bad(but("activation", "activaton"), 8, ("'activaton'", "did you mean 'activation'", "bias", "weights")),
    "key in the second layer": Bad(but("bias = 0.60", "biass = 0.60"), 15, ("'biass'", "did you mean 'bias'")),
    "key in a sample": Bad(but("targets", "target"), 18, ("'target'", "did you mean 'targets'", "inputs")),
    "table": Bad(FILE + "[layer]\na = 1\n", 19, ("'layer'", "did you mean 'layers'")),
    "key in an inline layer": Bad("inputs = 2\nlayers = [{units = 2, unitz = 3}]\n", 2, ("'unitz'", "did you mean 'units'")),
    "activation": Bad(but('"sigmoid"', '"sigmod"'), 8, ("'sigmod'", "did you mean 'sigmoid'", "tanh", "identity")),
    "activation a number": Bad(but('"sigmoid"', "3"), 8, ("activation", "sigmoid", "tanh")),
    "loss": Bad(but(MAZUR, "half_square_error"), 3, ("'half_square_error'", f"did you mean '{MAZUR}'", "squared_error")),
    "notation": Bad(but('"mazur"', '"mazurr"'), 2, ("'mazurr'", "did you mean 'mazur'", "ufldl", "nielsen")),
    "update": Bad('update = "at_once"\n' + FILE, 1, ("'at_once'", "simultaneous", "output_first")),
    "columns": Bad(but(MATRIX, "[[1, 2, 3], [4, 5, 6]]"), 9, ("2 by 3", "2 rows", "of 2")),
    "rows": Bad(but(MATRIX, "[[1, 2]]"), 9, ("1 by 2", "2 rows", "of 2")),
    "ragged": Bad(but(MATRIX, "[[1, 2], [3]]"), 9, ("unequal", "2 rows", "of 2")),
    "no rows": Bad(but(MATRIX, "[]"), 9, ("weights of layer 1", "2 rows", "of 2")),
    "empty rows": Bad(but(MATRIX, "[[], []]"), 9, ("2 by 0", "2 rows", "of 2")),
    "one row": Bad(but(MATRIX, "[0.15, 0.20]"), 9, ("not a list of rows", "2 rows", "of 2")),
    "no matrix": Bad(but(MATRIX, "3"), 9, ("not a list of rows", "2 rows", "of 2")),
    "second matrix": Bad(but(SECOND, "[[1, 2]]"), 14, ("weights of layer 2", "1 by 2", "2 rows", "of 2")),
    "input twice": Bad(but("inputs = 2 ", 'inputs = ["a", "a"] '), 5, ("'a' is used twice",)),
    "unit named as an input": Bad(but("units = 2 ", 'units = ["i1", "b"] '), 7, ("'i1' is used twice",)),
    "input named as a unit is by default": Bad(but("inputs = 2 ", 'inputs = ["h1", "b"] '), 7, ("'h1' is used twice",)),
    "input named as a weight": Bad(but("inputs = 2 ", 'inputs = ["w1", "b"] '), 5, ("'w1' is used twice", "weight w1", "another name")),
    "input named as the error": Bad(but("inputs = 2 ", 'inputs = ["E", "b"] '), 5, ("'E' is used twice", "total", "another name")),
    "input named as a net input": Bad(but("inputs = 2 ", 'inputs = ["net_h1", "b"] '), 5, ("'net_h1' is used twice", "another name")),
    "inputs": Bad(but("[0.05, 0.10]", "[0.05]"), 17, ("inputs", "1 number", "2 inputs")),
    "targets": Bad(but("[0.01, 0.99]", "[1, 2, 3]"), 18, ("targets", "3 numbers", "2 outputs")),
    "no targets": Bad(but("targets = [0.01, 0.99]\n", ""), 16, ("'targets'", "one number per output")),
    "biases": Bad(but("bias = 0.35", "bias = [1, 2, 3]"), 10, ("bias of layer 1", "3 numbers", "2 units")),
    "nan": Bad(but("0.15", "nan"), 9, ("weights of layer 1", "finite")),
    "inf": Bad(but("0.45", "-inf"), 14, ("weights of layer 2", "finite")),
    "bias inf": Bad(but("0.35", "inf"), 10, ("bias of layer 1", "finite")),
    "rate nan": Bad(but("= 0.5\n", "= nan\n"), 4, ("learning_rate", "finite")),
    "target nan": Bad(but("0.99", "nan"), 18, ("targets", "finite")),
    "zero units": Bad(but("units = 2 ", "units = 0 "), 7, ("units is 0", "at least one")),
    "negative units": Bad(but("units = 2 ", "units = -1 "), 7, ("units is -1", "at least one")),
    "zero inputs": Bad(but("inputs = 2 ", "inputs = 0 "), 5, ("inputs is 0", "at least one")),
    "no names": Bad(but("units = 2 ", "units = [] "), 7, ("'units'", "at least one")),
    "fractional units": Bad(but("units = 2 ", "units = 2.0 "), 7, ("units is 2.0", "a number, or a list of names")),
    "units true": Bad(but("units = 2 ", "units = true "), 7, ("units is true", "a number, or a list of names")),
    "number true": Bad(but("0.15", "true"), 9, ("weights of layer 1", "true", "not a number")),
    "number a text": Bad(but("0.15", '"0.15"'), 9, ("weights of layer 1", "'0.15'", "not a number")),
    "number a date": Bad(but("0.15", "2020-01-01"), 9, ("weights of layer 1", "2020-01-01", "not a number")),
    "rate true": Bad(but("= 0.5\n", "= true\n"), 4, ("learning_rate", "true", "not a number")),
    "bias true": Bad(but("0.35", "true"), 10, ("bias of layer 1 is true", "a number", "a list", "false")),
    "bias a text": Bad(but("0.35", '"none"'), 10, ("bias of layer 1", "a number", "a list", "false")),
    "bias of a unit true": Bad(but("bias = 0.35", "bias = [1, true]"), 10, ("bias of layer 1", "true", "not a number")),
    "train_bias": Bad("train_bias = 1\n" + FILE, 1, ("train_bias is 1", "true or false")),
    "weights for some": Bad(but(f"weights = {SECOND}\n", ""), 11, ("layer 2 has no weights", "every layer or for none")),
    "layers a number": Bad("inputs = 2\nlayers = 3\n", 2, ("'layers'", LAYERS)),
    "layers one table": Bad("inputs = 2\n[layers]\nunits = 2\n", 2, ("'layers'", LAYERS)),
    "samples one table": Bad(but("[[samples]]", "[samples]"), 16, ("'samples'", "[[samples]]")),
    "no layers": Bad("inputs = 2\n", None, (LAYERS,)),
    "empty": Bad("", None, (LAYERS,)),
    "no inputs": Bad(but("inputs = 2 ", "# "), None, ("'inputs' is missing", "a number, or a list of names")),
    "no units": Bad(but("units = 2\n", "\n"), 11, ("'units' is missing", "a number, or a list of names")),
    "huge": Bad(but("0.15", "1e999999"), 9, ("weights of layer 1", "1e400")),
    "more than huge": Bad(but("0.15", "1e99999999999999999999"), 9, ("1e400",)),
    "tiny": Bad(but("0.15", "1e-999999"), 9, ("weights of layer 1", "1e-400")),
    "many decimals": Bad(but("0.15", "0." + "1" * 10**5), 9, ("weights of layer 1", "at most 200 digits")),
    "many digits": Bad(but("0.15", "1" * 10**5), 9, ("at most 200 digits",)),
    "many hexadecimal digits": Bad(but("0.15", "0x" + "f" * 10**5), 9, ("weights of layer 1", "at most 200 digits")),
    "many units": Bad(but("units = 2 ", "units = 100000000 "), None, ("too large", "units a layer")),
    "deep": Bad(but(MATRIX, "[" * 10**4 + "]" * 10**4), None, ("not valid TOML", "deep")),
    "quite deep": Bad(but(MATRIX, "[" * 90 + "]" * 90), 9, ("weights of layer 1", "2 rows", "of 2")),
    "a line far down": Bad(but(MATRIX, "[\n  [0.15, 0.20],\n  [0.25, nan],\n]"), 9, ("weights of layer 1", "finite")),
    "after a column": Bad("inputs = 1\n[[layers]]\nunits = 2\nweights = [\n  [1],\n  [2]\n]\nbias = nan\n", 8, ("bias", "finite")),
    "import": Bad(but("units = 2 ", "units = [\"__import__('os')\", 'b'] "), 7, ("__import__", "a name is a letter")),
    "space": Bad(but("units = 2 ", 'units = ["a b", "b"] '), 7, ("'a b'", "a name is a letter")),
    "line feed": Bad(but("units = 2 ", r'units = ["a\n", "b"] '), 7, (r"'a\n'", "a name is a letter")),
    "no letters": Bad(but("units = 2 ", 'units = ["", "b"] '), 7, ("''", "a name is a letter")),
    "macro": Bad(but("units = 2 ", r"units = ['\input', 'b'] "), 7, ("input", "a name is a letter")),
    "letter abroad": Bad(but("units = 2 ", 'units = ["é", "b"] '), 7, ("'é'", "a name is a letter")),
    "number for a name": Bad(but("units = 2 ", "units = [1, 2] "), 7, ("1 is not a name", "a name is a letter")),
    "title a number": Bad(but('"A step by step backpropagation example"', "3"), 1, ("title",)),
    "title with an escape": Bad(but('"A step', r'"\u001b[31m A step'), 1, ("title", "control characters")),
    "title with a one-byte escape": Bad(but('"A step', r'"\u009b31m A step'), 1, ("title", "control characters")),
    "title of two lines": Bad(but('"A step', r'"A\u2028step'), 1, ("title", "one line")),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_file(bad: Bad) -> None:
    Path("net.toml").write_text(bad.text, "utf-8")
    message = refused("net.toml")
    first = message.splitlines()[0]
    place = "net.toml:" if bad.line is None else f"net.toml:{bad.line}:"
    assert first.startswith("symbp: " + place)
    assert not [words for words in bad.says if words not in message], message


@pytest.mark.parametrize("name", ["lambda", "w1", "E", "eval", "x_1", "net"])
def test_a_name_that_only_looks_bad_is_taken(name: str) -> None:
    """As a hidden unit's name it is spelled net_w1, net_lambda: no other quantity is."""
    spec = spec_of(but("units = 2 ", f'units = ["{name}", "other"] '))
    spec.speller.check()
    assert spec.speller.read(f"net_{name}") == Var("net", Unit(1, 1), sample=1)


def test_weights_that_are_read_are_not_hidden_by_names() -> None:
    spec = spec_of(but("units = 2 ", 'units = ["w1", "b1"] '))
    assert spec.speller.read("w1").kind == "weight"
    assert spec.speller.read("b1") == Var("bias", Layer(1))


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), (b"title = '\xff'", "not UTF-8 at byte 10"), (FILE.encode("utf-16"), "not UTF-8")],
    ids=["missing", "latin-1", "utf-16"],
)
@pytest.mark.parametrize("command", ["derive", "check"])
def test_unreadable_file(content: bytes | None, says: str, command: str) -> None:
    if content is not None:
        Path("net.toml").write_bytes(content)
    assert refused("net.toml", command=command).startswith("symbp: net.toml:")
    assert says in refused("net.toml", command=command)


def test_a_directory_is_no_file() -> None:
    Path("net.toml").mkdir()
    assert "directory" in refused("net.toml")


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ("mazurr", ("'mazurr'", "did you mean 'mazur'", ".toml", "2-3-1")),
        ("", ("mazur", ".toml", "2-3-1")),
        ("2", ("'2'", "2-3-1")),
        ("2-0-1", ("0 units", "at least one")),
        ("2--1", ("'2--1'", "2-3-1")),
        ("2-3-1:tanhh", ("'tanhh'", "did you mean 'tanh'", "sigmoid")),
        ("2-3-1:", ("activation", "sigmoid", "tanh")),
        ("2-3-1:tanh,", ("activation", "sigmoid", "tanh")),
        ("2-3-1:tanh,tanh,tanh", ("3 activations for 2 layers",)),
        ("2-999999-1", ("too large", "4096")),
        ("-".join("2" * 100), ("too large", "64 layers")),
        ("٢-٣-١", ("2-3-1",)),
    ],
)
def test_bad_shorthand(network: str, says: tuple[str, ...]) -> None:
    message = refused("--", network, command="check")
    assert not [words for words in says if words not in message], message


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ("w99", ("'w99'", "w1", "w8", "b2")),
        ("w5,W1", ("'W1'", "w1")),
        ("net_h1", ("'net_h1'", "not a weight or a bias", "w1")),
        ("w5+", ("'w5+'", "not a weight or a bias", "w5")),
        (",", ("--weights", "w5,w1")),
        ("__import__('os')", ("__import__", "w1")),
    ],
)
def test_a_weight_that_is_not_there(weights: str, says: tuple[str, ...]) -> None:
    message = refused("mazur", "--weights", weights)
    assert not [words for words in says if words not in message], message
