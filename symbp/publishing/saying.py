"""What the sentences of a document may call: mathematics and lists in the format, names in the language."""

from __future__ import annotations

from typing import Any

from symbp.derivation.steps import Say
from symbp.language.form import OPS, Function, Var
from symbp.language.latex import LatexWriter
from symbp.publishing.document import Document
from symbp.publishing.environment import Safe, environment, locale_folder
from symbp.publishing.formats import Format, Style
from symbp.publishing.languages import case_words, is_full_width, translations
from symbp.publishing.latex_escape import escape_latex, escape_wide_latex
from symbp.publishing.wide import is_wide, one_line

SAYERS = (
    "m", "listed", "footnote", "named", "titled", "words", "written", "sym",
    "function", "hadamard", "sign_of", "m_symbol", "joined", "series", "operator",
)  # fmt: skip
"""What the sentences may call."""


class Sayer:
    """The sentences of one document, in one format and one language."""

    def __init__(self, row: Format, document: Document, style: Style) -> None:
        self.row, self.document, self.style = row, document, style
        self.notes: list[Safe] = []
        self.translations = translations(style.lang, locale_folder())
        self.is_full_width = is_full_width(self.translations)
        self.writer = row.writer(document.speller, case_words(self.translations))
        self.is_wide = self.is_full_width or (not style.fragment and any(map(is_wide, document.title)))
        self.escape = escape_wide_latex if self.is_wide and row.escape is escape_latex else row.escape
        self.environment = environment(self.escape, style.own, style.lang)
        functions = {name: getattr(self, name) for name in SAYERS}
        self.sentences = self.environment.get_template("sentences.j2", globals=functions).make_module(functions)

    def m(self, node: Any) -> Safe:
        """Inline mathematics."""
        return Safe(self.row.inline.format(self.writer.text(node)))

    def listed(self, nodes: tuple[Any, ...]) -> Safe:
        """Inline mathematics, with commas and `and`."""
        return self.joined([self.m(node) for node in nodes])

    def footnote(self, text: str) -> Safe:
        """A footnote of `text`, which a sentence of ours has written."""
        text = one_line(text)
        if self.row.footnote:
            return Safe(self.row.footnote.format(text))
        self.notes.append(Safe(f"{self.row.mark} {text}"))
        return Safe(self.row.mark)

    def named(self, context: str, name: str, **names: object) -> str:
        """What `name`, which a table of another room has, is called here; what no catalogue has is called by its name."""
        known = self.translations.pgettext(context, name)
        return known % names if names else known

    def titled(self, title: str | Say) -> str:
        """A title: a sentence of ours, or what a network is called."""
        return self.said(title) if isinstance(title, Say) else self.named("title", title)

    def phrase(self, key: str, *names: object) -> Safe:
        """The sentence `key`, for what a template writes of its own."""
        return Safe(one_line(getattr(self.sentences, key)(*names)))

    def written(self, text: str) -> Safe:
        """What a macro has written, which is escaped already."""
        return Safe(one_line(text))

    def words(self, name: str) -> str:
        """The name of an activation."""
        return self.named("activation", name).replace("_", " ")

    def sym(self, name: object) -> Safe:
        """Letters, digits and signs as they are typed, as inline mathematics."""
        return self.inline(self.writer.typed(str(name)))

    def inline(self, written: str) -> Safe:
        """What is written, as inline mathematics."""
        return Safe(self.row.inline.format(written))

    def function(self) -> Safe:
        return self.inline(self.writer.function(Function("f", self.document.speller.notation.function)))

    def sign_of(self, op: str) -> Safe:
        """The letter of a derivative: ∂ along one connection, d along every path."""
        if op != "partial":
            return self.sym("d")
        return self.inline(r"\partial") if self.row.writer is LatexWriter else self.sym("∂")

    def m_symbol(self, kind: str) -> Safe:
        """A quantity that belongs to no unit."""
        return self.m(Var(kind))

    def joined(self, parts: list[str]) -> Safe:
        """With commas and `and`."""
        return Safe(one_line(self.sentences.enumeration(parts)))

    def series(self, parts: list[str]) -> Safe:
        """With commas."""
        return Safe(one_line(self.sentences.with_commas(parts)))

    def hadamard(self) -> Safe:
        return self.inline(self.writer.hadamard().strip())

    def operator(self, name: str) -> Safe:
        return self.hadamard() if name == "hadamard" else self.inline(OPS[name].spellings[self.writer.medium].text.strip())

    def said(self, say: Say) -> Safe:
        return Safe(one_line(getattr(self.sentences, say.key)(dict(say.names))))
