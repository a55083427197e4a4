"""The public commons as files: whole, provable by itself, and without anything private."""

import hashlib
import json

import pytest

from tests.designs.examples import pump
from tests.wiki import pictures
from wiki import accounts, drafts, exports, files, history, pages, spaces

SECRET = "palabra que nadie debe ver"


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def exported(app, comun, rosa, tmp_path):
    photo = files.put(pictures.telling("JPEG"), "pozo.jpg", by=rosa)
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa, note="primera")
    pages.save(history.get_page("comun", "bomba"), pump(body="Otra ñandú.\n"), base=1, by=rosa, note="segunda")
    original = history.get_version(history.get_page("comun", "bomba"))
    pages.fork(original, comun, slug="bomba-andina", language="es", relation="adaptation", by=rosa, note="")
    pages.create(comun, pump(title="Retirada"), slug="retirada", language="es", by=rosa)
    pages.retire(history.get_page("comun", "retirada"), by=rosa)
    drafts.keep("new", [("title", SECRET)], on=spaces.get("comun"), by=rosa)
    accounts.create_token(SECRET, by=rosa)
    accounts.sign_in(rosa)
    told = exports.save(tmp_path / "commons")
    assert (told.communities, told.pages, told.files) == (1, 3, 1)
    assert (tmp_path / "commons" / "files" / photo.sha256.hex()[:2] / f"{photo.sha256.hex()}.jpg").is_file()
    return tmp_path / "commons"


def test_every_version_is_there_and_proves_itself(exported):
    pages_by_uid = {row["uid"]: row for row in lines(exported / "pages.jsonl")}
    heads = {}
    for row in lines(exported / "revisions.jsonl"):
        document = hashlib.sha256(canonical(row["document"])).digest()
        note = hashlib.sha256(row["note"].encode()).digest()
        assert hashlib.sha256(bytes.fromhex(row["salt"]) + document + note).hexdigest() == row["commitment"]
        named = ("page", "number", "parents", "origin", "at", "verb", "language", "commitment")
        header = {"v": 1, "author": row["author"]["uid"], **{name: row[name] for name in named}}
        assert hashlib.sha256(canonical(header)).hexdigest() == row["digest"]
        heads[row["page"]] = row["number"]
    assert {uid: row["head"] for uid, row in pages_by_uid.items()} == heads
    assert sorted(heads.values()) == [1, 1, 2]
    by_slug = {row["slug"]: row for row in pages_by_uid.values()}
    assert by_slug["bomba-andina"]["upstream"] == by_slug["bomba"]["uid"]
    assert by_slug["retirada"]["retired"]
    assert by_slug["bomba"]["retired"] is None


def test_each_file_is_what_its_name_says(exported):
    for row in lines(exported / "files.jsonl"):
        body = (exported / row["path"]).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (row["sha256"], row["bytes"])


def test_nothing_private_is_in_it(exported, app):
    whole = b"".join(path.read_bytes() for path in exported.rglob("*") if path.is_file())
    rosa = accounts.get_by_handle("rosa")
    for secret in (SECRET, rosa.passphrase, app.config["SECRET_KEY"]):
        assert secret.encode() not in whole


def test_nothing_is_written_over(exported):
    with pytest.raises(exports.Unusable, match="there already"):
        exports.save(exported)
    with pytest.raises(exports.Unusable, match="no folder"):
        exports.save(exported / "no" / "where")
