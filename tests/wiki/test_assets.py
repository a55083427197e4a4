import gzip
import multiprocessing
import os
import pathlib
import time
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from werkzeug.test import Client, TestResponse

from wiki import assets

CSS = "body { color: black }\n" * 200


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    source = tmp_path / "source"
    (source / "icons").mkdir(parents=True)
    (source / "minga.css").write_text(CSS + 'a { background: url("icons/leaf.svg#top") } b { background: url(data:x) }')
    (source / "icons" / "leaf.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'>" + "<g/>" * 100 + "</svg>")
    (source / "tiny.txt").write_text("ñ")
    return source


@pytest.fixture
def dest(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "data" / "static"


@pytest.fixture
def found(source: pathlib.Path, dest: pathlib.Path) -> dict[str, str]:
    return assets.prepare(source, dest)


@pytest.fixture
def client(found: dict[str, str], dest: pathlib.Path) -> Client:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return iter([b"the app was asked"])

    return Client(assets.wrap(app, dest))


def get(client: Client, address: str, **headers: str) -> TestResponse:
    sent = [(name.replace("_", "-"), value) for name, value in headers.items()]
    answer = client.get(address, headers=sent, buffered=True)
    assert answer.status_code != 200 or answer.headers["X-Content-Type-Options"] == "nosniff"
    return answer


def test_a_name_says_its_content(source, dest, found):
    assert set(found) == {"minga.css", "icons/leaf.svg", "tiny.txt"}
    before = found["minga.css"]
    assert pathlib.PurePosixPath(before).match("/static/minga.????????.css")
    assert assets.prepare(source, dest) == found
    (source / "minga.css").write_text(CSS + "p { margin: 0 }")
    after = assets.prepare(source, dest)
    assert after["minga.css"] != before
    assert after["tiny.txt"] == found["tiny.txt"]


def test_a_style_sheet_asks_for_files_by_their_hashed_names(dest, found):
    text = (dest / pathlib.PurePosixPath(found["minga.css"]).name).read_text()
    assert f'url("{found["icons/leaf.svg"]}#top")' in text
    assert "url(data:x)" in text


def test_a_style_sheet_that_asks_for_a_file_which_is_not_there_is_an_error(source, dest):
    (source / "minga.css").write_text("a { background: url(gone.svg) }")
    with pytest.raises(LookupError, match=r"gone\.svg"):
        assets.prepare(source, dest)


def test_a_name_that_is_unknown_is_an_error_that_says_so(found):
    assert assets.url(found, "tiny.txt") == found["tiny.txt"]
    with pytest.raises(LookupError, match=r"'minga\.js', only icons/leaf\.svg, minga\.css, tiny\.txt"):
        assets.url(found, "minga.js")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate, br;q=0.5", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip; q=0.0, br;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
def test_who_can_read_it_compressed_gets_it_so(client, found, accepted, encoding):
    answer = get(client, found["minga.css"], Accept_Encoding=accepted)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert (answer.mimetype, answer.mimetype_params) == ("text/css", {"charset": "utf-8"})
    read = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert read(answer.data).decode().startswith(CSS)
    assert len(answer.data) == int(answer.headers["Content-Length"])


def test_what_does_not_become_smaller_is_sent_as_it_is(client, dest, found):
    assert [path.suffix for path in dest.glob("tiny.*")] == [".txt"]
    answer = get(client, found["tiny.txt"], Accept_Encoding="br, gzip")
    assert answer.data.decode() == "ñ"
    assert "Content-Encoding" not in answer.headers


def test_it_is_kept_for_ever_and_nobody_is_asked_again(client, found):
    answer = get(client, found["icons/leaf.svg"], Accept_Encoding="br")
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer.headers["Content-Type"] == "image/svg+xml"
    again = get(client, found["icons/leaf.svg"], Accept_Encoding="br", If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
    assert get(client, found["icons/leaf.svg"], If_None_Match='W/"another"').status_code == 200


def test_head_is_get_without_the_content(client, found):
    head, whole = client.head(found["minga.css"]), get(client, found["minga.css"])
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert client.post(found["minga.css"]).status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        "/static/minga.css",
        "/static/",
        "/static/../source/minga.css",
        "/static/%2e%2e/%2e%2e/source/minga.css",
        "/static/..%2f..%2fsource%2ftiny.txt",
        "/static//etc/passwd",
        "/static/{}.gz",
        "/static/x\0",
    ],
)
def test_nothing_else_is_served(client, found, address):
    answer = get(client, address.format(pathlib.PurePosixPath(found["minga.css"]).name))
    assert (answer.status_code, answer.data) == (404, b"the app was asked")


def test_half_written_files_are_not_served(dest, found):
    (dest / ".abcdef01").write_text("half")
    (dest / ".minga.abcdef01.css").write_text("half")
    assert not [address for address in assets.wrap(lambda e, s: [], dest).files if "abcdef01" in address]


def test_old_files_stay_while_pages_that_people_keep_may_ask_for_them(source, dest, found):
    old = dest / pathlib.PurePosixPath(found["minga.css"]).name
    (source / "minga.css").write_text(CSS)
    assets.prepare(source, dest)
    assert old.exists()
    for path in dest.rglob("*.*"):
        os.utime(path, (0, time.time() - assets.KEPT_SECONDS - 1))
    now = assets.prepare(source, dest)
    kept = {path.relative_to(dest).as_posix() for path in dest.rglob("*") if path.is_file()}
    assert {name for name in kept if name[-3:] not in (".br", ".gz")} == {
        a.removeprefix("/static/") for a in now.values()
    }
    assert f"{pathlib.PurePosixPath(now['minga.css']).name}.br" in kept


def start(source: pathlib.Path, dest: pathlib.Path, barrier: Any, results: Any) -> None:
    barrier.wait()
    found = assets.prepare(source, dest)
    wrapped = assets.wrap(lambda environ, start_response: [], dest)
    results.put((found, sorted(set(found.values()) - set(wrapped.files))))


def test_processes_may_start_at_once(source, dest):
    processes = multiprocessing.get_context("spawn")
    barrier, results = processes.Barrier(4), processes.SimpleQueue()
    started = [processes.Process(target=start, args=(source, dest, barrier, results)) for _ in range(4)]
    for process in started:
        process.start()
    told = [results.get() for _ in started]
    for process in started:
        process.join()
    assert [missing for _, missing in told] == [[]] * 4
    assert [found for found, _ in told] == [told[0][0]] * 4
    assert not list(dest.rglob(".*"))
    sheet = dest / pathlib.PurePosixPath(told[0][0]["minga.css"]).name
    assert gzip.decompress(sheet.with_name(sheet.name + ".gz").read_bytes()) == sheet.read_bytes()


def test_our_own_files_are_small(tmp_path):
    source = pathlib.Path(assets.__file__).parent / "static"
    assets.prepare(source, tmp_path)
    sheets = list(tmp_path.glob("*.css"))
    assert sheets
    assert all(len(gzip.compress(sheet.read_bytes())) < 12 * 1024 for sheet in sheets)
