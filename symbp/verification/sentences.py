"""What a sentence about a row may name: the quantity, the weight and the unit that it feeds, what was written and what belongs there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from symbp.language.form import Edge, Unit, Var
from symbp.verification.diagnose import Diagnosis, Repair
from symbp.verification.judge import Judged, Ruling
from symbp.verification.lexicon import names
from symbp.verification.report import Said
from symbp.verification.scope import Unclear
from symbp.verification.tokens import Unreadable
from symbp.verification.world import World

Names = dict[str, str | int | tuple[str, ...]]
LONGEST = 60
"""A longer part of a formula is not repeated in a sentence."""


@dataclass
class Sentences:
    """Says what was found of rows, in the person's notation."""

    world: World
    diagnosis: Diagnosis

    def unreadable(self, trouble: Unreadable) -> Said:
        return Said("unreadable", {"found": trouble.found, "expected": trouble.expected})

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
        bare = text.replace("{", "").replace("}", "").replace("\\", "").replace(" ", "")
        return get_close_matches(bare, sorted(known), n=3, cutoff=0.4)

    def follows(self, ruling: Ruling) -> tuple[Said, Said]:
        named: Names = {"line": ruling.follows or 0}
        return Said("follows", named), Said("follows_hint", named)

    def wrong(self, judged: Judged, worst: Ruling, repair: Repair, value: str) -> tuple[Said, Said]:
        """The sentence about a mistake, and the question instead of it."""
        found = self.named(judged, worst, repair, value)
        asked = {name: x for name, x in found.items() if name not in {"should", "value"}}
        return Said(repair.code, found), Said(f"{repair.code}_hint", asked)

    def named(self, judged: Judged, worst: Ruling, repair: Repair, value: str) -> Names:
        row = judged.line.row
        found: Names = {}
        for key in ("was", "should", "what"):
            text = repair.said.get(key)
            if isinstance(text, str) and text and len(text) <= LONGEST:
                found[key] = text
        if repair.text is not None and "should" not in found and len(repair.text) <= LONGEST:
            found["should"] = repair.text
        if repair.text is None and value:
            found["should"] = value
        if not worst.link.is_carried:
            found["quantity"] = row.math[worst.link.head.span[0] : worst.link.head.span[1]]
        if value:
            found["value"] = value
        if repair.code == "bias_gradient" and self.world.is_batch(judged.line):
            found["samples"] = "yes"
        if repair.code == "wrong_constant":
            found |= {"quantity": self.called(str(found.get("should", "")))}
        self.say_subject(found, self.diagnosis.subject(judged.line, worst.link), repair)
        self.say_units(found, repair)
        return found

    def called(self, text: str) -> str:
        """The name of the network's number that is written so, if it is only one's."""
        try:
            number = Fraction(text.strip("()"))
        except ValueError:
            return ""
        found = [var for var, x in self.world.spec.data.items() if Fraction(x) == number]
        if len(found) != 1:
            return ""
        one = self.diagnosis.lexicon.spelled(found[0])
        return one.text if one is not None else self.world.spec.vocabulary.canonical(found[0])

    def say_units(self, found: Names, repair: Repair) -> None:
        units, unit = repair.said.get("units"), repair.said.get("unit")
        if isinstance(units, tuple):
            found["units"] = tuple(self.unit_name(u) for u in units)
            found.pop("should", None)
        if isinstance(unit, Unit):
            found["unit"] = self.unit_name(unit)
        activation = repair.said.get("activation")
        if isinstance(activation, str):
            found["activation"] = activation
        elif repair.code == "missing_activation_derivative" and isinstance(unit, Unit):
            found["activation"] = self.world.spec.activation(unit).name
        if repair.code in {"missing_sum", "dropped_factor", "duplicated_factor"} and isinstance(units, tuple):
            found.pop("was", None)

    def say_subject(self, found: Names, subject: Var | None, repair: Repair) -> None:
        """The weight and the unit that it feeds, where the mistake is about another unit than that."""
        if subject is None or subject.kind != "weight" or not isinstance(subject.owner, Edge):
            return
        target = subject.owner.target
        one, right = self.diagnosis.lexicon.spelled(Var("weight", subject.owner)), repair.said.get("right")
        if target in self.world.spec.vocabulary.outputs:
            found["output"] = self.unit_name(target)
        if one is None or subject.step:
            return
        is_of_target = isinstance(right, Var) and right.owner == target and right.kind in {"out", "net", "delta", "target"}
        if repair.code == "wrong_index" and is_of_target:
            assert isinstance(right, Var)
            found |= {"weight": one.text, "unit": self.unit_name(target)}
            if right.kind == "out":
                found["activation"] = self.world.spec.activation(target).name
        elif repair.code == "net_vs_out":
            found["weight"] = one.text

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
            for name in names(form) if not (form is worst.link.left and worst.link.is_carried) else ():
                var = self.diagnosis.lexicon.var(name)
                if var is not None:
                    text = judged.line.row.math[name.span[0] : name.span[1]]
                    found[text] = f"{float(self.value(checker, var)[gap.point % checker.truth.points]):.6g}"
        found |= {letter: str(value) for letter, value in gap.letters.items() if len(letter) == 1 and letter.isalpha()}
        return {**found, "left": f"{gap.left:.9g}", "right": f"{gap.right:.9g}"}

    def value(self, checker: Any, var: Var) -> Any:
        return checker.truth.value(var)


REASONS = {
    "derivative_of_matrix": "a derivative of a matrix or vector by a matrix has more than two indices",
    "derivative_of_derivative": "it differentiates a derivative",
    "derivative_by": "what it differentiates by is no quantity of the network",
    "too_large": "a number in it is too large",
    "too_many_terms": "there are too many terms in it",
    "too_many_ways": "it can be meant in too many ways",
    "absent": "the network has no such quantities",
    "no_value": "it has no value here",
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
