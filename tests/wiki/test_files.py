"""Files: stored once by what they hold, never a row without its bytes, and given out as pictures and nothing else."""

import concurrent.futures
import hashlib
import io
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import select

from tests import sizes
from tests.wiki import pictures as made
from wiki import errors, files, history, journal, limits, pages, storage, throttles
from wiki.db import session
from wiki.models import File

HOURS = 3600


def photo(colour: str = "green", width: int = 900) -> bytes:
    image = made.scene(width, width // 2)
    image.paste(colour, (0, 0, 40, 40))
    return made.saved(image, "JPEG", exif=made.exif())


def drawing(words: str = "arado") -> bytes:
    return made.svg(f"<title>{words}</title>{made.SQUARE}")


def lying() -> list[str]:
    """The files whose bytes lie in the store."""
    return sorted(found.name for found in storage._folder.glob("??/*"))


def aged(sha256: str, hours: float) -> None:
    moment = time.time() - hours * HOURS
    os.utime(storage.folder_of(sha256), (moment, moment))


# --- the verbs


def test_a_photo_is_stored_by_what_is_kept_of_it(rosa):
    file = files.put(photo(), "Finca de Rosa.jpeg", by=rosa)
    path, type = files.path(file)
    assert (type, file.width, file.height, file.name) == ("image/jpeg", 900, 450, "Finca-de-Rosa.jpg")
    assert hashlib.sha256(path.read_bytes()).digest() == file.sha256
    assert file.bytes == path.stat().st_size
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "320.jpg", "320.webp", "800.jpg", "800.webp", "900.webp", "main.jpg",
    ]  # fmt: skip
    assert file.stored == sum(p.stat().st_size for p in path.parent.iterdir())
    assert not list(storage._folder.glob("unfinished/*"))
    assert [made.said_beside(p.read_bytes()) for p in path.parent.iterdir()] == [[]] * 6
    change = journal.since(0, 9)[-1]
    assert (change.verb, change.subject, change.by.handle) == ("upload", file.sha256[:16], "rosa")


def test_the_same_picture_is_one_file(rosa, tomas):
    first = files.put(photo(), "a.jpg", by=rosa)
    assert files.put(photo(), "b.jpg", by=tomas).id == first.id
    # What was given out comes back as itself: it is not made smaller again and again.
    assert files.put(files.path(first)[0].read_bytes(), "c.jpg", by=tomas).id == first.id
    assert len(lying()) == 1
    assert files.get(first.sha256.hex()).name == "a.jpg"


def test_two_who_send_the_same_picture_at_once_have_one_file(app, rosa):
    data, gate = drawing(), threading.Barrier(4)

    def send(_: int) -> int:
        with app.app_context():
            gate.wait()
            return files.put(data, "a.svg", by=rosa).id

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert len(lying()) == 1
    assert not list(storage._folder.glob("unfinished/*"))


def test_who_is_not_signed_in_stores_nothing(context):
    with pytest.raises(errors.Unauthorised):
        files.put(photo(), "a.jpg", by=None)
    assert lying() == []


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", made.png(13_000, 13_000), made.svg("<script/>")])
def test_what_is_refused_leaves_nothing_behind(rosa, data):
    with pytest.raises(errors.Invalid):
        files.put(data, "a.jpg", by=rosa)
    assert lying() == []
    assert session.scalars(select(File)).all() == []


def test_too_much_in_a_day_is_refused(rosa, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_BYTES_PER_DAY", 500)
    files.put(drawing("a" * 400), "a.svg", by=rosa)
    with pytest.raises(errors.TooMany) as refused:
        files.put(drawing("b"), "b.svg", by=rosa)
    assert 0 < refused.value.seconds <= 24 * HOURS


def test_what_is_refused_counts_too(rosa, monkeypatch):
    monkeypatch.setattr(limits, "UPLOADS_PER_DAY", 3)
    throttles.use("a key of this test", True)
    try:
        for _ in range(3):
            with pytest.raises(errors.Invalid):
                files.put(b"\0nada", "a.jpg", by=rosa)
        with pytest.raises(errors.TooMany):
            files.put(drawing(), "a.svg", by=rosa)
    finally:
        throttles.use("", False)


def test_more_than_the_limit_is_too_large(rosa, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD", 1000)
    with pytest.raises(errors.TooLarge):
        files.put(b"\xff\xd8\xff" + b"x" * 1000, "a.jpg", by=rosa)


def test_what_no_row_names_is_swept_after_its_time(rosa):
    kept = files.put(drawing("kept"), "a.svg", by=rosa).sha256.hex()
    old, fresh = "ab" * 32, "cd" * 32
    for sha256 in (old, fresh):
        storage.keep(sha256, {"main.svg": b"x"})
    for sha256, hours in ((kept, 500), (old, 49), (fresh, 47)):
        aged(sha256, hours)
    (storage._folder / "unfinished" / "begun").mkdir(parents=True)
    assert files.sweep() == 1
    assert lying() == sorted([kept, fresh])
    assert [p.name for p in storage._folder.glob("unfinished/*")] == ["begun"]
    moment = time.time() - 49 * HOURS
    os.utime(storage._folder / "unfinished" / "begun", (moment, moment))
    assert files.sweep() == 0
    assert not list(storage._folder.glob("unfinished/*"))


def test_an_orphan_that_is_sent_again_is_new(rosa):
    first = files.put(drawing(), "a.svg", by=rosa).sha256.hex()
    aged(first, 100)
    storage.keep(first, {"main.svg": b"other"})
    assert list(storage.old()) == []
    assert storage.path(first, "main.svg").read_bytes() != b"other"


def test_a_sweep_between_the_bytes_and_the_row_takes_nothing(rosa, monkeypatch):
    write = files.db.write

    def swept(prepare):
        for sha256 in lying():
            aged(sha256, 100)
            storage.remove_old(sha256)
        return write(prepare)

    monkeypatch.setattr(files.db, "write", swept)
    files.put(drawing(), "a.svg", by=rosa)
    assert list(files.faults()) == []


def test_a_row_written_while_a_sweep_looks_keeps_its_bytes(rosa, monkeypatch):
    sketch = files.put(drawing(), "a.svg", by=rosa)
    sha256 = sketch.sha256.hex()
    session.delete(session.merge(sketch))
    session.commit()
    aged(sha256, 100)

    def meanwhile() -> None:
        files.put(drawing(), "a.svg", by=rosa)
        aged(sha256, 100)

    monkeypatch.setattr(storage, "clear_unfinished", meanwhile)
    assert files.sweep() == 0
    assert list(files.faults()) == []


def test_faults_are_told(rosa):
    lost, changed, whole = (files.put(drawing(words), "a.svg", by=rosa) for words in ("lost", "changed", "whole"))
    files.path(lost)[0].unlink()
    files.path(changed)[0].write_bytes(b"<svg/>")
    assert dict(files.faults()) == {
        lost.sha256.hex(): "its bytes are not here",
        changed.sha256.hex(): "its bytes are others than its name says",
    }
    assert whole.sha256.hex() not in dict(files.faults())


@pytest.mark.parametrize("sha256", ["", "..", "../" * 30, "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "é" * 64])
def test_only_a_digest_names_a_file(context, sha256):
    assert files.find(sha256) is None
    with pytest.raises(ValueError):  # noqa: PT011  (its words are the name itself)
        storage.path(sha256, "main.jpg")


SENDING = """
import sys, wsgi
from tests.wiki import pictures as made
from wiki import accounts, files
app = wsgi.create_app({"MINGA_DATA_DIR": sys.argv[1]}, THROTTLE=False)
with app.app_context():
    rosa = accounts.get_by_handle("rosa")
    print("begun", flush=True)
    for number in range(100_000):
        files.put(made.svg(f"<desc>{sys.argv[2]} {number}</desc>{made.SQUARE}"), "a.svg", by=rosa)
"""


def test_a_kill_at_any_moment_leaves_no_row_without_its_bytes(app, rosa, figure):
    kills, chance = sizes.of(3, 200), random.Random(11)
    for kill in range(kills):
        sender = subprocess.Popen(
            [sys.executable, "-c", SENDING, str(app.config["DATA_DIR"]), str(kill)],
            stdout=subprocess.PIPE,
            cwd=pathlib.Path(__file__).parents[2],
        )
        assert sender.stdout.readline() == b"begun\n"
        time.sleep(chance.uniform(0.02, 0.4))
        sender.send_signal(signal.SIGKILL)
        sender.communicate()
    session.close()
    rows = {file.sha256.hex() for file in session.scalars(select(File))}
    orphans = set(lying()) - rows
    unfinished = list(storage._folder.glob("unfinished/*"))
    figure(
        f"{kills} kills: {len(rows)} rows, {len(orphans)} orphans, {len(unfinished)} unfinished, 0 rows without bytes"
    )
    assert len(rows) > kills
    assert list(files.faults()) == []
    assert len(orphans) + len(unfinished) <= kills
    for sha256 in orphans:
        aged(sha256, 49)
    assert files.sweep() == len(orphans)


@pytest.mark.parametrize("step", ["write", "rename"])
def test_a_fault_between_the_bytes_and_the_row_leaves_an_orphan_at_most(rosa, monkeypatch, step):
    def fails(*_):
        raise OSError("no space")

    with monkeypatch.context() as broken:
        if step == "write":
            broken.setattr(files.db, "write", fails)
        else:
            broken.setattr(pathlib.Path, "rename", fails)
        with pytest.raises(OSError, match="no space"):
            files.put(drawing(), "a.svg", by=rosa)
    assert session.scalars(select(File)).all() == []
    assert len(lying()) == (step == "write")
    assert not list(storage._folder.glob("unfinished/*"))
    assert list(files.faults()) == []
    assert files.put(drawing(), "a.svg", by=rosa).id


# --- on pages


@pytest.fixture
def page(comun, rosa):
    saved = pages.create(comun, PAGE, slug="arado", language="es", by=rosa)
    return history.find_page_by_id(saved.page_id)


PAGE = {
    "kind": "practice",
    "title": "Arado",
    "licences": [{"key": "documentation", "licence": "CC-BY-SA-4.0"}],
    "body": "Texto.",
}


def rows_of(page) -> list[dict[str, str]]:
    session.close()
    return history.get_version(history.find_page_by_id(page.id)).document.get("files", [])


def test_a_picture_is_put_on_a_page_beside_what_others_write(page, rosa, tomas, monkeypatch):
    file = files.put(drawing(), "a.svg", by=rosa)
    get_version = history.get_version

    def slow(found, number=None):
        head = get_version(found, number)
        if found.head == 1 and number is None:
            monkeypatch.setattr(history, "get_version", get_version)
            others = {"sha256": "cd" * 32, "name": "b.svg", "key": "otra"}
            pages.save(page, {**PAGE, "body": "Otro texto.", "files": [others]}, base=1, by=tomas)
        return head

    monkeypatch.setattr(history, "get_version", slow)
    saved = files.attach(page, file, role="drawing", alt="De lado", caption="", by=rosa)
    assert (saved.number, saved.merged) == (3, True)
    assert {row["name"] for row in rows_of(page)} == {"a.svg", "b.svg"}
    assert history.get_version(history.find_page_by_id(page.id)).document["body"] == "Otro texto."


def test_a_picture_that_is_on_the_page_is_described_anew(page, rosa):
    file = files.put(drawing(), "a.svg", by=rosa)
    for alt in ("De lado", "De frente"):
        files.attach(page, file, role="drawing", alt=alt, caption="Arado", by=rosa)
    (row,) = rows_of(page)
    assert {k: v for k, v in row.items() if k != "key"} == {
        "sha256": file.sha256.hex(), "name": "a.svg", "role": "drawing", "alt": "De frente", "caption": "Arado",
    }  # fmt: skip


# --- the doors


@pytest.fixture
def rosas(client, page):
    """Rosa's browser."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', client.get("/sign-in").text)[1]
    told = {"handle": "rosa", "passphrase": "quinua y papa 2026", "csrf_token": token}
    assert client.post("/sign-in", data=told).status_code == 303
    return client


HERE = "/c/comun/arado/files"


def filled(client) -> dict[str, str]:
    """The hidden fields of the form."""
    found = client.get(HERE).text
    return {name: re.search(rf'name="{name}" value="([^"]*)"', found)[1] for name in ("csrf_token", "op")}


def send(client, data: bytes | None, name: str = "a.jpg", **fields: str):
    fields = {**filled(client), "role": "photo", **fields}
    sent = {} if data is None else {"file": (io.BytesIO(data), name)}
    return client.post(HERE, data={**fields, **sent}, content_type="multipart/form-data")


def test_a_photo_is_put_on_a_page_by_its_form(rosas, page):
    answer = send(rosas, photo(), "mi finca.jpg", alt=" El arado\r\nde lado ", caption="En la finca")
    assert (answer.status_code, answer.location) == (303, f"{HERE}?added=2#pictures")
    (row,) = rows_of(page)
    assert (row["name"], row["role"], row["alt"], row["caption"]) == (
        "mi-finca.jpg", "photo", "El arado\nde lado", "En la finca",
    )  # fmt: skip
    shown = rosas.get(answer.location).text
    assert f'src="/files/{row["sha256"]}/320/mi-finca.webp"' in shown
    assert 'width="320" height="160"' in shown
    assert 'alt="El arado' in shown


def test_a_file_for_a_machine_needs_no_words_for_who_can_not_see_it(rosas, page):
    assert send(rosas, b"%PDF-1.7\n%%EOF\n", "Plano de la rueda.pdf", role="export").status_code == 303
    (row,) = rows_of(page)
    assert (row["name"], row["role"]) == ("Plano-de-la-rueda.pdf", "export")
    shown = rosas.get(HERE).text
    assert f'href="/files/{row["sha256"]}/Plano-de-la-rueda.pdf"' in shown
    assert "1 kB" in shown


def test_a_form_sent_twice_puts_one_picture_and_another_file_is_another(rosas, page):
    fields = {**filled(rosas), "alt": "arado"}
    for data in (photo(), photo(), photo("white")):
        sent = {"file": (io.BytesIO(data), "a.jpg")}
        assert rosas.post(HERE, data={**fields, **sent}, content_type="multipart/form-data").status_code == 303
    assert len(rows_of(page)) == 2
    session.close()
    assert history.find_page_by_id(page.id).head == 3


def test_a_picture_without_words_is_kept_and_asked_to_be_described(rosas, page):
    answer = send(rosas, drawing("Arado de lado"), "arado.svg", alt="", caption="En <la> finca")
    assert answer.status_code == 422
    assert rows_of(page) == []
    assert "En &lt;la&gt; finca" in answer.text
    # What a drawing says of itself is offered.
    assert re.search(r'<textarea[^>]*id="alt"[^>]*>\s*Arado de lado</textarea>', answer.text)
    kept = re.search(r'name="sha256" value="([0-9a-f]{64})"', answer.text)[1]
    assert send(rosas, None, sha256=kept, alt="Arado de lado").status_code == 303
    (row,) = rows_of(page)
    assert (row["sha256"], row["role"], row["name"]) == (kept, "drawing", "arado.svg")


REFUSED = {
    "nothing": None,
    "an empty file": b"",
    "a program": b"MZ\x90\0",
    "a page": b"<html><script>alert(1)</script></html>",
    "a bomb": made.png(13_000, 13_000),
    "a broken photo": photo()[:5000],
    "a drawing of entities": b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_gives_the_words_back_and_the_server_lives(rosas, page, name):
    answer = send(rosas, REFUSED[name], "foto.jpg", alt="El arado <b>", caption="En la finca")
    assert answer.status_code == 422
    assert "El arado &lt;b&gt;" in answer.text
    assert "En la finca" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert (lying(), rows_of(page)) == ([], [])
    assert rosas.get("/healthz").status_code == 200
    assert send(rosas, photo(), alt="arado").status_code == 303


def test_a_body_beyond_the_limit_is_refused_unread(rosas, monkeypatch):
    monkeypatch.setitem(limits.BODY, "files.upload", 2000)
    assert send(rosas, photo(), alt="arado").status_code == 413
    assert lying() == []


def test_too_many_are_told_with_the_words_kept(rosas, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_BYTES_PER_DAY", 0)
    answer = send(rosas, photo(), alt="El arado")
    assert answer.status_code == 429
    assert "El arado" in answer.text


def test_strangers_are_sent_to_sign_in_and_forms_of_others_are_refused(client, page):
    assert client.get(HERE).status_code == 303
    answer = client.post(HERE, data={"file": (io.BytesIO(photo()), "a.jpg"), "alt": "x"})
    assert answer.status_code == 400
    assert lying() == []


@pytest.fixture
def kept(rosa):
    return files.put(photo(width=1000), "arado.jpg", by=rosa)


def test_a_photo_is_given_at_the_width_that_is_asked_for(client, kept):
    start = f"/files/{kept.sha256.hex()}"
    for path, type, width in (
        ("arado.jpg", "image/jpeg", 1000), ("320/arado.webp", "image/webp", 320), ("320/arado.jpg", "image/jpeg", 320),
        ("800/foto.png", "image/jpeg", 800), ("1600/a.webp", "image/webp", 1000), ("1600/a.jpg", "image/jpeg", 1000),
        ("1000/a.webp", "image/webp", 1000), ("arado.webp", "image/webp", 1000),
    ):  # fmt: skip
        answer = client.get(f"{start}/{path}")
        assert (answer.status_code, answer.mimetype) == (200, type), path
        with made.Image.open(io.BytesIO(answer.data)) as image:
            assert image.width == width, path
            assert f"image/{image.format.lower()}" == type
    for path in ("321/a.webp", "99999999/a.webp", "0/a.webp", "-1/a.webp"):
        assert client.get(f"{start}/{path}").status_code == 404


def test_files_come_with_headers_that_let_them_do_nothing(client, kept, rosa):
    sketch = files.put(drawing(), "arado.svg", by=rosa)
    for file, type in ((kept, "image/jpeg"), (sketch, "image/svg+xml")):
        answer = client.get(f"/files/{file.sha256.hex()}/x%22%0d%0aSet-Cookie: a=1.html")
        headers = answer.headers
        assert answer.status_code == 200
        assert answer.mimetype == type
        assert headers.get_all("Content-Security-Policy") == ["default-src 'none'; sandbox"]
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in headers["Vary"]
        assert "Set-Cookie" not in headers
        assert ".html" not in headers["Content-Disposition"]
        again = client.get(f"/files/{file.sha256.hex()}/a", headers={"If-None-Match": headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_drawing_is_sent_compressed_to_who_can_read_it(client, rosa):
    sketch = files.put(drawing("arado " * 400), "arado.svg", by=rosa)
    plain, small = (
        client.get(f"/files/{sketch.sha256.hex()}/320/a.svg", headers={"Accept-Encoding": coding})
        for coding in ("identity", "gzip")
    )
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(small.data) < len(plain.data) / 4
    assert plain.data == files.path(sketch)[0].read_bytes()
    assert plain.headers["ETag"] != small.headers["ETag"]
    assert plain.mimetype == small.mimetype == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [f"/files/{'ab' * 32}/a.jpg", "/files/../a.jpg", "/files/x/a.jpg", f"/files/{'AB' * 32}/320/a.jpg",
     "/files/%2e%2e%2f%2e%2e/a", f"/files/{'ab' * 32}%00/a"],
)  # fmt: skip
def test_there_is_nothing_else_to_be_had(client, context, path):
    assert client.get(path).status_code in (404, 422)


def test_a_row_whose_bytes_are_lost_is_missing(client, kept):
    for part in files.path(kept)[0].parent.iterdir():
        part.unlink()
    assert client.get(f"/files/{kept.sha256.hex()}/a.jpg").status_code == 404


def test_reading_makes_no_cookie_and_no_row(client, kept):
    before = journal.head()
    answer = client.get(f"/files/{kept.sha256.hex()}/a.jpg")
    assert "Set-Cookie" not in answer.headers
    assert journal.head() == before
