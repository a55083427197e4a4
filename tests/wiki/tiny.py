"""A small app to try the server on."""

import os
import pathlib
import sys
import time

from flask import Flask, Response, request

import wiki.server
from wiki import limits


def make() -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 200 * limits.KIB

    @app.get("/healthz")
    def alive() -> str:
        return "ok"

    @app.get("/pid")
    def pid() -> str:
        return str(os.getpid())

    @app.get("/whence")
    def whence() -> str:
        return f"{request.remote_addr} {request.headers} {request.environ}"

    @app.get("/slow")
    def slow() -> str:
        time.sleep(float(request.args["seconds"]))
        return "done"

    @app.post("/form")
    def form() -> str:
        text = request.form.get("text", "")
        return f"{len(text)} {text[-4:]}"

    @app.get("/big")
    def big() -> Response:
        return Response(b"x" * limits.MIB)

    @app.get("/passing")
    def passing() -> str:
        """How many MB the process holds more, after large things passed through it and small ones stayed."""
        large, small = [b"x" * limits.MIB], []
        large.clear()
        before = _held()
        for number in range(50):
            large.append(bytes([number]) * limits.MIB)
            small.append(bytes([number]) * 2 * limits.KIB)
        large.clear()
        return str(round((_held() - before) / limits.MIB))

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError("secret words")

    return app


def bare() -> Flask:
    """As above; what goes wrong in it is left to the server."""
    app = make()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


def hasty() -> Flask:
    """As above; a request must be there in a second."""
    limits.REQUEST_SECONDS = 1
    wiki.server.TIDY_SECONDS = 0.2
    return make()


def impatient() -> Flask:
    """As above; a request under way has a second to finish when the server stops."""
    limits.STOP_SECONDS = 1
    return make()


def failing() -> Flask:
    """No app: it never begins."""
    raise RuntimeError("the store is away")


def failing_later() -> Flask:
    """The app, for as long as there is no file `fail`."""
    if (_folder() / "fail").exists():
        raise RuntimeError("the store is away")
    return make()


def beside(life: wiki.server.Life) -> None:
    """Work that is no web worker's."""
    (_folder() / "beside").write_text(str(os.getpid()))
    life.stopping.wait()
    (_folder() / "stopped").write_text(str(os.getpid()))


def _held() -> int:
    """Bytes of memory that this process uses."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _folder() -> pathlib.Path:
    return pathlib.Path(os.environ["MINGA_DATA_DIR"])


def main(name: str, port: str, workers: str) -> int:
    """Serve one of these apps."""
    more = [wiki.server.Child("beside", beside)] if name == "make_beside" else []
    is_proxied = name == "proxied"
    app = make if more or is_proxied else globals()[name]
    told = (app, "127.0.0.1", int(port), int(workers), lambda url: print(url, flush=True), more)
    return wiki.server.serve(*told, behind_proxy=is_proxied)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
