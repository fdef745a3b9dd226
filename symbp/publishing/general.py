"""CheckedGeneral → Document, and → JSON: the derivation for any layered network. Only what was certified gets in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from symbp.derivation.general import MEANINGS, kronecker, result, unit
from symbp.derivation.layouts import Line
from symbp.derivation.pattern import whole
from symbp.derivation.steps import Cell, Display, Over, Part, Say, Section, Step, Table
from symbp.language.form import Edge, Index, Layer, Node, Position, Range, Var
from symbp.language.latex import LatexWriter
from symbp.language.speller import shown
from symbp.network.forward import ERROR
from symbp.proof.general import CheckedGeneral, shape_name
from symbp.proof.identity import AGREEING_DIGITS, POINTS
from symbp.publishing.document import Document
from symbp.publishing.render import sentence
from symbp.version import __version__

FOUR = ("output_delta", "hidden_delta", "weight_gradient", "bias_gradient")


def general_document(checked: CheckedGeneral) -> Document:
    """The document of a certified general derivation."""
    spec = checked.instances[0].spec
    return Document(sentence("general_title", {}), tuple(_Builder(checked).sections()), spec.speller, spec, Say("general_title"))


class _Builder:
    def __init__(self, checked: CheckedGeneral) -> None:
        self.checked, self.general = checked, checked.general

    def display(self, *names: str) -> Display:
        return Display(tuple(self.checked.by_name[name].step for name in names))

    def results(self, prefix: str = "") -> Display:
        """The four equations, each in one line."""
        return Display(tuple(result(self.checked.by_name[prefix + name]) for name in FOUR))

    def sections(self) -> Iterator[Section]:
        yield Section("general_network", tuple(self._network()))
        yield Section("general_forward", (Say("general_forward"), self.display("forward_net", "forward_out")))
        yield Section("general_delta", (Say("general_delta", self._names()), self.display("delta")))
        yield from self._indices()
        yield Section("general_matrix", tuple(self._matrix()))
        summary = (Say("general_in_indices"), self.results(), Say("general_in_matrices"), self.results("matrix_"))
        yield Section("general_summary", summary)
        yield Section("general_algorithm", tuple(self._algorithm()))
        yield Section("general_check", tuple(self._check()))

    def _names(self) -> dict[str, Cell | tuple[Cell, ...]]:
        """What sentences speak of."""
        general = self.general
        start, end, _ = general.ends
        here = general.here()
        j, k = unit(here, "j"), unit(general.here(1), "k")
        return {
            "first": general.base,
            "last": general.notation.depth,
            "units": Var("units", Layer(here)),
            "net": Var("net", j, sample=1),
            "out": Var("out", j, sample=1),
            "delta": Var("delta", j, sample=1),
            "fed": Var("net", k, sample=1),
            "error": ERROR,
            "start": shown(start, general.base),
            "end": shown(end, general.base),
            "weights": whole("weights", end),
            "inputs": whole("outs", 0),
            "layout": str(general.layout),
        }

    # -- in indices --------------------------------------------------------------------------------------------------

    def _network(self) -> Iterator[Part]:
        general, names = self.general, self._names()
        _, end, _ = general.ends
        j, k = unit(end, "j"), unit(general.ends[0], "k")
        here = unit(general.here(), "j")

        def row(node: Node, what: str) -> tuple[Cell | tuple[Cell, ...], ...]:
            return node, Say("means", names | {"what": what})

        yield Say("general_network", names)
        rows = (
            row(Var("weight", Edge(k, j)), "weight"),
            row(Var("bias", j), "bias"),
            row(Var("net", here, sample=1), "net"),
            row(Var("out", here, sample=1), "out"),
            row(general.slope, "slope"),
            row(ERROR, "error"),
            row(Var("delta", here, sample=1), "delta"),
            row(kronecker("i", "j"), "kronecker"),
        )
        yield Table("general_symbols", rows)
        yield Say("general_sums", names | {"sum": Range(Index("k"), general.here(1))})

    def _indices(self) -> Iterator[Section]:
        names = self._names()
        for key, pieces in (
            ("output_delta", ("out_by_net",)),
            ("hidden_delta", ("net_by_out", "net_by_net")),
            ("weight_gradient", ("net_by_weight",)),
            ("bias_gradient", ("net_by_bias",)),
        ):
            parts: list[Part] = [Say(f"general_{key}", names)]
            parts += [Display((self.checked.by_name[name].step,)) for name in pieces]
            yield Section(f"general_{key}", (*parts, Say(f"general_{key}_then", names), self.display(key)))

    # -- in matrix form ----------------------------------------------------------------------------------------------

    def _matrix(self) -> Iterator[Part]:
        names = self._names()
        yield Say("general_matrix", names)
        yield self.display("matrix_forward_net", "matrix_forward_out")
        yield Say("general_layout", names)
        rows = tuple((shape.node, self._size(shape.rows), self._size(shape.columns)) for shape in self.checked.shapes)
        yield Table("general_shapes", rows)
        yield Say("general_jacobians", names)
        yield self.display("jacobian_out_net", "jacobian_net_out", "jacobian_net_net")
        yield Say("general_matrix_deltas", names)
        yield self.display("matrix_delta", "matrix_output_delta", "matrix_hidden_delta")
        yield Say("general_matrix_gradients", names)
        yield self.display("matrix_weight_gradient", "matrix_bias_gradient")

    def _size(self, layer: Position | None) -> Node | str:
        return "1" if layer is None else Var("units", Layer(layer))

    # -- the algorithm -----------------------------------------------------------------------------------------------

    def _algorithm(self) -> Iterator[Part]:
        names = self._names()
        yield Say("general_algorithm", names)
        rows: list[tuple[Cell | tuple[Cell, ...], ...]] = [(1, Say("line", names | {"what": "inputs"}), "")]
        lines, before = self.checked.lines, ""
        for line in lines:
            if line.loop and line.loop != before:
                body = sum(other.loop == line.loop for other in lines)
                rows.append((len(rows) + 1, Say("loop", self._loop(line, len(rows) + 2, body)), ""))
            before = line.loop
            rows.append((len(rows) + 1, Say("line", names | {"what": line.name}), line.step))
        yield Table("general_lines", tuple(rows))
        yield Say("general_update", names)

    def _loop(self, line: Line, first: int, body: int) -> dict[str, Cell | tuple[Cell, ...]]:
        """From where to where a loop runs, and over which lines."""
        start, end = self._span(line.step)
        if line.descending:
            start, end = end, start
        return {"from": start, "to": end, "down": int(line.descending), "first": first, "last": first + body - 1}

    def _span(self, step: Step) -> tuple[str, str]:
        for over in step.every:
            if over.span:
                return shown(over.span[0]), shown(over.span[1])
        raise AssertionError(step)

    # -- the check ---------------------------------------------------------------------------------------------------

    def _check(self) -> Iterator[Part]:
        checked, counts = self.checked, self.checked.counts()
        fewest = min(len(checked.networks(equation.name)) for equation in checked.equations)
        yield Say(
            "general_check",
            {
                "equations": len(checked.equations),
                "networks": len(checked.instances),
                "fewest": fewest,
                "proved": counts["proved"],
                "agrees": counts["agrees"],
                "points": POINTS,
                "digits": AGREEING_DIGITS,
            },
        )
        rows = tuple(
            (
                shape_name(one.spec),
                Say("activations_used", {"names": tuple(row.name for row in one.spec.activations)}),
                Say("loss_used", {"name": one.spec.loss.name}),
                one.count(),
            )
            for one in checked.instances
        )
        yield Table("general_instances", rows)
        yield Say("general_colophon", {"version": __version__})


def general_json(checked: CheckedGeneral) -> str:
    """`{"symbp": version, "derivation": "general", …, "networks": […], "equations": […]}`."""
    general = checked.general
    found = {
        "symbp": __version__,
        "derivation": "general",
        "notation": general.notation.name,
        "layout": str(general.layout),
        "networks": [
            {
                "sizes": [len(layer) for layer in one.spec.vocabulary.names],
                "activations": [row.name for row in one.spec.activations],
                "loss": one.spec.loss.name,
                "instances": one.count(),
            }
            for one in checked.instances
        ],
        "equations": list(_records(checked)),
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _records(checked: CheckedGeneral) -> Iterator[dict[str, Any]]:
    writer = LatexWriter(checked.instances[0].spec.speller)
    for equation in checked.equations:
        step = equation.step
        sides = [writer.text(step.lhs), *(writer.text(link.form) for link in step.chain)]
        yield {
            "name": equation.name,
            "meaning": MEANINGS[equation.name],
            "form": "matrix" if equation.name.startswith(("matrix", "jacobian")) else "indices",
            "latex": " = ".join(sides),
            "result": " = ".join([sides[0], sides[-1]]),
            "rules": [link.rule for link in step.chain],
            "layers": [_layers(over) for over in step.every if over.span],
            "networks": len(checked.networks(equation.name)),
            "instances": checked.count(equation.name),
        }


def _layers(over: Over) -> dict[str, str]:
    assert over.span is not None
    return {"index": over.name, "from": shown(over.span[0]), "to": shown(over.span[1])}
