"""The README tells the truth: its commands run, its network file is the built-in one, its Python works, its files are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from symbp.cli import main
from symbp.cli_output import EXTENSIONS
from symbp.network.reader import load, read

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")


def block(language: str, holding: str) -> str:
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if holding in text]
    assert len(found) == 1
    return str(found[0])


COMMANDS = [shlex.split(line, comments=True) for line in block("sh", "symbp derive").splitlines()]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_runs(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert words[0] == "symbp"
    result = CliRunner().invoke(main, words[1:])
    assert result.exit_code == 0, result.output
    if "-o" in words and (target := words[words.index("-o") + 1]) != "-":
        written = {path.name for path in (tmp_path / target if target.endswith("/") else tmp_path).iterdir()}
        formats = [words[at + 1] for at, word in enumerate(words) if word == "--to"]
        assert {f"mazur{EXTENSIONS[name]}" for name in formats} <= written if target.endswith("/") else target in written
        assert ("mazur.answers.md" in written) == ("--blanks" in words)
    else:
        assert result.stdout


def test_every_command_and_option_is_there_and_shown() -> None:
    """What the README uses is in the help, and every command of the help is in the README."""
    for name, command in main.commands.items():
        assert f"symbp {name}" in README
        known = {option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts}
        used = {word for words in COMMANDS if words[1] == name for word in words if re.match(r"--?[a-z]", word)}
        assert used <= known
        shown = CliRunner().invoke(main, [name, "--help"]).stdout
        assert all(option in shown for option in known)


def test_the_hand_work_is_judged_as_it_says(tmp_path: Path) -> None:
    work = tmp_path / "work.txt"
    work.write_text(block("text", "dE/dw5 = d_o1"), "utf-8")
    result = CliRunner().invoke(main, ["verify", "mazur", str(work)])
    assert result.exit_code == 1
    assert block("text", "line 3") in result.stdout


def test_the_network_file_is_the_built_in_one() -> None:
    ours, theirs = read(block("toml", "[[layers]]"), "README.md"), load("mazur")
    assert (ours.data, ours.title, ours.train_bias, ours.activations) == (theirs.data, theirs.title, theirs.train_bias, theirs.activations)


def test_the_python_works() -> None:
    code = block("python", "import symbp")
    names: dict[str, object] = {}
    for line in code.splitlines():
        statement, _, comment = line.partition("#")
        if not statement.strip():
            continue
        if " = " in statement or statement.startswith("import"):
            exec(statement, names)
            continue
        value = str(eval(statement.strip(), names))
        claimed = comment.strip()
        if "composed" in statement:
            assert {"i1", "w1", "t1"} <= set(re.findall(r"[a-z]\d", value))
        elif "render" in statement:
            assert value.startswith(r"\documentclass")
        else:
            assert value == claimed


def test_every_link_leads_somewhere(checkout: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert all((checkout / link).exists() for link in links)


def test_the_commands_of_make_are_targets(checkout: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (checkout / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) - {"sure"} <= targets
    assert "make test" in (checkout / ".ci" / "run").read_text("utf-8")
