"""Single parts of a document: what can be lifted out of it by name, and the document that holds only that.

What is lifted keeps the numbers and the labels that it has in the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from symbp.derivation.steps import Display, Figure, Part, Section
from symbp.errors import SymbpError, nearest
from symbp.language.form import Form, Var
from symbp.language.plain import PlainWriter
from symbp.publishing.document import Document
from symbp.publishing.environment import sentence
from symbp.publishing.languages import ENGLISH
from symbp.publishing.numbering import Equation, Numbering, name_of

GROUPS: dict[str, Callable[[Equation], bool]] = {
    "delta": lambda equation: isinstance(equation.step.lhs, Var) and equation.step.lhs.kind == "delta",
    "gradient": lambda equation: is_gradient(equation) and "." not in equation.label,
    "chain_rule": lambda equation: equation.step.chain[0].rule == "chain_rule",
}
"""Equations that can be lifted together."""


def is_gradient(equation: Equation) -> bool:
    """Does the equation say what the derivative of E by a parameter is?"""
    match equation.step.lhs:
        case Form("total", (_, Var("weight" | "bias" | "weights" | "biases"))):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be lifted: its name, what it is, its number if it is an equation, and what it shows."""

    name: str
    kind: str
    number: int
    shown: str


def items(document: Document, lang: str = ENGLISH) -> Iterator[Item]:
    """Everything that can be lifted out of `document`; what it shows in the language `lang`."""
    for name, section in _sections(document).items():
        yield Item(name, "section", 0, sentence("heading_words", {"key": section.key, "names": dict(section.names)}, lang))
    for name in _figures(document):
        yield Item(name, "figure", 0, "")
    equations = Numbering.of(document.sections, document.speller).equations
    for group, belongs in GROUPS.items():
        if any(map(belongs, equations)):
            yield Item(group, "group", 0, sentence("group_words", {"key": group}, lang))
    writer = PlainWriter(document.speller)
    for equation in equations:
        first = equation.step.chain[0]
        yield Item(equation.label, "equation", equation.number, f"{writer.text(equation.step.lhs)} = {writer.text(first.form)}")


def lifted(document: Document, wanted: tuple[str, ...]) -> Document:
    """What of `document` is called by the names `wanted`, in the order of the document."""
    numbering = Numbering.of(document.sections, document.speller)
    sections, figures = _sections(document), _figures(document)
    known = [*sections, *figures, *GROUPS, *(equation.label for equation in numbering.equations)]
    for name in wanted:
        if name not in known:
            raise SymbpError(f"there is no {name!r} in this document", hint=f"{nearest(name, known)}; --list names everything")
    chosen = {id(sections[name]) for name in wanted if name in sections}
    pictures = {id(figures[name]) for name in wanted if name in figures}
    equations = {
        id(equation.step)
        for equation in numbering.equations
        if equation.label in wanted or any(name in GROUPS and GROUPS[name](equation) for name in wanted)
    }
    found: list[Section] = []
    for section in document.sections:
        if id(section) in chosen:
            found.append(section)
        elif parts := tuple(_kept(section, pictures, equations)):
            found.append(Section("", parts))
    if not found:
        raise SymbpError(f"there is no {' and no '.join(wanted)} in this document", hint="--list names everything")
    return replace(document, sections=tuple(found), numbering=numbering)


def _kept(section: Section, pictures: set[int], equations: set[int]) -> Iterator[Part]:
    for part in section.parts:
        if isinstance(part, Display):
            if steps := tuple(step for step in part.steps if id(step) in equations):
                yield Display(steps)
        elif id(part) in pictures:
            yield part


def _sections(document: Document) -> dict[str, Section]:
    """Sections by their keys; of several with one key, each after the first has a number."""
    found: dict[str, Section] = {}
    for section in document.sections:
        same = sum(other.key == section.key for other in found.values())
        found[section.key + (f".{same + 1}" if same else "")] = section
    return found


def _figures(document: Document) -> dict[str, Figure]:
    """Figures by what they show: figure.network, figure.paths.w5."""
    parts = [part for section in document.sections for part in section.parts if isinstance(part, Figure)]
    return {".".join(["figure", part.key, *([name_of(part.about, document.speller)] if part.about else [])]): part for part in parts}
