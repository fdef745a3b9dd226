"""What a sentence about a row may name: the quantity, the weight and the unit that it feeds, what was written and what belongs there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from symbp.language.form import Edge, Layer, Unit, Var
from symbp.network.forward import ERROR
from symbp.verification import written as w
from symbp.verification.judging.judge import Judged, Ruling
from symbp.verification.judging.scope import Unclear
from symbp.verification.judging.shapes import unwrapped
from symbp.verification.reading.world import World
from symbp.verification.repair.diagnose import Diagnosis
from symbp.verification.repair.editing import Repair
from symbp.verification.repair.lexicon import names
from symbp.verification.report.report import Said
from symbp.verification.tokens import Unreadable

Names = dict[str, str | int | tuple[str, ...]]
LONGEST = 60
"""A longer part of a formula is not repeated in a sentence."""


@dataclass
class Sentences:
    """Says what was found of rows, in the person's notation."""

    world: World
    diagnosis: Diagnosis

    def unreadable(self, trouble: Unreadable) -> Said:
        """Where the reader stopped: at a piece of the row, or for a reason of its own."""
        token = re.fullmatch(r"unexpected (?:'(.*)'|\"(.*)\")", trouble.found)
        named: Names = {"expected": trouble.expected}
        if token is not None:
            return Said("unreadable", {**named, "found": token[1] or token[2] or ""})
        return Said("unreadable", {**named, "reason": trouble.found})

    def unclear(self, judged: Judged, unclear: Unclear | None) -> Said:
        """Why a row cannot be decided, and what would decide it."""
        key = unclear.key if unclear is not None else ""
        if unclear is not None and key == "unknown_name":
            text = judged.line.row.math[unclear.at : int(unclear.names.get("end", unclear.at + 1))]
            return Said("unknown_name", {"name": text, "near": tuple(self.near(text))})
        if key == "numbers":
            return Said("undecidable_numbers", {})
        return Said("undecidable", {"reason": REASONS.get(key, "")})

    def near(self, text: str) -> list[str]:
        """The known names that look most like an unknown one."""
        words, speller = self.world.spec.vocabulary, self.world.spec.speller
        known = {words.canonical(v) for v in words.variables()} | {speller.ascii(v) for v in words.variables()}
        known = {name for name in known if "@" not in name} or known
        bare = text.replace("{", "").replace("}", "").replace("\\", "").replace(" ", "")
        return get_close_matches(bare, sorted(known), n=3, cutoff=0.4)

    def follows(self, ruling: Ruling) -> tuple[Said, Said]:
        named: Names = {"line": ruling.follows or 0}
        return Said("follows", named), Said("follows_hint", named)

    def wrong(self, judged: Judged, worst: Ruling, repair: Repair, value: str) -> tuple[Said, Said]:
        """The sentence about a mistake, and the question instead of it."""
        found = self.named(judged, worst, repair, value)
        asked = {name: x for name, x in found.items() if name not in {"should", "value", "surplus", "units", "taken"}}
        return Said(repair.code, found), Said(f"{repair.code}_hint", asked)

    def named(self, judged: Judged, worst: Ruling, repair: Repair, value: str) -> Names:
        found: Names = {}
        for key in ("was", "should", "what", "term", "early"):
            text = repair.said.get(key)
            if isinstance(text, str) and is_sayable(text):
                found[key] = text
        if repair.text and "should" not in found and is_sayable(repair.text):
            found["should"] = repair.text
        if repair.text is None and value:
            found["should"] = value
        if value:
            found["value"] = value
        subject = self.diagnosis.subject(judged.line, worst.link)
        if not worst.link.is_carried:
            found["quantity"] = self.about(judged, worst, repair)
        self.say_of_code(found, judged, worst, repair, subject)
        self.say_subject(found, subject, repair)
        self.say_units(found, repair)
        return found

    def about(self, judged: Judged, worst: Ruling, repair: Repair) -> str:
        """What the left side is; of a sum over ways, what it is the derivative by."""
        head = unwrapped(worst.link.head)
        start, end = head.wrt.span if repair.code == "missing_sum" and isinstance(head, w.Derivative) else worst.link.head.span
        return judged.line.row.math[start:end]

    def say_of_code(self, found: Names, judged: Judged, worst: Ruling, repair: Repair, subject: Var | None) -> None:
        """What only the sentences of one code name."""
        math, head = judged.line.row.math, unwrapped(worst.link.head)
        match repair.code:
            case "bias_gradient":
                self.say_bias(found, judged, repair, subject)
            case "wrong_constant":
                found["quantity"] = self.called(str(found.get("should", "")))
            case "missing_sum":
                error = self.diagnosis.lexicon.spelled(ERROR)
                found |= {"error": error.text} if error is not None else {}
            case "factor_two":
                found |= {"square": "yes"} if "squared" in self.world.spec.loss.name and subject is not None else {}
                found |= {"surplus": str(found.pop("was", ""))} if "out" in repair.said else {}
            case "wrong_loss_derivative" if subject is not None and subject.kind == "out" and isinstance(head, w.Derivative):
                found["output"] = math[head.wrt.span[0] : head.wrt.span[1]]
            case "rounding":
                found["was"] = math[repair.span[0] : repair.span[1]].strip()

    def say_bias(self, found: Names, judged: Judged, repair: Repair, subject: Var | None) -> None:
        """A factor that is none of a bias, the deltas of all that have it, or those of all samples."""
        if repair.said.get("edit") == "duplicated_factor":
            found |= {"surplus": str(found.pop("was", ""))}
            found.pop("should", None)
        elif self.world.is_batch(judged.line):
            found["samples"] = "yes"
        elif subject is not None and isinstance(subject.owner, Layer) and repair.said.get("edit") == "missing_sum":
            units = self.world.spec.vocabulary.units(int(str(subject.owner.layer)))
            found |= {"sharing": tuple(self.unit_name(u) for u in units)} if len(units) > 1 else {}

    def called(self, text: str) -> str:
        """The name of the network's number that is written so, if it is only one's."""
        try:
            number = Fraction(text.strip("()").replace(",", "."))
        except ValueError:
            return ""
        found = [var for var, x in self.world.spec.data.items() if Fraction(x) == number]
        if len(found) != 1:
            return ""
        one = self.diagnosis.lexicon.spelled(found[0])
        return one.text if one is not None else self.world.spec.vocabulary.canonical(found[0])

    def say_units(self, found: Names, repair: Repair) -> None:
        units, unit, taken = repair.said.get("units"), repair.said.get("unit"), repair.said.get("taken")
        if isinstance(units, tuple) and repair.code == "missing_sum":
            found["units"] = tuple(self.unit_name(u) for u in units)
            found.pop("should", None)
            found.pop("was", None)
            if isinstance(taken, tuple) and 0 < len(taken) < len(units):
                found["taken"] = tuple(self.unit_name(u) for u in taken)
        if isinstance(unit, Unit):
            found["unit"] = self.unit_name(unit)
        activation = repair.said.get("activation")
        if isinstance(activation, str):
            found["activation"] = said_name(activation)
        elif repair.code == "missing_activation_derivative" and isinstance(unit, Unit):
            found["activation"] = said_name(self.world.spec.activation(unit).name)

    def say_subject(self, found: Names, subject: Var | None, repair: Repair) -> None:
        """The weight and the units that it joins, where the mistake is about others than those."""
        if repair.code == "wrong_index":
            self.say_index(found, subject, repair.said)
        if subject is None or subject.kind != "weight" or not isinstance(subject.owner, Edge) or subject.step:
            return
        one = self.diagnosis.lexicon.spelled(Var("weight", subject.owner))
        if one is not None and repair.code == "net_vs_out":
            found["weight"] = one.text

    def say_index(self, found: Names, subject: Var | None, said: Mapping[str, Any]) -> None:
        """Which unit a wrong index should be of: the one that a weight feeds, or leads from, or that the row is about."""
        right, moved = said.get("right"), said.get("moved")
        if not isinstance(right, Var):
            return
        if right.kind == "weight" and isinstance(right.owner, Edge):
            found |= {"source": self.unit_name(right.owner.source), "target": self.unit_name(right.owner.target)}
        elif subject is not None and subject.kind == "weight" and isinstance(subject.owner, Edge):
            one = self.diagnosis.lexicon.spelled(Var("weight", subject.owner))
            source, target = subject.owner.source, subject.owner.target
            if one is None:
                return
            if right.owner == target and right.kind in {"out", "net", "delta", "target"}:
                found |= {"weight": one.text, "unit": self.unit_name(target)}
                found |= {"output": self.unit_name(target)} if target in self.world.spec.vocabulary.outputs else {}
                if isinstance(moved, tuple):
                    found |= {"moved": self.unit_name(moved[0])}
                elif right.kind == "out":
                    found["activation"] = said_name(self.world.spec.activation(target).name)
            elif right.owner == source and not isinstance(moved, tuple):
                found |= {"weight": one.text, "source": self.unit_name(source)}
        elif subject is not None and isinstance(subject.owner, Unit) and right.owner == subject.owner and right.kind in {"out", "net"}:
            found |= {"unit": self.unit_name(subject.owner)} | ({"moved": self.unit_name(moved[0])} if isinstance(moved, tuple) else {})

    def unit_name(self, unit: Unit) -> str:
        return self.world.spec.vocabulary.unit_name(unit)

    def witness(self, judged: Judged, worst: Ruling) -> Mapping[str, str] | None:
        """A point at which the sides differ: the values of the names in the row, and of both sides."""
        gap = worst.outcome.difference
        if gap is None:
            return None
        found: dict[str, str] = {}
        checker = self.world.at_numbers if worst.how == "numbers" and self.world.at_numbers else self.world.checker(judged.line)
        for form in (worst.link.left, worst.link.right):
            inside = {id(name) for part in w.parts(form) if isinstance(part, w.Derivative) and not part.is_applied for name in names(part)}
            for name in names(form) if not (form is worst.link.left and worst.link.is_carried) else ():
                if id(name) in inside:
                    continue
                var = self.diagnosis.lexicon.var(name)
                if var is not None:
                    text = judged.line.row.math[name.span[0] : name.span[1]]
                    found[text] = f"{float(self.value(checker, var)[gap.point % checker.truth.points]):.6g}"
        found |= {letter: str(value) for letter, value in gap.letters.items() if len(letter) == 1 and letter.isalpha()}
        return {**found, "left": f"{gap.left:.9g}", "right": f"{gap.right:.9g}"}

    def value(self, checker: Any, var: Var) -> Any:
        return checker.truth.value(var)


def is_sayable(text: str) -> bool:
    """Is this short enough to be named, and whole: with every bracket that it opens closed?"""
    return (
        0 < len(text) <= LONGEST
        and "&" not in text
        and r"\\" not in text
        and all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}", (r"\left", r"\right")))
    )


def said_name(activation: str) -> str:
    """How one speaks of an activation."""
    return _SPOKEN.get(activation, activation.replace("_", " "))


_SPOKEN = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "selu": "SELU"}

REASONS = {
    "derivative_of_matrix": "a derivative of a matrix or vector by a matrix has more than two indices",
    "derivative_of_derivative": "it differentiates a derivative",
    "derivative_by": "what it differentiates by is no quantity of the network",
    "too_large": "a number in it is too large",
    "too_many_terms": "there are too many terms in it",
    "too_many_ways": "it can be meant in too many ways",
    "absent": "the network has no such quantities",
    "not_settled": "nothing else in the work settles what its names mean; a comment such as % symbp: u = net_h1 would",
    "no_value": "it has no value here",
    "overwritten": "a name in it is given one value after another, and I do not follow which it has here",
    "index_unused": "the index of a sum does not stand in what is summed",
    "sum_without_index": "a sum has no index",
    "call": "a function in it is not one that I know",
    "entry": "an index of a matrix is out of its range",
    "equality_condition": "a case depends on two numbers being equal",
    "ragged": "the rows of a matrix are not equally long",
    "unreadable_part": "a part of it cannot be read",
    "unknown_mark": "a mark on a name is not one that I know",
    "matrix_exponent": "an exponent is a matrix",
}
"""Why a row is undecided."""
