"""`verify`: what Python code uses to judge hand work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from symbp.network.reader import load
from symbp.verification.report.report import Report
from symbp.verification.report.verify import VerifyOptions, verify_file
from symbp.verification.source.sources import kind_of_text, read_work


@dataclass(frozen=True, slots=True)
class JudgedWork(Report):
    """The report on a piece of work: `files[0].rows` are its rows. In a notebook it shows itself."""

    def render(self, format: str = "txt", *, hints: bool = False, witness: bool = False) -> str:  # noqa: A002
        """The report as "txt", "md", "html", "tex" or "json"; with `hints`, questions instead of answers.

        >>> import symbp
        >>> print(symbp.verify("mazur", "dE/dw7 = delta_o1 * out_h1").render(hints=True).splitlines()[6].strip())
        Which output does w7 feed?
        """
        from symbp.publishing.report import View, render_report

        return render_report(self, format, View(hints=hints, witness=witness))

    def _repr_markdown_(self) -> str:
        return self.render("md")


def verify(
    network: str | Path,
    text_or_path: str | Path,
    *,
    notation: str | None = None,
    expect: Iterable[str] = (),
    time_limit: float = 2.0,
) -> JudgedWork:
    """Judge a person's derivation for `network`, row by row: a text in LaTeX, Markdown or plain, or the path of a file.

    A text on one line that is the name of a file which is there is read from it. `expect` names the quantities that the work must
    reach, all gradients unless given; `time_limit` is in seconds for each row. See `symbp.verification.report.report`.

    >>> import symbp
    >>> report = symbp.verify("mazur", "dE/dw5 = (out_o1 - t1) * out_o1 * (1 - out_o1) * out_h2")
    >>> [(row.verdict, row.code, row.expected) for row in report.files[0].rows]
    [('wrong', 'wrong_index', 'dE/dw5 = (out_o1 - t1) * out_o1 * (1 - out_o1) * out_h1')]
    """
    spec = load(network).with_options(notation)
    is_path = isinstance(text_or_path, Path) or (len(text_or_path) < 500 and "\n" not in text_or_path and _is_file(text_or_path))
    text, kind = read_work(Path(text_or_path)) if is_path else (str(text_or_path), kind_of_text(str(text_or_path)))
    file = str(text_or_path) if is_path else "text"
    return JudgedWork((verify_file(spec, text, kind, file, VerifyOptions(tuple(expect), time_limit)),))


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False
