"""What no code may do: run user text, import against the order of the rooms, write files or use templates in other places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sympy

import symbp
from symbp.api import derive
from symbp.errors import SymbpError

PACKAGE = Path(symbp.__file__).resolve().parent
MODULES = {path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")}
ROOMS = ("errors", "language", "network", "derivation", "proof", "verification", "publishing")
DOORS = {
    "symbp",
    "symbp.__init__",
    "symbp.__main__",
    "symbp.api",
    "symbp.api_evaluate",
    "symbp.api_printable",
    "symbp.api_verify",
    "symbp.cli",
    "symbp.cli_batch",
    "symbp.cli_output",
    "symbp.cli_templates",
    "symbp.cli_verify",
}
"""What stands after all rooms."""
FREE = {"symbp.version"}
EXECUTING = {"eval", "exec", "sympify", "parse_expr", "lambdify", "__import__", "literal_eval", "pickle", "marshal"}
SLOW = {"simplify", "equals"}
WRITING = {
    *("write_text", "write_bytes", "open", "fdopen", "mkstemp", "NamedTemporaryFile", "TemporaryFile", "mkdtemp"),
    *("mkdir", "makedirs", "rename", "renames", "unlink", "remove", "rmdir", "rmtree", "touch", "symlink_to", "hardlink_to", "link"),
    *("chmod", "truncate", "copy", "copyfile", "copytree", "move"),
}
HARMLESS = {"copy", "remove", "link", "move"}
FILES = {"os", "shutil", "tempfile", "Path", "pathlib", "io", "builtins"}


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def names(node: ast.AST) -> Iterator[str]:
    """Every name that is used or imported, however it is reached; texts are not names."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.ImportFrom(module=module, names=aliases):
                yield from (module or "").split(".")
                yield from (alias.name for alias in aliases)
            case ast.Import(names=aliases):
                yield from (word for alias in aliases for word in alias.name.split("."))


def calls(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(object, function) of every call; the object is its last name, or nothing."""
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Name(id=name)):
                yield "", name
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                yield value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else "?", name


def imported(module: str) -> set[str]:
    """Every module that is imported, also within functions and for types only."""
    found: set[str] = set()
    for part in ast.walk(tree(module)):
        match part:
            case ast.Import(names=aliases):
                found |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=str(origin), names=aliases, level=0):
                found |= {f"{origin}.{alias.name}" if f"{origin}.{alias.name}" in MODULES else origin for alias in aliases}
            case ast.ImportFrom(level=level):
                assert level == 0, f"{module} imports relatively"
    return found


def room(module: str) -> int:
    """The room's place in the order."""
    if module in DOORS:
        return len(ROOMS)
    return ROOMS.index(module.split(".")[1])


def test_the_walk_sees_the_package() -> None:
    assert {"symbp.cli", "symbp.language.form", "symbp.publishing.write"} <= set(MODULES)
    assert {"open", "chmod"} <= set(names(ast.parse("import os\nopen(1)\nos.chmod(2)")))
    assert set(calls(ast.parse("open(1); os.chmod(2); a.b.write_text(3)"))) == {("", "open"), ("os", "chmod"), ("b", "write_text")}
    assert "parse_expr" in set(names(ast.parse("from sympy.parsing.sympy_parser import parse_expr as p")))
    assert "symbp.network.spec" in imported("symbp.network.reader")
    assert "symbp.api" in imported("symbp.cli")


@pytest.mark.parametrize("module", MODULES)
def test_no_text_is_ever_run(module: str) -> None:
    assert not set(names(tree(module))) & EXECUTING
    assert not {("", "compile"), ("builtins", "compile")} & set(calls(tree(module)))


@pytest.mark.parametrize("module", MODULES)
def test_sympy_gets_no_text(module: str) -> None:
    """`sympy.S("…")`, `Integer("…")`, and arithmetic of texts would parse them."""
    constructors = {name for origin, name in calls(tree(module)) if origin == "sympy"}
    assert not constructors & {"S", "symbols", "Float", "Function", "latex", "pretty"}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_proved_by_simplify_or_equals(module: str) -> None:
    assert not {name for _, name in calls(tree(module))} & SLOW


def test_only_the_environment_knows_jinja2() -> None:
    found = {module for module in MODULES if any(name.split(".")[0] == "jinja2" for name in imported(module))}
    assert found == {"symbp.publishing.environment"}


def writing(module: str) -> set[str]:
    """Calls that write; `remove`, `copy` and `link` are also what lists and steps do."""
    found = {name for origin, name in calls(tree(module)) if name in WRITING and (origin in FILES or name not in HARMLESS)}
    if ("os", "replace") in set(calls(tree(module))):
        found.add("replace")
    return found


def test_only_write_writes_files() -> None:
    """Beside it latexmk, in a temporary folder of its own, and Jinja2, which keeps compiled templates in a folder made for it.

    Works are opened for reading, by a call that follows no link; a standard output that fails is replaced by nowhere.
    """
    assert {"mkstemp", "replace"} <= writing("symbp.publishing.write")
    found = {module: writing(module) for module in MODULES if writing(module)}
    reading = {"symbp.verification.report.files", "symbp.cli_batch"}
    assert found.keys() == {"symbp.publishing.write", "symbp.publishing.latexmk", "symbp.publishing.environment", *reading}
    assert all(found[module] == {"open"} for module in reading)
    assert "O_RDONLY" in names(tree("symbp.verification.report.files"))
    assert not {"O_WRONLY", "O_RDWR", "O_CREAT"} & {name for module in reading for name in names(tree(module))}
    assert found["symbp.publishing.environment"] == {"mkdir"}
    assert found["symbp.publishing.latexmk"] == {"write_text"}


STARTERS = {"symbp.publishing.latexmk", "symbp.publishing.pandoc"}
"""The modules that start a program, one each."""


def test_only_latexmk_and_pandoc_are_started_and_nothing_is_fetched() -> None:
    found = {name.split(".")[0]: module for module in MODULES for name in imported(module) if module not in STARTERS}
    assert not found.keys() & {"subprocess", "socket", "urllib", "http", "requests", "ctypes", "pickle", "shelve", "multiprocessing"}


@pytest.mark.parametrize("module", [name for name in MODULES if name not in FREE])
def test_a_module_imports_from_rooms_before_its_own(module: str) -> None:
    ours = {name.removesuffix(".__init__") for name in imported(module) if name.split(".")[0] == "symbp"} - FREE
    later = {name for name in ours if room(name) > room(module)}
    assert not later
    if module not in DOORS:
        assert not ours & DOORS


# -- names -------------------------------------------------------------------------------------------------------------

OWN = ("lambda", "evil_1", "print", "oops")
NETWORK = f"""
inputs = ["{OWN[0]}"]
[[layers]]
units = ["{OWN[1]}", "{OWN[2]}"]
activation = "tanh"
[[layers]]
units = ["{OWN[3]}"]
"""


def test_names_that_a_user_gives_are_no_symbols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[str] = set()

    def noted(kind: Any) -> Any:
        def make(name: str, *arguments: Any, **named: Any) -> Any:
            made.add(str(name))
            return kind(name, *arguments, **named)

        return make

    path = tmp_path / "net.toml"
    path.write_text(NETWORK, "utf-8")
    monkeypatch.setattr(sympy, "Symbol", noted(sympy.Symbol))
    monkeypatch.setattr(sympy, "Dummy", noted(sympy.Dummy))
    derived = derive(str(path))
    assert derived.check().ok
    found = [derived.gradient(name, composed=composed) for name in ("w1", "b_evil_1", "w3") for composed in (False, True)]
    symbols = {str(symbol) for expression in found for symbol in expression.free_symbols}
    assert {"i1", "t1"} <= symbols
    assert symbols <= made
    assert not [name for name in made if any(own in name for own in OWN)]
    assert all(own in derived.render("txt") for own in OWN)


CODE = ("__import__('os').system('true')", "w1; import os", "2-2-1\n", "w1' + ''", "{0.__class__}", "%s", "((( 1 )))")


@pytest.mark.parametrize("name", CODE)
def test_text_that_would_do_something_is_only_a_name_that_is_not_known(name: str) -> None:
    derived = derive("1-1")
    with pytest.raises(SymbpError):
        derived.gradient(name)
    with pytest.raises(SymbpError):
        derive(name)
    with pytest.raises(SymbpError):
        derive("1-1", weights=[name])
