"""The commands of the domain."""

import click
from flask.cli import with_appcontext

from designs import facts
from designs import samples as sample_commons


@click.group()
def samples() -> None:
    """Add the sample designs, or retire them."""


@samples.command()
@with_appcontext
def add() -> None:
    """Publish the sample designs that are not here yet."""
    click.echo(f"{sample_commons.add()} sample designs added.")


@samples.command()
@with_appcontext
def remove() -> None:
    """Retire the sample designs that nobody else has edited."""
    click.echo(f"{sample_commons.remove()} sample designs retired.")


@click.command()
@with_appcontext
def rebuild() -> None:
    """Make anew what lists know of designs, from their newest versions."""
    click.echo(f"{facts.rebuild()} designs looked through.")


COMMANDS: tuple[click.Command, ...] = (samples, rebuild)
