"""Backups: one archive of the whole store at one moment, taken while people go on writing, and its return to an empty
machine.

An archive is a tar: `minga.json` (what it is), the database (`database.sqlite`, or for PostgreSQL each table as COPY
writes it), the files that the database names, and last `sums.json` with the SHA-256 of everything before it: an archive
that lacks it was cut. The search index and the key of the server are not in it; both are made anew.
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import Integer, column, create_engine, func, inspect, select, text
from sqlalchemy import table as sa_table
from sqlalchemy.engine import Engine

from wiki import db, storage
from wiki.models import File, Revision

FORMAT = 1
CHUNK = 1 << 20
MEMBER = re.compile(
    r"minga\.json|sums\.json|database\.sqlite|tables/[a-z_]{1,63}|files/[0-9a-f]{2}/[0-9a-f]{64}/[\w.-]{1,80}"
)
HEAD, SUMS, SQLITE = "minga.json", "sums.json", "database.sqlite"


class Unusable(Exception):
    """An archive that can't be taken or restored; its words say why."""


@dataclass(frozen=True)
class Backup:
    """What an archive holds."""

    revisions: int
    files: int
    bytes: int
    missing: tuple[str, ...] = ()
    """Files that the database names and whose bytes were not there."""


def save(dest: pathlib.Path) -> Backup:
    """Write an archive to `dest`, which must not exist. It gets its name when it is whole and on the disk. Raises
    `Unusable`."""
    if dest.exists():
        raise Unusable(f"{dest} is there already")
    if not dest.parent.is_dir():
        raise Unusable(f"there is no folder {dest.parent}")
    aside = dest.with_name(f".{dest.name}.{secrets.token_hex(6)}")
    try:
        with aside.open("xb") as out:
            aside.chmod(0o600)
            told = _write(out)
            out.flush()
            os.fsync(out.fileno())
        aside.rename(dest)
        _to_disk(dest.parent)
    finally:
        aside.unlink(missing_ok=True)
    return told


def _write(out: IO[bytes]) -> Backup:
    missing: list[str] = []
    with tempfile.TemporaryDirectory(dir=pathlib.Path(out.name).parent, prefix=".minga-backup-") as name:
        folder = pathlib.Path(name)
        # The database first: files are never changed, and none that it names is taken away.
        kind, revisions, named = _copy_database(db.db.engine, folder)
        head = {"format": FORMAT, "store": kind, "schema": _schema(), "revisions": revisions, "files": len(named)}
        head |= {"at": db.now().isoformat(), "tables": _columns()}
        sums: dict[str, str] = {}
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, HEAD, io.BytesIO(json.dumps(head).encode()), sums)
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                with path.open("rb") as body:
                    _add(archive, path.relative_to(folder).as_posix(), body, sums)
            for sha256 in named:
                parts = sorted(storage.folder_of(sha256).glob("*"))
                missing += [] if parts else [sha256]
                for part in parts:
                    with part.open("rb") as body:
                        _add(archive, f"files/{sha256[:2]}/{sha256}/{part.name}", body, sums)
            _add(archive, SUMS, io.BytesIO(json.dumps(sums, sort_keys=True).encode()), {})
    return Backup(revisions, len(named), out.tell(), tuple(missing))


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, body: IO[bytes]) -> None:
        self.body, self.digest = body, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.body.read(size)
        self.digest.update(data)
        return data


def _add(archive: tarfile.TarFile, name: str, body: IO[bytes], sums: dict[str, str]) -> None:
    member = tarfile.TarInfo(name)
    member.size = body.seek(0, os.SEEK_END)
    member.mode = 0o600
    body.seek(0)
    read = _Hashing(body)
    archive.addfile(member, read)
    sums[name] = read.digest.hexdigest()


def _schema() -> str:
    with db.db.engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _copy_database(engine: Engine, folder: pathlib.Path) -> tuple[str, int, list[str]]:
    """Put the database as it is at this moment into a folder. Says its kind, how many revisions it has, and which files
    it names."""
    if engine.dialect.name == "sqlite":
        copy = sqlite3.connect(folder / SQLITE)
        with contextlib.closing(copy), contextlib.closing(engine.raw_connection()) as connection:
            connection.driver_connection.backup(copy)  # type: ignore[union-attr]
            copy.execute("PRAGMA journal_mode=DELETE")
        copied = create_engine(f"sqlite:///{folder / SQLITE}")
        try:
            with copied.connect() as reader:
                return "sqlite", *_told(reader)
        finally:
            copied.dispose()
    (folder / "tables").mkdir()
    with engine.connect() as connection:
        told = _told(connection)
        cursor = connection.connection.cursor()
        for table, columns in _columns().items():
            with (
                (folder / "tables" / table).open("wb") as out,
                cursor.copy(_copying(table, columns, "TO STDOUT")) as rows,
            ):
                for data in rows:
                    out.write(data)
        return "postgresql", *told


def _columns() -> dict[str, list[str]]:
    """The tables in an order in which each comes after those that it refers to, and their columns."""
    return {table.name: [column.name for column in table.columns] for table in db.Base.metadata.sorted_tables}


def _told(connection: Any) -> tuple[int, list[str]]:
    named = connection.execute(select(File.__table__.c.sha256).order_by(File.__table__.c.id)).scalars()
    revisions = connection.execute(text("SELECT count(*) FROM revision")).scalar_one()
    return int(revisions), [sha256.hex() for sha256 in named]


def restore(source: pathlib.Path, data: pathlib.Path, migrate: Callable[[str], None]) -> Backup:
    """Bring an archive back to a machine without pages; `data` is its data folder, `migrate` brings the store to a
    schema. Nothing is in place until all of the archive was read and its sums fit. Raises `Unusable`."""
    engine = db.db.engine
    if inspect(engine).has_table("revision") and db.session.scalar(select(Revision.id).limit(1)):
        raise Unusable("this server has pages already: restore to an empty one")
    db.session.remove()
    with tempfile.TemporaryDirectory(dir=data, prefix=".minga-restore-") as name:
        folder = pathlib.Path(name)
        head = _unpacked(source, folder)
        if head["store"] != engine.dialect.name:
            raise Unusable(f"the archive is of {head['store']}, and this server's database is {engine.dialect.name}")
        if (folder / "files").is_dir():
            for found in (folder / "files").glob("*/*"):
                target = storage.folder_of(found.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    found.rename(target)
        if head["store"] == "sqlite":
            _put_sqlite(engine, folder)
        else:
            migrate(head["schema"])
            _put_postgresql(engine, folder, head["tables"])
    migrate("head")
    return Backup(head["revisions"], head["files"], source.stat().st_size)


def _unpacked(source: pathlib.Path, folder: pathlib.Path) -> Mapping[str, Any]:
    """Read an archive into a folder; what its head says."""
    found: dict[str, str] = {}
    said: dict[str, str] = {}
    try:
        with tarfile.open(source, mode="r:") as archive:
            for member in _members(archive):
                body = archive.extractfile(member)
                assert body is not None
                read = _Hashing(body)
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as out:
                    shutil.copyfileobj(read, out, CHUNK)
                    os.fsync(out.fileno())
                if member.name == SUMS:
                    said = json.loads(target.read_bytes())
                else:
                    found[member.name] = read.digest.hexdigest()
        head: dict[str, Any] = json.loads((folder / HEAD).read_bytes())
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise Unusable(f"{source} is not a whole archive of Minga ({error})") from error
    if not said:
        raise Unusable(f"{source} was cut: its end is missing")
    if said != found:
        wrong = sorted(name for name in {*said, *found} if said.get(name) != found.get(name))
        raise Unusable(f"{source} was changed or damaged: {', '.join(wrong[:3])}")
    if head.get("format") != FORMAT:
        raise Unusable(f"{source} was written by a newer Minga")
    return head


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        if not member.isfile() or MEMBER.fullmatch(member.name) is None:
            raise Unusable(f"the archive holds something that is not of a backup: {member.name[:100]}")
        yield member


def _put_sqlite(engine: Engine, folder: pathlib.Path) -> None:
    place = pathlib.Path(str(engine.url.database))
    engine.dispose()
    for left in ("-wal", "-shm"):
        place.with_name(place.name + left).unlink(missing_ok=True)
    (folder / SQLITE).rename(place)
    _to_disk(place.parent)


def _put_postgresql(engine: Engine, folder: pathlib.Path, tables: Mapping[str, list[str]]) -> None:
    known = set(inspect(engine).get_table_names())
    if not known.issuperset(tables):
        raise Unusable("the archive has tables that its schema does not know")
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE " + ", ".join(map(_quoted, tables)) + " CASCADE"))
        cursor = connection.connection.cursor()
        for table, columns in tables.items():
            with (
                (folder / "tables" / table).open("rb") as body,
                cursor.copy(_copying(table, columns, "FROM STDIN")) as rows,
            ):
                while data := body.read(CHUNK):
                    rows.write(data)
            if "id" in columns:
                id = column("id", Integer)
                highest = func.coalesce(func.max(id), 1), func.max(id).is_not(None)
                sequence = func.pg_get_serial_sequence(_quoted(table), "id")
                connection.execute(select(func.setval(sequence, *highest)).select_from(sa_table(table, id)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _copying(table: str, columns: Sequence[str], where: str) -> str:
    return f"COPY {_quoted(table)} ({', '.join(map(_quoted, columns))}) {where}"


def _to_disk(folder: pathlib.Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
