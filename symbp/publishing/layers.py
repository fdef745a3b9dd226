"""CheckedLayer → Document and JSON. Nothing unchecked gets in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from symbp.derivation.batch import BatchLayer
from symbp.derivation.steps import Part, Say, Section, Table
from symbp.language.form import Form, Index, Node
from symbp.language.latex import LatexWriter
from symbp.language.matrices import SIZES, LayerSpeller, kronecker, ones, sizes_of_ones, whole
from symbp.network.forward import ERROR
from symbp.proof.layers import CheckedEquation, CheckedLayer
from symbp.publishing.document import Document
from symbp.publishing.environment import sentence
from symbp.version import __version__


def layer_document(checked: CheckedLayer) -> Document:
    """The document of a certified layer: its sections, the table of shapes filled in, and what was proved."""
    layer = checked.layer
    titled = Say("layer_title", {"name": layer.name, "samples": layer.samples})
    sections = (*(replace(s, parts=tuple(_filled(part, layer) for part in s.parts)) for s in layer.sections), _colophon(checked))
    return Document(sentence(titled.key, titled.names), sections, LayerSpeller(), titled=titled)


def _filled(part: Part, layer: BatchLayer) -> Part:
    match part:
        case Table("shapes", ()):
            return Table("shapes", tuple(_shape_row(layer, symbol.name) for symbol in layer.symbols))
        case Say(key, names):
            return Say(key, {**names, **_named(layer)})
    return part


def _named(layer: BatchLayer) -> dict[str, Any]:
    """What sentences name: the layer, its symbols, and the operators and columns of ones that it is written with."""
    nodes = [node for step in layer.steps() for node in (step.lhs, *(link.form for link in step.chain))]
    counts = sorted({size for node in nodes for size in sizes_of_ones(node)}, reverse=True)
    return {
        "name": layer.name,
        "samples": layer.samples,
        "operators": frozenset(op for node in nodes for op in _operators(node)),
        "ones": tuple(map(ones, counts)),
        "counts": tuple(map(whole, counts)),
        "kronecker": kronecker(Index("k"), Index("j")),
        "E": ERROR,
        **{name: whole(name) for name in (*SIZES, *(symbol.name for symbol in layer.symbols))},
    }


def _operators(node: Node) -> Iterator[str]:
    if isinstance(node, Form):
        yield node.op
        for arg in node.args:
            yield from _operators(arg)


def _shape_row(layer: BatchLayer, name: str) -> tuple[Any, ...]:
    symbol = layer.symbol(name)
    shape: dict[str, Any] = {"rows": whole(symbol.rows) if symbol.rows else "", "columns": whole(symbol.columns) if symbol.columns else ""}
    meaning: dict[str, Any] = {"symbol": name, "layer": layer.name, "E": ERROR, "Y": whole("Y")}
    return whole(name), Say("layer_symbol", meaning), Say("layer_shape", shape)


def _colophon(checked: CheckedLayer) -> Section:
    equations = sum(len(found.step.chain) for found in checked.equations)
    names: dict[str, Any] = {
        "equations": equations,
        "entries": sum(found.entries for found in checked.equations),
        "shapes": tuple(tuple((whole(name), size) for name, size in shape.items()) for shape in checked.layer.shapes),
        "version": __version__,
    }
    return Section("colophon", (Say("layer_colophon", names),))


def to_json(checked: CheckedLayer) -> str:
    """`{"symbp": version, "layer": …, "samples": …, "symbols": […], "equations": […]}`."""
    layer, writer = checked.layer, LatexWriter(LayerSpeller())
    found = {
        "symbp": __version__,
        "layer": layer.name,
        "samples": layer.samples,
        "symbols": [{"latex": writer.text(whole(s.name)), "shape": [size for size in (s.rows, s.columns) if size]} for s in layer.symbols],
        "equations": [_equation(one, layer, writer) for one in checked.equations],
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _equation(found: CheckedEquation, layer: BatchLayer, writer: LatexWriter) -> dict[str, Any]:
    sides = [writer.text(found.step.lhs), *(writer.text(link.form) for link in found.step.chain)]
    return {
        "latex": " = ".join(sides),
        "sides": sides,
        "rules": [link.rule for link in found.step.chain],
        "certified": [{**shape, "entries": sum(map(len, links))} for shape, links in zip(layer.shapes, found.verdicts, strict=True)],
    }
