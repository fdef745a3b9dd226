"""What every result of `derive` and `train` can do: be rendered as a text, or saved as files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbp.errors import SymbpError

if TYPE_CHECKING:
    from symbp.publishing.document import Document
    from symbp.publishing.formats import Style
    from symbp.publishing.recipe import Recipe


ANSWERS = ".answers"
"""What the names of answers have after the stem."""


class Printable(ABC):
    """Something certified that has a document and records. In a notebook it shows itself."""

    recipe: Recipe | None

    @abstractmethod
    def document(self) -> Document:
        """What is printed, in no format yet."""

    @abstractmethod
    def to_json(self) -> str:
        """Every quantity or equation as a record."""

    def render(self, format: str = "txt", *, fragment: bool = False, **options: Any) -> str:  # noqa: A002
        """The document as a text: "tex", "beamer", "md", "html", "ipynb", "typ", "txt" or "json".

        `fragment` leaves out title and preamble; the other options are the fields of `Style`: color, lang, prefix, … With `blanks` it is
        the handout; `save` writes its answers too.

        >>> import symbp
        >>> print(symbp.derive("1-1").render("md").splitlines()[0])
        # Backpropagation in a 1-1 network
        """
        content = self.published(format, _style(fragment=fragment, **options))[""]
        if isinstance(content, bytes):
            raise SymbpError(f"{format} is no text", hint="save it: .save(path)")
        return content

    def save(self, path: str | Path, format: str | None = None, *, fragment: bool = False, **options: Any) -> list[Path]:  # noqa: A002
        """Write the document to `path`, in the format that its name ends in, with its pictures beside it; all files or none.

        `blanks=10` leaves so many numbered gaps, chosen by the `seed`; the answers are beside it: mazur.tex, mazur.answers.tex.
        Returns the paths that were written.
        """
        from symbp.publishing.formats import format_of
        from symbp.publishing.write import write_files

        path = Path(path)
        files = self.published(format or format_of(path), _style(fragment=fragment, stem=path.stem, **options))
        written = {path.with_name(path.stem + name) if name else path: content for name, content in files.items()}
        write_files(written)
        return list(written)

    def published(self, format: str, style: Style) -> dict[str, str | bytes]:  # noqa: A002
        """The document under "", and what stands beside it, each under what its name has after the stem."""
        if format == "json":
            if style.blanks:
                raise SymbpError("json has no gaps", hint="blanks are for documents: tex, md, txt, …")
            if style.only:
                raise SymbpError("json has every quantity", hint="parts are lifted out of documents: tex, md, txt, …")
            return {"": self.to_json()}
        from symbp.publishing.render import publish

        document = replace(self.document(), recipe=self.recipe)
        return _handout(document, format, style) if style.blanks else publish(document, format, style)

    def _repr_markdown_(self) -> str:
        return self.render("md")


def _handout(document: Document, format: str, style: Style) -> dict[str, str | bytes]:  # noqa: A002
    """The document with gaps, and beside it what stands in them. Without the recipe: what is derived again tells the answers."""
    from symbp.publishing.blanks import with_blanks
    from symbp.publishing.formats import format_named
    from symbp.publishing.lifting import lifted
    from symbp.publishing.render import publish

    if style.only:
        document, style = lifted(document, style.only), replace(style, only=(), fragment=True)
    handout, answers = with_blanks(replace(document, recipe=None), style.blanks, style.seed)
    row = format_named(format)
    beside = publish(answers, format, replace(style, stem=f"{style.stem}{ANSWERS}" if style.stem else ""))
    return publish(handout, format, style) | {ANSWERS + (name or row.extension): content for name, content in beside.items()}


def _style(**options: Any) -> Style:
    from symbp.publishing.formats import Style

    try:
        return replace(Style(), **options)
    except TypeError:
        unknown = sorted(set(options) - set(Style.__dataclass_fields__))
        raise SymbpError(f"unknown option {unknown[0]!r}", hint=f"one of {', '.join(Style.__dataclass_fields__)}") from None
