"""Reports to be shown, made by hand; and a judge that does what the text of a work tells it, for what stands around the true one."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from symbp.errors import SymbpError
from symbp.verification.report.report import FileReport, JudgedRow, Reached, Report, Said

ROW = "∂E_total/∂w7 = (a_o2 − t2) * a_o2 * (1 − a_o1) * a_h1"
REPAIRED = ROW.replace("(1 − a_o1)", "(1 − a_o2)")
AT = ROW.index("a_o1")
WRONG = JudgedRow(
    23,
    1,
    ROW,
    "wrong",
    code="wrong_index",
    message=Said("wrong_index", {"weight": "w7", "unit": "o2", "should": "a_o2", "was": "a_o1", "activation": "sigmoid"}),
    hint=Said("wrong_index_hint", {"weight": "w7", "output": "o2", "should": "a_o2"}),
    expected=REPAIRED,
    marked=(AT, AT + 4),
    span=(AT, AT + 4),
    witness={"a_o1": "0.75", "a_o2": "0.77", "left": "0.0123", "right": "0.0234"},
    certainty="refuted",
    remarks=(Said("has_it_right", {"line": 30}),),
)
AGAIN = JudgedRow(
    25, 1, "∂E/∂w8 = a_o1", "wrong", "wrong_index", message=Said("wrong_index", {"should": "a_o2"}), expected="∂E/∂w8 = a_o2", same_as=23
)
WORK = FileReport(
    "work.txt",
    (
        JudgedRow(3, 1, "h1 = w1*i1 + w2*i2", "correct", certainty="proved"),
        JudgedRow(4, 1, "net = 0.13", "correct", certainty="agrees", remarks=(Said("half_unit", {"shown": "0.13", "true": "0.14"}),)),
        JudgedRow(5, 1, "out = net", "correct", remarks=(Said("reading_partial"),)),
        WRONG,
        AGAIN,
        JudgedRow(27, 1, "w7+ = 0.51", "follows", message=Said("follows", {"line": 23})),
        JudgedRow(30, 1, "w = 0.3", "undecidable", message=Said("undecidable_numbers")),
        JudgedRow(
            31, 3, "q_3 = w1", "unreadable", message=Said("unknown_name", {"name": "q_3", "near": ("net_h1", "out_h1")}), span=(0, 3)
        ),
    ),
    conventions={"delta_sign": "delta is the derivative of the error by the net input"},
    reached=(Reached("dE/dw5", "reached", 21), Reached("dE/dw7", "wrong", 23), Reached("dE/dw1", "missing")),
)
BROKEN = FileReport("broken.tex", trouble="no such file")
REPORT = Report((WORK, BROKEN))


@dataclass(frozen=True)
class VerifyOptions:
    expect: tuple[str, ...] = ()
    time_limit: float = 2.0


def verify_file(spec: Any, text: str, kind: str, file: str, options: VerifyOptions) -> FileReport:
    """A row for each line, with the verdict that it names; `raise`, `refuse`, `die` and others are done."""
    rows = []
    for at, line in enumerate(text.splitlines(), 1):
        match line.split(" ")[0]:
            case "raise":
                raise ValueError("a fault of ours\nin two lines")
            case "refuse":
                raise SymbpError("this is no work", hint="give one")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "sleep":
                time.sleep(0.3)
            case "hang":
                time.sleep(600)
            case "spin":
                while True:
                    pass
            case "eat":
                held = [bytearray(2**26)]
                while True:
                    held.append(bytearray(2**26))
            case "interrupt":
                os.kill(os.getppid(), signal.SIGINT)
                time.sleep(600)
            case "wrong":
                rows.append(JudgedRow(at, 1, line, "wrong", "sign", Said("sign"), expected="-" + line, span=(0, 5)))
            case "correct" | "definition" | "follows" | "undecidable" | "unreadable" as verdict:
                rows.append(JudgedRow(at, 1, line, verdict))  # type: ignore[arg-type]
    reached = tuple(Reached(name, "reached" if name in text else "missing") for name in options.expect or ("dE/dw1", "dE/dw2"))
    return FileReport(file, tuple(rows), {"kind": kind, "limit": str(options.time_limit)}, reached)


def put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge above instead of the true one."""
    module = ModuleType("symbp.verification.report.verify")
    for thing in (VerifyOptions, verify_file):
        setattr(module, thing.__name__, thing)
    monkeypatch.setitem(sys.modules, module.__name__, module)
