"""Where `symbp derive` and `symbp train` put what they make: the options of every document, the files and their names."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from symbp.errors import SymbpError

if TYPE_CHECKING:
    from symbp.api_printable import Printable
    from symbp.publishing.formats import Style

EXTENSIONS = {
    "tex": ".tex",
    "beamer": ".slides.tex",
    "typ": ".typ",
    "pdf": ".pdf",
    "html": ".html",
    "md": ".md",
    "txt": ".txt",
    "ipynb": ".ipynb",
    "docx": ".docx",
    "pptx": ".pptx",
    "epub": ".epub",
    "json": ".json",
}
COLUMNS = 100
Command = TypeVar("Command", bound=Callable[..., Any])


def _language(lang: str) -> str:
    """`lang`, if it has a catalogue; English needs none, and no look for one."""
    if lang != "en":
        from symbp.publishing.environment import locale_folder
        from symbp.publishing.languages import translations

        translations(lang, locale_folder())
    return lang


OPTIONS = (
    click.option("--to", "formats", multiple=True, type=click.Choice(tuple(EXTENSIONS)), help="A format to write; may be given again."),
    click.option("-o", "--output", metavar="PATH", help="A file, a directory (ends in a slash, or exists), or - for standard output."),
    click.option("--only", multiple=True, metavar="NAME", help="A single equation, section or figure as a fragment; may be given again."),
    click.option("--list", "is_list", is_flag=True, help="Name everything that --only can give, instead of writing a document."),
    click.option("--fragment", is_flag=True, help="Leave out title and preamble, for \\input."),
    click.option("--handout", is_flag=True, help="Slides for paper: every frame a page, with everything uncovered."),
    click.option("--label-prefix", "prefix", metavar="TEXT", help="What the labels of equations begin with; symbp: unless given."),
    click.option(
        "--color", type=click.Choice(("auto", "always", "none")), default="auto", show_default=True,
        help="The factors of a product in colours; auto leaves them out where text does not go to a terminal.",
    ),
    click.option(
        "--engine", type=click.Choice(("typst", "latex")), default="typst", show_default=True,
        help="What makes a PDF: the typst package, or latexmk with a TeX installation.",
    ),
    click.option(
        "--lang", metavar="LANG", default="en", show_default=True, callback=lambda _context, _option, lang: _language(lang),
        help="The language of the document: one that has a catalogue, such as zh.",
    ),
    click.option("--template", "own", metavar="DIR", help="A folder of templates that stand before ours: see `symbp templates`."),
    click.option("--blanks", type=click.IntRange(1, 200), help="A handout: leave so many numbered gaps, and write the answers beside it."),
    click.option("--seed", type=click.IntRange(0), help="Which blanks: the same number, the same gaps; 1 unless given."),
)  # fmt: skip
STYLE = ("fragment", "prefix", "color", "engine", "lang", "own", "handout", "only", "is_list", "blanks", "seed")
"""The options of OPTIONS that say how a document is written."""


def output_options(command: Command) -> Command:
    """The options of every command that writes documents."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def split(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those that say how a document is written, and the rest."""
    return {name: options[name] for name in STYLE}, {name: value for name, value in options.items() if name not in STYLE}


def targets(network: str, formats: tuple[str, ...], output: str | None) -> dict[str, Path | None]:
    """Where each format goes; None is standard output."""
    chosen = list(dict.fromkeys(formats))
    if output is None or output == "-":
        if len(chosen) > 1:
            raise SymbpError("several formats do not fit on standard output", hint="name a directory: -o output/")
        return {(chosen or ["txt"])[0]: None}
    path = Path(output)
    if output.endswith(("/", "\\")) or _is_directory(path):
        return {name: path / (_stem(network) + EXTENSIONS[name]) for name in chosen or ["txt"]}
    if len(chosen) > 1:
        raise SymbpError(f"{output!r} is one file for {len(chosen)} formats", hint=f"name a directory: -o {path.parent}/")
    return {chosen[0] if chosen else _format_of(path): path}


def _is_directory(path: Path) -> bool:
    """Is it one? What has a name that no file can have is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def refuse_blanks(places: dict[str, Path | None], blanks: int | None, seed: int | None) -> None:
    """Blanks need a file, which the answers are put beside."""
    if blanks is None and seed is not None:
        raise SymbpError("--seed chooses blanks, and there are none", hint="--blanks N")
    if blanks is not None and None in places.values():
        raise SymbpError("a handout's answers do not fit on standard output", hint="name a file: -o handout.tex")


def _format_of(path: Path) -> str:
    """The format that a file's name asks for."""
    known = {extension: name for name, extension in EXTENSIONS.items()}
    fitting = [extension for extension in known if path.name.endswith(extension) and path.suffix]
    if not fitting:
        raise SymbpError(f"no format is known for {str(path)!r}", hint=f"give --to, or a name that ends in {', '.join(known)}")
    return known[max(fitting, key=len)]


def _stem(network: str) -> str:
    if network.endswith(".toml") or "/" in network or "\\" in network:
        return Path(network).stem or "network"
    return network.replace(":", "-").replace(",", "-")


def _style(
    path: Path | None, *, color: str, own: str | None, prefix: str | None, blanks: int | None, seed: int | None, **options: Any
) -> Style:
    """How the document at `path` is written; text on a terminal has its width and its colours."""
    from symbp.publishing.formats import Style

    if own is not None and not Path(own).is_dir():
        raise SymbpError(f"no folder {own!r}", hint="symbp templates export DIR makes one")
    is_terminal = path is None and sys.stdout.isatty()
    return Style(
        color=color != "none",
        ansi=color == "always" or (color == "auto" and is_terminal),
        own=Path(own) if own is not None else None,
        columns=max(40, min(shutil.get_terminal_size().columns, 120)) if is_terminal else Style.columns,
        stem="" if path is None else path.stem,
        prefix=Style.prefix if prefix is None else prefix,
        blanks=blanks or 0,
        seed=Style.seed if seed is None else seed,
        **options,
    )


def write(derived: Printable, places: dict[str, Path | None], *, is_list: bool, **style: Any) -> None:
    """Every document is made before the first is written; the one for standard output is printed."""
    if is_list:
        click.echo(listed(derived, style["lang"]))
        return
    made: dict[Path, str | bytes] = {}
    for name, path in places.items():
        files = derived.published(name, _style(path, **style))
        if path is None:
            _print(name, files[""])
            return
        made |= {path.with_name(path.stem + rest) if rest else path: content for rest, content in files.items()}
    from symbp.publishing.write import write_files

    write_files(made)
    for path in made:
        click.echo(f"wrote {path}", err=True)


def _print(name: str, content: str | bytes) -> None:
    if isinstance(content, bytes) and sys.stdout.isatty():
        raise SymbpError(f"{name} is not for a terminal", hint="name a file: -o FILE")
    click.echo(content, nl=False, color=True)


def listed(derived: Printable, lang: str = "en") -> str:
    """Everything that --only can give, a line each."""
    from symbp.publishing.lifting import items

    found = list(items(derived.document(), lang))
    width = max(len(item.name) for item in found)
    lines = [f"{item.kind:<9} {item.name:<{width}} {f'({item.number})' if item.number else '':>6}  {item.shown}".rstrip() for item in found]
    return "\n".join(line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…" for line in lines)
