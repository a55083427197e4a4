"""The door to the network: one listening socket, and processes that answer on it, begun again when they end.

The parent only waits: it has no threads, no store and no requests of its own, so it can fork at any time.
Children hold one end of a pipe, the cord. It breaks when the parent tells them to stop, and when it is gone.
"""

import contextlib
import ctypes
import logging
import os
import pathlib
import resource
import select
import signal
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from wiki import limits

log = logging.getLogger("minga.server")

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
TRIES = 5
"""How often a child may end at its start before a server that never answered gives up."""
STEADY_SECONDS = 5
"""A child that lived longer than this did not fail at its start."""
LONGEST_PAUSE = 10.0
LONGEST_PAUSE_AFTER_KILL = 0.5
"""Somebody who kills a process is not a process that fails."""
TIDY_SECONDS = 5
TURN_SECONDS = 0.002
"""Who has taken a connection leaves the next to the other workers for so long: some keep theirs for minutes."""
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Settings of the C library, as `mallopt(3)` names them."""
LARGE = 256 * limits.KIB


class Life:
    """What a child knows of its parent: `stopping` is set when it is to end."""

    def __init__(self, told: int) -> None:
        self.stopping = threading.Event()
        self._told = told

    def begun(self) -> None:
        """Say that requests are answered from now on."""
        os.write(self._told, b".")


@dataclass(frozen=True)
class Child:
    """Work for a process of its own. `run` returns after `stopping` is set; before, it is started again."""

    name: str
    run: Callable[[Life], None]


def serve(
    make_app: Callable[[], WSGIApplication],
    host: str,
    port: int,
    workers: int,
    ready: Callable[[str], None],
    beside: Sequence[Child] = (),
    *,
    behind_proxy: bool = False,
) -> int:
    """Serve until SIGTERM or SIGINT, and return the status to exit with: 0, or 1 if it could not begin.

    Every worker asks for its app. `ready` is told the address when the first of them answers. `beside` runs
    next to them.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _use_one_heap()
    try:
        listening = _listen(host, port)
    except OSError as error:
        log.error("cannot listen on %s, port %s: %s", host, port, error.strerror or error)
        return 1
    connections = _room_for_connections()
    with listening:
        name, number = listening.getsockname()[:2]
        address = f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
        web = [
            Child(f"worker {n}", lambda life: _answer(make_app, listening, connections, behind_proxy, life))
            for n in range(1, workers + 1)
        ]
        return supervise([*web, *beside], lambda: ready(address), listening.close)


def _listen(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return socket.create_server(address[:2], family=family, backlog=1024)


def _use_one_heap() -> None:
    """One heap for all threads of a process, and what is larger than LARGE beside it, so that it goes back to the
    system. The GNU C library would give each thread a heap of its own: half of what these held was free, and more as
    time went on. Others are left as they are."""
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE)


def _room_for_connections() -> int:
    """How many connections a worker may hold: each takes up to two open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * limits.CONNECTIONS + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(1, min(limits.CONNECTIONS, (soft - 256) // 2))
    return limits.CONNECTIONS


class _Task(WSGITask):  # type: ignore[misc]
    """A response that has no body by its nature (304) leaves the connection open: a phone would pay for a new one."""

    def set_close_on_finish(self) -> None:
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.has_body or self.version != "1.1" or asked == "close":
            super().set_close_on_finish()


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task

    def handle_close(self) -> None:
        """Let go of the file in which a request waits that will never be whole."""
        if self.request is not None:
            self.request.close()
        super().handle_close()


def _answer(
    make_app: Callable[[], WSGIApplication], listening: socket.socket, connections: int, behind_proxy: bool, life: Life
) -> None:
    """Answer requests until told to stop, then finish those under way. A thread sees only whole requests."""
    sockets: dict[int, object] = {}
    server = waitress.create_server(
        _framed(make_app()),
        map=sockets,
        sockets=[listening],
        threads=limits.THREADS,
        connection_limit=connections,
        channel_timeout=limits.IDLE_SECONDS,
        cleanup_interval=TIDY_SECONDS,
        max_request_body_size=limits.REQUEST_BODY,
        max_request_header_size=limits.REQUEST_HEADERS,
        inbuf_overflow=limits.BODY_IN_MEMORY,
        clear_untrusted_proxy_headers=True,
        **({"trusted_proxy": "127.0.0.1", "trusted_proxy_headers": {"x-forwarded-for"}} if behind_proxy else {}),
        expose_tracebacks=False,
        log_socket_errors=False,
        ident="minga",
    )
    server.channel_class = _Channel
    threading.Thread(target=lambda: life.stopping.wait() and server.pull_trigger(), daemon=True).start()
    life.begun()
    since: weakref.WeakKeyDictionary[object, float] = weakref.WeakKeyDictionary()
    tidy = 0.0
    while not life.stopping.is_set():
        held = len(server.active_channels)
        wasyncore.loop(timeout=1 if server.accepting else TURN_SECONDS, use_poll=True, map=sockets, count=1)
        server.accepting = len(server.active_channels) <= held
        if time.monotonic() >= tidy:
            tidy = time.monotonic() + TIDY_SECONDS
            _end_slow(server.active_channels.values(), since)
    end = time.monotonic() + limits.STOP_SECONDS
    wasyncore.dispatcher.close(server)
    while server.active_channels and time.monotonic() < end:
        for channel in server.active_channels.values():
            if not (channel.requests or channel.request or channel.total_outbufs_len):
                channel.will_close = True
        wasyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)
    # What nobody waits for any more is finished too.
    server.task_dispatcher.shutdown(timeout=max(0.1, end - time.monotonic()))


def _end_slow(channels: Iterable[Any], since: weakref.WeakKeyDictionary[object, float]) -> None:
    """Close the connections whose request takes longer to arrive than any network needs."""
    now = time.monotonic()
    for channel in channels:
        request = channel.request
        if request is not None:
            allowed = limits.REQUEST_SECONDS + request.body_bytes_received / limits.SLOWEST_BODY
            if now - since.setdefault(request, now) > allowed:
                channel.will_close = True


def _framed(app: WSGIApplication) -> WSGIApplication:
    """Refuse a body whose end can't be told, which would be taken as empty: HTTP/1.0 knows no chunks.

    The answer has no length, so that the connection is closed after it and the body is not read as a request.
    """

    def framed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return app(environ, start_response)
        start_response("411 Length Required", [("Content-Type", "text/plain")])
        return iter((b"Length Required\r\n",))

    return framed


class _Place:
    """Where one child after another runs, and when the next may start."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.pid = 0
        self.started = 0.0
        self.due = 0.0
        self.failures = 0

    def ended(self, status: int, now: float, *, again: bool) -> None:
        code, lived = os.waitstatus_to_exitcode(status), now - self.started
        self.failures = 0 if lived > STEADY_SECONDS else self.failures + 1
        longest = LONGEST_PAUSE_AFTER_KILL if code == -signal.SIGKILL else LONGEST_PAUSE
        pause = min(0.05 * 2**self.failures, longest) if self.failures else 0.0
        if again:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
            log.warning("%s (%d) %s and is started again in %.1f s", self.child.name, self.pid, how, pause)
        self.pid, self.due = 0, now + pause


def supervise(children: Sequence[Child], ready: Callable[[], None], close: Callable[[], None]) -> int:
    """Keep children running until SIGTERM or SIGINT (0), or until one fails before any has begun (1).

    `ready` is called when the first has begun; `close` lets go of what is held for them before they stop.
    """
    places = [_Place(child) for child in children]
    held, cord = os.pipe()
    told, tell = os.pipe()
    signals = _signals_as_bytes()
    begun, status = False, None
    while status is None:
        now = time.monotonic()
        for place in places:
            if not place.pid and place.due <= now:
                _start(place, held, cord, tell)
        pauses = [max(0.0, place.due - now) for place in places if not place.pid]
        select.select([told, signals], [], [], min(pauses, default=None))
        if _read(told) and not begun:
            begun = True
            ready()
        if {signal.SIGTERM, signal.SIGINT} & set(_read(signals)):
            status = 0
        for place in places:
            if place.pid and (ended := os.waitpid(place.pid, os.WNOHANG))[0]:
                place.ended(ended[1], time.monotonic(), again=status is None)
        if not begun and any(place.failures >= TRIES for place in places):
            log.error("no process could begin")
            status = 1
    close()
    os.close(cord)
    _wait_for([place.pid for place in places if place.pid], signals)
    signal.set_wakeup_fd(-1)
    return status


def _signals_as_bytes() -> int:
    """A pipe on which this process's signals arrive: a handler that did more might find a lock taken."""
    arriving, sending = os.pipe()
    os.set_blocking(arriving, False)
    os.set_blocking(sending, False)
    signal.set_wakeup_fd(sending, warn_on_full_buffer=False)
    for number in SIGNALS:
        signal.signal(number, _noted)
    return arriving


def _noted(number: int, frame: FrameType | None) -> None:
    """The byte in the pipe is all that is wanted."""


def _read(pipe: int) -> bytes:
    os.set_blocking(pipe, False)
    with contextlib.suppress(BlockingIOError):
        return os.read(pipe, 4096)
    return b""


def _start(place: _Place, held: int, cord: int, tell: int) -> None:
    # Signals wait until the child has a pipe of its own for them, else its would arrive on its parent's.
    sys.stdout.flush()
    sys.stderr.flush()
    place.started = time.monotonic()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        place.pid = os.fork()
        if not place.pid:
            os.close(cord)
            _be(place.child, held, tell, quiet=place.failures > 0)
    except OSError as error:
        log.error("%s could not be started: %s", place.child.name, error.strerror)
        place.due = place.started + 1
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be(child: Child, held: int, tell: int, *, quiet: bool) -> None:
    """Be this child, and never return: what the parent still had to do is not the child's."""
    status = 1
    try:
        _be_called(f"minga {child.name}")
        signals = _signals_as_bytes()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        life = Life(tell)
        threading.Thread(target=_watch, args=(child, held, signals, life), daemon=True).start()
        child.run(life)
        status = 0
    except Exception as error:
        log.error("%s failed: %s: %s", child.name, type(error).__name__, error, exc_info=None if quiet else error)
    finally:
        logging.shutdown()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _be_called(name: str) -> None:
    """What `ps` and `top` call this process, at most 15 letters, where a system can be told."""
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/comm").write_text(name[:15])


def _watch(child: Child, held: int, signals: int, life: Life) -> None:
    """Wait for the cord to break or for SIGTERM, then see to it that the child does end."""
    select.select([held, signals], [], [])
    life.stopping.set()
    time.sleep(limits.STOP_SECONDS + 1)
    log.warning("%s did not finish within %d s", child.name, limits.STOP_SECONDS)
    os._exit(1)


def _wait_for(pids: list[int], signals: int) -> None:
    """Wait for children that were told to stop. Another signal, or too long a time, ends them at once."""
    end = time.monotonic() + limits.STOP_SECONDS + 2
    while pids:
        select.select([signals], [], [], max(0.0, end - time.monotonic()))
        impatient = {signal.SIGTERM, signal.SIGINT} & set(_read(signals))
        if impatient or time.monotonic() >= end:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            return
        pids = [pid for pid in pids if not os.waitpid(pid, os.WNOHANG)[0]]
