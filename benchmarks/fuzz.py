"""Anything at all is given to what reads: python benchmarks/fuzz.py [--inputs 100000] [--target NAME] [--engine random|atheris] [--seed N].

A SymbpError is an answer; any other exception is a fault, and so are an input that takes longer than its target's limit (seconds of the
processor, so that a busy machine is no fault) and memory that grows. Each target is printed with its inputs, its exceptions, its slowest
input and its growth; the exit code is 1 if there is a fault. Inputs are mutations of the examples, the works of tests/hand and the
gallery in output/, and follow from the seed. What failed is kept in build/fuzz/.

The engine "atheris" mutates by the branches that an input takes. It is no dependency: python -m venv .fuzz && .fuzz/bin/pip install -e .
atheris, then .fuzz/bin/python benchmarks/fuzz.py --engine atheris. Without it the engine is "random", mutations of our own.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sympy  # noqa: E402, F401 - here, so that it is no growth of memory

from symbp.errors import Place, SymbpError  # noqa: E402
from symbp.language.form import Var  # noqa: E402
from symbp.language.forms import read as read_form  # noqa: E402
from symbp.language.names import Names  # noqa: E402
from symbp.language.notation import NOTATIONS  # noqa: E402
from symbp.language.own_notation import read_notation  # noqa: E402
from symbp.network.formula import read_formula  # noqa: E402
from symbp.network.reader import load, read  # noqa: E402
from symbp.network.spec import from_shorthand  # noqa: E402
from symbp.publishing.environment import environment, rendered, templates_folder  # noqa: E402
from symbp.publishing.formats import FORMATS, INTERNAL, Format, Style  # noqa: E402
from symbp.publishing.render import publish  # noqa: E402
from symbp.verification.report.marks import parse_scheme  # noqa: E402
from symbp.verification.report.verify import VerifyOptions, verify_file  # noqa: E402
from symbp.verification.source.extract import extract  # noqa: E402
from symbp.verification.source.sources import cells, decode, kind_of_text  # noqa: E402

MOST_GROWTH = 64
"""MiB that may be added between the first third of the inputs, when every cache has filled, and the last."""
LONGEST_INPUT = 40_000
FAILED = ROOT / "build" / "fuzz"


class TooSlow(BaseException):
    """An input that took longer than the limit; no `except Exception` takes it."""


# -- what reads ----------------------------------------------------------------------------------------------------------


def network(text: str) -> None:
    """A network file; its title and names are what documents are made of."""
    read(text, "fuzz.toml")


def shorthand(text: str) -> None:
    from_shorthand(text)


def formula(text: str) -> None:
    """An activation's formula."""
    read_formula(text, {"x": Var("argument")}, Place("fuzz.toml"))


def notation(text: str) -> None:
    read_notation(text, "fuzz.toml")


def marks(text: str) -> None:
    parse_scheme(text, "fuzz.toml")


@cache
def _names(example: str, name: str, medium: str) -> Names:
    return Names(load(example).with_options(name).speller, "latex" if medium == "latex" else "plain")


def parser(text: str) -> None:
    """A formula in our own spelling, in LaTeX and in plain text, of a small network in two notations."""
    for name in ("mazur", "nielsen"):
        for medium in ("latex", "plain"):
            with suppress(SymbpError):
                read_form(text, _names("mazur", name, medium))


def rows(text: str) -> None:
    """Hand work, as every kind of file that it may be."""
    for kind in ("tex", "md", "txt"):
        with suppress(SymbpError):
            extract(text, kind)


def notebook(text: str) -> None:
    cells(text, "fuzz.ipynb")
    extract(text, "ipynb")


def decoded(text: str) -> None:
    """Bytes that may be no text."""
    for codec in ("utf-8", "utf-16", "latin-1"):
        with suppress(SymbpError):
            decode(text.encode(codec, "replace" if codec == "latin-1" else "surrogatepass"), "fuzz.txt")


def work(text: str) -> None:
    """Hand work, read and judged with little time for each row."""
    verify_file(load("mazur"), text, kind_of_text(text), "fuzz", VerifyOptions(time_limit=0.05, prove=False))


@cache
def _folder() -> TemporaryDirectory[str]:
    """A folder of a user's templates; it goes when the program ends."""
    return TemporaryDirectory(prefix="symbp-fuzz-")


TEMPLATE = {
    "title": "a title",
    "sections": [{"title": "a", "number": "1", "anchor": "a", "key": "network", "blocks": [{"kind": "say", "text": "words"}]}],
    "fragment": False,
    "style": Style(),
    "words": lambda *names: " ".join(map(str, names)),
}


def template(text: str) -> None:
    """A user's template in the sandbox, over ours."""
    own = Path(_folder().name)
    (own / "fuzz.j2").write_text(text, "utf-8", "replace")
    found = environment(str, own)
    found.cache.clear()
    rendered(found, "fuzz.j2", TEMPLATE)


def escapes(text: str) -> None:
    """A title as every format escapes it."""
    for row in (*FORMATS.values(), *INTERNAL.values()):
        if isinstance(row, Format):
            with suppress(SymbpError):
                row.escape(text[:500])


def titled(text: str) -> None:
    """A document in every format that is a text, its title, prefix and label being whatever it is."""
    title = "".join(c if c.isprintable() else " " for c in text[:80]).strip() or "x"
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    spec = read(f'title = "{quoted}"\ninputs = 1\n[[layers]]\nunits = 1\n', "fuzz.toml")
    document = _document()
    for name in ("txt", "md", "tex", "html", "typ"):
        with suppress(SymbpError):
            publish(_retitled(document, spec.title), name, Style(only=(), fragment=False))


@cache
def _document() -> object:
    import symbp

    return symbp.derive("1-1", detail="brief").document()


def _retitled(document: object, title: str) -> object:
    from dataclasses import replace

    return replace(document, title=title, titled=None)  # type: ignore[type-var]


# -- targets -------------------------------------------------------------------------------------------------------------


def _texts(*patterns: str) -> list[str]:
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    return [path.read_text("utf-8")[:LONGEST_INPUT] for path in paths]


def _lines(*patterns: str) -> list[str]:
    found = (line.strip() for text in _texts(*patterns) for line in text.splitlines())
    return sorted({line for line in found if "=" in line and 5 < len(line) < 300})


TOML = tuple(
    '= [ ] [[ ]] { } , . " \' """ # 0 -1 1e400 1e999999999 inf nan 0x10 1_0 true false [[layers]] [[units]] [[samples]] [recurrent] '
    "[parameters] units inputs weights bias activation targets kernel loss notation softmax relu tanh sigmoid sparsity rho "
    "beta 1979-05-27 \\u0000 \\U0010ffff \\ud800".split()
)
FORMULA = tuple("x ( ) + - * / ^ ** , exp ln sqrt abs max min 9**9**9 1e400 sigmoid tanh _ . 0 1/0 -x^2 sin cos erf pi e".split())
MATHEMATICS = tuple(
    r"\frac { } ( ) [ ] ^ _ + - * / = & \\ $ $$ \[ \] \( \) \begin{align} \end{align} \begin{bmatrix} \end{bmatrix} \partial \sum_{i=1}^2"
    r" \delta_{o1} w_5 out_{o1} net_{h1} \sigma \sigma' 0.5 1e400 \newcommand{\x}{\x} \def\y#1{\y{#1#1}} \x \y{a} \text{ \left( \right) "
    r"\mathrm{ ```  > - 1. | % \verb| \symbpfrom{1} \boxed{ ¹ ₁ ∂ δ ⟨1⟩ · ½".split()
)
TEMPLATES = tuple(
    "((( ))) ((* *)) ((= =)) ((*-block(x)*)) ((*endblock*)) ((*for(x)in(sections)*)) ((*endfor*)) ((*if(x)*)) ((*endif*)) .__class__ "
    "|upper |attr('__init__') ['__globals__'] self. title sections words(1) loop.index cycler() namespace() lipsum range(9) "
    "((*extends'symbp/txt.j2'*)) ((*include'fuzz.j2'*)) ((*import'fuzz.j2'as(f)*)) ((*macro(m)*)) 'a'*9 1/0 \"%s\"%1 '{0.__class__}'"
    ".format(1) ((*set*))".split()
)
STRANGE = (
    "\0",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\ud800",
    "\u2028",
    "\U0001f600",
    "\x1b[31m",
    "\x7f",
    "é",
    "﷽",
    "\ue000",
    "\ue011",
    "\t",
    "\r",
)


@dataclass(frozen=True)
class Target:
    """What reads, what its inputs are made of, how many of a hundred they are, and how many seconds one may take."""

    read: Callable[[str], None]
    seeds: Callable[[], Sequence[str]]
    words: tuple[str, ...]
    share: int
    seconds: float


def _networks() -> list[str]:
    return _texts("symbp/examples/*.toml", "tests/hand/*/spec.toml")


def _works() -> list[str]:
    return _texts("tests/hand/*/work.*", "tests/hand_more/*/work.*", "output/*.tex", "output/*.md", "output/*.txt")


def _notebooks() -> list[str]:
    """A work's lines as the Markdown cells of a notebook."""
    found = [text.splitlines(keepends=True) for text in _works() if len(text) < 5000]
    cells_of = [[{"cell_type": "markdown", "metadata": {}, "source": lines}] for lines in found]
    return [json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) for cells in cells_of]


def _own_notations() -> list[str]:
    row = '[patterns]\nnet = "s_{unit}"\nout = "y_{unit}"\n'
    return [f'base = "{name}"\nfunction = "h"\nsample_index = "n"\n{row if name == "mazur" else ""}' for name in NOTATIONS]


def _formulas() -> list[str]:
    return [
        "x / (1 + exp(-2 * x))",
        "exp(-x^2)",
        "max(x, 0.1 * x)",
        "ln(1 + exp(x))",
        "sigmoid(x) * tanh(x) - min(x, 3)",
        "sqrt(x^2 + 1) / 2",
    ]


TARGETS: Mapping[str, Target] = {
    "network": Target(network, _networks, TOML, 16, 5.0),
    "shorthand": Target(shorthand, lambda: ["2-3-1", "2-3-1:tanh,sigmoid", "1-1:max(x,0)"], ("-", ":", ",", "9", *FORMULA), 6, 5.0),
    "formula": Target(formula, _formulas, FORMULA, 20, 1.0),
    "notation": Target(notation, _own_notations, ("{unit}", "{layer}", "^", "_", "(", ")", *TOML), 2, 5.0),
    "marks": Target(marks, lambda: ['penalty = 0.5\nper = "quantity"\n[marks]\n"delta_*" = 2\ndefault = 0\n'], TOML, 6, 1.0),
    "parser": Target(parser, lambda: _lines("output/mazur.tex", "output/mazur.txt", "output/2-2-2-2.tex"), MATHEMATICS, 24, 2.0),
    "rows": Target(rows, _works, MATHEMATICS, 7, 6.0),
    "notebook": Target(notebook, _notebooks, ('"', "{", "\\", *MATHEMATICS), 2, 6.0),
    "decoded": Target(decoded, _works, MATHEMATICS, 4, 1.0),
    "work": Target(work, lambda: _lines("tests/hand/*/work.*", "tests/hand_more/*/work.*"), MATHEMATICS, 1, 10.0),
    "template": Target(template, lambda: [*_texts("templates/*.j2")[:1], *_snippets()], TEMPLATES, 3, 5.0),
    "escapes": Target(escapes, lambda: ["a_b", "<b>", "\\input{x}", "$x$", "#eval", "`a`"], ("--", "^^", "<", "]]>", "\\", "${"), 8, 1.0),
    "titled": Target(titled, lambda: ["a_b", "<b>", "\\input{x}", "$x$", "#eval(1)", "`a`"], ("--", "^^", "<", "]]>", "\\", "${"), 1, 5.0),
}


def _snippets() -> list[str]:
    blocks = "((* for s in sections *))((( s.title ))) ((* for b in s.blocks *))((( b.text ))) ((* endfor *))((* endfor *))"
    return [blocks, "((* extends 'symbp/txt.j2' *))((* block title *))((( title|upper )))((* endblock *))", templates_folder().name]


# -- inputs --------------------------------------------------------------------------------------------------------------


def mutated(random: Random, seeds: Sequence[str], words: Sequence[str]) -> str:
    """A change of a seed, or of a piece of one; or a few. Half of the inputs keep the form of what they were."""
    text = random.choice(seeds)
    if random.random() < 0.5:
        for _ in range(random.choice([1, 1, 2, 3])):
            text = random.choice(GENTLE)(random, text, seeds, words)[:LONGEST_INPUT]
        return text
    if random.random() < 0.4:
        start = random.randrange(len(text) + 1)
        text = text[start : start + random.randrange(1, 400)]
    for _ in range(random.choice([1, 1, 1, 2, 3, 6])):
        text = random.choice(CHANGES)(random, text, seeds, words)[:LONGEST_INPUT]
    return text


def _span(random: Random, text: str, most: int = 40) -> tuple[int, int]:
    start = random.randrange(len(text) + 1)
    return start, min(len(text), start + random.randrange(most))


def _cut(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    start, end = _span(random, text)
    return text[:start] + text[end:]


def _word(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    start, end = _span(random, text, 4)
    return text[:start] + random.choice(words) + text[end:]


def _strange(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    start, end = _span(random, text, 2)
    return text[:start] + random.choice(STRANGE) + text[end:]


def _repeated(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    start, end = _span(random, text, 12)
    return text[:start] + text[start:end] * random.choice([2, 3, 10, 100, 1500]) + text[end:]


def _spliced(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    other = random.choice(seeds)
    return text[: _span(random, text)[0]] + other[_span(random, other)[0] :]


def _number(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    places = [at for at, c in enumerate(text) if c.isdigit()]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + random.choice(["", "0", "-", "9" * 30, "9" * 5000, "1e9", "0.", ".", "1e-400"]) + text[at + 1 :]


def _line(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    """A line goes, comes twice or from elsewhere, or says another thing after its first equals sign."""
    lines = text.split("\n")
    at = random.randrange(len(lines))
    other = random.choice(random.choice(seeds).split("\n"))
    key, mark, _ = lines[at].partition("=")
    value = f"{key}{mark} {random.choice([random.choice(words), other.partition('=')[2]])}"
    lines[at : at + 1] = random.choice([[], [lines[at], lines[at]], [lines[at], other], [value], [value], [value]])
    return "\n".join(lines)


def _value(random: Random, text: str, seeds: Sequence[str], words: Sequence[str]) -> str:
    """A number or a name becomes another one."""
    places = list(re.finditer(r'"[^"\n]*"|-?\b\d[\d.]*|\b[a-z]\w*', text))
    if not places:
        return text
    match, other = random.choice(places), random.choice(places)
    return text[: match.start()] + random.choice([other[0], random.choice(VALUES)]) + text[match.end() :]


VALUES = (
    *(
        "0",
        "-1",
        "1",
        "2",
        "64",
        "4097",
        "1e400",
        "1e-400",
        "1e300",
        "1e-300",
        "inf",
        "nan",
        "0.1",
        "true",
        "[]",
        "[[]]",
        "[1]",
        "[[1, 2]]",
        "{}",
    ),
    *('""', '"relu"', '"softmax"', '"x^2"', '"h1"', '"mean"', '"1/x"', '"ln(x)"', '"momentum"', '"adam"', '"online"', '"a\\u202eb"'),
)
GENTLE = (_line, _value, _value, _value)
CHANGES = (_line, _line, _line, _cut, _word, _word, _word, _strange, _repeated, _spliced, _number)


# -- runs ----------------------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What became of a target's inputs; `faults` are messages."""

    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    growth: float = 0.0
    faults: list[str] = field(default_factory=list)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooSlow after so many seconds of the processor, where the system can tell."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow

    if not hasattr(signal, "ITIMER_PROF"):
        yield
        return
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def memory() -> float:
    """MiB that this process has in memory now; 0 where the system does not tell."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, ValueError):
        return 0.0


def kept(text: str) -> str:
    """Where an input that failed is kept, so that it can be tried again."""
    content = text.encode("utf-8", "surrogatepass")
    path = FAILED / hashlib.sha256(content).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path.relative_to(ROOT))


def attempt(target: Target, text: str, outcome: Outcome, keep: Callable[[str], str] = kept) -> None:
    """Give `text` to the target, and note what becomes of it."""
    outcome.inputs += 1
    start = time.process_time()
    trouble = ""
    try:
        with limited(target.seconds):
            target.read(text)
    except SymbpError as error:
        outcome.refused += 1
        trouble = "" if str(error).strip() and len(str(error)) < 8000 else "a message that is empty or endless"
    except TooSlow:
        trouble = f"slower than {target.seconds} s"
    except Exception as error:  # this is what is looked for
        trouble = f"{type(error).__name__}: {str(error)[:200]}"
    outcome.slowest = max(outcome.slowest, time.process_time() - start)
    if trouble:
        outcome.faults.append(f"{trouble} [{keep(text)[:500]}]")


def fuzz(name: str, inputs: int, seed: int = 1, keep: Callable[[str], str] = kept) -> Outcome:
    """So many mutated inputs for the target `name`."""
    target, random, outcome = TARGETS[name], Random(f"{name} {seed}"), Outcome()
    seeds = [text for text in target.seeds() if text] or ["x"]
    early = 0.0
    for at in range(inputs):
        attempt(target, mutated(random, seeds, target.words), outcome, keep)
        if at == inputs // 3:
            early = memory()
    outcome.growth = memory() - early
    if outcome.growth > MOST_GROWTH:
        outcome.faults.append(f"memory grew by {outcome.growth:.0f} MiB")
    return outcome


def by_atheris(name: str, inputs: int, seed: int) -> None:
    """The same by libFuzzer, which does not return: it ends this process, with another exit code than 0 where it found a fault."""
    import atheris

    target, outcome = TARGETS[name], Outcome()
    atheris.instrument_all()

    def one(content: bytes) -> None:
        attempt(target, content.decode("utf-8", "surrogateescape"), outcome)
        if outcome.faults:
            print(f"{name}: {outcome.faults.pop()}", flush=True)
            os._exit(1)

    with TemporaryDirectory() as corpus:
        for at, text in enumerate(target.seeds()):
            (Path(corpus) / str(at)).write_text(text, "utf-8")
        options = [
            f"-runs={inputs}",
            f"-seed={seed}",
            "-max_len=4096",
            "-rss_limit_mb=2048",
            "-verbosity=0",
            f"-timeout={int(10 * target.seconds)}",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], one)
        atheris.Fuzz()


def atheris_runs(name: str, inputs: int, seed: int) -> bool:
    """A process of its own for a target; did it end well?"""
    command = [sys.executable, __file__, "--engine", "atheris", "--inside", "--target", name, "--inputs", str(inputs), "--seed", str(seed)]
    start = time.monotonic()
    done = subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    words = "no fault" if done.returncode == 0 else "\n".join(done.stdout.decode("utf-8", "replace").splitlines()[-12:])
    print(f"{name:10} {inputs:7} inputs by atheris in {time.monotonic() - start:.0f} s: {words}", flush=True)
    return done.returncode == 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--inputs", type=int, default=100_000)
    options.add_argument("--target", choices=sorted(TARGETS))
    options.add_argument("--engine", choices=("random", "atheris"), default="random")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.engine == "atheris" and importlib.util.find_spec("atheris") is None:
        options.error("atheris is not installed: see --help")
    if given.inside:
        by_atheris(given.target, given.inputs, given.seed)
    shares = {given.target: 100} if given.target else {name: target.share for name, target in TARGETS.items()}
    good = True
    for name, share in shares.items():
        inputs = max(1, given.inputs * share // 100)
        if given.engine == "atheris":
            good &= atheris_runs(name, inputs, given.seed)
            continue
        start, found = time.monotonic(), fuzz(name, inputs, given.seed)
        refused, words = found.refused / found.inputs, f"slowest {found.slowest:.2f} s, memory {found.growth:+.0f} MiB"
        took = f"{found.inputs:7} inputs in {time.monotonic() - start:4.0f} s"
        print(f"{name:10} {took}, {refused:4.0%} refused, {len(found.faults)} faults, {words}")
        print(*(f"    {fault}" for fault in found.faults[:20]), sep="\n", end="\n" if found.faults else "", flush=True)
        good &= not found.faults
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
