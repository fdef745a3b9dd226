"""Derived documents with one edit, and what the judge of hand work says of them; run as a script, it prints what was not found or named.

    python tests/mutated.py [how many of each document] [seed] [-v] [example …] [notation …]

The edits, and the evaluator that decides whether one changes any value, are those of the mutants of derivations.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cache
from random import Random

from evaluator import Nonsense, alike
from test_mutants import Judge, form_at, mutants

from roundtrip import derived, spec_of
from symbp.derivation.steps import Derivation, Display, Section, Step
from symbp.language.form import Form, Function, Node, Value, leaves, number, rewrite
from symbp.publishing.document import Document
from symbp.publishing.render import render
from symbp.verification.report.report import FileReport, JudgedRow
from symbp.verification.report.verify import VerifyOptions, verify_file

NAMED: dict[str, set[str]] = {
    "sign": {"sign"},
    "index": {"wrong_index", "wrong_lhs", "updated_weights_used", "bias_gradient", "missing_sum"},
    "out for net": {"net_vs_out", "wrong_activation_derivative", "wrong_lhs"},
    "dropped factor": {"dropped_factor", "missing_activation_derivative", "wrong_activation_derivative", "factor_two", "bias_gradient"},
    "doubled factor": {"duplicated_factor", "factor_two", "wrong_constant"},
    "dropped term": {"missing_sum", "dropped_factor", "wrong_activation_derivative", "bias_gradient", "wrong_constant", "missing_term"},
    "transpose": {"transpose_order"},
    "number": {"arithmetic_slip", "rounding", "wrong_constant", "wrong_index", "sign"},
    "digit": {"arithmetic_slip", "rounding", "wrong_constant", "sign"},
    "constant": {"wrong_constant", "factor_two", "arithmetic_slip"},
    "function": {"wrong_activation_derivative", "net_vs_out", "missing_activation_derivative", "wrong_activation"},
    "lost path": {"missing_sum"},
}
"""The codes that name each kind of edit."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """An edit of a document: its kind, the rows that it changed, and the report on the whole."""

    kind: str
    original: tuple[str, ...]
    changed: tuple[str, ...]
    rows: tuple[JudgedRow, ...]
    others: tuple[JudgedRow, ...]

    @property
    def worst(self) -> JudgedRow | None:
        """The first changed row that is wrong."""
        return next((row for row in self.rows if row.verdict == "wrong"), None)

    @property
    def is_found(self) -> bool:
        """Is a changed row wrong, and no other?"""
        return self.worst is not None and not any(row.verdict == "wrong" for row in self.others)

    @property
    def is_named(self) -> bool:
        """Does the code name the edit, or is the row repaired to what it was?"""
        worst = self.worst
        if worst is None:
            return False
        was = {bare(text) for text in self.original}
        is_restored = worst.expected is not None and any(bare(worst.expected) in text for text in was)
        return worst.code in NAMED[self.kind] or (worst.code != "unexplained" and is_restored)


def bare(text: str) -> str:
    """Without what only lays it out, and without zeros at the end of numbers."""
    return re.sub(r"(\.[0-9]*[1-9])0+(?![0-9])", r"\1", "".join(text.split()).removesuffix(r"\\").replace("&", ""))


@cache
def originals(example: str, notation: str, kind: str) -> tuple[Document, list[str]]:
    document = Document.of(derived(example, notation).checked)
    return document, render(document, kind).splitlines()


def with_step(document: Document, old: Step, new: Step) -> Document:
    """The document with one step replaced where it first stands."""
    sections: list[Section] = []
    is_done = False
    for section in document.sections:
        parts = []
        for part in section.parts:
            if isinstance(part, Display) and old in part.steps and not is_done:
                at = part.steps.index(old)
                part = Display((*part.steps[:at], new, *part.steps[at + 1 :]))
                is_done = True
            parts.append(part)
        sections.append(replace(section, parts=tuple(parts)))
    return replace(document, sections=tuple(sections))


def changes(derivation: Derivation) -> list[tuple[str, Step, Step]]:
    """Every edit that may change what a step says; those that only a table would show are left out."""
    shown = {step for section in derivation.sections for part in section.parts if isinstance(part, Display) for step in part.steps}
    return [(kind, step, mutant) for kind, step, at, mutant in mutants(derivation) if step in shown and is_plain(step, at, mutant)]


def is_plain(step: Step, at: int | None, mutant: Step) -> bool:
    """Is it a change in a place that can be wrong: not of the only thing that a definition defines?"""
    form = form_at(mutant, at)
    return not isinstance(form, Form) or form.op not in {"transpose"} or any(True for _ in leaves(form))


def judge_of(derivation: Derivation) -> Judge:
    return Judge(derivation)


def sample(example: str, notation: str, kind: str, count: int, seed: int) -> Iterator[Mutant]:
    """So many mutants of a document that change a value."""
    derivation = derived(example, notation).checked.derivation
    judge, document, before = judge_of(derivation), *originals(example, notation, kind)
    random, every = Random(f"{example} {notation} {kind} {seed}"), changes(derivation)
    random.shuffle(every)
    # so that every kind of edit has its share
    ranks: Counter[str] = Counter()
    ranked: list[tuple[int, int, tuple[str, Step, Step]]] = []
    for entry in every:
        ranked.append((ranks[entry[0]], len(ranked), entry))
        ranks[entry[0]] += 1
    made = 0
    for _, _, (name, step, mutant) in sorted(ranked, key=lambda item: item[:2]):
        if made == count:
            return
        at = next((n for n, (a, b) in enumerate(zip(step.chain, mutant.chain, strict=True)) if a != b), None)
        if not is_changed(judge, step, form_at(step, at), form_at(mutant, at)) or is_loose(derivation, form_at(mutant, at)):
            continue
        after = render(with_step(document, step, mutant), kind).splitlines()
        if after == before:
            continue
        made += 1
        old, new = form_at(step, at), form_at(mutant, at)
        yield judged(example, notation, kind, "number" if is_of_numbers(name, old, new) else name, before, after)


def is_changed(judge: Judge, step: Step, old: Node, new: Node) -> bool:
    """Does the edit change a value? What the evaluator cannot work out is left alone; so is what stays within a unit of a last place."""
    try:
        if all(isinstance(leaf, Value) for form in (old, new) for leaf in leaves(form)):
            a, b = (judge.worlds[0].worth(rewrite(form, as_shown)) for form in (old, new))
            return not alike(a, b) if isinstance(a, list) or isinstance(b, list) else abs(a - b) > 1.6 * unit(old, new)
        for world in judge.worlds:
            world.all_worths(new, step)
        return judge.is_changed(step, old, new)
    except Nonsense:
        return False


def is_of_numbers(name: str, old: Node, new: Node) -> bool:
    """Is a printed number put in place of another, or left alone of what was to be worked out?"""
    names = [Counter(leaf for leaf in leaves(form) if not isinstance(leaf, Value)) for form in (old, new)]
    return isinstance(new, Value) or (name == "index" and names[0] == names[1])


def is_loose(derivation: Derivation, form: Node) -> bool:
    """Is this sigma where no layer has the sigmoid? It may stand for the activation that the network has."""
    has_sigmoid = any(row.name == "sigmoid" for row in derivation.spec.activations)
    return not has_sigmoid and any(isinstance(leaf, Function) and leaf.name == "sigmoid" for leaf in leaves(form))


def as_shown(node: Node) -> Node:
    return number(Fraction(node.shown)) if isinstance(node, Value) else node


def unit(*forms: Node) -> float:
    """The last place of the coarsest rounded number."""
    shown = [leaf.shown for form in forms for leaf in leaves(form) if isinstance(leaf, Value) and not leaf.exact]
    return max((10.0 ** -len(text.partition("e")[0].partition(".")[2]) for text in shown), default=0.0)


def judged(example: str, notation: str, kind: str, name: str, before: list[str], after: list[str]) -> Mutant:
    report = verify(spec_of(example, notation), "\n".join(after), kind)
    changed: set[int] = set()
    originals: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            changed |= set(range(c + 1, d + 1))
            originals += before[a:b]
    spans = [(row, range(row.line, row.line + row.text.count("\n") + 1)) for row in report.rows]
    rows = tuple(row for row, span in spans if changed & set(span))
    others = tuple(row for row, span in spans if not changed & set(span))
    return Mutant(name, tuple(originals), tuple(after[n - 1] for n in sorted(changed)), rows, others)


def verify(spec: object, text: str, kind: str) -> FileReport:
    return verify_file(spec, text, kind, "mutant", VerifyOptions(prove=False))  # type: ignore[arg-type]


@dataclass
class Tally:
    """How many mutants were made, found and named, by kind."""

    made: Counter[str]
    found: Counter[str]
    named: Counter[str]
    missed: list[Mutant]

    @classmethod
    def of(cls, mutants: Iterator[Mutant]) -> Tally:
        tally = cls(Counter(), Counter(), Counter(), [])
        for mutant in mutants:
            tally.made[mutant.kind] += 1
            tally.found[mutant.kind] += mutant.is_found
            tally.named[mutant.kind] += mutant.is_found and mutant.is_named
            if not (mutant.is_found and mutant.is_named):
                tally.missed.append(mutant)
        return tally

    def __str__(self) -> str:
        lines = [f"{kind:16} {self.made[kind]:5} made {self.found[kind]:5} found {self.named[kind]:5} named" for kind in sorted(self.made)]
        share = self.named.total() / max(1, self.found.total())
        return "\n".join([*lines, f"{self.found.total()} of {self.made.total()} found, {share:.1%} of them named"])


def main(arguments: Sequence[str]) -> None:
    numbers = [int(a) for a in arguments if a.isdigit()]
    count, seed = (numbers[0] if numbers else 20), (numbers[1] if len(numbers) > 1 else 1)
    names = [a for a in arguments if a in {"mazur", "deep", "softmax", "neuron", "relu", "xor", "han_kamber"}] or [
        "mazur",
        "deep",
        "softmax",
    ]
    notations = [a for a in arguments if a in {"ufldl", "nielsen", "ng", "bishop"}] or ["mazur", "ufldl", "nielsen"]

    def every() -> Iterator[Mutant]:
        for example in names:
            for notation in notations:
                for kind in ("tex", "md"):
                    yield from sample(example, notation, kind, count, seed)

    tally = Tally.of(every())
    for mutant in tally.missed:
        worst = mutant.worst
        if "-v" in arguments:
            state = "NOT FOUND" if worst is None else "ELSEWHERE" if not mutant.is_found else "not named"
            print(f"{state} {mutant.kind}: {worst.code if worst else ''} → {worst.expected if worst else ''}")
            print("    was", " // ".join(mutant.original)[:300])
            print("    now", " // ".join(mutant.changed)[:300])
            print(
                "    ",
                [row.verdict for row in mutant.rows],
                [(row.line, row.verdict, row.text[:80]) for row in mutant.others if row.verdict == "wrong"],
            )
    print(tally)


if __name__ == "__main__":
    main(sys.argv[1:])
