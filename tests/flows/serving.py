"""A site that is really served, by processes of its own, for tests and benchmarks."""

import atexit
import contextlib
import fcntl
import functools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Container, Iterator, Mapping
from typing import Any

import wsgi
from search import reading
from wiki import accounts, db

TOGETHER = "MINGA_TESTS_TOGETHER"
"""The variable that names a folder of all processes of a run of the tests."""
ROOT = pathlib.Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Site:
    """A served site. Its data and its log are in `folder`."""

    def __init__(self, folder: pathlib.Path, port: int, command: list[str], env: Mapping[str, str]) -> None:
        self.folder, self.port, self.url = folder, port, f"http://127.0.0.1:{port}"
        self.env = {**os.environ, "MINGA_DATA_DIR": str(folder), **env}
        with (folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)
        self.pid = self.process.pid

    def log(self) -> str:
        """What its processes have said so far."""
        return (self.folder / "serve.log").read_text(errors="replace")

    def wait(self, seconds: float = 60) -> None:
        """Until it answers."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.log()}"
            assert time.monotonic() < end, f"it did not answer within {seconds} s:\n{self.log()}"
            time.sleep(0.05)

    def wait_for_workers(self, number: int, seconds: float = 10) -> None:
        """Until all of them are there: the first may answer before the others have their names."""
        end = time.monotonic() + seconds
        while len(self.workers()) < number:
            assert time.monotonic() < end, f"{number} workers were not there within {seconds} s:\n{self.log()}"
            time.sleep(0.01)

    def workers(self) -> list[int]:
        """The processes that answer, oldest first."""
        return self.children("worker")

    def children(self, kind: str) -> list[int]:
        """Its processes of a kind, such as `indexer`, oldest first."""
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                _, _, told = stat.read_text(errors="replace").partition("(")
                name, _, rest = told.rpartition(")")
                fields = rest.split()
                if int(fields[1]) == self.pid and fields[0] != "Z" and name.startswith(f"minga {kind}"):
                    found.append((int(fields[19]), int(stat.parent.name)))
        return [pid for _, pid in sorted(found)]

    def kill_worker(self) -> int:
        """Kill the oldest worker as a fault would; returns which it was."""
        worker = self.workers()[0]
        os.kill(worker, signal.SIGKILL)
        return worker

    def stop(self) -> int:
        """End it as an operator would; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def account(self, handle: str, passphrase: str, *, admin: bool = False) -> str:
        """Make an account; gives a token of it. A command would do the same, but takes a second to begin."""
        app = wsgi.create_app(self.env, TESTING=True, THROTTLE=False)
        with app.app_context():
            made, _ = accounts.create(handle, passphrase=passphrase, admin=admin)
            token = accounts.create_token("tests", by=made)
            db.db.session.remove()
            db.db.engine.dispose()
        return token

    def catch_up(self, seconds: float = 60) -> None:
        """Wait until all that was saved can be found, whichever worker is asked."""
        end = time.monotonic() + seconds
        while (state := self.readiness()["index"])["position"] != state["journal"]:
            assert time.monotonic() < end, f"it was not found within {seconds} s:\n{self.log()}"
            time.sleep(0.03)
        # The worker that answered knows it; another may have looked a moment before.
        time.sleep(reading.LOOK_SECONDS)

    def readiness(self) -> dict[str, Any]:
        """What it says of itself, ready or not."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))

    def command(self, *arguments: str, given: str = "", expected: Container[int] = (0,)) -> str:
        """What a `minga` command on the same data prints, when it ends with one of the expected exit codes."""
        return minga(self.env, *arguments, given=given, expected=expected)


def minga(env: Mapping[str, str], *arguments: str, given: str = "", expected: Container[int] = (0,)) -> str:
    """What a `minga` command prints on a machine with these variables."""
    command = [sys.executable, "-m", "wsgi", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, input=given, capture_output=True, text=True)
    assert done.returncode in expected, done.stdout + done.stderr
    return done.stdout


@functools.cache
def sampled() -> pathlib.Path:
    """A folder with the sample commons, made by a first start, once for all processes of a run of the tests."""
    if TOGETHER not in os.environ:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="minga-samples-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _add_samples(folder)
        return folder
    folder = pathlib.Path(os.environ[TOGETHER]) / "samples"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".new")
            making.mkdir()
            _add_samples(making)
            making.rename(folder)
    return folder


def _add_samples(folder: pathlib.Path) -> None:
    env = {**os.environ, "MINGA_DATA_DIR": str(folder)}
    port = free_port()
    site = Site(folder, port, [sys.executable, "-m", "wsgi", "serve", f"--port={port}", "--workers=1"], {})
    try:
        site.wait()
        minga(env, "search", "catch-up")
    finally:
        site.stop()
    (folder / "serve.log").unlink()


@contextlib.contextmanager
def serving(
    tmp_path: pathlib.Path,
    workers: int = 2,
    env: Mapping[str, str] = {},
    app: str = "",
    empty: bool = True,
) -> Iterator[Site]:
    """Minga on a free port with its data in `tmp_path`; or `app`, `module:name`, which that module serves."""
    port = free_port()
    if app:
        command = [sys.executable, "-W", "error", "-m", *app.split(":"), str(port), str(workers)]
    else:
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "wsgi",
            "serve",
            f"--port={port}",
            f"--workers={workers}",
        ]
        command += ["--empty"] * empty
        if not empty and not env.get("MINGA_DATABASE_URL") and not (tmp_path / "minga.db").exists():
            shutil.copytree(sampled(), tmp_path, dirs_exist_ok=True)
    site = Site(tmp_path, port, command, env)
    try:
        site.wait()
        site.wait_for_workers(workers)
        yield site
        if site.process.poll() is None:
            assert site.stop() == 0, site.log()
    finally:
        if site.process.poll() is None:
            site.process.kill()
            site.process.wait()
