"""Jobs `mazur` and `start`: whole processes, from their start to their end, against the import that they cannot do without."""

from __future__ import annotations

from measuring import Pace, Times, alternate, imports, process
from reporting import Finding, Section, table

AIM = 2.0
ROUNDS = 15
MAZUR = ("-m", "symbp", "derive", "mazur", "--to", "md")
HELP, EXAMPLES = ("-m", "symbp", "--help"), ("-m", "symbp", "examples")
SYMPY, CLICK = ("-c", "import sympy"), ("-c", "import click")


def mazur(pace: Pace) -> Section:
    return _compared("A derivation from the command line", pace, SYMPY, MAZUR)


def start(pace: Pace) -> Section:
    return _compared("What the command line takes to start", pace, CLICK, HELP, EXAMPLES)


def _compared(title: str, pace: Pace, base: tuple[str, ...], *commands: tuple[str, ...]) -> Section:
    found = alternate({_shown(each): process(*each) for each in (*commands, base)}, pace.rounds(ROUNDS), warm=True)
    ratios = {name: times.median / found[_shown(base)].median for name, times in found.items()}
    findings = tuple(
        Finding(f"`{_named(each)}`, whole process", f"`{_shown(base)}`", AIM, "most", ratios[_shown(each)], bounded_by=_why(each, ratios))
        for each in commands
    )
    rows = [(f"`{name}`", times, f"{ratios[name]:.2f}") for name, times in found.items()]
    text = (f"Medians of {_runs(found)} (least to most), in turn, after one that is not counted; bytecode is kept.", "")
    return Section(title, findings, tuple(found), (*text, *table(("command", "time", "ratio"), rows)))


def _why(command: tuple[str, ...], ratios: dict[str, float]) -> str:
    return imports(*command) if ratios[_shown(command)] > AIM else ""


def _runs(found: dict[str, Times]) -> int:
    return len(next(iter(found.values())).runs)


def _named(command: tuple[str, ...]) -> str:
    return " ".join(command).removeprefix("-m ")


def _shown(command: tuple[str, ...]) -> str:
    return "python " + " ".join(f'"{part}"' if " " in part else part for part in command)
