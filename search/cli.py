"""The commands of search."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from search import indexer
from search.index import Index, Unusable


@click.group()
def search() -> None:
    """Make the search index anew, bring it up to date, check it."""


def _index() -> Index:
    found: Index | None = current_app.extensions["minga.search"]
    if found is None:
        raise click.ClickException("Search is off: MINGA_SEARCH_URL says so.")
    return found


@search.command()
@with_appcontext
def rebuild() -> None:
    """Make the index anew from the pages. Readers use the old one until the new one is whole."""
    index = _index()
    try:
        indexer.rebuild(index)
    except OSError as error:
        raise click.ClickException(f"The index can't be written: {error}.") from None
    click.echo(f"{len(index.held())} designs are in the index.")


@search.command("catch-up")
@with_appcontext
def catch_up() -> None:
    """Take in what was saved until now; wait if a server is doing so."""
    try:
        position = indexer.catch_up(_index())
    except OSError as error:
        raise click.ClickException(f"The index can't be written: {error}.") from None
    click.echo(f"The index holds all up to change {position}.")


@search.command()
@with_appcontext
def verify() -> None:
    """Check that the index is what the pages would give; ends with 1 and says what differs."""
    try:
        differences = list(indexer.differences(_index()))
    except Unusable as error:
        raise click.ClickException(f"The index can't be read: {error}.") from None
    for one in differences:
        click.echo(f"{one.id}: {one.what}" if one.id else one.what)
    click.echo("The index is what the pages say." if not differences else f"{len(differences)} differences.")
    sys.exit(1 if differences else 0)


COMMANDS: tuple[click.Command, ...] = (search,)
