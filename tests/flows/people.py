"""People and programs that use a served site, for the stories told here."""

import contextlib
import http.client
import json
import pathlib
import socket
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.serving import Site, serving


class Api:
    """A program with a token. Each request has a connection of its own, as from somebody's phone."""

    def __init__(self, url: str, token: str) -> None:
        self.address = urllib.parse.urlsplit(url).netloc
        self.token = token

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{path}", sent, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def post_and_hang_up(self, path: str, body: Any, key: str) -> None:
        """Send a request and lose the line before any answer comes."""
        sent = json.dumps(body).encode()
        head = (
            f"POST /api/v1{path} HTTP/1.1\r\nHost: {self.address}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        host, port = self.address.split(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(head.encode() + sent)

    def get(self, path: str) -> tuple[int, Any]:
        return self.call("GET", path)

    def put(self, path: str, body: Any, key: str = "") -> tuple[int, Any]:
        return self.call("PUT", path, body, key)

    def post(self, path: str, body: Any, key: str = "") -> tuple[int, Any]:
        return self.call("POST", path, body, key)

    def all_versions(self, slug: str, documents: bool = False) -> list[Any]:
        """The versions of a page in `comun`, newest first."""
        found: list[Any] = []
        before = ""
        while True:
            answer = self.get(f"/designs/comun/{slug}/history?limit=200&documents={int(documents)}{before}")[1]
            found += answer["items"]
            if answer["next"] is None:
                return found
            before = f"&before={answer['next']}"

    def all_designs(self) -> list[Any]:
        found: list[Any] = []
        page = 1
        while page is not None:
            answer = self.get(f"/designs?limit=200&page={page}")[1]
            found += answer["items"]
            page = answer["next"]
        return found


@contextlib.contextmanager
def commons(
    tmp_path: pathlib.Path, request: pytest.FixtureRequest, store: str = "sqlite", **more: Any
) -> Iterator[tuple[Site, Api]]:
    """A served site without samples, and somebody's program that may write."""
    env = {"MINGA_THROTTLE": "off"}
    if store == "postgresql":
        env["MINGA_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    with serving(tmp_path, env=env, **more) as site:
        site.command("account", "create", "rosa", "--passphrase-stdin", given="quinua y papa 2026\n")
        token = site.command("account", "token", "rosa").splitlines()[-1]
        yield site, Api(site.url, token)
