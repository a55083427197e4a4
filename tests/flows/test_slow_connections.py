"""Many people on bad networks, or somebody who pretends to be, do not keep the others waiting."""

import contextlib
import http.client
import pathlib
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable

import pytest

from tests import sizes
from tests.flows import serving

HEADERS, BODIES = 150, 150
EVERY_SECONDS = 2.0
FORM = b"csrf_token=x&handle=nadie&passphrase=" + b"x" * 27
HEAD = b"GET /healthz HTTP/1.1\r\nHost: minga\r\nX-Long: "
REST = b"x\r\nConnection: close\r\n\r\n"
POST = (
    b"POST /sign-in HTTP/1.1\r\nHost: minga\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(FORM)
)


class Slow(threading.Thread):
    """Connections that each send a byte every two seconds: half of them headers, half bodies."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.enough = threading.Event()
        self.heads = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(HEADERS)]
        self.bodies = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(BODIES)]
        self.sent = 0
        for connection in self.heads:
            connection.sendall(HEAD)
        for connection in self.bodies:
            connection.sendall(POST)

    def run(self) -> None:
        pause = EVERY_SECONDS / (HEADERS + BODIES)
        while not self.enough.is_set() and self.sent < len(FORM) - 1:
            for head, body in zip(self.heads, self.bodies, strict=True):
                head.sendall(b"x")
                self.enough.wait(pause)
                body.sendall(FORM[self.sent : self.sent + 1])
                self.enough.wait(pause)
            self.sent += 1

    def finish(self) -> list[int]:
        """Let all of them come to an end; returns the statuses of their answers, headers first."""
        self.enough.set()
        self.join()
        for connection in self.heads:
            connection.sendall(REST)
        for connection in self.bodies:
            connection.sendall(FORM[self.sent :])
        return [status(connection) for connection in [*self.heads, *self.bodies]]

    def close(self) -> None:
        self.enough.set()
        self.join()
        for connection in [*self.heads, *self.bodies]:
            connection.close()


def status(connection: socket.socket) -> int:
    with http.client.HTTPResponse(connection) as answer:
        answer.begin()
        answer.read()
        return answer.status


def times(url: str, paths: list[str], seconds: float) -> list[float]:
    """Milliseconds until each answer was whole, a connection for each as from many phones."""
    found: list[float] = []
    end = time.monotonic() + seconds
    # Two at least: the whole machine may stand still for a second.
    while time.monotonic() < end or len(found) < 2:
        began = time.perf_counter()
        with urllib.request.urlopen(url + paths[len(found) % len(paths)], timeout=30) as answer:
            answer.read()
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(0.01)
    return found


@pytest.mark.long
def test_300_slow_connections_keep_nobody_waiting(tmp_path: pathlib.Path, figure: Callable[[str], None]) -> None:
    seconds = sizes.of(4, 50)
    with serving.serving(tmp_path) as site:
        paths = ["/", "/designs", "/sign-in", "/healthz"]
        alone = times(site.url, paths, seconds / 4)
        with contextlib.closing(Slow(site.port)) as slow:
            slow.start()
            beside = times(site.url, paths, seconds)
            statuses = slow.finish()
    median, p95 = statistics.median(beside), statistics.quantiles(beside, n=20)[-1]
    figure(
        f"{HEADERS} slow headers and {BODIES} slow bodies for {seconds} s: {len(beside)} other requests, "
        f"median {median:.1f} ms, p95 {p95:.1f} ms "
        f"(alone {statistics.median(alone):.1f} and {statistics.quantiles(alone, n=20)[-1]:.1f} ms)"
    )
    assert statuses == [200] * HEADERS + [400] * BODIES
    assert len(beside) > 20
    assert p95 <= (50 if sizes.long else 500)
