"""Reports: every format shows the same, what somebody typed is data in all of them, and hints give nothing away."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from consumers import compile_latex, markdown_formulas
from judged import AGAIN, AT, BROKEN, REPAIRED, REPORT, ROW, WORK, WRONG
from symbp.errors import SymbpError
from symbp.publishing.latex_text import latex_typed, latex_words
from symbp.publishing.render import templates_folder
from symbp.publishing.report import REPORT_FORMATS, View, render_report
from symbp.publishing.terminal import Terminal, columns
from symbp.publishing.verdicts import OPTIONAL, PLAIN
from symbp.verification.report.report import FileReport, JudgedRow, Reached, Report, Said

HOSTILE = (
    r"\input{x} \end{document} $x$ $$\write18{ls}$$ ^^5cinput { } % # & ~ _ <script>alert(1)</script> `code` ``` --- ?` !`",
    "</code></mark><img src=x onerror=alert(1)> &lt; \" ' | a | b |",
    "```\n# heading\n````\n- item\n\n    code\n~~~",
    "\x1b[31mred\x1b[0m\x07 \u202eevil\u202c \u200b\ufeff\x00\ud800 tab\there",
    "((( 7 * 7 ))) ((* for x in y *)) {{ 7 }} {% raw %} %s {0}",
    "δ̂ σ′ ∂E/∂w₁₂ ½ x² − × · ≈ ŷ 각 中文 𝑤 ﬁ \U0001f600 é ß «a»",
    "",
    "   ",
    "`",
    "[x](javascript:alert(1)) ![p](q) <https://a.b> **b** __b__ ~~s~~ | # 1. - +",
)
KEYS = {
    *("line", "column", "text", "verdict", "code", "message", "question", "expected", "marked", "span", "witness"),
    *("certainty", "remarks", "same_as"),
}
FORMATS = (*REPORT_FORMATS, "json")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def shown(name: str = "txt", report: Report | FileReport = REPORT, **view: bool | int) -> str:
    return render_report(report if isinstance(report, Report) else Report((report,)), name, View(**view))  # type: ignore[arg-type]


def of(*rows: JudgedRow) -> FileReport:
    return FileReport("work.txt", rows)


def hostile(text: str) -> FileReport:
    """Someone's text in every place where it can stand."""
    names = dict.fromkeys(("was", "should", "unit", "weight", "quantity", "name", "near"), text)
    row = JudgedRow(
        1,
        1,
        text,
        "wrong",
        "wrong_index",
        Said("wrong_index", names),
        expected=text,
        marked=(0, len(text)),
        span=(2, 5),
        witness={text: text, "left": text, "right": text},
        remarks=(Said("unknown_name", names), Said("identity_used", {"identity": text})),
    )
    quiet = JudgedRow(2, 1, text, "correct")
    return FileReport(text, (row, quiet), {"delta_sign": text}, (Reached(text, "wrong", 1), Reached("dE/dw5", "reached", 2)))


# -- the terminal --------------------------------------------------------------------------------------------------------


def test_a_row_that_is_wrong() -> None:
    found = shown().split("line 23")[1].split("\n\n")[0].split("\n")
    assert found == [
        "  ✗ wrong index",
        "    " + ROW,
        "    " + " " * AT + "^^^^",
        "    w7 feeds o2 only, so the sigmoid derivative is o2's: a_o2, not a_o1.",
        "    should be:",
        "    " + REPAIRED,
        "    " + " " * AT + "^^^^",
        "    You have it right in line 30.",
    ]


def test_rows_that_are_right_are_counted_and_shown_where_there_is_something_to_say() -> None:
    found = shown()
    assert "line 3 " not in found
    assert "line 5 " not in found, "what is read how is said for rows that are shown"
    assert "line 4  ✓ right\n    net = 0.13\n    The last digit is off by one: 0.14, not 0.13.\n" in found
    assert "  3 of 8 rows are right, 2 are wrong, 1 of them a mistake made before, 1 follows" in found
    assert "line  3  ✓  h1 = w1*i1 + w2*i2\n" in shown(every=True)


def test_the_summary_says_what_is_reached() -> None:
    lines = shown().split("Summary\n")[1].split("\n")
    assert lines[2:6] == [
        "  1 of 3 quantities is reached, 1 is wrong, 1 is missing.",
        "    reached  dE/dw5",
        "    wrong    dE/dw7 (line 23)",
        "    missing  dE/dw1",
    ]


def test_long_lists_are_cut_unless_everything_is_asked_for() -> None:
    work = FileReport("a.txt", reached=tuple(Reached(f"dE/dw{n}", "missing") for n in range(24)))
    assert "dE/dw11, and 12 more" in shown(report=work)
    assert "dE/dw23" not in shown(report=work)
    assert "dE/dw23" in shown(report=work, every=True)


def test_a_mistake_that_is_repeated_points_to_the_first() -> None:
    assert "    The same mistake as in line 23.\n    should be:\n    ∂E/∂w8 = a_o2\n" in shown()


def test_several_files_end_in_an_overview() -> None:
    end = shown().split("Derivations, row by row\n")[1]
    assert "work.txt: 3 of 8 rows are right" in end
    assert "broken.tex: This file was not judged: no such file." in end


def test_standard_input_is_called_so() -> None:
    assert shown(report=replace(WORK, file="-")).startswith("standard input\n──")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("text", [*HOSTILE, ROW * 9, "x" * 500, "中" * 300, "δ̂ " * 200, "a\n" * 40 + "b", "\\frac{a}{b}" * 40])
def test_nothing_passes_the_edge_of_the_terminal(text: str, width: int) -> None:
    work = replace(hostile(text), file=text or "a")
    for every in (False, True):
        lines = shown(report=Report((work, BROKEN)), columns=width, witness=True, every=every).split("\n")
        assert max(map(columns, lines)) <= width
        assert not [c for line in lines for c in line if not c.isprintable()]


@pytest.mark.parametrize("text", HOSTILE)
def test_colours_change_no_letter(text: str) -> None:
    work = replace(hostile(text), file="a")
    plain, coloured = shown(report=work), shown(report=work, color=True)
    assert "\x1b[" not in plain
    assert [line for line in ANSI.sub("", coloured).split("\n") if set(line) - set(" ^")] == [
        line for line in plain.split("\n") if set(line) - set(" ^")
    ]


def test_in_colour_the_repair_needs_no_carets() -> None:
    coloured = shown(report=of(WRONG), color=True)
    assert ANSI.sub("", coloured).count("^^^^") == 1
    assert "(1 − \x1b[32;1ma_o2\x1b[0m)" in coloured
    assert "(1 − \x1b[31;1ma_o1\x1b[0m)" in coloured


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("a = b", (0, 1), "a = b\n^"),
        ("a = b", (5, 5), "a = b\n     ^"),
        ("a = b", (2, 2), "a = b\n  ^"),
        ("a = b", None, "a = b"),
        ("中 = b", (4, 5), "中 = b\n     ^"),
        ("x̂ = b", (0, 2), "x̂ = b\n^"),
        ("a =\n  b", (6, 7), "a =\n  b\n  ^"),
        ("one two three", (4, 13), "one two\n    ^^^^\nthree\n^^^^^"),
    ],
)
def test_carets_stand_under_the_place(text: str, span: tuple[int, int] | None, expected: str) -> None:
    assert Terminal(8 if "two" in text else 80).pointed(text, span, 0, ()) == expected


def test_a_long_row_is_cut_to_what_is_near_the_mistake() -> None:
    text = "a + " * 300 + "WRONG" + " + b" * 300
    found = Terminal(80).pointed(text, (1200, 1205), 4, ()).split("\n")
    assert len(found) <= 8
    assert found[0].strip().startswith("…")
    assert found[-1].endswith("…")
    at = next(n for n, line in enumerate(found) if "WRONG" in line)
    assert found[at + 1].strip() == "^^^^^"
    assert found[at].index("WRONG") == found[at + 1].index("^")
    assert "a + " * 18 in Terminal(80).pointed(text, (1200, 1205), 4, (), whole=True)


# -- every format --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_every_row_and_what_is_said_of_it(name: str) -> None:
    text = shown(name, every=True)
    words = re.sub(r"<[^>]*>|\\allowbreak\{\}|\\texttt|\\(?:hit|fix)(?=\{)|[{}`]", "", text).replace(r"\ ", " ")
    words = words.replace("\\char95", "_").replace("&#x27;", "'")
    for said in ("w7 feeds o2 only", "You have it right in line 30", "no such file", "The last digit is off by one", "w1*i1 + w2*i2"):
        assert said in words, said
    for number in (3, 4, 5, 23, 25, 27, 30, 31):
        assert re.search(rf"(?:\b|ticked|crossed|carried|asked){number}\b", words)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    assert shown(name) == shown(name)
    shown(name).encode("utf-8")
    assert shown(name).endswith("\n")


@pytest.mark.parametrize("name", [*REPORT_FORMATS])
def test_values_that_refute_are_shown_where_they_are_asked_for(name: str) -> None:
    assert "0.0234" not in shown(name)
    assert "0.0234" in shown(name, witness=True)
    assert "refuted" not in shown(name, witness=True)


def test_a_format_that_is_not_there() -> None:
    with pytest.raises(SymbpError, match="unknown format 'pdf'"):
        shown("pdf")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("report", [Report(()), Report((FileReport("empty.md"),)), Report((BROKEN,))], ids=["none", "empty", "broken"])
def test_there_may_be_nothing_to_show(name: str, report: Report) -> None:
    text = shown(name, report)
    if report.files and report.files[0].trouble is None and name != "json":
        assert "No row of mathematics was found." in text


# -- JSON ----------------------------------------------------------------------------------------------------------------


def test_json_has_every_key_always() -> None:
    files = json.loads(shown("json"))["files"]
    assert [set(file) for file in files] == [{"file", "summary", "rows", "conventions", "reached", "trouble", "read_as"}] * 2
    assert all(set(row) == KEYS for row in files[0]["rows"])
    wrong = files[0]["rows"][3]
    assert (wrong["line"], wrong["column"], wrong["text"], wrong["verdict"], wrong["code"]) == (23, 1, ROW, "wrong", "wrong_index")
    assert wrong["message"] == "w7 feeds o2 only, so the sigmoid derivative is o2's: a_o2, not a_o1."
    assert wrong["expected"] == REPAIRED
    assert wrong["text"][slice(*wrong["span"])] == "a_o1"
    assert wrong["expected"][slice(*wrong["marked"])] == "a_o2"
    assert wrong["witness"] == {"a_o1": "0.75", "a_o2": "0.77", "left": "0.0123", "right": "0.0234"}
    assert (wrong["certainty"], wrong["remarks"], wrong["same_as"]) == ("refuted", ["You have it right in line 30."], None)
    assert files[0]["rows"][4]["same_as"] == 23
    assert files[0]["rows"][0]["message"] is None
    assert files[0]["reached"][1] == {"name": "dE/dw7", "status": "wrong", "line": 23}
    assert files[0]["conventions"] == {"delta_sign": "delta is the derivative of the error by the net input"}
    assert files[0]["summary"] == {
        "rows": 8,
        "correct": 3,
        "definition": 0,
        "wrong": 2,
        "follows": 1,
        "undecidable": 1,
        "unreadable": 1,
        "repeated": 1,
        "quantities": {"of": 3, "reached": 1, "wrong": 1, "missing": 1},
        "needs_review": True,
    }
    assert files[1]["trouble"] == "no such file"


@pytest.mark.parametrize("text", HOSTILE)
def test_json_holds_every_text_as_it_is(text: str) -> None:
    row = json.loads(shown("json", hostile(text)).encode("utf-8"))["files"][0]["rows"][0]
    assert row["text"] == text.replace("\ud800", "�")


# -- hints ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_hints_ask_and_give_no_answer(name: str) -> None:
    asked = shown(name, of(WRONG, AGAIN), hints=True, witness=True, every=True)
    plain = re.sub(r"<[^>]*>|\\allowbreak\{\}|\\texttt|[{}`]", "", asked)
    assert "Which output does w7 feed?" in plain
    rest = plain.replace("a_o2 − t2", "").replace("* a_o2 *", "").replace("{\\char95}", "_")
    for answer in ("a_o2", "0.0234", "0.77", "You have it right", "should be"):
        assert answer not in rest.replace(ROW, "")


def test_hints_take_the_answers_out_of_json() -> None:
    rows = json.loads(shown("json", hints=True))["files"][0]["rows"]
    assert all(set(row) == KEYS for row in rows)
    assert all(row[key] is None for row in rows for key in ("expected", "marked", "witness"))
    assert rows[3]["message"] == "Which output does w7 feed?"
    assert rows[3]["remarks"] == []
    assert rows[1]["remarks"] == [], "half a unit tells the right digit"
    assert rows[2]["remarks"] == ["Here ∂ is read as going along one connection, with everything else held fixed."]
    assert rows[5]["message"] == "This goes on from line 23. What becomes of it once that line is right?"
    assert "I do not know what `q_3` is" in rows[7]["message"]
    assert (rows[3]["code"], rows[3]["span"]) == ("wrong_index", [AT, AT + 4])


def test_a_question_that_would_tell_is_not_asked() -> None:
    telling = replace(WRONG, hint=Said("wrong_index_hint", {"weight": "a_o2"}))
    asked = json.loads(shown("json", of(telling), hints=True))["files"][0]["rows"][0]["message"]
    assert "a_o2" not in asked
    assert asked == PLAIN.say("wrong_index_hint")


def test_without_a_question_of_its_own_the_code_has_one() -> None:
    bare = replace(WRONG, hint=None)
    assert "Which unit does w7 feed?" in shown(report=of(bare), hints=True)
    assert PLAIN.say("unexplained_hint") in shown(report=of(replace(bare, code=None, message=None)), hints=True)
    assert "0.77" not in shown(report=of(replace(bare, verdict="correct", message=Said("unexplained", {"value": "0.77"}))), hints=True)


# -- sentences -----------------------------------------------------------------------------------------------------------

MACROS = re.findall(r"macro (\w+)\(n\)", (templates_folder() / "verdicts.j2").read_text("utf-8"))
CODES = [name.removesuffix("_hint") for name in MACROS if name.endswith("_hint")]
AROUND = {"rather", "title", "ruling", "counts", "quantities", "quantity", "trouble", "witness", "more", "read_as"}
FULL = {name: f"${name}$" for name in OPTIONAL} | {"name": "$name$", "identity": "$identity$", "units": ("$k1$", "$k2$"), "line": 12}


def test_every_code_has_a_message_and_a_question() -> None:
    assert set(MACROS) >= set(CODES)
    wanted = (
        "sign wrong_index missing_activation_derivative missing_sum net_vs_out transpose_order wrong_constant dropped_factor "
        "duplicated_factor updated_weights_used rounding factor_two wrong_activation_derivative wrong_lhs bias_gradient "
        "arithmetic_slip wrong_loss_derivative unexplained follows"
    )
    assert set(CODES) >= set(wanted.split())


@pytest.mark.parametrize("key", [name for name in MACROS if name not in AROUND])
def test_a_sentence_is_good_with_names_and_without(key: str) -> None:
    for names in ({}, FULL, *({name: FULL[name]} for name in FULL)):
        said = PLAIN.say(key, {"name": "$name$", "identity": "$identity$", "line": 12} | names)
        assert re.fullmatch(r"[A-Z$].*[.?]", said), said
        assert "  " not in said
        assert not re.search(r" [.,:;?]|[(] | [)]|\(\(|\*\)|: \.|undefined", said), said
        assert len(re.findall(r"[.?](?: |$)", said)) <= 2, said


@pytest.mark.parametrize("code", CODES)
def test_questions_name_no_answer(code: str) -> None:
    said = PLAIN.say(f"{code}_hint", FULL)
    assert not [name for name in ("should", "value", "k1", "k2", "true", "expected") if f"${name}$" in said]


def test_nothing_in_the_sentences_belongs_to_a_format() -> None:
    words = re.sub(
        r"\(\(\(.*?\)\)\)(?!\))|\(\(\*.*?\*\)\)|\(\(=.*?=\)\)", "", (templates_folder() / "verdicts.j2").read_text("utf-8"), flags=re.S
    )
    assert not set(words) & set('\\{}$&#_%~^<>|`*[]"')


# -- what somebody typed ---------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """The elements of a page and its text; what is left open or closed twice is a fault."""

    VOID = frozenset({"meta", "!doctype"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_html_shows_any_text_and_runs_none(text: str) -> None:
    page = _Page(shown("html", hostile(text), witness=True))
    assert not page.open
    assert not set(page.tags) & {"script", "img", "a", "iframe", "link", "form", "object", "svg", "base"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"src", "href", "srcdoc"}]
    seen = "".join(page.texts)
    assert "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else "�" for c in text) in seen


def test_html_stands_alone_and_can_be_read_aloud() -> None:
    text = shown("html", REPORT)
    page = _Page(text)
    assert ("lang", "en") in page.attributes
    assert not re.search(r"(?:https?:|url\(|@import|src=)", text)
    headings = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(headings))
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    for ruling in ("right", "wrong index", "follows from a mistake", "undecided", "not read"):
        assert f'<span class="unseen">{ruling},</span>' in text
    assert text.count('href="#work-') == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_any_text_as_code(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(shown("md", hostile(text), witness=True))
    inline = [child for token in tokens for child in token.children or ()]
    refused = {"html_block", "html_inline", "link_open", "image", "table_open", "hr"}
    assert not [token for token in (*tokens, *inline) if token.type in refused]
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert len(headings) == 3
    cleaned = "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else "�" for c in text)
    fences = [token.content for token in tokens if token.type == "fence"]
    assert len(fences) == 2
    carets = [line for line in fences[0].split("\n") if re.fullmatch(r" *\^+", line)]
    kept = [line for line in fences[0].split("\n") if line not in carets]
    assert carets
    assert [line.rstrip() for line in kept[:-1]] == [line.rstrip() for line in cleaned.split("\n")]
    if cleaned.strip() and "\n" not in cleaned:
        assert " ".join(cleaned.split()) in [child.content.strip() for child in inline if child.type == "code_inline"]


@pytest.mark.parametrize("report", [REPORT, *(Report((hostile(text),)) for text in HOSTILE)])
def test_markdown_has_no_formulas(report: Report) -> None:
    assert not markdown_formulas(shown("md", report, witness=True))


@pytest.mark.parametrize("text", HOSTILE)
def test_latex_has_no_active_character_of_somebody(text: str) -> None:
    for made in (latex_words(text), latex_typed(text, (2, 5), "hit")):
        assert made.isascii()
        commands = set(re.findall(r"\\([A-Za-z]+|.)", made))
        assert not commands & {"input", "write", "end", "begin", "immediate", "def", "catcode", "csname", "include", "openin"}
        bare = re.sub(r"\\char\d+|\\[A-Za-z]+|\\.", "", made)
        assert not set(bare) & set("$&#%~\\\x00\n")
        assert "^^" not in made
        assert bare.count("{") == bare.count("}")
        depth = 0
        for c in bare:
            depth += (c == "{") - (c == "}")
            assert depth >= 0
        assert all("ensuremath" in part for part in re.findall(r"\\\w+\{(?:\{\})?[\^_]", made))


def test_latex_names_what_it_has_no_glyph_for() -> None:
    assert latex_words("각") == r"{\scriptsize U+AC01}"
    assert latex_words("ŷ δ ½ x² 𝑤") == r"\^{y} \ensuremath{\delta} \ensuremath{\frac12} x\ensuremath{^{2}} w"
    assert latex_typed("a_1", (0, 1), "hit") == r"\texttt{\hit{a}{\char95}\allowbreak{}1}"


def test_latex_compiles(tmp_path: Path) -> None:
    works = [hostile(text) for text in HOSTILE] + [hostile("x" * 400), hostile(ROW * 5), hostile("\\frac{\\partial E}{\\partial w}" * 20)]
    compile_latex(shown("tex", Report((*REPORT.files, *works)), witness=True), tmp_path)
