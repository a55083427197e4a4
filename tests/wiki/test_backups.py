"""A backup is taken while people write, and brings everything back to an empty machine, or says why it can't."""

import io
import json
import shutil
import tarfile

import pytest

import wsgi
from tests.conftest import new_postgres
from tests.designs.examples import pump
from tests.wiki import pictures
from wiki import accounts, backups, db, files, history, pages, preparing, verify


@pytest.fixture(params=["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)])
def app(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def filled(app, comun, rosa):
    """Pages with versions, a photo, somebody with a session."""
    photo = files.put(pictures.telling("JPEG"), "pozo.jpg", by=rosa)
    rows = [{"key": "pozo", "sha256": photo.sha256.hex(), "name": "pozo.jpg", "alt": "El pozo"}]
    for number in range(3):
        pages.create(comun, pump(title=f"Bomba {number}", files=rows), language="es", by=rosa)
    pages.save(history.get_page("comun", "bomba-1"), pump(title="Otra bomba"), base=1, by=rosa, note="mejor")
    accounts.sign_in(rosa)


@pytest.fixture
def another(app, request, tmp_path):
    """Makes another machine with the same kind of database and nothing in it. From then on files are its."""
    environ = {"MINGA_DATA_DIR": str(tmp_path / "elsewhere")}
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        environ["MINGA_DATABASE_URL"] = new_postgres(request.getfixturevalue("postgres_server"))
    return lambda: wsgi.create_app(environ, TESTING=True, THROTTLE=False)


def everything():
    """All rows of all tables."""
    with db.db.engine.connect() as connection:
        tables = db.Base.metadata.sorted_tables
        return {t.name: sorted(map(repr, connection.execute(t.select()).all())) for t in tables}


def bytes_of(app):
    folder = app.config["DATA_DIR"] / "files"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def restored(app, source):
    with app.app_context():
        told = backups.restore(source, app.config["DATA_DIR"], preparing.migrate)
        rows, differences = everything(), verify.all_differences()
        rosa = accounts.get_by_handle("rosa")
        pages.save(history.get_page("comun", "bomba-1"), pump(title="Después"), base=2, by=rosa)
        db.db.session.remove()
        db.db.engine.dispose()
    return told, rows, differences


def test_everything_comes_back_on_an_empty_machine_and_goes_on(filled, app, another, tmp_path):
    before, bodies = everything(), bytes_of(app)
    told = backups.save(tmp_path / "minga.tar")
    assert (told.revisions, told.files, told.missing) == (4, 1, ())
    assert (tmp_path / "minga.tar").stat().st_mode & 0o777 == 0o600
    empty = another()
    told, rows, differences = restored(empty, tmp_path / "minga.tar")
    assert rows == before
    assert differences == []
    assert bytes_of(empty) == bodies
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_neither_an_archive_nor_pages_are_written_over(filled, app, tmp_path):
    backups.save(tmp_path / "minga.tar")
    with pytest.raises(backups.Unusable, match="there already"):
        backups.save(tmp_path / "minga.tar")
    with pytest.raises(backups.Unusable, match="pages already"):
        backups.restore(tmp_path / "minga.tar", app.config["DATA_DIR"], preparing.migrate)
    assert verify.all_differences() == []


def changed(source, dest, change):
    """The archive with each member as `change(name, body)` gives it; None leaves it out."""
    with tarfile.open(source) as old, tarfile.open(dest, "w") as new:
        for member in old:
            body = change(member.name, old.extractfile(member).read())
            if body is not None:
                member.size = len(body)
                new.addfile(member, io.BytesIO(body))


def flipped(name, body):
    return body[:-1] + bytes([body[-1] ^ 1]) if name.startswith("files/") else body


def older(name, body):
    return json.dumps({**json.loads(body), "format": 2}).encode() if name == "minga.json" else body


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (flipped, "damaged"),
        (older, "damaged"),
        (lambda name, body: None if name.startswith("files/") else body, "damaged"),
        (lambda name, body: None if name == "sums.json" else body, "cut"),
    ],
)
def test_an_archive_that_was_changed_is_refused_and_nothing_is_put_in_place(filled, another, tmp_path, change, words):
    backups.save(tmp_path / "minga.tar")
    changed(tmp_path / "minga.tar", tmp_path / "other.tar", change)
    empty = another()
    with empty.app_context():
        with pytest.raises(backups.Unusable, match=words):
            backups.restore(tmp_path / "other.tar", empty.config["DATA_DIR"], preparing.migrate)
        db.db.engine.dispose()
    assert bytes_of(empty) == {}


def test_an_archive_cut_anywhere_is_refused(filled, another, tmp_path):
    backups.save(tmp_path / "minga.tar")
    whole = (tmp_path / "minga.tar").read_bytes()
    end, empty = whole.rindex(b"sums.json"), another()
    for cut in (0, 1, 511, 512, 5_000, end - 600, end + 300, *range(700, end, end // 20)):
        (tmp_path / "cut.tar").write_bytes(whole[:cut])
        with empty.app_context():
            with pytest.raises(backups.Unusable):
                backups.restore(tmp_path / "cut.tar", empty.config["DATA_DIR"], preparing.migrate)
            db.db.engine.dispose()
    assert bytes_of(empty) == {}


@pytest.mark.parametrize("name", ["../escaped", "/etc/escaped", "files/../../escaped", "secret-key"])
def test_an_archive_puts_nothing_elsewhere(filled, another, tmp_path, name):
    backups.save(tmp_path / "minga.tar")
    shutil.copy(tmp_path / "minga.tar", tmp_path / "evil.tar")
    with tarfile.open(tmp_path / "evil.tar", "a") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    empty = another()
    with empty.app_context():
        with pytest.raises(backups.Unusable, match="not of a backup"):
            backups.restore(tmp_path / "evil.tar", empty.config["DATA_DIR"], preparing.migrate)
        db.db.engine.dispose()


def test_a_file_that_is_not_there_is_named(filled, app, tmp_path):
    (gone,) = (app.config["DATA_DIR"] / "files").glob("??/*")
    shutil.rmtree(gone)
    assert backups.save(tmp_path / "minga.tar").missing == (gone.name,)
