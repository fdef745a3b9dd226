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
from symbp.publishing.pdf import CHINESE
from symbp.publishing.wide import is_wide

Files = dict[str, str | bytes]
BINARY = {".docx", ".pptx", ".epub", ".pdf"}
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
    return {path.name: path.read_bytes() if path.suffix in BINARY else path.read_text("utf-8") for path in written}


# -- what of a file is read -------------------------------------------------------------------------------------------


def of_markdown(text: str) -> str:
    noted = " ".join(re.findall(r"\\text\{([^}]*)\}", text))
    return re.sub(r"\]\([^)]*\)", "] ", MATHEMATICS.sub(" ", text)) + noted


COMMANDS = (
    r"\\(?:eqref|ref|label|title|begin|end|setlength|definecolor|providecolor|color|usebeamerfont|usebeamercolor|hypersetup|renewcommand"
    r"|symbpfrom)\*?(?:\{[^{}]*\})+"
)
"""Commands whose arguments nobody reads."""
LAYOUT = r"\[(?:t|plain|c,onlytextwidth)\]|\[fg\]\{title\}|\{[\\a-z0-9.+-]*mm[^}]*\}|\d+(?:mm|pt|em)|\\textwidth-[\d.]+mm-5mm"


def of_latex(text: str) -> str:
    body = text.partition(r"\begin{document}")[2] or text
    body = re.sub(r"(?m)(?<!\\)%.*$", "", body)
    noted = " ".join(re.findall(r"\\text\{((?:[^{}]|\{[^{}]*\})*)\}", body))
    labels = " ".join(re.findall(r"(?m)^\\node\[.*?\] at \([^)]*\) \{(.*)\};", body))
    body = re.sub(r"\\begin\{(align|tikzpicture)\}.*?\\end\{\1\}", " ", body, flags=re.DOTALL)
    body = re.sub(r"(?s)\\makeatletter.*?\\makeatother", " ", body) + noted + labels
    body = re.sub(COMMANDS, " ", body)
    body = re.sub(LAYOUT, " ", MATHEMATICS.sub(" ", body))
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
    said = "\n".join(re.findall(r"(?m)^(?:[^#\s]|#block|#figure|#align).*$|^ +\(\[.*$", text))
    return noted + alternatives + re.sub(r'#[a-z]+(?:\([^)\n]*\))?|\b(?:center|block|table)[(,]|\w+: [\w."]+|"[^"\n]*"', " ", said)


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
    return set(re.findall("[A-Za-z]{3,}", READ[Path(name).suffix](content))) - NAMES - IN_FORMULAS


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


def test_alternatives_of_pictures_are_sentences() -> None:
    spec = load("recurrent")
    assert described(spec, spec.speller.read("wxh_1_1"), "zh").startswith("网络，含 1 个输入、一个循环层（含 2 个单元）和 1 个输出；虚线：")
    assert described(load("skip"), None, "zh").endswith("；有 1 条连接跨层。")
    sigmoid, *_ = plotted(load("mazur"))
    assert activation_described(load("mazur"), sigmoid, lang="zh").endswith("圆点表示单元 h1、h2、o1 和 o2。")


def test_names_of_axes_are_drawn_in_the_language(tmp_path: Path) -> None:
    drawn = {name: text for name, text in files("training", "md", tmp_path).items() if name.endswith("error_curve.svg")}
    assert [all(word in str(text) for word in ("误差", "步数")) for text in drawn.values()] == [True]
    assert "净输入" in str(files("mazur", "tex", tmp_path)["WORD.tex"])


def test_answers_have_the_title_of_the_document_and_their_own(tmp_path: Path) -> None:
    for case, title in (("handout", "逐步推导反向传播的例子：答案"), ("handout in general", "任意分层网络的反向传播：答案")):
        assert str(files(case, "txt", tmp_path)["WORD.answers.txt"]).startswith(title + "\n")


def test_the_command_line_has_languages(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["derive", "neuron", "--lang", "zh", "--to", "md"])
    assert run.exit_code == 0
    assert run.stdout.startswith("# 单个神经元\n")
    listed = CliRunner().invoke(main, ["derive", "neuron", "--lang", "zh", "--list"])
    assert "前向传播" in listed.stdout
    assert "所有梯度" in listed.stdout
    unknown = CliRunner().invoke(main, ["derive", "neuron", "--lang", "../zh"])
    assert unknown.exit_code == 2
    assert "unknown language" in unknown.stderr


# -- LaTeX -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tex", "beamer"])
def test_full_width_letters_are_for_ctex(name: str) -> None:
    document = derived("mazur")
    text = document.render(name, lang="zh")
    assert text.startswith("% !TeX program = xelatex\n\\documentclass")
    assert r"\usepackage[UTF8,fontset=fandol,scheme=plain]{ctex}" in text
    fragment = document.render(name, lang="zh", fragment=True).splitlines()[0]
    assert fragment.startswith("%")
    assert "ctex" in fragment
    assert "ctex" not in document.render(name) + document.render(name, fragment=True)


@pytest.mark.parametrize(
    ("name", "case"), [("tex", "mazur"), ("tex", "recurrent"), ("tex", "layer"), ("tex", "handout"), ("beamer", "mazur")]
)
def test_xelatex_sets_it_without_overfull_boxes(name: str, case: str, tmp_path: Path) -> None:
    if shutil.which("xelatex") is None:
        pytest.skip("no xelatex here")
    for file in files(case, name, tmp_path):
        log = ""
        for _ in range(2):
            command = ["xelatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", file]
            run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=180, check=False)
            log = (tmp_path / file).with_suffix(".log").read_text("utf-8", errors="replace")
            assert run.returncode == 0, log[-2000:]
        assert not re.findall("Overfull.*|Missing character.*|.*undefined.*", log)


def titled(title: str, folder: Path) -> Printable:
    path = folder / "own.toml"
    layer = "inputs = 1\n[[layers]]\nunits = 1\nactivation = 'sigmoid'\n"
    path.write_text(f"title = {json.dumps(title, ensure_ascii=False)}\n{layer}", "utf-8")
    return symbp.derive(path)


@pytest.mark.parametrize("name", PRINTED)
def test_a_title_in_full_width_letters_comes_out(name: str, tmp_path: Path) -> None:
    """In an English document."""
    document = titled("反向传播 & 梯度", tmp_path)
    path, *_ = document.save(tmp_path / f"own{FORMATS[name].extension}", name)
    if path.suffix in BINARY:
        with zipfile.ZipFile(path) as archive:
            assert any("反向传播" in archive.read(entry).decode("utf-8", "replace") for entry in archive.namelist())
        return
    text = path.read_text("utf-8")
    assert "反向传播" in text
    assert ("{ctex}" in text) == (name in {"tex", "beamer"})


def test_a_title_in_full_width_letters_comes_out_in_a_pdf(tmp_path: Path) -> None:
    """Its font is one of the system's."""
    document, path = titled("反向传播", tmp_path), tmp_path / "own.pdf"
    if not {*pytest.importorskip("typst").Fonts().families()} & {*CHINESE}:
        with pytest.raises(SymbpError, match="no font for Chinese is installed"):
            document.save(path)
        return
    document.save(path)
    assert path.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("title", "refused"), [("梯度 🙂", "U+1F642"), ("역전파", "U+C5ED"), ("誤差逆傳播", "U+8AA4"), ("\u0634", "U+0634")]
)
def test_a_title_that_latex_has_no_letters_for_is_refused(title: str, refused: str, tmp_path: Path) -> None:
    document = titled(title, tmp_path)
    for name in ("tex", "beamer"):
        with pytest.raises(SymbpError, match=re.escape(refused)) as caught:
            document.render(name)
        assert str(caught.value).count("\n") <= 1
    assert title in document.render("txt")


def test_plain_words_need_no_mathematics() -> None:
    assert sentence("activation_axis", {}) == "net input"
    assert all(map(is_wide, sentence("activation_axis", {}, "zh")))
