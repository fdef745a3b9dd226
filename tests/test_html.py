"""The page: one file that fetches nothing, well-formed, read by keyboards, screen readers and phones, and sober with hostile names."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import html5lib
import pytest

import symbp
from consumers import Seen, View, look_at, page_count, printed
from symbp.errors import SymbpError
from symbp.publishing.environment import Safe, embedded, environment
from symbp.publishing.formats import FORMATS, Format, Style
from symbp.publishing.page import escape_html, html_gap, tied
from symbp.publishing.palette import FACTORS, PALETTE
from symbp.publishing.render import render

HTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
NAMES = ("mazur", "softmax", "recurrent", "autoencoder", "4-4-4", "general", "layer:batch_norm", "layer:dense")
HOSTILE = (
    "</title><script>alert(1)</script>",
    "\" onload='x' data-a=\"",
    "a & b &lt; c &#0;",
    "--><script>x</script>",
    "]]></style><svg onload=x>",
    "反向传播：一个例子",
)


@cache
def page(name: str) -> str:
    return symbp.derive(name).render("html")


@cache
def trained() -> str:
    return symbp.train("xor", steps=20).render("html")


def pages() -> dict[str, str]:
    return {**{name: page(name) for name in NAMES}, "training": trained()}


def parsed(text: str) -> Any:
    """The tree of a page in which HTML has nothing to complain of."""
    return html5lib.HTMLParser(strict=True).parse(text)


def fragment(text: str) -> list[Any]:
    return list(html5lib.HTMLParser(strict=True).parseFragment(text))


def found(root: Any, *names: str) -> list[Any]:
    return [element for element in root.iter() if isinstance(element.tag, str) and element.tag.rpartition("}")[2] in names]


def attributes(element: Any) -> list[str]:
    return [str(key) for key in element.keys()]  # noqa: SIM118 — iterating over an element gives its children


def words(element: Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


@pytest.mark.parametrize("name", [*NAMES, "training"])
def test_the_page_is_well_formed(name: str) -> None:
    root = parsed(pages()[name])
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert not [one for one, times in Counter(ids).items() if times > 1]
    assert not [one for one in ids if re.search(r"\s", one)]
    links = [element.get("href") for element in found(root, "a")]
    assert links
    assert all(link.startswith("#") and unquote(link[1:]) in ids for link in links)
    named = {word for element in root.iter() for word in element.get("aria-labelledby", "").split()}
    assert named <= set(ids)


@pytest.mark.parametrize("name", [*NAMES, "training"])
def test_headings_landmarks_and_tables(name: str) -> None:
    root = parsed(pages()[name])
    levels = [int(element.tag[-1]) for element in found(root, "h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert root.get("lang") == "en"
    assert [len(found(root, landmark)) for landmark in ("header", "nav", "main")] == [1, 1, 1]
    body = root.find(f"{HTML}body")
    assert body[0].tag == f"{HTML}a", "the skip link comes first"
    for table in found(root, "table"):
        assert words(found(table, "caption")[0])
        headers = found(table, "th")
        assert {header.get("scope") for header in headers} == {"col", "row"}
        assert all(words(header) for header in headers)
    listed = [words(link) for nav in found(root, "nav") for link in found(nav, "a")]
    headings = [re.sub(r"^\d+(?=[A-Z])", "", words(one)) for one in found(root, "h2")]
    assert listed == headings[1:]


@pytest.mark.parametrize("name", [*NAMES, "training"])
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    text = pages()[name]
    root = parsed(text)
    assert not found(root, "script", "iframe", "object", "embed", "link", "img", "base", "form", "input")
    assert not [key for element in root.iter() for key in attributes(element) if key in {"src", "srcset"} or str(key).startswith("on")]
    policy = next(meta.get("content") for meta in found(root, "meta") if meta.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert "script-src" not in policy
    assert set(re.findall(r"url\(\"?([a-z]+:)", text)) == {"data:"}
    assert set(re.findall(r"https?://[^\"]*", text)) <= {"http://www.w3.org/2000/svg"}, "the name of SVG, which no one fetches"
    assert "@import" not in text


def test_the_page_of_the_classic_is_small() -> None:
    assert len(page("mazur").encode()) < 400_000
    assert embedded("math.woff2") in page("mazur")


@pytest.mark.parametrize("name", NAMES)
def test_every_equation_is_numbered_and_has_its_anchor(name: str) -> None:
    """As many as LaTeX counts, under the same labels."""
    root = parsed(page(name))
    numbers = [element for element in found(root, "a") if element.get("class") == "number"]
    labels = re.findall(r"\\label\{(.*?)\}", symbp.derive(name).render("tex"))
    assert [element.get("href") for element in numbers] == ["#" + label for label in labels]
    assert [words(element) for element in numbers] == [f"equation ({at})" for at in range(1, len(labels) + 1)]


def test_notes_link_to_the_equations() -> None:
    why = [element for element in found(parsed(page("mazur")), "span") if element.get("class") == "why"]
    linked = [element for element in why if found(element, "a")]
    assert len(linked) > 5
    assert all(re.fullmatch(r"\(by (\(\d+\)(, | and |–)?)+\)", words(element)) for element in linked)


@pytest.mark.parametrize("name", NAMES)
def test_mathematics_is_whole(name: str) -> None:
    """No text stands between elements of mathematics, no mark is left, and every line is one formula."""
    text = page(name)
    assert not re.search("[\ue000-\uf8ff\x1f]", text)
    inner = {MATHML + tag for tag in ("mi", "mn", "mo", "mtext", "mspace")}
    for formula in found(parsed(text), "math"):
        for element in formula.iter():
            assert element.tag.startswith(MATHML), element.tag
            assert element.tag in inner or not (element.text or "").strip(), words(formula)
            assert element is formula or not (element.tail or "").strip(), words(formula)
    lines = [element for element in found(parsed(text), "div") if element.get("class") == "line"]
    assert lines
    assert all(len(found(line, "math")) == 1 for line in lines)


def test_factors_have_classes_and_colours_of_both_schemes() -> None:
    text = page("mazur")
    assert set(FACTORS[:3]) == set(re.findall(r'<mrow class="(factor\d)">', text))
    for role, colour in PALETTE.items():
        assert re.findall(rf"--{role}: (#\w+);", text) == [colour.light, colour.dark]
        assert all(f".symbp-{of}-{role} {{ {what}: var(--{role}); }}" in text for of, what in (("s", "stroke"), ("f", "fill")))
    plain = symbp.derive("mazur").render("html", color=False)
    assert not re.search(r'<mrow class="factor', plain)
    assert set(re.findall(r"--factor\d: (#\w+);", plain)) == {PALETTE["ink"].light, PALETTE["ink"].dark}


def test_a_gap_is_a_box_with_its_number() -> None:
    assert words(fragment(f"<math>{html_gap(3, 9)}</math>")[0]) == "(3)"


def test_punctuation_stays_with_its_formula() -> None:
    one = "<math><mi>x</mi></math>"
    assert tied(f"of {one}, and ({one}).") == f'of <span class="tied">{one},</span> and <span class="tied">({one}).</span>'
    assert tied(f"of {one} and") == f"of {one} and"
    assert tied(f"{one} – {one}") == f"{one} – {one}"


# -- fragments ---------------------------------------------------------------------------------------------------------


def test_a_fragment_says_its_style_and_stands_in_any_page() -> None:
    text = symbp.derive("mazur").render("html", fragment=True)
    assert text.startswith("<!--")
    style, rest = text.split("-->", 1)
    assert ".symbp .display" in style
    assert "<style" not in rest
    assert not re.search(r"<(!doctype|html|head|body|h1|nav|main)\b", rest)
    assert not re.search("<!--|--!>", style[4:]), "what the standard does not allow in a comment"
    fragment(rest)
    selectors = re.findall(r"^ *([^@{}\n]+) \{", style, re.MULTILINE)
    assert selectors
    assert all(part.strip().startswith(".symbp") for selector in selectors for part in selector.split(","))


def test_fragments_of_two_prefixes_do_not_clash() -> None:
    first, second = (symbp.derive("mazur").render("html", fragment=True, prefix=prefix) for prefix in ("a:", "b:"))
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first, second)]
    assert len(ids[0]) == len(ids[1]) > 20
    assert not ids[0] & ids[1]


# -- what others write -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_never_becomes_markup(title: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    source = (Path(symbp.__file__).parent / "examples" / "mazur.toml").read_text("utf-8")
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(re.sub(r'(?m)^title = ".*"$', lambda _: f'title = "{quoted}"', source), "utf-8")
    root = parsed(symbp.derive(path).render("html"))
    assert words(found(root, "h1")[0]) == words(found(root, "title")[0]) == title
    plain = parsed(page("mazur"))
    assert Counter(element.tag for element in root.iter()) == Counter(element.tag for element in plain.iter())
    assert [sorted(attributes(element)) for element in root.iter()] == [sorted(attributes(element)) for element in plain.iter()]


@pytest.mark.parametrize("prefix", ['"><script>', "a b", "' onclick=x", "中文:"])
def test_a_hostile_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(SymbpError, match="cannot begin a label"):
        symbp.derive("1-1").render("html", prefix=prefix)


def test_what_html_cannot_hold_is_replaced() -> None:
    assert escape_html("a\0b\x1bc\ud800\x85") == "a\ufffdb\ufffdc\ufffd\ufffd"
    assert escape_html("\u202egnol\u2066\u2069") == "gnol"
    assert escape_html("<&>\"'") == "&lt;&amp;&gt;&quot;&#x27;"


# -- blocks ------------------------------------------------------------------------------------------------------------


def laid_out(*blocks: dict[str, Any]) -> str:
    """A page with these blocks, as the template lays them out."""
    row = FORMATS["html"]
    assert isinstance(row, Format)
    section = {"key": "general_summary", "title": Safe("Blocks"), "number": "1", "anchor": Safe("section-a"), "blocks": blocks}
    names = {"sections": [section], "style": Style(), "fragment": False, "title": "Blocks", "palette": PALETTE}
    text: str = (
        environment(row.escape)
        .get_template("html.j2")
        .render(**names, words=lambda key: key, anchor=Safe, embedded=lambda name: Safe(embedded(name)))
    )
    return text


FIGURE = {
    "kind": "figure", "key": "network", "alt": "two units", "caption": Safe("The <math><mi>x</mi></math> of it"),
    "drawing": Safe('<svg role="img" aria-label="two units" width="600" height="80"><text y="20">a</text></svg>'),
}  # fmt: skip
ALGORITHM = {"kind": "algorithm", "lines": [{"depth": at % 3, "text": Safe(f"line {at}")} for at in range(5)]}


def test_figures_and_algorithms_are_laid_out() -> None:
    root = parsed(laid_out(FIGURE, ALGORITHM))
    figure = found(root, "figure")[0]
    assert found(figure, "svg")
    assert words(found(figure, "figcaption")[0]) == "The x of it"
    lines = [element for lists in found(root, "ol") for element in found(lists, "li")]
    assert [(line.get("style"), words(line)) for line in lines] == [(f"--depth: {at % 3}", f"line {at}") for at in range(5)]
    assert found(root, "section")[0].get("class") == "boxed"


def test_pictures_are_read_in_words() -> None:
    figures = found(parsed(page("mazur")), "figure")
    assert len(figures) > 3
    for figure in figures:
        (picture,) = found(figure, "svg")
        ids = picture.get("aria-labelledby").split()
        read = [words(element) for element in picture if element.get("id") in ids]
        assert len(" ".join(read).split()) > 5
        assert words(found(figure, "figcaption")[0])
    assert found(parsed(trained()), "svg"), "the curve of the error"


def test_a_template_of_ones_own_overrides_blocks(tmp_path: Path) -> None:
    (tmp_path / "html.j2").write_text('((* extends "symbp/html.j2" *))((* block title *))<h1>Sheet 3</h1>((* endblock *))', "utf-8")
    document = symbp.derive("1-1").document()
    own = symbp.derive("1-1").render("html", own=tmp_path)
    assert "<h1>Sheet 3</h1>" in own
    assert own != render(document, "html")


# -- in the browser ----------------------------------------------------------------------------------------------------


VIEWS = ((1280, "light", False), (1280, "dark", False), (360, "light", True))
"""How pages are looked at: wide, in both schemes; on a phone, with the rules of accessibility, where most boxes scroll."""
LOOKED_AT = ("mazur", "recurrent", "autoencoder", "general", "layer:batch_norm")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[View, Seen]]:
    """What Chromium makes of the pages."""
    folder = tmp_path_factory.mktemp("pages")
    texts = {**{name: page(name) for name in LOOKED_AT}, "training": trained(), "blocks": laid_out(FIGURE, ALGORITHM)}
    views = []
    for name, text in texts.items():
        path = folder / f"{name.replace(':', '-')}.html"
        path.write_text(text, "utf-8")
        views += [View(path, *view) for view in VIEWS]
    return list(zip(views, look_at(views), strict=True))


def test_a_browser_has_nothing_to_say(seen: list[tuple[View, Seen]]) -> None:
    assert not [(view, one.messages, one.fetched) for view, one in seen if one.messages or one.fetched]
    assert all(one.fonts == ["symbp math loaded"] for view, one in seen if view.path.stem != "blocks")


def test_no_page_is_wider_than_its_window(seen: list[tuple[View, Seen]]) -> None:
    assert not [(view, one.overflow) for view, one in seen if one.overflow]


def test_displays_stand_at_their_relation_and_fit_a_wide_window(seen: list[tuple[View, Seen]]) -> None:
    assert not [(view, one.crooked) for view, one in seen if one.crooked]
    assert not [(view, one.scrolling) for view, one in seen if one.scrolling and view.width > 1000]


def test_every_text_stands_out(seen: list[tuple[View, Seen]]) -> None:
    """By 4.5 to 1 at least, in both schemes."""
    assert not [(view, one.faint) for view, one in seen if one.faint]
    assert all(one.seen > 200 for view, one in seen if view.path.stem != "blocks")


def test_no_rule_of_accessibility_is_broken(seen: list[tuple[View, Seen]]) -> None:
    assert {view.path.stem for view, _ in seen if view.rules} == {view.path.stem for view, _ in seen}
    assert not [(view, one.rules) for view, one in seen if one.rules]


def test_the_page_prints(tmp_path: Path) -> None:
    (tmp_path / "mazur.html").write_text(page("mazur"), "utf-8")
    printed(tmp_path / "mazur.html", tmp_path / "mazur.pdf")
    assert 4 <= page_count(tmp_path / "mazur.pdf") <= 8
