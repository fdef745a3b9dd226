"""A Summary of a class's works → text, as HTML or Markdown: what to explain again, and where a person must look."""

from __future__ import annotations

import re
from typing import Any, Final

from symbp.errors import SymbpError, nearest
from symbp.publishing.environment import Safe, template
from symbp.publishing.report import REPORT_FORMATS
from symbp.publishing.verdicts import flat
from symbp.verification.report.summary import Mistake, Summary

CLASS_FORMATS: Final = ("html", "md")
TEMPLATE: Final = "report.class.{}.j2"


def render_class(summary: Summary, name: str = "html") -> str:
    """The report on a class in the format `name`."""
    if name not in CLASS_FORMATS:
        raise SymbpError(f"no class report is made as {name!r}", hint=nearest(name, CLASS_FORMATS))
    row = REPORT_FORMATS[name]
    medium = row.medium

    def mistake(one: Mistake) -> dict[str, Any]:
        counted = f"{_works(one.works)}, {one.rows} row{'s' * (one.rows != 1)}"
        return {
            "ruling": medium.say("ruling", {"verdict": "wrong", "code": one.code}),
            "counted": counted,
            "example": row.block(flat(one.example), None, "hit") if one.example else None,
            "expected": row.block(flat(one.expected), None, "fix") if one.expected else None,
        }

    quantities = [
        {
            "name": medium.f(one.name),
            "reached": one.reached,
            "wrong": one.wrong,
            "missing": one.missing,
            "reached_share": round(100 * one.reached / max(1, summary.works)),
            "wrong_share": round(100 * one.wrong / max(1, summary.works)),
        }
        for one in summary.quantities
    ]
    page: str = template(TEMPLATE.format(name), medium.escape).render(
        title=f"The class: {_works(summary.works)}",
        counted=f"{summary.clean} without a mistake, {len(summary.review)} for a person to look at.",
        quantities=quantities,
        mistakes=[mistake(one) for one in summary.mistakes],
        alike=[[Safe(medium.escape(flat(name))) for name in names] for names in summary.alike],
        review=[(flat(name), flat(why)) for name, why in summary.review],
        safe=Safe,
    )
    return re.sub(r"\n{3,}", "\n\n", page).strip("\n") + "\n"


def _works(count: int) -> str:
    return f"{count} work{'s' * (count != 1)}"
