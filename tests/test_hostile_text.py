"""What a user calls things is text in every format: no command, no markup and no code comes of it.

A document with a harmless title, or harmless names, has certain commands, elements and calls; with hostile ones it has the same.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from markdown_it import MarkdownIt

import symbp
from symbp.errors import SymbpError
from symbp.publishing.formats import FORMATS
from symbp.publishing.latex_text import latex_typed, latex_words
from symbp.publishing.python_code import literal

Files = dict[str, str | bytes]
HARMLESS = "A plain title of some words"
TITLES = (
    r"\input{/etc/passwd}",
    r"\immediate\write18{id} \openout5=x \catcode`\%=12 \csname input\endcsname{x}",
    r"^^5cinput{x} ^^M ^^5c^^7b %^^A",
    "}}{{ \\end{document} $$ \\] & # % ~ {",
    "\\end{frame}\\begin{frame}<1-> \\only<2>{x} [fragile]",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> <!-- --> ]]>",
    '" onmouseover="alert(1)" style=\'color:red\' &lt;b&gt; </title></h1></svg><style>*{display:none}</style>',
    "[x](javascript:alert(1)) ![y](http://example.org/y.png) <javascript:alert(1)> https://example.org",
    "`code` *em* __strong__ ~~del~~ | a | b | # h > q - l 1. n $x$ ``` [^1] : {.class #id} [@cite]",
    '#panic("x") #import "x" #sys.inputs @label <label> $x$ `raw` = h - l + n / t: x // c /* c */ ] [ #eval("1")',
    "((( 7*7 ))) ((* include 'x' *)) {{ 7*7 }} {% raw %} %(x)s %s {0.__class__} ${x}",
    "'''\"\"\" \\N{BULLET} \\x41 \\u0041 '); import os; os.system('id') #",
    "{=html}<b> ```{=latex} x``` `\\input{x}`{=tex} ::: {.x} \\(x\\) \\[y\\] =1+1 @SUM(1) -x +x",
)
NAMES = ("input", "write18", "catcode", "csname", "openout", "script", "onerror", "eval", "panic", "import", "lambda", "end", "def")
"""Words that mean something somewhere and are names that a unit may have."""
NO_NAMES = (
    *TITLES,
    "a b",
    "a\\b",
    "a{b}",
    "a$",
    "a#",
    "a<b>",
    "a&b",
    "a;b",
    "a(b)",
    "_a",
    "a__b",
    "a_",
    "1a",
    "",
    "a" * 25,
    "é",
    "\u202ea",
)


def network(title: str = HARMLESS, names: tuple[str, ...] = ("alpha", "beta")) -> str:
    units = ", ".join(f'"{name}"' for name in names)
    return (
        f"title = {json.dumps(title, ensure_ascii=False)}\ninputs = {len(names)}\n[[layers]]\nunits = [{units}]\n"
        f'activation = "x / (1 + exp(-x))"\n[[layers]]\nunits = 1\n'
    )


@cache
def document(text: str, folder: Path) -> symbp.api.DerivedNetwork:
    path = folder / "net.toml"
    path.write_text(text, "utf-8")
    return symbp.derive(str(path), detail="brief", weights=("w1",))


def files(text: str, name: str, folder: Path, stem: str = "net") -> Files:
    style = symbp.publishing.formats.Style(stem=stem)
    return document(text, folder).published(name, style)


# -- what a format could be made to do -----------------------------------------------------------------------------------

_ESCAPES = {r"\textbackslash", r"\textasciitilde", r"\textasciicircum", r"\textasciigrave", r"\ensuremath", r"\char", r"\approx"}


def latex_commands(text: str) -> set[str]:
    """Commands, and characters that act, with how often those are."""
    assert "^^" not in text
    words = set(re.findall(r"\\[A-Za-z@]+", text)) - _ESCAPES
    bare = re.sub(r'\\textasciitilde\{\}|\\char`\\"\{\}|\\ensuremath\{[<>|]\}|\\[^A-Za-z]', "", text)
    acting = Counter(c for c in bare if c in "%#&~") + Counter({"open": abs(bare.count("{") - bare.count("}"))})
    return words | {f"{c} {count}" for c, count in acting.items()}


def html_elements(text: str) -> Counter[str]:
    """Elements with the names of their attributes, and the values of those that can do something."""
    found: Counter[str] = Counter()
    for element in html5lib.parse(text, namespaceHTMLElements=False).iter():
        if isinstance(element.tag, str):
            found[f"{element.tag} {sorted(element.attrib)}"] += 1
            found.update(f"{key}={value[:30]}" for key, value in element.attrib.items() if key in {"href", "src", "style", "class"})
            found.update({f"style {hash(element.text)}": 1} if element.tag == "style" else {})
    return found


def markdown_tokens(text: str) -> Counter[str]:
    """What a reader of Markdown that lets HTML through would make of it."""
    found: Counter[str] = Counter()
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        for part in (token, *(token.children or ())):
            if part.type not in {"text", "softbreak", "text_special", "inline"}:
                found[f"{part.type} {part.tag} {part.attrs.get('href', part.attrs.get('src', ''))}"] += 1
    assert not [name for name in found if name.startswith("html")], "HTML in Markdown"
    found["$"] = len(re.findall(r"(?<!\\)\$", text))
    return found


def typst_signs(text: str) -> Counter[str]:
    """Characters that act, with how often they do, where they are neither escaped nor in a text."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\\.', "", text)
    return Counter(c for c in bare if c in "#$`@<>[]*_~=\"'\\")


def python_calls(text: str) -> list[str]:
    """The code cells, every text in them left out."""

    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.Constant:
            return ast.Constant("text") if isinstance(node.value, str) else node

    cells = json.loads(text)["cells"]
    return [ast.dump(Blank().visit(ast.parse("".join(cell["source"])))) for cell in cells if cell["cell_type"] == "code"]


def notebook_parts(text: str) -> tuple[Counter[str], list[str]]:
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    return markdown_tokens("\n\n".join("".join(cell["source"]) for cell in cells)), python_calls(text)


def office_elements(content: bytes) -> Counter[str]:
    """The elements of every XML file inside, with their targets."""
    found: Counter[str] = Counter()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels", ".xhtml", ".opf", ".ncx")):
                for element in ElementTree.fromstring(archive.read(name)).iter():
                    found[
                        f"{name} {element.tag} {sorted(key for key in element.attrib)} {element.get('href', element.get('Target', ''))}"
                    ] += 1
    return found


def lines_of(text: str) -> int:
    assert all(c.isprintable() or c == "\n" for c in text)
    return len(text.split("\n"))


MEANT: dict[str, Callable[..., object]] = {
    "tex": latex_commands,
    "beamer": latex_commands,
    "md": markdown_tokens,
    "txt": lines_of,
    "typ": typst_signs,
    "html": html_elements,
    "ipynb": notebook_parts,
}
"""What can be told of a text without its consumer."""
MADE = {"docx": office_elements, "pptx": office_elements, "epub": office_elements}


def test_every_format_is_held_to_this() -> None:
    assert {*MEANT, *MADE, "pdf"} == {*FORMATS}


@pytest.mark.parametrize("name", MEANT)
@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_text(name: str, title: str, tmp_path: Path) -> None:
    """And the pictures beside the document are the same, but for the words in them."""
    harmless, hostile = (files(network(text), name, tmp_path) for text in (HARMLESS, title))
    assert MEANT[name](hostile[""]) == MEANT[name](harmless[""])
    assert hostile.keys() == harmless.keys()
    for beside in hostile.keys() - {""}:
        assert html_elements(str(hostile[beside])) == html_elements(str(harmless[beside]))


def test_a_title_shows_what_it_is(tmp_path: Path) -> None:
    """What is escaped is read back as it was."""
    for title in TITLES:
        page = html5lib.parse(str(files(network(title), "html", tmp_path)[""]), namespaceHTMLElements=False)
        assert page.find(".//title").text == title
        tokens = MarkdownIt().parse(str(files(network(title), "md", tmp_path)[""]))
        children = tokens[1].children or []
        assert re.sub(r"\s+", " ", "".join(child.content for child in children)) == re.sub(r"\s+", " ", title)


@pytest.mark.parametrize("name", MADE)
def test_a_title_is_text_in_what_pandoc_makes(name: str, tmp_path: Path) -> None:
    """All titles at once, since it takes a while."""
    all_titles = " ".join(TITLES)
    for title in (all_titles[:480], all_titles[-480:]):
        harmless, hostile = (files(network(text), name, tmp_path)[""] for text in (HARMLESS, title.strip()))
        assert isinstance(harmless, bytes)
        assert isinstance(hostile, bytes)
        assert MADE[name](hostile) == MADE[name](harmless)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_text_for_typst(title: str, tmp_path: Path) -> None:
    """Typst itself reads the title back."""
    typst = pytest.importorskip("typst")
    source = f"#metadata([{FORMATS['typ'].escape(title)}]) <it>"  # type: ignore[union-attr]
    path = tmp_path / "title.typ"
    path.write_text(source, "utf-8")
    (found,) = json.loads(typst.query(str(path), "<it>", field="value"))
    words = found.get("text") or "".join(part.get("text", " ") for part in found["children"])
    assert {part["func"] for part in found.get("children", [found])} <= {"text", "space", "symbol"}
    assert words.replace("\u00ad", "") == title


# -- names -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*MEANT, "json"])
def test_a_name_that_is_a_word_of_some_language_is_a_name(name: str, tmp_path: Path) -> None:
    """The same commands and elements as with other names of the same length."""
    others = tuple("q" * len(word) if len(set(word)) > 1 else word for word in NAMES)
    others = tuple(f"{word[:-1]}{'abcdefghijklm'[at]}" for at, word in enumerate(others))
    for at in range(0, len(NAMES) - 1, 2):
        texts = [str(files(network(names=names[at : at + 2]), name, tmp_path)[""]) for names in (NAMES, others)]
        if name in {"tex", "beamer", "typ"}:
            commands = [set(re.findall(r"\\[A-Za-z@]+|#[a-z]+", text)) for text in texts]
            assert commands[0] == commands[1]
        elif name == "html":
            kinds = [{key for key in html_elements(text) if not key.startswith(("href=", "style="))} for text in texts]
            assert kinds[0] == kinds[1]
        elif name == "ipynb":
            assert len(python_calls(texts[0])) == len(python_calls(texts[1]))
        elif name == "md":
            assert markdown_tokens(texts[0]).keys() == markdown_tokens(texts[1]).keys()


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize(
    "file",
    [
        "inputs = [{}]\n[[layers]]\nunits = 1\n",
        "inputs = 1\n[[layers]]\nunits = [{}]\n",
        'inputs = ["i1"]\noutputs = ["o1"]\n[[units]]\nname = "o1"\ninputs = {{ i1 = {} }}\n',
        'inputs = ["i1"]\noutputs = ["o1"]\n[[units]]\nname = "o1"\ninputs = {{ i1 = "w1" }}\nbias = {}\n',
        "inputs = 1\nnotation = {}\n[[layers]]\nunits = 1\n",
        "inputs = 1\n[[layers]]\nunits = 1\nactivation = {}\n",
        "inputs = 1\nloss = {}\n[[layers]]\nunits = 1\n",
    ],
)
def test_what_is_no_name_is_refused(name: str, file: str, tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(file.format(json.dumps(name)), "utf-8")
    with pytest.raises(SymbpError) as caught:
        symbp.derive(str(path))
    assert 0 < len(str(caught.value)) < 3000
    assert all(c.isprintable() or c == "\n" for c in str(caught.value))


@pytest.mark.parametrize(
    "prefix", ["a{b}", "\\input{x}", "a b", "a%b", "<script>", '"', "#x", "$", "a\nb", "^^5c", "`x`", "a]", "é", "\u202e"]
)
def test_a_prefix_of_labels_holds_no_syntax(prefix: str) -> None:
    for name in ("tex", "typ", "html", "md"):
        with pytest.raises(SymbpError, match="cannot begin a label"):
            symbp.derive("1-1").render(name, prefix=prefix)


# -- names of files ----------------------------------------------------------------------------------------------------------

STEMS = ("a](javascript:x) [b", 'a" onload="x', "a<script>b", "a b", "a$b`c`", "a\\input{x}", "#panic()", "a&b;'c", "%s((( 1 )))", "a|b*c*")


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("name", ["md", "tex", "html", "typ", "ipynb"])
def test_the_name_of_a_file_is_a_name(name: str, stem: str, tmp_path: Path) -> None:
    """Pictures are beside the document, under names that begin with its own; the network's file may be called anything."""
    plain, strange = ({found.rename_to: content for found, content in named(tmp_path, name, of).items()} for of in ("net", stem))
    assert plain.keys() == strange.keys()
    if name != "md":
        assert plain == strange
        return
    sources = [re.sub(r"\S*\.svg", "X.svg", key) for key in markdown_tokens(str(strange[""]))]
    assert sorted(sources) == sorted(re.sub(r"\S*\.svg", "X.svg", key) for key in markdown_tokens(str(plain[""])))


class Beside(str):
    """What a file beside a document is called after the stem."""

    @property
    def rename_to(self) -> str:
        return str(self)


def named(folder: Path, name: str, stem: str) -> dict[Beside, str | bytes]:
    path = folder / f"{stem}.toml"
    path.write_text(network(), "utf-8")
    derived = symbp.derive(str(path), detail="brief", weights=("w1",))
    return {Beside(rest): content for rest, content in derived.published(name, symbp.publishing.formats.Style(stem=stem)).items()}


# -- hand work ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*TITLES, "E = \0", "\u202eE", "\x1b[31m", "\ud800", "\ue000\ue001"])
def test_what_somebody_typed_is_text_in_latex(text: str) -> None:
    for set_ in (latex_words(text), latex_typed(text), latex_typed(text, (0, 3), "mark")):
        assert "^^" not in set_
        found = set(re.findall(r"\\[A-Za-z@]+", set_))
        assert not found & {r"\input", r"\write", r"\immediate", r"\catcode", r"\csname", r"\openout", r"\end", r"\begin", r"\only"}
        bare = re.sub(r"\\[{}%#&$_]", "", set_)
        assert bare.count("{") == bare.count("}")
        assert not set("%#&$") & set(bare)


@pytest.mark.parametrize("format", ["html", "md", "tex", "txt"])
def test_a_report_holds_what_somebody_typed_as_text(format: str) -> None:  # noqa: A002
    rows = "\n\n".join(f"dE/dw5 = {title}" for title in TITLES)
    plain = "\n\n".join("dE/dw5 = w5 + w6" for _ in TITLES)
    hostile = symbp.verify("mazur", f"{rows}\n", time_limit=0.5).render(format)
    harmless = symbp.verify("mazur", f"{plain}\n", time_limit=0.5).render(format)
    if format == "html":
        tags = [{key.split()[0] for key in html_elements(text) if "=" not in key} for text in (hostile, harmless)]
        assert tags[0] <= tags[1] | {"mark", "span", "code", "p", "em", "strong", "details", "summary", "ul", "li"}
        assert not re.search(r"<script|javascript:alert\(1\)\"|<img|<style[^>]*>\*", hostile.lower())
    elif format == "md":
        markdown_tokens(hostile)
    elif format == "tex":
        words = set(re.findall(r"\\[A-Za-z@]+", hostile))
        assert not words & {r"\input", r"\write", r"\immediate", r"\catcode", r"\csname", r"\openout", r"\only"}
        assert hostile.count(r"\end{document}") == harmless.count(r"\end{document}")
        assert "^^" not in hostile
    else:
        assert all(c.isprintable() or c == "\n" for c in hostile)


# -- code --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [*TITLES, "a\tb \U0001f600", "\U0001f600\0\ud7ff", '"""', "a\n#%% code x\nb", "a\n\\\nb", 'a\n"', "\u2028a\nb", "'\"\\'"]
)
def test_a_text_in_a_code_cell_is_a_literal_of_itself(text: str) -> None:
    tree = ast.parse(literal(text), mode="eval")
    assert isinstance(tree.body, ast.Constant)
    assert tree.body.value == text
