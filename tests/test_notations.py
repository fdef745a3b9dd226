"""Every notation: each quantity of every kind of network is spelled, and read back; users' own are checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from symbp.api import derive
from symbp.errors import SymbpError
from symbp.language.form import (
    TWO,
    Edge,
    Form,
    Index,
    Layer,
    Node,
    Parameter,
    Range,
    Unit,
    Var,
    power,
    times,
    total,
)
from symbp.language.forms import normal, read
from symbp.language.names import Names
from symbp.language.notation import NOTATIONS, Notation
from symbp.language.own_notation import check_standard, chosen, load_notation, read_notation
from symbp.language.speller import Speller
from symbp.language.tokens import Medium
from symbp.language.vocabulary import EXTRAS, Connection, Sharing, Vocabulary, Wiring
from symbp.network.reader import load
from symbp.network.spec import default_names

MEDIA: tuple[Medium, ...] = ("latex", "plain")
ADAM, MOMENTUM = ((*(kind for kind in EXTRAS if kind != other), "mean_activation") for other in ("momentum", "beta2"))
P, T = Index("p"), Index("t")
ERROR = Var("error_total")


def layered(*sizes: int, sharing: Sharing = Sharing.UNIT) -> Vocabulary:
    return Vocabulary(default_names(sizes), (sharing,) * (len(sizes) - 1))


def wired() -> Vocabulary:
    """Shared and named weights, a skip, a bias of two units."""
    i1, i2, h1, h2, o1, o2 = (Unit(layer, at) for layer in range(3) for at in (1, 2))

    def weight(name: str, source: Unit) -> Connection:
        return Connection(Var("weight", Parameter(name)), source)

    connections = {
        h1: (weight("w1", i1), weight("k1_2", i2)),
        h2: (weight("k1_2", i1),),
        o1: (weight("w_skip", i1), weight("alpha1", h1)),
        o2: (weight("w1", h2),),
    }
    shared = Var("bias", Parameter("b_o"))
    biases = {h1: Var("bias", Parameter("b1")), o1: shared, o2: shared}
    return Vocabulary(default_names((2, 2, 2)), wiring=Wiring(connections, biases, (o1, o2)))


VOCABULARIES = {
    "shared": layered(2, 2, 2, sharing=Sharing.SHARED),
    "deep": layered(2, 2, 2, 2),
    "small": layered(1, 1, sharing=Sharing.NONE),
    "wide": layered(2, 11, 1),
    "batch": replace(layered(2, 2, 2), samples=3),
    "many": replace(layered(1, 1, 1), samples=12),
    "penalties": replace(layered(2, 2, 2), extras=ADAM),
    "batch with penalties": replace(layered(2, 2, 2), samples=2, extras=(*MOMENTUM, "online")),
    "recurrent": replace(layered(1, 2, 1), times=3, error_at=(1, 2, 3)),
    "recurrent batch": replace(layered(1, 2, 1), times=2, error_at=(2,), samples=2),
    "recurrent deep": replace(layered(1, 2, 2, 1, sharing=Sharing.SHARED), times=2, error_at=(1, 2)),
    "wired": wired(),
    "wired batch": replace(wired(), samples=2, extras=ADAM),
}


def speller(notation: str, network: str) -> Speller:
    return Speller(NOTATIONS[notation], VOCABULARIES[network])


each = pytest.mark.parametrize(("notation", "network"), list(product(NOTATIONS, VOCABULARIES)))


@each
def test_what_is_typed_means_one_quantity(notation: str, network: str) -> None:
    known = speller(notation, network)
    known.check()
    for var in known.vocabulary.variables():
        assert known.read(known.ascii(var)) == var == known.read(known.vocabulary.canonical(var))


@each
@pytest.mark.parametrize("medium", MEDIA)
def test_every_quantity_is_read_back(notation: str, network: str, medium: Medium) -> None:
    known = Names(speller(notation, network), medium)
    assert len(set(known.keys.values())) == len(known.keys)
    for var in known.keys:
        assert read(known.text(var), known) == var
    for var in known.speller.vocabulary.variables():
        assert read(known.text(power(var, TWO)), known) == power(var, TWO)


def over_units(index: str, layer: int, body: Node) -> Form:
    return Form("sum", (Range(Index(index), layer), body))


def over(what: str, index: str, body: Node) -> Form:
    return Form("sum", (Range(Index(index), "samples" if what == "samples" else "times"), body))


def formulas(words: Vocabulary) -> Iterator[Node]:
    """Sums over samples and time, and what stands in them."""
    sample = P if words.samples > 1 else 1
    if words.samples > 1 and not words.times:
        unit, source = Unit(Index("l"), Index("i")), Unit(Index("l", -1), Index("j"))
        yield over("samples", "p", Var("error_sample", None, P))
        yield over("samples", "p", times(Var("delta", unit, P), Var("out", source, P)))
        yield over("samples", "p", over_units("i", 1, times(Var("delta", Unit(1, Index("i")), P), Var("input", Unit(0, 1), P))))
        yield over("samples", "p", Form("matmul", (Var("deltas", Layer(1), P), Form("transpose", (Var("outs", Layer(0), P),)))))
        yield Form("matmul", (Var("deltas", Layer(2)), Form("transpose", (Var("outs", Layer(1)),))))
    if words.times:
        before = Var("out", Unit(1, 1), sample, Index("t", -1))
        yield over("times", "t", times(Var("delta", Unit(1, 1), sample, T), before))
        yield over("times", "t", Var("error_sample", None, sample, T))
        yield Var("weight", Edge(Unit(1, Index("j")), Unit(1, Index("i"))))
    if words.extras:
        yield from (times(Var("beta"), Var("divergence", unit), Var("mean_activation", unit)) for unit in words.hidden)
    if words.is_layered:
        yield from (total(ERROR, Var(kind, Layer(1))) for kind in ("weights", "outs"))
    for parameter in words.parameters():
        yield total(ERROR, parameter)


@each
@pytest.mark.parametrize("medium", MEDIA)
def test_sums_over_samples_and_time_are_read_back(notation: str, network: str, medium: Medium) -> None:
    known = Names(speller(notation, network), medium)
    for form in formulas(known.speller.vocabulary):
        text = known.text(form)
        assert read(text, known) == normal(form, medium, distinguishes=known.distinguishes), text


OUT = Var("out", Unit(1, 1), 2)
LOOKS = [
    ("mazur", "batch", OUT, r"\mathrm{out}^{(2)}_{h1}", "out_h1⁽²⁾", "out^(2)_h1"),
    ("ufldl", "batch", OUT, "a^{(2)(2)}_{1}", "a⁽²⁾⁽²⁾₁", "a^(2)(2)_1"),
    ("nielsen", "batch", OUT, "a^{(2),2}_{1}", "a⁽²⁾\u2009²₁", "a^(2),2_1"),
    ("ng", "batch", OUT, "a^{[1](2)}_{1}", "a[1]⁽²⁾₁", "a^[1](2)_1"),
    ("bishop", "batch", OUT, "z_{2,h1}", "z_2_h1", "z_2,h1"),
    ("rumelhart", "batch", OUT, "o_{2,h1}", "o_2_h1", "o_2,h1"),
    ("goodfellow", "batch", OUT, "h^{(1)(2)}_{1}", "h⁽¹⁾⁽²⁾₁", "h^(1)(2)_1"),
    ("ng", "shared", Var("delta", Unit(1, 1), 1), r"\mathit{dz}^{[1]}_{1}", "dz[1]₁", "dz^[1]_1"),
    ("bishop", "deep", Var("bias", Unit(1, 2)), "w^{(1)}_{20}", "w⁽¹⁾₂₀", "w^(1)_20"),
    ("bishop", "deep", Var("out", Unit(3, 2), 1), "y_{2}", "y₂", "y_2"),
    ("rumelhart", "shared", Var("weight", Edge(Unit(0, 1), Unit(1, 2))), "w_{h2,i1}", "w_h2_i1", "w_h2,i1"),
    ("rumelhart", "shared", ERROR, "E_{p}", "Eₚ", "E_p"),
    ("rumelhart", "batch", ERROR, "E", "E", "E"),
    ("mazur", "penalties", Var("error_data"), r"E_{\mathrm{data}}", "E_data", "E_data"),
    ("mazur", "penalties", Var("mean_activation", Unit(1, 1)), r"\hat{\rho}_{h1}", "ρ\u0302_h1", "rhohat_h1"),
    ("mazur", "recurrent", Var("weight", Edge(Unit(1, 2), Unit(1, 1))), "w^{hh}_{12}", "wʰʰ₁₂", "w^hh_12"),
    ("mazur", "recurrent", Var("out", Unit(1, 1), 1, 2), r"\mathrm{out}^{\langle 2 \rangle}_{h1}", "out_h1⟨2⟩", "out^<2>_h1"),
    ("mazur", "wired", Var("weight", Parameter("w_skip")), r"w_{\mathrm{skip}}", "w_skip", "w_skip"),
    ("mazur", "wired", Var("weight", Parameter("k1_2")), "k_{1,2}", "k₁\u2009₂", "k_1,2"),
]


@pytest.mark.parametrize(("notation", "network", "var", "latex", "plain", "typed"), LOOKS)
def test_how_a_quantity_looks(notation: str, network: str, var: Var, latex: str, plain: str, typed: str) -> None:
    known = speller(notation, network)
    assert (Names(known, "latex").text(var), Names(known, "plain").text(var), known.ascii(var)) == (latex, plain, typed)


GRADIENTS = [("ng", r"\mathit{dW}^{[1]}", "dW[1]"), ("goodfellow", r"\nabla_{W^{(1)}} J", "∇_W⁽¹⁾ J")]


@pytest.mark.parametrize(("notation", "latex", "plain"), GRADIENTS)
def test_the_gradient_of_a_whole_layer(notation: str, latex: str, plain: str) -> None:
    form = total(ERROR, Var("weights", Layer(1)))
    known = speller(notation, "shared")
    assert (Names(known, "latex").text(form), Names(known, "plain").text(form)) == (latex, plain)


PATTERNS = {
    "mazur": ("δ⁽ˡ⁾ⱼ = (Σ_k w⁽ˡ⁾ₖⱼ·δ⁽ˡ⁺¹⁾ₖ)·f'(net⁽ˡ⁾ⱼ)", "∂E/∂W⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ (out⁽ˡ⁾)ᵀ", "the input is layer 1"),
    "ufldl": ("δ⁽ˡ⁾ⱼ = (Σ_k W⁽ˡ⁾ₖⱼ·δ⁽ˡ⁺¹⁾ₖ)·f'(z⁽ˡ⁾ⱼ)", "∂J/∂W⁽ˡ⁾ = δ⁽ˡ⁺¹⁾ (a⁽ˡ⁾)ᵀ", "The input is layer 1"),
    "nielsen": ("δˡⱼ = (Σ_k wˡ⁺¹ₖⱼ·δˡ⁺¹ₖ)·σ'(zˡⱼ)", "∂C/∂wˡ = δˡ (aˡ⁻¹)ᵀ", "The input is layer 1"),
    "ng": ("dz[l]ⱼ = (Σ_k W[l+1]ₖⱼ·dz[l+1]ₖ)·g'(z[l]ⱼ)", "dW[l] = dz[l] (a[l-1])ᵀ", "The input is layer 0"),
    "bishop": ("δ⁽ˡ⁾ⱼ = (Σ_k w⁽ˡ⁺¹⁾ₖⱼ·δ⁽ˡ⁺¹⁾ₖ)·h'(a⁽ˡ⁾ⱼ)", "∂E/∂W⁽ˡ⁾ = δ⁽ˡ⁾ (z⁽ˡ⁻¹⁾)ᵀ", "The input is layer 0"),
    "rumelhart": ("δ⁽ˡ⁾ₚⱼ = (Σ_k w⁽ˡ⁺¹⁾ₖⱼ·δ⁽ˡ⁺¹⁾ₚₖ)·f'(net⁽ˡ⁾ₚⱼ)", "∂Eₚ/∂W⁽ˡ⁾ = δ⁽ˡ⁾ (o⁽ˡ⁻¹⁾)ᵀ", "The input is layer 0"),
    "goodfellow": ("g⁽ˡ⁾ⱼ = (Σ_k W⁽ˡ⁺¹⁾ₖⱼ·g⁽ˡ⁺¹⁾ₖ)·f'(a⁽ˡ⁾ⱼ)", "∇_W⁽ˡ⁾ J = g⁽ˡ⁾ (h⁽ˡ⁻¹⁾)ᵀ", "The input is layer 0"),
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_pattern_in_each_notation(notation: str) -> None:
    text = " ".join(derive("2-3-1:tanh,sigmoid", notation=notation).render("txt").split())
    for part in PATTERNS[notation]:
        assert part in text


# -- users' own ------------------------------------------------------------------------------------------------------

OWN = """
base = "mazur"
function = "zeta"
hadamard = "odot"
[patterns]
net = "s_{unit}"
out = "y_{unit}"
error_total = "Q"
learning_rate = "gamma"
"""


@pytest.mark.parametrize("row", NOTATIONS.values(), ids=NOTATIONS)
def test_a_built_in_row_passes_the_check_of_users_rows(row: Notation) -> None:
    check_standard(row)
    assert read_notation(f'base = "{row.name}"\nname = "{row.name}"\nsource = "{row.source}"', "own.toml") == row


def test_a_users_own_notation(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    row = load_notation(tmp_path / "own.toml")
    assert row == chosen("own.toml", tmp_path)
    assert (row.name, row.function, row.hadamard) == ("own", "zeta", "odot")
    assert (row.general["net"], row.patterns["nets"], row.patterns["batch_outs"]) == ("s^({layer+1})_{i}", "s^({layer+1})", "Y^({layer+1})")
    text = derive("mazur", notation=str(tmp_path / "own.toml")).render("txt")
    assert "s_h1 = w₁·i₁ + w₂·i₂ + b₁" in text
    assert "δ⁽³⁾ = (∂Q/∂y⁽³⁾) ⊙ ζ'(s⁽³⁾)" in text
    assert "w₁⁺ = w₁ - γ·∂Q/∂w₁" in text


def test_a_network_file_names_a_notation_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, "utf-8")
    network = 'inputs = 1\nnotation = "own.toml"\n[[layers]]\nunits = 1\n'
    (tmp_path / "net.toml").write_text(network, "utf-8")
    assert load(tmp_path / "net.toml").notation.patterns["net"] == "s_{unit}"
    (tmp_path / "net.toml").write_text(network.replace("own", "other"), "utf-8")
    with pytest.raises(SymbpError, match=r"cannot read the notation"):
        load(tmp_path / "net.toml")


def test_a_delta_and_a_function_may_share_a_letter() -> None:
    row = read_notation('base = "goodfellow"\nfunction = "g"', "own.toml")
    known = Names(Speller(row, VOCABULARIES["shared"]), "plain")
    assert known.text(read("g⁽ˡ⁺¹⁾ₖ·g'(a⁽ˡ⁾ⱼ)", known)) == "g⁽ˡ⁺¹⁾ₖ·g'(a⁽ˡ⁾ⱼ)"


M = 'base = "mazur"\n'
N = M + "[patterns]\n"
FAULTS = [
    ("", None, "'base' is missing"),
    ("base = \n", 1, "not valid TOML"),
    ('base = "mazr"', 1, "did you mean 'mazur'"),
    ("base = 3", 1, "unknown base 3"),
    (M + 'funktion = "g"', 2, "did you mean 'function'"),
    (M + 'function = "e"', 2, "a letter but e"),
    (M + 'function = "\\\\phi"', 2, "function is"),
    (M + 'hadamard = "times"', 2, "one of 'circ', 'odot'"),
    (M + 'loss_derivative = "t - o"', 2, "one of"),
    (M + "numbering = true", 2, "numbering is true"),
    (M + "numbering = 0", None, "weights_lead"),
    (M + 'weights_lead = "into"', None, "does not go with"),
    (M + 'sample = "{sup}"', 2, "one of '^{sup}({sample})'"),
    (M + 'name = "a\\nb"', 2, "one line"),
    (M + "patterns = 3", 2, "is not a table"),
    (N + 'nett = "s_{unit}"', 3, "did you mean 'net'"),
    (N + "net = 3", 3, "no short text"),
    (N + f'net = "{"n" * 61}"', 3, "no short text"),
    (N + 'net = "\\\\net_{unit}"', 3, "holds '\\\\'"),
    (N + 'net = "n\\u0007_{unit}"', 3, "holds '\\x07'"),
    (N + 'net = "n_{units}"', 3, "did you mean 'unit'"),
    (N + 'net = "n_{unit"', 3, "the subscript"),
    (N + 'net = "n_a_b"', 3, "is not base^superscript_subscript"),
    (N + 'net = "n^(2]_{unit}"', 3, "the superscript"),
    (N + 'net = "n^{__class__}_{unit}"', 3, "has the field"),
    (N + 'net = "exp_{unit}"', 3, "the base 'exp'"),
    (N + 'named = "p"', 3, "own name"),
    (N + 'net = "n^{layer}_{i}"', 3, "{layer+1} would"),
    (M + '[general]\nnet = "n_{unit}"', 3, "{unit} means nothing"),
    (N + 'net = "n"', 3, "could be the net input net_h1 and the net input net_h2"),
    (N + 'net = "n_{i}"', 3, "could be the net input net_h1 and the net input net_o1"),
    (N + 'net = "out_{unit}"', 3, "could be the net input net_h1 and the output out_h1"),
    (N + 'learning_rate = "E"', 3, "could be the error E and the learning rate eta"),
    (N + 'momentum = "w_1"', 3, "ambiguous"),
    ('base = "ng"\n[patterns]\ndelta = "da^[{layer}]_{i}"', 3, "the derivative of the error by"),
    ('base = "nielsen"\n[patterns]\nnet = "x^{layer+1}_{i}"', 3, "ambiguous"),
]


@pytest.mark.parametrize(("text", "line", "says"), FAULTS, ids=lambda part: repr(part)[-24:])
def test_a_bad_notation_is_one_clear_error(text: str, line: int | None, says: str) -> None:
    with pytest.raises(SymbpError) as caught:
        read_notation(text, "own.toml")
    error = caught.value
    assert says in str(error)
    assert error.place is not None
    assert error.place.source == "own.toml"
    assert error.place.line == line
    assert len(str(error)) < 2000


def test_a_name_of_the_network_that_the_notation_uses_is_an_error() -> None:
    spec = load("2-2-1")
    spec = replace(spec, vocabulary=replace(spec.vocabulary, names=(("w_1", "i2"), ("h1", "h2"), ("o1",))))
    with pytest.raises(SymbpError, match=r"used twice in notation 'mazur'"):
        spec.with_options(notation="mazur")


@pytest.mark.parametrize("content", [b"\xff\xfe", b'base = "mazur"\nx = ' + b"[" * 5000, b"x" * 200_000])
def test_a_file_that_is_no_notation(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(content)
    with pytest.raises(SymbpError) as caught:
        load_notation(tmp_path / "own.toml")
    assert len(str(caught.value)) < 1000
