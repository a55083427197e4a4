"""The commands of the domain."""

import collections
import json
import pathlib
import sys
from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from designs import facts, imports, loading
from designs import samples as sample_commons
from wiki import accounts, errors, history, spaces
from wiki.history import Version
from wiki.models import Account, Space


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


HANDLE, ABOUT = "importaciones", "Trae diseños que se publicaron en otros lugares; cada página nombra su fuente."


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=pathlib.Path))
@click.option("--community", default=spaces.COMMON, help="Where the designs go.")
@click.option("--by", "handle", default="", help="In whose name; else in that of an account for imports.")
@click.option("--fork-of", default="", help="C/S@N: what is new becomes a fork of that version.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each file.")
@with_appcontext
def import_command(
    paths: tuple[pathlib.Path, ...], community: str, handle: str, fork_of: str, dry_run: bool, as_json: bool
) -> None:
    """Take in designs from folders of documentation and from Open Know-How manifests. Ends with 1 if one failed.

    A folder with a README, an index page, a manifest or a licence is one design; of another, all files are looked at.
    """
    space = spaces.find(community)
    if space is None:
        raise click.UsageError(f"There is no community {community}.")
    by = accounts.find_by_handle(handle or HANDLE)
    if by is None and handle:
        raise click.UsageError(f"There is no account {handle}.")
    by = by or accounts.create(HANDLE, about=ABOUT)[0]
    found = list(loading.sources(paths))
    original = _version(fork_of, by) if fork_of else None
    if original is not None and len(found) != 1:
        raise click.UsageError("--fork-of takes one design at a time.")
    counts: collections.Counter[str] = collections.Counter()
    with click.progressbar(found, label="Import", file=sys.stderr, hidden=as_json) as bar:
        for source in bar:
            for path, outcome in _taken(source, into=space, by=by, dry=dry_run, fork_of=original):
                counts[outcome.result] += 1
                if as_json:
                    page = outcome.page
                    url = f"/c/{page.space.slug}/{page.slug}" if page else None
                    told = {"path": str(path), "result": outcome.result, "url": url, "reason": outcome.reason or None}
                    click.echo(json.dumps(told, ensure_ascii=False))
                elif outcome.reason:
                    click.echo(f"{path}: {outcome.result}: {outcome.reason}")
    if not as_json:
        click.echo(", ".join(f"{count} {result}" for result, count in sorted(counts.items())) or "No files.")
    sys.exit(1 if counts["failed"] else 0)


def _version(name: str, by: Account) -> Version:
    """The version that `C/S@N` names, the newest without a number."""
    place, _, number = name.partition("@")
    space, _, slug = place.partition("/")
    try:
        return history.get_version(history.get_page(space, slug), int(number) if number else None, by=by)
    except (errors.Refusal, ValueError):
        raise click.UsageError(f"There is no version {name}.") from None


def _taken(
    source: loading.Source, *, into: Space, by: Account, dry: bool, fork_of: Version | None
) -> Iterator[tuple[pathlib.Path, imports.Outcome]]:
    """What came of a source and of the files in it, each with its path."""
    loaded = loading.load(source)
    if source.is_folder:
        for outcome in imports.take_folder(source.path.name, loaded.files, into=into, by=by, dry=dry, fork_of=fork_of):
            yield source.path / outcome.place, outcome
    else:
        for data in loaded.files.values():
            yield source.path, imports.take(source.path.name, data, into=into, by=by, dry=dry, fork_of=fork_of)
    for path, reason in loaded.faults.items():
        yield path, imports.Outcome("failed", reason=reason)


COMMANDS: tuple[click.Command, ...] = (samples, rebuild, import_command)
