"""Documents in another language hold no English in any format; titles in full-width letters come out in each, or are refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_languages import NAMES

import symbp
from symbp.api_printable import Printable
from symbp.cli import main
from symbp.errors import SymbpError
from symbp.network.reader import load
from symbp.publishing.activation_plot import activation_described, plotted
from symbp.publishing.described import described
from symbp.publishing.environment import sentence
from symbp.publishing.formats import FORMATS
from symbp.publishing.wide import is_wide

Files = dict[str, str | bytes]
IN_FORMULAS = {"net", "out", "exp", "eta", "max", "WORD"}
"""Names of quantities and functions, which are the same in every language."""
MATHEMATICS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)

DOCUMENTS: dict[str, Callable[[], Printable]] = {
    **{name: lambda name=name: symbp.derive(name) for name in ("mazur", "softmax", "recurrent", "batch", "autoencoder")},  # type: ignore[misc]
    "general": lambda: symbp.derive("general"),
    "layer": lambda: symbp.derive("layer:batch_norm"),
    "training": lambda: symbp.train("xor", steps=5),
}
OPTIONS: dict[str, tuple[str, dict[str, object]]] = {
    **{name: (name, {}) for name in DOCUMENTS},
    "handout": ("mazur", {"blanks": 8}),
    "handout in general": ("general", {"blanks": 4}),
    "fragments": ("mazur", {"only": ("figure.network", "algorithm", "chain_rule", "figure.paths.w1")}),
    "slides on paper": ("mazur", {"handout": True}),
}


@cache
def derived(name: str) -> Printable:
    return DOCUMENTS[name]()


def files(case: str, name: str, folder: Path, lang: str = "zh") -> Files:
    """The document and what is beside it, by their names."""
    document, options = OPTIONS[case]
    written = derived(document).save(folder / f"WORD{FORMATS[name].extension}", name, lang=lang, **options)
    return {path.name: path.read_bytes() if path.suffix in {".docx", ".pptx", ".epub", ".pdf"} else path.read_text("utf-8") for path in written}


# -- what of a file is read -------------------------------------------------------------------------------------------


def of_markdown(text: str) -> str:
    noted = " ".join(re.findall(r"\\text\{([^}]*)\}", text))
    return re.sub(r"\]\([^)]*\)", "] ", MATHEMATICS.sub(" ", text)) + noted


def of_latex(text: str) -> str:
    body = text.partition(r"\begin{document}")[2] or text
    body = re.sub(r"(?m)(?<!\\)%.*$", "", body)
    noted = " ".join(re.findall(r"\\text\{((?:[^{}]|\{[^{}]*\})*)\}", body))
    labels = " ".join(re.findall(r"(?m)^\\node\[.*?\] at \([^)]*\) \{(.*)\};", body))
    body = re.sub(r"\\begin\{(align|tikzpicture)\}.*?\\end\{\1\}", " ", body, flags=re.DOTALL)
    body = re.sub(r"(?s)\\makeatletter.*?\\makeatother", " ", body) + noted + labels
    body = re.sub(r"\\(?:eqref|ref|label|title|begin|end|setlength|definecolor|providecolor|color|usebeamerfont|usebeamercolor|hypersetup|renewcommand|symbpfrom)\*?(?:\{[^{}]*\})+", " ", body)
    body = re.sub(r"\[(?:t|plain|c,onlytextwidth)\]|\[fg\]\{title\}|\{[\\a-z0-9.+-]*mm[^}]*\}|\d+(?:mm|pt|em)|\\textwidth-[\d.]+mm-5mm", " ", MATHEMATICS.sub(" ", body))
    return re.sub(r"\\[A-Za-z]+(?:\{[lrc]+\})?", " ", body)


def of_tags(text: str) -> str:
    """HTML, XHTML and SVG: their text, and what is read in the stead of pictures."""
    text = re.sub(r"(?s)<style.*?</style>|<math.*?</math>|<!--.*?-->|<!DOCTYPE[^>]*>", " ", text)
    spoken = re.findall(r'\b(?:alt|aria-label|title)="([^"]*)"', text)
    return unescape(re.sub(r"<[^>]*>", " ", text) + " ".join(spoken))


def of_typst(text: str) -> str:
    """What stands in content, after the commands that begin a document."""
    text = text.partition("#show table: it => {")[2].partition("\n}\n")[2]
    text = re.sub(r'#link\(label\("[^"]*"\)\)', "", text)
    noted = " ".join(re.findall(r"#words\[\(([^$]*?)\)\](?=#|\s)", text))
    alternatives = " ".join(re.findall(r'alt: "([^"]*)"', text))
    text = re.sub(r"(?m)^ *(?:#let|#set|#show|let|set|place|//).*$", "", MATHEMATICS.sub(" ", text))
    said = " ".join(re.findall(r"(?m)^(?:[^#\s]|#block|#figure|#align).*$|^ +\(\[.*$", text))
    return noted + alternatives + re.sub(r'#[a-z]+(?:\([^)\n]*\))?|\w+: [\w."]+|"[^"\n]*"', " ", said)


def of_notebook(text: str) -> str:
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    return " ".join(of_markdown("".join(cell["source"])) for cell in cells)


def of_archive(content: bytes) -> str:
    found = []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"word/(document|footnotes)\.xml|ppt/slides/slide\d+\.xml|EPUB/(text/ch\d+|text/title_page|nav)\.xhtml", name):
                text = archive.read(name).decode("utf-8")
                text = re.sub(r"(?s)<m:oMath.*?</m:oMath>|<a14:m.*?</a14:m>|<a:tableStyleId.*?</a:tableStyleId>", " ", text)
                found.append(of_tags(text) + " ".join(re.findall(r'descr="([^"]*)"', text)))
    return " ".join(found)


def of_text(text: str) -> str:
    return re.sub(r"[\w^']*_\{?[\w,]*|[A-Za-z]*'?\(|d(?:net|out)", " ", text)


READ: dict[str, Callable[..., str]] = {
    ".tex": of_latex, ".typ": of_typst, ".html": of_tags, ".svg": of_tags, ".md": of_markdown, ".txt": of_text, ".ipynb": of_notebook,
    ".docx": of_archive, ".pptx": of_archive, ".epub": of_archive,
}  # fmt: skip


def english(name: str, content: str | bytes) -> set[str]:
    return {word for word in re.findall("[A-Za-z]{3,}", READ[Path(name).suffix](content))} - NAMES - IN_FORMULAS


PRINTED = [name for name in FORMATS if name != "pdf"]


@pytest.mark.parametrize("case", OPTIONS)
@pytest.mark.parametrize("name", PRINTED)
def test_chinese_documents_hold_no_english(name: str, case: str, tmp_path: Path) -> None:
    written = files(case, name, tmp_path)
    assert {file: found for file, content in written.items() if (found := english(file, content))} == {}


@pytest.mark.parametrize("name", PRINTED)
def test_english_is_found_where_it_stands(name: str, tmp_path: Path) -> None:
    """The test above looks where the words of each format are: in English it finds those of sentences, notes and headings."""
    found = {word for file, content in files("mazur", name, tmp_path, "en").items() for word in english(file, content)}
    assert {"network", "Hidden", "influence", "paths"} <= found
