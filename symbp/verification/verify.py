"""A file of hand work → its report: read, judged, diagnosed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from symbp.errors import SymbpError
from symbp.language.form import Edge, Layer, Unit, Var
from symbp.network.spec import NetworkSpec
from symbp.verification import written as w
from symbp.verification.binding import Own
from symbp.verification.certainty import certainty
from symbp.verification.diagnose import Diagnosis, Repair, places
from symbp.verification.extract import extract
from symbp.verification.judge import Judge, Judged, Ruling
from symbp.verification.lexicon import names
from symbp.verification.printed import is_result
from symbp.verification.reach import quantities, reached
from symbp.verification.remarks import conventions_said, remarks
from symbp.verification.report import Certainty, FileReport, JudgedRow, Ruling as Verdict, Said
from symbp.verification.repairs import expected_form
from symbp.verification.scope import Unclear
from symbp.verification.tokens import Unreadable
from symbp.verification.work import words_of
from symbp.verification.world import World


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """`expect` names the quantities that the work must reach; `time_limit` is in seconds for each row; `prove` says whether right
    rows are proved, beyond being found true at many points."""

    expect: tuple[str, ...] = ()
    time_limit: float = 2.0
    prove: bool = True


def verify_file(spec: NetworkSpec, text: str, kind: str, file: str, options: VerifyOptions | None = None) -> FileReport:
    """The report on one piece of work. A text that is no such file is a SymbpError; a row that cannot be read is only that."""
    options = options or VerifyOptions()
    quantities(spec, options.expect)
    work = extract(text, kind, file, words_of(spec))
    judge = Judge(spec, work, options.time_limit, tuple(spec.names.items()))
    judged = judge.run()
    reporter = _Reporter(judge, judged, options)
    return FileReport(
        file, tuple(reporter.rows()), conventions_said(judge.world, judge.lines), reached(judge.world, judged, options.expect)
    )


@dataclass
class _Reporter:
    judge: Judge
    judged: Sequence[Judged]
    options: VerifyOptions
    repairs: dict[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.judge.world

    def rows(self) -> Iterator[JudgedRow]:
        diagnosis = Diagnosis(self.world, self.judge.lines)
        for judged in self.judged:
            yield self.row(judged, diagnosis)

    def row(self, judged: Judged, diagnosis: Diagnosis) -> JudgedRow:
        row = judged.line.row
        base = JudgedRow(row.line, row.column, row.text, cast(Verdict, judged.verdict))
        if judged.trouble is not None:
            return self.unreadable(base, judged, judged.trouble)
        if judged.is_late:
            said = Said("time_limit", {"seconds": f"{self.options.time_limit:g}"})
            return replace(base, message=said, hint=said)
        worst = judged.worst
        if worst is None:
            return base
        if judged.verdict == "wrong":
            return self.wrong(base, judged, worst, diagnosis)
        if judged.verdict == "follows":
            said = Said("follows", {"line": worst.follows or 0})
            return replace(base, message=said, hint=said, span=self.span(judged, worst.link.right), certainty="refuted", witness=self.witness(judged, worst))
        if judged.verdict == "undecidable":
            said = self.unclear(judged, worst.unclear)
            return replace(base, message=said, hint=said, span=self.unclear_span(judged, worst))
        return replace(base, certainty=self.certain(judged), remarks=remarks(self.world, judged))

    def certain(self, judged: Judged) -> Certainty | None:
        """How sure it is that a right row is right: proved if every link of it is."""
        if not self.options.prove or not judged.rulings:
            return None
        found = [certainty(self.world, judged.line, ruling) for ruling in judged.rulings]
        return "proved" if all(one == "proved" for one in found) else "agrees"

    def unreadable(self, base: JudgedRow, judged: Judged, trouble: Unreadable) -> JudgedRow:
        span = places(judged.line, (trouble.at, trouble.at + 1))
        said = Said("unreadable", {"found": trouble.found, "expected": trouble.expected})
        return replace(base, message=said, hint=said, span=span)

    def unclear(self, judged: Judged, unclear: Unclear | None) -> Said:
        if unclear is None:
            return Said("undecidable", {})
        if unclear.key == "unknown_name":
            start = unclear.at
            end = int(unclear.names.get("end", start + 1))
            text = judged.line.row.math[start:end]
            return Said("unknown_name", {"name": text, "near": tuple(self.near(text))})
        if unclear.key == "numbers":
            return Said("undecidable_numbers", {})
        return Said("undecidable", {"reason": _REASONS.get(unclear.key, "")})

    def near(self, text: str) -> list[str]:
        """The known names that look most like an unknown one."""
        from difflib import get_close_matches

        words = self.world.spec.vocabulary
        known = {words.canonical(v) for v in words.variables()} | {self.world.spec.speller.ascii(v) for v in words.variables()}
        bare = text.replace("{", "").replace("}", "").replace("\\", "").replace(" ", "")
        return get_close_matches(bare, sorted(known), n=3, cutoff=0.4)

    def unclear_span(self, judged: Judged, worst: Ruling) -> tuple[int, int]:
        unclear = worst.unclear
        if unclear is not None and unclear.key == "unknown_name":
            return places(judged.line, (unclear.at, int(unclear.names.get("end", unclear.at + 1))))
        return self.span(judged, worst.link.right)

    def span(self, judged: Judged, node: w.Written) -> tuple[int, int]:
        return places(judged.line, node.span)

    # -- wrong rows ------------------------------------------------------------------------------------------------

    def wrong(self, base: JudgedRow, judged: Judged, worst: Ruling, diagnosis: Diagnosis) -> JudgedRow:
        line = judged.line
        self.world.clock.end = self.deadline()
        repair = Repair("rounding", worst.link.right.span) if worst.how == "rounding" else diagnosis.repair(line, worst.link)
        repair = repair or Repair("unexplained", worst.link.right.span)
        expected, marked, value = expected_form(self.world, judged, worst, repair)
        names = self.said(judged, worst, repair, value)
        base = replace(
            base,
            code=repair.code,
            message=Said(repair.code, names),
            hint=Said(f"{repair.code}_hint", {k: v for k, v in names.items() if k not in {"should", "value"}}),
            expected=expected,
            marked=marked,
            span=places(line, repair.span),
            witness=self.witness(judged, worst),
            certainty="refuted",
            remarks=remarks(self.world, judged),
        )
        return replace(base, same_as=self.same_as(judged, worst, repair))

    def deadline(self) -> float:
        import time

        return time.monotonic() + self.options.time_limit

    def same_as(self, judged: Judged, worst: Ruling, repair: Repair) -> int | None:
        """The earlier line with the same mistake: the same part of a formula, wrong in the same way."""
        was, should = repair.said.get("was"), repair.said.get("should")
        if not was or not should or repair.code in {"unexplained", "arithmetic_slip", "wrong_index"}:
            key = (repair.code, "".join(judged.line.row.math[worst.link.right.span[0] : worst.link.right.span[1]].split()), "")
        else:
            key = (repair.code, str(was), str(should))
        if key in self.repairs:
            return self.repairs[key]
        self.repairs[key] = judged.line.row.line
        return None

    def said(self, judged: Judged, worst: Ruling, repair: Repair, value: str) -> dict[str, str | int | tuple[str, ...]]:
        """What the sentence may name, in the person's notation."""
        row, diagnosis = judged.line.row, Diagnosis(self.world, self.judge.lines)
        found: dict[str, Any] = {}
        for key in ("was", "should", "what"):
            if isinstance(text := repair.said.get(key), str) and text:
                found[key] = text
        if repair.text is not None and "should" not in found and len(repair.text) <= 60:
            found["should"] = repair.text
        head = row.math[worst.link.head.span[0] : worst.link.head.span[1]] if not worst.link.is_carried else ""
        if head:
            found["quantity"] = head
        if value:
            found["value"] = value
        subject = diagnosis.subject(judged.line, worst.link)
        self.say_subject(found, subject, repair, diagnosis)
        if isinstance(units := repair.said.get("units"), tuple):
            found["units"] = tuple(self.unit_name(u) for u in units)
        unit = repair.said.get("unit")
        if isinstance(unit, Unit):
            found["unit"] = self.unit_name(unit)
        return found

    def say_subject(self, found: dict[str, Any], subject: Var | None, repair: Repair, diagnosis: Diagnosis) -> None:
        """The weight and the unit that it feeds, where the mistake is about another unit than that."""
        right = repair.said.get("right")
        if subject is None or subject.kind != "weight" or not isinstance(subject.owner, Edge):
            if subject is not None and subject.kind == "bias" and repair.code == "bias_gradient":
                one = diagnosis.lexicon.spelled(Var("bias", subject.owner))
                if one is not None:
                    found["weight"] = one.text
            return
        one = diagnosis.lexicon.spelled(Var("weight", subject.owner))
        if one is not None and not subject.step:
            found["weight"] = one.text
        target = subject.owner.target
        if isinstance(right, Var) and right.owner == target and right.kind in {"out", "net", "delta", "target"}:
            found["unit"] = self.unit_name(target)
            if right.kind == "out":
                found["activation"] = self.world.spec.activation(target).name
        elif "weight" in found and repair.code == "wrong_index":
            del found["weight"]
        if target in self.world.spec.vocabulary.outputs:
            found["output"] = self.unit_name(target)

    def unit_name(self, unit: Unit) -> str:
        return self.world.spec.vocabulary.unit_name(unit)

    def witness(self, judged: Judged, worst: Ruling) -> Mapping[str, str] | None:
        """A point at which the sides differ: the values of the names in the row, and of both sides."""
        gap = worst.outcome.difference
        if gap is None:
            return None
        found: dict[str, str] = {}
        checker = self.world.at_numbers if worst.how == "numbers" and self.world.at_numbers else self.world.checker(judged.line)
        diagnosis = Diagnosis(self.world, self.judge.lines)
        for form in (worst.link.left, worst.link.right):
            for name in names(form):
                var = diagnosis.lexicon.var(name)
                if var is not None and not (form is worst.link.left and worst.link.is_carried):
                    text = judged.line.row.math[name.span[0] : name.span[1]]
                    found[text] = f"{float(checker.truth.value(var)[gap.point % checker.truth.points]):.6g}"
        for letter, value in gap.letters.items():
            found[letter] = str(value)
        return {**found, "left": f"{gap.left:.9g}", "right": f"{gap.right:.9g}"}


_REASONS = {
    "derivative_of_matrix": "a derivative of a matrix or vector by a matrix has more than two indices",
    "derivative_of_derivative": "a derivative of a derivative",
    "derivative_by": "what the derivative is by is no quantity of the network",
    "too_large": "a number is too large",
    "too_many_terms": "there are too many terms",
    "absent": "the network has no such quantities",
    "no_value": "a side has no value",
}

__all__ = ["Layer", "Own", "SymbpError", "VerifyOptions", "is_result", "verify_file"]
