"""Taking the text out of a file, in a process of its own that can do no harm; see `extracting`."""

import logging
import pathlib
import signal
import subprocess
import sys
import threading
from typing import IO

from wiki import limits

log = logging.getLogger("minga.search")

COMMAND = (sys.executable, "-m", "search.extracting")
_ROOM = pathlib.Path(__file__).parents[1]
_MOST = 4 * limits.FILE_TEXT
"""Bytes that are read of the answer."""


class Taking:
    """A file that is being read. It is over after `limits.FILE_TEXT_SECONDS` at the latest."""

    def __init__(self, sha256: str, body: IO[bytes], type: str) -> None:
        self.sha256 = sha256
        self._answer = b""
        self._is_late = False
        self._process = subprocess.Popen(  # noqa: S603
            [*COMMAND, type],
            stdin=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOM,
            env={},
        )
        self._timer = threading.Timer(limits.FILE_TEXT_SECONDS, self._stop)
        self._timer.daemon = True
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._timer.start()
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            self._answer = out.read(_MOST + 1)
        if len(self._answer) > _MOST:
            self._process.kill()
        self._process.wait()
        self._timer.cancel()

    def _stop(self) -> None:
        self._is_late = True
        self._process.kill()

    def is_over(self) -> bool:
        return not self._reading.is_alive()

    def end(self) -> None:
        """Give it up."""
        self._timer.cancel()
        self._process.kill()
        self._reading.join()

    def text(self) -> str | None:
        """Wait until it is over. The text is "" when none could be had, and None when the whole server is being
        stopped: the file may be read another time."""
        self._reading.join()
        code = self._process.returncode
        if code == -signal.SIGTERM:
            return None
        if code == 0 and len(self._answer) <= _MOST:
            return self._answer.decode("utf-8", "ignore")[: limits.FILE_TEXT]
        why = f"it was stopped by {signal.Signals(-code).name}" if code < 0 else f"its reader ended with {code}"
        why = f"it took more than {limits.FILE_TEXT_SECONDS} s" if self._is_late else why
        log.warning("a file can't be read for the search: %s: %s", self.sha256, why)
        return ""
