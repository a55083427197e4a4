"""The commands of the engine. `minga help` lists them."""

import json
import pathlib
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from wiki import accounts, backups, errors, exports, markup, merge, preparing, verify


class Failure(click.ClickException):
    """A command that could not do what was asked."""


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
def render(path: pathlib.Path) -> None:
    """Print the HTML that a page shows for a file of Markdown."""
    click.echo(markup.render(_text_of(path)), nl=False)


def _text_of(path: pathlib.Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise Failure(f"{path} is not text in UTF-8.") from None


@click.command("merge-file")
@click.argument("paths", nargs=3, type=click.Path(dir_okay=False, path_type=pathlib.Path))
@click.option("--write", is_flag=True, help="Put the merged text into HERE.")
@click.option("--json", "as_json", is_flag=True, help="Print text and conflicts as JSON.")
def merge_file(paths: tuple[pathlib.Path, ...], write: bool, as_json: bool) -> None:
    """Merge the texts BASE HERE INCOMING. Ends with 0 when all went together, 1 with conflicts, 2 on an error."""
    try:
        base, here, incoming = (path.read_bytes().decode() for path in paths)
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"minga merge-file: {error}", err=True)
        sys.exit(2)
    merged = merge.merge_text(base, here, incoming)
    if write:
        paths[1].write_bytes(_marked(merged).encode())
    if as_json:
        conflicts = [{"line": c.line, "base": c.base, "here": c.here, "incoming": c.incoming} for c in merged.conflicts]
        click.echo(json.dumps({"text": merged.text, "conflicts": conflicts}, ensure_ascii=False))
    elif not write:
        click.echo(_marked(merged), nl=False)
    sys.exit(1 if merged.conflicts else 0)


def _marked(merged: merge.TextMerge) -> str:
    """The merged text with git's markers round each conflict, each on a line of its own."""

    def ended(side: str) -> str:
        return side if side.endswith("\n") or not side else f"{side}\n"

    text = "".join(
        piece
        if isinstance(piece, str)
        else f"<<<<<<< here\n{ended(piece.here)}=======\n{ended(piece.incoming)}>>>>>>> incoming\n"
        for piece in merged.pieces
    )
    is_text_last = bool(merged.pieces) and isinstance(merged.pieces[-1], str)
    return merged.finished(text) if is_text_last else text


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@with_appcontext
def verify_command(as_json: bool) -> None:
    """Check that all that is stored is as it was written. Ends with 1 and says what differs."""
    differences = [*verify.all_differences(), *(d for check in current_app.extensions["minga.checks"] for d in check())]
    if as_json:
        rows = [{"kind": d.kind, "id": d.id, "what": d.what} for d in differences]
        click.echo(json.dumps({"ok": not rows, "differences": rows}, ensure_ascii=False))
    else:
        for d in differences:
            click.echo(f"{d.kind} {d.id}: {d.what}")
        click.echo("All is as it was written." if not differences else f"{len(differences)} differences.")
    sys.exit(1 if differences else 0)


@click.command()
@click.argument("dest", type=click.Path(path_type=pathlib.Path))
@with_appcontext
def backup(dest: pathlib.Path) -> None:
    """Write all that is stored, as it is at this moment, into the archive DEST. The site may go on running."""
    try:
        told = backups.save(dest)
    except (backups.Unusable, OSError) as error:
        raise Failure(f"{error}.") from None
    click.echo(f"{dest}: {told.revisions} versions, {told.files} files, {told.bytes / 1e6:.1f} MB.")
    if told.missing:
        raise Failure(f"{len(told.missing)} files are not where they should be: minga verify names them.")


@click.command()
@click.argument("dest", type=click.Path(path_type=pathlib.Path))
@with_appcontext
def export(dest: pathlib.Path) -> None:
    """Write the public commons into the folder DEST as JSON lines and files, for mirrors and researchers."""
    try:
        told = exports.save(dest)
    except (exports.Unusable, OSError) as error:
        raise Failure(f"{error}.") from None
    click.echo(f"{dest}: {told.pages} pages with {told.revisions} versions, {told.files} files.")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@with_appcontext
def restore(source: pathlib.Path) -> None:
    """Bring the archive SOURCE back to a server without pages, and check it. Stop the server before."""
    try:
        told = backups.restore(source, current_app.config["DATA_DIR"], preparing.migrate)
    except (backups.Unusable, OSError) as error:
        raise Failure(f"{error}.") from None
    differences = verify.all_differences()
    click.echo(f"{told.revisions} versions and {told.files} files are back.")
    if differences:
        raise Failure(f"{len(differences)} differences: minga verify names them.")


@click.group()
def account() -> None:
    """Make accounts, their tokens, and new passphrases."""


@account.command("create")
@click.argument("handle")
@click.option("--admin", is_flag=True, help="May do everything on this server.")
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase instead of making one.")
@with_appcontext
def create_account(handle: str, admin: bool, passphrase_stdin: bool) -> None:
    """Make an account; prints its passphrase unless it is given."""
    given = sys.stdin.readline().rstrip("\n") if passphrase_stdin else None
    try:
        made, passphrase = accounts.create(handle, passphrase=given, admin=admin)
    except errors.Invalid as invalid:
        raise Failure("; ".join(f"{p.place}: {p.code}" for p in invalid.problems)) from None
    click.echo(f"{made.handle} is ready.")
    if passphrase is not None:
        click.echo(passphrase)


@account.command("token")
@click.argument("handle")
@with_appcontext
def create_token(handle: str) -> None:
    """Make a token for programs; it is the last line, and is shown only now."""
    try:
        click.echo(accounts.create_token("minga account token", by=accounts.get_by_handle(handle)))
    except errors.Missing:
        raise Failure(f"There is no {handle}.") from None


@account.command("reset")
@click.argument("handle")
@with_appcontext
def reset_account(handle: str) -> None:
    """Give somebody a new passphrase, print it, and end their sessions."""
    try:
        click.echo(accounts.reset(handle))
    except errors.Missing:
        raise Failure(f"There is no {handle}.") from None


COMMANDS: tuple[click.Command, ...] = (render, merge_file, verify_command, backup, restore, export, account)
