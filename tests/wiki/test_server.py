"""The server with a small app in it, by real processes and sockets."""

import contextlib
import http.client
import itertools
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from tests.flows import serving
from wiki import limits

APP = "tests.wiki.tiny:make"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Site]:
    """One site for the tests that leave its processes alone. In the end it has said nothing."""
    with serving.serving(tmp_path_factory.mktemp("site"), app=APP) as site:
        yield site
    assert site.log().splitlines() == [site.url]


def connect(site: serving.Site) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=30)


def answer(site: serving.Site, request: bytes) -> bytes:
    """All that comes back for raw bytes."""
    with connect(site) as connection:
        connection.sendall(request)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def get(site: serving.Site, path: str) -> bytes:
    with urllib.request.urlopen(site.url + path, timeout=30) as found:
        return bytes(found.read())


def within(seconds: float, true: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def form(text: bytes, *, size: int, version: bytes = b"1.1", more: bytes = b"Connection: close\r\n") -> bytes:
    """A form whose body comes in chunks."""
    body = b"text=" + text
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(
        [
            b"POST /form HTTP/" + version + b"\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + more,
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            *(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks),
            b"0\r\n\r\n",
        ]
    )


# What is asked


@pytest.mark.parametrize(("length", "size"), [(10, 1), (150_000, 8192), (200 * limits.KIB - 5, 65536), (100_000, 7)])
def test_a_body_in_chunks_is_taken_whole(site, length, size):
    got = answer(site, form(b"a" * (length - 3) + b"end", size=size))
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert got.endswith(b"\r\n\r\n%d aend" % length)


@pytest.mark.parametrize(
    ("length", "size"), [(200 * limits.KIB, 8192), (5 * limits.MIB, 65536), (limits.UPLOAD, limits.MIB)]
)
def test_or_refused(site, length, size):
    assert answer(site, form(b"a" * length, size=size)).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_beyond_every_limit_is_refused_before_it_is_read(site):
    head, _, _ = form(b"", size=1).partition(b"5\r\n")
    with connect(site) as connection:
        connection.sendall(head)
        with contextlib.suppress(ConnectionError):
            for _ in range(2 * limits.UPLOAD // limits.MIB):
                connection.sendall(b"%x\r\n" % limits.MIB + b"a" * limits.MIB + b"\r\n")
            pytest.fail("all of it was read")


def test_a_body_in_chunks_that_breaks_off_is_not_taken(site):
    whole = form(b"a" * 1000, size=100)
    with connect(site) as connection:
        connection.sendall(whole[:-5])
        connection.shutdown(socket.SHUT_WR)
        assert rest(connection) == b""
    assert answer(site, whole.replace(b"64\r\n", b"6x\r\n", 1)).startswith(b"HTTP/1.1 400 ")


def test_a_body_whose_end_cannot_be_told_is_refused(site):
    got = answer(
        site,
        form(b"GET /pid HTTP/1.0\r\n\r\n", size=1000, version=b"1.0", more=b"Connection: keep-alive\r\n"),
    )
    assert got.startswith(b"HTTP/1.0 411 ")
    assert got.count(b"HTTP/1.") == 1


def test_a_body_with_a_length_is_limited_too(site):
    head = b"POST /form HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    assert answer(site, head % 1005 + b"text=" + b"a" * 1000).endswith(b"1000 aaaa")
    assert answer(site, head % (201 * limits.KIB) + b"a" * 201 * limits.KIB).startswith(b"HTTP/1.1 413 ")
    assert answer(site, head % limits.REQUEST_BODY).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"hello\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\nSmuggled: y\r\n\r\n", 400),
        (b"POST /form HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /form HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST /form HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nX: ".ljust(limits.REQUEST_HEADERS, b"a"), 431),
        (b"GET /".ljust(limits.REQUEST_HEADERS, b"a"), 431),
        (b"GET /" + bytes(range(128, 256)) + b" HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET /%e1%88 HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /%00%ff HTTP/1.1\r\nHost: \x80\r\nConnection: close\r\n\r\n", 404),
        (b"BREW / HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_rubbish_is_refused_quietly(site, request_, status):
    got = answer(site, request_)
    assert int(got.split()[1]) == status
    assert b"Traceback" not in got


def test_cut_uploads_leave_nothing_open(site):
    def files() -> int:
        return sum(len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir())) for pid in site.workers())

    get(site, "/pid")
    before = files()
    connections = [connect(site) for _ in range(20)]
    for connection in connections:
        connection.sendall(b"POST /form HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"a" * 300_000)
    assert within(5, lambda: files() >= before + 40)
    for connection in connections:
        connection.close()
    assert within(5, lambda: files() <= before + 2)


def test_the_work_is_shared(site):
    found: list[bytes] = []

    def ask() -> None:
        for _ in range(20):
            found.append(get(site, "/pid"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {int(pid) for pid in found} == set(site.workers())
    assert len(found) == 160


def test_a_crowd_is_answered_in_turn(site):
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(get(site, "/slow?seconds=0.1"))) for _ in range(4 * limits.THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"done"] * len(threads)


def test_all_threads_of_a_process_share_one_heap(site):
    """The C library makes others in reserves of 64 MB: a part in use, then the rest, from a multiple of that."""
    test_a_crowd_is_answered_in_turn(site)
    for worker in site.workers():
        maps = pathlib.Path(f"/proc/{worker}/maps").read_text()
        assert "[heap]" in maps
        areas = [(*(int(at, 16) for at in re.split("[- ]", line)[:2]), line.split()[1]) for line in maps.splitlines()]
        others = [
            begin
            for (begin, end, use), (rest, last, unused) in itertools.pairwise(areas)
            if (use, unused, rest) == ("rw-p", "---p", end) and last - begin == 64 * limits.MIB
        ]
        assert others == []


def test_memory_of_large_things_goes_back(site):
    assert int(get(site, "/passing")) < 10


def test_who_goes_away_while_waiting_harms_nobody(site):
    for _ in range(20):
        with connect(site) as connection:
            connection.sendall(b"GET /big HTTP/1.1\r\n\r\n")
    with connect(site) as connection:
        connection.sendall(b"GET /slow?seconds=0.2 HTTP/1.1\r\n\r\n")
    assert get(site, "/pid")


def test_forwarded_addresses_are_not_believed(site):
    assert b"1.2.3.4" not in answer(
        site, b"GET /whence HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n"
    )


def test_an_error_in_the_app_is_not_shown(tmp_path):
    with serving.serving(tmp_path, app="tests.wiki.tiny:bare", workers=1) as site:
        got = answer(site, b"GET /broken HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 500 ")
        assert b"secret words" not in got
        assert "secret words" in site.log()


def test_a_request_that_takes_too_long_to_arrive_is_closed(tmp_path):
    with (
        serving.serving(tmp_path, app="tests.wiki.tiny:hasty", workers=1) as site,
        contextlib.ExitStack() as stack,
    ):
        slow_head, slow_body, quick_body = (stack.enter_context(connect(site)) for _ in range(3))
        slow_head.sendall(b"GET / HT")
        slow_body.sendall(b"POST /form HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100)
        quick_body.sendall(b"POST /form HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"a" * 99_000)
        assert rest(slow_head) == b""
        assert rest(slow_body) == b""
        quick_body.sendall(b"a" * 1000)
        assert quick_body.recv(15) == b"HTTP/1.1 200 OK"


# The processes


def test_a_killed_worker_is_replaced_within_a_second_and_requests_go_on(tmp_path):
    with serving.serving(tmp_path, app=APP) as site:
        for _ in range(4):
            before = site.workers()
            killed = site.kill_worker()
            assert within(1, lambda killed=killed: len(set(site.workers()) - {killed}) == 2)
            assert set(before) - {killed} < set(site.workers())
            assert get(site, "/pid")
        assert site.log().count("was ended by SIGKILL") == 4


def test_each_process_is_called_by_what_it_does(tmp_path):
    with serving.serving(tmp_path, app="tests.wiki.tiny:make_beside") as site:
        assert within(3, lambda: (len(site.children("worker")), len(site.children("beside"))) == (2, 1))


def test_all_workers_killed_at_once_come_back_and_the_queue_is_answered(tmp_path):
    with serving.serving(tmp_path, app=APP) as site:
        for worker in site.workers():
            os.kill(worker, signal.SIGKILL)
        assert get(site, "/healthz") == b"ok"


def test_a_worker_that_is_asked_to_end_finishes_and_is_replaced(tmp_path):
    with serving.serving(tmp_path, app=APP, workers=1) as site:
        answers: list[bytes] = []
        asking = threading.Thread(target=lambda: answers.append(get(site, "/slow?seconds=0.5")))
        asking.start()
        time.sleep(0.2)
        (worker,) = site.workers()
        os.kill(worker, signal.SIGTERM)
        asking.join()
        assert answers == [b"done"]
        assert within(2, lambda: site.workers() not in ([], [worker]))
        assert get(site, "/healthz") == b"ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_finishes_what_is_under_way_and_lets_idle_connections_go(tmp_path, number):
    with serving.serving(tmp_path, app=APP) as site:
        idle = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        idle.request("GET", "/pid")
        idle.getresponse().read()
        with connect(site) as slow, connect(site) as half, connect(site) as silent:
            slow.sendall(b"GET /slow?seconds=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            half.sendall(b"POST /form HTTP/1.1\r\nContent-Length: 6\r\n")
            time.sleep(0.3)
            workers, began = site.workers(), time.monotonic()
            site.process.send_signal(number)
            assert within(1, lambda: not answers_at_all(site))
            half.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntext=a")
            assert rest(half).endswith(b"1 a")
            assert rest(slow).endswith(b"done")
            assert rest(silent) == b""
        assert site.process.wait(5) == 0
        assert time.monotonic() - began < 3
        assert not any(alive(worker) for worker in workers)
        assert "ERROR" not in site.log()
        idle.close()


def answers_at_all(site: serving.Site) -> bool:
    try:
        connect(site).close()
    except OSError:
        return False
    return True


def test_stopping_does_not_wait_for_ever(tmp_path):
    with serving.serving(tmp_path, app="tests.wiki.tiny:impatient") as site, connect(site) as connection:
        connection.sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        began = time.monotonic()
        assert site.stop() == 0
        assert time.monotonic() - began < 6


def test_a_second_signal_ends_it_at_once(tmp_path):
    with serving.serving(tmp_path, app=APP) as site, connect(site) as connection:
        connection.sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        site.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(2) == 0


def test_workers_end_with_their_parent_however_it_ends(tmp_path):
    with serving.serving(tmp_path, app=APP) as site:
        workers = site.workers()
        site.process.kill()
        site.process.wait()
        assert within(3, lambda: not any(alive(worker) for worker in workers))
        assert not answers_at_all(site)


def test_an_app_that_never_begins_ends_the_server_and_says_why_once(tmp_path):
    done = started("tests.wiki.tiny:failing", tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("worker 1 failed: RuntimeError: the store is away") == 5
    assert done.stderr.count("Traceback") == 1
    assert "no process could begin" in done.stderr
    assert done.stdout == ""


def test_an_app_that_cannot_begin_again_is_tried_at_longer_and_longer_intervals(tmp_path):
    with serving.serving(tmp_path, app="tests.wiki.tiny:failing_later", workers=1) as site:
        (tmp_path / "fail").touch()
        site.kill_worker()
        time.sleep(2)
        assert 3 <= site.log().count("worker 1 failed") <= 5
        (tmp_path / "fail").unlink()
        assert within(4, lambda: answered(site))


def answered(site: serving.Site) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{site.url}/healthz", timeout=1):
        return True
    return False


def test_a_port_that_is_taken_is_said_in_one_line(site, tmp_path):
    done = started(APP, tmp_path, port=site.port)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"cannot listen on 127.0.0.1, port {site.port}: " in done.stderr


def test_the_address_is_free_again_at_once(tmp_path):
    with serving.serving(tmp_path, app=APP, workers=1) as site:
        get(site, "/pid")
        assert site.stop() == 0
        command = [sys.executable, "-m", *APP.split(":"), str(site.port), "1"]
        again = serving.Site(tmp_path, site.port, command, {})
        again.wait()
        assert again.stop() == 0


def started(app: str, folder: pathlib.Path, port: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error", "-m", *app.split(":"), str(port), "1"]
    env = {**os.environ, "MINGA_DATA_DIR": str(folder)}
    return subprocess.run(command, cwd=serving.ROOT, env=env, capture_output=True, text=True, timeout=60)


def test_other_work_runs_beside_the_workers_and_is_told_to_stop(tmp_path):
    with serving.serving(tmp_path, app="tests.wiki.tiny:make_beside", workers=1) as site:
        assert within(2, lambda: (tmp_path / "beside").exists())
        first = (tmp_path / "beside").read_text()
        os.kill(int(first), signal.SIGKILL)
        assert within(2, lambda: (tmp_path / "beside").read_text() != first)
        assert site.stop() == 0
        assert (tmp_path / "stopped").read_text() == (tmp_path / "beside").read_text()


def test_a_proxy_on_this_machine_is_believed_where_there_is_one(tmp_path):
    asked = b"GET /whence HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n"
    with serving.serving(tmp_path, app="tests.wiki.tiny:proxied") as site:
        assert b"\r\n\r\n1.2.3.4 " in answer(site, asked)
