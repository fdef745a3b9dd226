"""The command line: `symbp derive`, `train`, `check`, `examples`; `verify` is elsewhere. SymPy is imported by what needs it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from symbp.cli_output import output_options, refuse_blanks, split, targets, write
from symbp.errors import StepRefuted, SymbpError
from symbp.language.notation import NOTATIONS
from symbp.version import __version__

if TYPE_CHECKING:
    from symbp.api import CheckReport
    from symbp.language.form import Var
    from symbp.network.spec import NetworkSpec

GENERAL: Final = "general"
LAYOUTS = ("denominator", "numerator")


def _notation_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name of a built-in notation, or a file that ends in .toml."""
    if value is not None and value not in NOTATIONS and not value.endswith(".toml"):
        raise click.BadParameter(f"{value!r} is not one of {', '.join(NOTATIONS)}, nor a file that ends in .toml")
    return value


NOTATION: Any = {
    "metavar": f"[{'|'.join(NOTATIONS)}|FILE.toml]",
    "callback": _notation_name,
    "help": "How quantities are spelled; overrides the network file.",
}


class _Group(click.Group):
    """Turns a SymbpError of any command into one message on standard error and an exit code; some have modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "templates", "verify"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "verify":
            from symbp.cli_verify import verify

            return verify
        if cmd_name == "templates":
            from symbp.cli_templates import templates

            return templates
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SymbpError as error:
            click.echo(f"symbp: {error}", err=True)
            sys.exit(1 if isinstance(error, StepRefuted) else 2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symbp", message="%(prog)s %(version)s")
def main() -> None:
    """Derive backpropagation for a small network, every equation checked.

    NETWORK is a file (ends in .toml or has a slash), the name of a built-in example (see `symbp examples`) or a shorthand
    of layer sizes: 2-3-1, or 2-3-1:tanh,sigmoid. `symbp derive general` is the derivation for any layered network. `symbp verify`
    judges a derivation by hand.
    """


@main.command()
@click.argument("network")
@output_options
@click.option("--notation", **NOTATION)
@click.option(
    "--detail", type=click.Choice(("brief", "normal", "full")), default="normal", show_default=True, help="How much is worked out."
)
@click.option("--weights", metavar="NAMES", help="Derive only these weights and biases, as in w5,w1.")
@click.option("--digits", type=click.IntRange(1, 100), default=6, show_default=True, help="Significant digits printed.")
@click.option("--decimals", type=click.IntRange(0, 100), help="Decimal places printed, instead of --digits.")
@click.option("--steps", type=click.IntRange(0, 1_000_000), default=0, help="Repeat the update so often and tabulate the error.")
@click.option("--update", type=click.Choice(("simultaneous", "output_first")), help="The order of updating; overrides the network file.")
@click.option("--appendix", type=click.Choice(("none", "used", "all")), default="none", help="Derive the activations in an appendix.")
@click.option(
    "--samples", type=click.Choice(("rows", "columns")), help="For layer:NAME: whether samples are rows (as without it) or columns."
)
@click.option("--layout", type=click.Choice(LAYOUTS), help="How the general derivation lays out derivatives; denominator unless given.")
def derive(network: str, formats: tuple[str, ...], output: str | None, weights: str | None, **options: Any) -> None:
    """Write the derivation of NETWORK, or of a layer on a whole batch: layer:softmax.

    Without --to it is printed as text. Several formats are derived once; they need a directory: -o output/.
    """
    places = targets(network, formats, output)
    style, options = split(options)
    refuse_blanks(places, style["blanks"], style["seed"])
    from symbp import api

    chosen = _given(options)
    if weights is not None:
        chosen["weights"] = tuple(name for name in weights.replace(";", ",").split(",") if name.strip())
        if not chosen["weights"]:
            raise SymbpError("--weights names nothing", hint="names separated by commas, as in w5,w1")
    write(api.derive(network, progress=_Progress(), **chosen), places, **style)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that the command line gives; what does not go with the network is refused by `api`."""
    context = click.get_current_context()
    return {name: value for name, value in options.items() if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}


@main.command()
@click.argument("network")
@click.option("--steps", type=click.IntRange(1, 1_000_000), required=True, help="How often the samples are gone through.")
@click.option("--every", type=click.IntRange(1), help="Show the error after each so many steps; otherwise after 1, 2, 5, 10, 20, …")
@output_options
@click.option("--notation", **NOTATION)
@click.option("--digits", type=click.IntRange(1, 100), default=6, show_default=True, help="Significant digits printed.")
@click.option("--decimals", type=click.IntRange(0, 100), help="Decimal places printed, instead of --digits.")
@click.option("--update", type=click.Choice(("simultaneous", "output_first")), help="The order of updating; overrides the network file.")
def train(network: str, formats: tuple[str, ...], output: str | None, **options: Any) -> None:
    """Train NETWORK: the error over the steps, then the outputs and the parameters after the last.

    A step is a pass over all samples. Without --to and -o the tables are printed; otherwise a document is written, with the update
    rule and a curve.
    """
    is_table = not formats and output is None
    places = targets(network, formats, output)
    style, options = split(options)
    refuse_blanks(places, style["blanks"], style["seed"])
    from symbp import api

    trained = api.train(network, progress=_Progress(), **options)
    if is_table:
        click.echo(trained.table(), nl=False)
    else:
        write(trained, places, **style)


class _Progress:
    """A line on standard error, only on a terminal and only after a second."""

    def __init__(self) -> None:
        self.start = self.last = time.monotonic()
        self.shown = False

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self.start < 1 or (now - self.last < 0.1 and done < of):
            return
        self.last, self.shown = now, True
        click.echo(f"\r{what}: {done} of {of}" + ("\n" if done >= of else ""), nl=False, err=True)


@main.command()
@click.argument("network")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="For the random numbers of a symbolic network.")
@click.option("--notation", **NOTATION)
def check(network: str, seed: int, notation: str | None) -> None:
    """Compare every gradient of NETWORK with numeric ones and with SymPy's; exit 1 on a mismatch.

    The columns: the gradient by the derivation's formulas, its largest difference from central differences and (for analytic
    activations) the complex step, absolute and relative, and whether sympy.diff of the composed error is exactly the same.
    """
    from symbp import api

    report = api.check(network, notation=notation, seed=seed, progress=_Progress())
    click.echo(_table(report))
    if not report.ok:
        sys.exit(1)


def _name(spec: NetworkSpec, parameter: Var) -> str:
    """The canonical name, or in another notation than Mazur's the one that is typed there: W^(2)_11."""
    return spec.vocabulary.canonical(parameter) if spec.notation.name == "mazur" else spec.speller.ascii(parameter)


def _table(report: CheckReport) -> str:
    from symbp.network.numbers import Rounding
    from symbp.publishing.document import check_line

    spec = report.spec
    head = spec.title if spec.is_numeric else f"{spec.title} (random numbers, seed {report.seed})"
    lines: list[tuple[str, ...]] = [("parameter", "derived", "numeric", "absolute", "relative", "sympy.diff", "")]
    lines += [check_line(check, _name(spec, check.parameter), Rounding(9)) for check in report.checks]
    widths = [max(len(line[c]) for line in lines) for c in range(7)]
    rows = [
        "  ".join(f"{cell:>{w}}" if c else f"{cell:<{w}}" for c, (cell, w) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    ]
    rows += [f"{_name(spec, check.parameter)}: {check.kink}" for check in report.checks if check.kink]
    bad = sum(not check.agrees for check in report.checks)
    end = f"{bad} of {len(report.checks)} gradients do not agree" if bad else f"all {len(report.checks)} gradients agree"
    return "\n".join([head, "", *rows, "", end])


@main.command()
def examples() -> None:
    """List the built-in examples, and what each teaches."""
    from symbp.network.gallery import example_lines

    lines = example_lines()
    width = max(len(name) for name, _ in lines) + 2
    for name, about in lines:
        click.echo(f"{name:<{width}}{about}")
