"""A file of hand work → its report: read, judged, diagnosed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from symbp.language.form import Edge
from symbp.network.spec import NetworkSpec
from symbp.verification.judging.budget import REPORTING, OverBudget
from symbp.verification.judging.certainty import certainty
from symbp.verification.judging.following import mark_repeats, skeleton
from symbp.verification.judging.judge import ROW, Judge, Judged, Ruling
from symbp.verification.judging.printed import is_result
from symbp.verification.reading.given import NoUnit
from symbp.verification.reading.questions import Asked, question
from symbp.verification.repair.diagnose import Diagnosis, places
from symbp.verification.repair.editing import Repair
from symbp.verification.repair.repairs import expected_form
from symbp.verification.report.evidence import Collector, key_of, name_of
from symbp.verification.report.reach import quantities, reached
from symbp.verification.report.read_as import read_as
from symbp.verification.report.rebinding import without_rebinding
from symbp.verification.report.remarks import Remarks, conventions_said
from symbp.verification.report.report import Certainty, FileReport, JudgedRow, Said
from symbp.verification.report.report import Ruling as Verdict
from symbp.verification.report.sentences import Sentences, is_sayable
from symbp.verification.report.struck import struck
from symbp.verification.source.extract import extract
from symbp.verification.source.work import words_of


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
    wanted = quantities(spec, options.expect)
    work, bindings = without_rebinding(spec, extract(text, kind, file, words_of(spec)))
    judge = Judge(spec, work, options.time_limit, tuple(spec.names.items()))
    judged = judge.run()
    mark_repeats(judge.world, judged, judge.claims)
    rows = tuple(_Reporter(judge, judged, options).rows())
    out = struck(text, [one.line.row for one in judged]) if kind != "ipynb" else frozenset()
    collector = Collector(judge.world, judged, rows, out)
    evidence = tuple(collector.all())
    rows = tuple(
        replace(row, earns=collector.earns(one), is_struck=at in out) for at, (row, one) in enumerate(zip(rows, judged, strict=True))
    )
    return FileReport(
        file,
        rows,
        conventions_said(judge.world, judge.lines),
        reached({name: name_of(key_of(var), spec) for name, var in wanted.items()}, evidence),
        read_as=read_as(judge.world, judged, judge.declared),
        evidence=evidence,
        unread=tuple(dict.fromkeys(collector.unread)),
        bindings=bindings,
    )


NUMBERS = frozenset({"arithmetic_slip", "rounding", "wrong_constant", "unexplained"})
"""Mistakes in numbers, for which no other row is a model."""


@dataclass
class _Reporter:
    """Makes rows of a report of what was judged."""

    judge: Judge
    judged: Sequence[Judged]
    options: VerifyOptions
    repairs: dict[tuple[object, ...], int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    """The mistakes by the lines of their rows."""
    asked: dict[str, int] = field(default_factory=dict)
    """The families that a question was asked about, with its line."""

    def rows(self) -> Iterator[JudgedRow]:
        self.world = self.judge.world
        self.diagnosis = Diagnosis(self.world, self.judge.lines)
        self.sentences = Sentences(self.world, self.diagnosis)
        right = [judged for judged in self.judged if judged.verdict == "correct"]
        self.remarks = Remarks(self.world, self.diagnosis.lexicon, right)
        budget, rows = self.world.budget, len(self.judged)
        for at, judged in enumerate(self.judged):
            budget.renew(judged.line.row)
            with budget.until(REPORTING), budget.one_of(rows - at):
                try:
                    budget.tick(ROW)
                    row = self.row(judged)
                except OverBudget:
                    row = self.late(judged)
            if row.verdict == "wrong" and row.code is not None:
                self.codes.setdefault(row.line, row.code)
            yield row

    def row(self, judged: Judged) -> JudgedRow:
        row, worst = judged.line.row, judged.worst
        base = JudgedRow(row.line, row.column, row.text, cast(Verdict, judged.verdict))
        if judged.trouble is not None:
            said = self.sentences.unreadable(judged.trouble)
            return replace(base, message=said, hint=said, span=places(judged.line, (judged.trouble.at, judged.trouble.at + 1)))
        if judged.is_late:
            return self.late(judged)
        return base if worst is None else _MAKERS[judged.verdict](self, base, judged, worst)

    def late(self, judged: Judged) -> JudgedRow:
        """A row that took more than it may, to judge or to explain."""
        row, said = judged.line.row, Said("time_limit", {"seconds": f"{self.options.time_limit:g}"})
        return JudgedRow(row.line, row.column, row.text, cast(Verdict, judged.verdict), message=said, hint=said)

    def correct(self, base: JudgedRow, judged: Judged, worst: Ruling) -> JudgedRow:
        try:
            return replace(base, certainty=self.certain(judged), remarks=self.remarks.on(judged))
        except OverBudget:
            return replace(base, certainty="agrees")

    def certain(self, judged: Judged) -> Certainty | None:
        """How sure it is that a right row is right: proved if every link of it is."""
        if not self.options.prove:
            return "agrees"
        found = [certainty(self.world, judged.line, ruling) for ruling in judged.rulings]
        return "proved" if all(one == "proved" for one in found) else "agrees"

    def follows(self, base: JudgedRow, judged: Judged, worst: Ruling) -> JudgedRow:
        message, hint = self.sentences.follows(worst)
        span, witness = places(judged.line, worst.link.right.span), self.sentences.witness(judged, worst)
        return replace(base, message=message, hint=hint, span=span, certainty="refuted", witness=witness)

    def definition(self, base: JudgedRow, judged: Judged, worst: Ruling) -> JudgedRow:
        start, end = worst.link.left.span
        name = judged.line.row.math[start:end].strip()
        return replace(base, message=Said("definition", {"name": name} if is_sayable(name) else {}))

    def question(self, about: Asked, line: int) -> Said:
        """The question about a family, once in full."""
        first = self.asked.setdefault(about.family, line)
        if first != line:
            return Said("question_asked", {"name": about.name, "line": first})
        return Said("question", {"name": about.name, "what": about.what, "rival": about.rival, "answer": about.answer})

    def unsettled(self, base: JudgedRow, judged: Judged, worst: Ruling) -> JudgedRow:
        """A row that is undecided because of a family of names."""
        assert worst.unclear is not None
        names = worst.unclear.names
        about = question(self.world, judged.line, worst.link, names.get("names", ""), names.get("why", "open"))
        said = Said("undecidable_meaning", {"reason": about.why, "name": about.name})
        asked = self.question(about, base.line)
        return replace(base, message=said, hint=said, question=asked, span=places(judged.line, worst.link.right.span))

    def undecidable(self, base: JudgedRow, judged: Judged, worst: Ruling) -> JudgedRow:
        if worst.unclear is not None and worst.unclear.key == "which_meaning":
            return self.unsettled(base, judged, worst)
        said, unclear = self.sentences.unclear(judged, worst.unclear), worst.unclear
        span = worst.link.right.span
        if unclear is not None and unclear.key == "unknown_name":
            span = (unclear.at, int(unclear.names.get("end", unclear.at + 1)))
            text = judged.line.row.math[slice(*span)]
            asked = self.question(Asked(text, text, "open", answer=next(iter(self.sentences.near(text)), "")), base.line)
            base = replace(base, question=asked)
        return replace(base, message=said, hint=said, span=places(judged.line, span))

    def wrong(self, base: JudgedRow, judged: Judged, worst: Ruling) -> JudgedRow:
        line = judged.line
        if worst.no_unit is not None:
            return self.absent(base, judged, worst, worst.no_unit)
        is_early = worst.how == "rounding"
        with self.world.budget.stage(self.world.budget.left / 2):  # what is said of it needs some, too
            early = Repair("rounding", worst.link.right.span, said={"early": "yes"})
            found = early if is_early else self.diagnosis.repair(line, worst.link)
        repair = found or Repair("unexplained", worst.link.right.span)
        expected, marked, value = expected_form(self.world, judged, worst, repair)
        message, hint = self.sentences.wrong(judged, worst, repair, value)
        like = None if repair.code in NUMBERS else self.remarks.has_it_right(judged, expected, marked)
        return replace(
            base,
            code=self.codes.get(worst.follows or 0, repair.code),
            message=message,
            hint=hint,
            expected=expected,
            marked=marked,
            span=places(line, repair.said.get("out") or repair.span),
            witness=self.sentences.witness(judged, worst),
            certainty="refuted",
            remarks=(*([like] if like else []), *self.remarks.on(judged)),
            same_as=worst.follows or self.same_as(judged, worst, repair),
        )

    def absent(self, base: JudgedRow, judged: Judged, worst: Ruling, missing: NoUnit) -> JudgedRow:
        """A row with a unit that is not there."""
        subject = self.diagnosis.subject(judged.line, worst.link)
        edge = subject.owner if subject is not None else None
        named: dict[str, str | int | tuple[str, ...]] = {"unit": missing.unit, "units": missing.units}
        if isinstance(edge, Edge) and edge.source.layer == missing.layer:
            named["target"] = self.sentences.unit_name(edge.target)
        message, hint = Said("no_such_unit", named), Said("no_such_unit_hint")
        return replace(base, code="wrong_index", message=message, hint=hint, span=places(judged.line, missing.name.span))

    def same_as(self, judged: Judged, worst: Ruling, repair: Repair) -> int | None:
        """The earlier line with the same mistake: the same part of a formula, wrong in the same way."""
        was, should = repair.said.get("was"), repair.said.get("should") or repair.text
        key: tuple[object, ...] = (repair.code, str(was), str(should))
        if repair.identity:
            key = repair.identity
        elif not was or repair.code in {"unexplained", "arithmetic_slip", "wrong_index"}:
            right = worst.link.right.span
            text = "".join(judged.line.row.math[right[0] : right[1]].split())
            key = (repair.code, text, str(skeleton(worst.link.head)) if is_result(worst.link.right) else "")
        first = self.repairs.setdefault(key, judged.line.row.line)
        return first if first != judged.line.row.line else None


_MAKERS = {
    "correct": _Reporter.correct,
    "definition": _Reporter.definition,
    "wrong": _Reporter.wrong,
    "follows": _Reporter.follows,
    "undecidable": _Reporter.undecidable,
}
