"""`symbp templates`: the templates of the documents, to be changed block by block."""

from __future__ import annotations

from pathlib import Path

import click

from symbp.errors import SymbpError


@click.group()
def templates() -> None:
    """The templates of the documents, as a start for your own.

    A template in the folder that `--template DIR` names stands before ours of the same name. It may hold the whole, or only the blocks
    that it writes anew: begin with ((* extends "symbp/tex.j2" *)), then ((* block title *)) … ((* endblock *)).
    """


@templates.command()
@click.argument("directory", metavar="DIR")
def export(directory: str) -> None:
    """Write our templates into DIR, which is made if it is not there; files that are there already are never replaced."""
    from symbp.publishing.environment import documents
    from symbp.publishing.write import write_files

    found = {Path(directory) / path.name: path.read_text("utf-8") for path in documents()}
    there = [str(path) for path in found if path.exists()]
    if there:
        raise SymbpError(f"{there[0]} is there already", hint="name another folder, or move it away")
    write_files(found)
    click.echo(f"wrote {len(found)} templates to {directory}", err=True)


@templates.command()
@click.argument("name", metavar="TEMPLATE")
def blocks(name: str) -> None:
    """Name the blocks of TEMPLATE, as in tex.j2, which can be written anew one by one."""
    from symbp.publishing.environment import blocks_of

    click.echo("\n".join(blocks_of(name)))
