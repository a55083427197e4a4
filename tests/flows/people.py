"""People and programs that use a served site, for the stories told here."""

import contextlib
import http.client
import json
import pathlib
import re
import socket
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.forms import FormReader
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


class Browser:
    """One kept connection, as a browser's."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.cookie = ""

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str, **headers: str) -> tuple[int, bytes, http.client.HTTPResponse]:
        return self.send("GET", path, None, headers)

    def post(self, path: str, fields: list[tuple[str, str]]) -> tuple[int, bytes, http.client.HTTPResponse]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urllib.parse.urlencode(fields), headers)

    def send(
        self, method: str, path: str, sent: str | None, headers: dict[str, str]
    ) -> tuple[int, bytes, http.client.HTTPResponse]:
        if self.cookie:
            headers = {**headers, "Cookie": self.cookie}
        self.connection.request(method, path, sent, {"Accept-Language": "es", **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.read(), answer

    def sign_in(self, handle: str, passphrase: str) -> None:
        _, html, answer = self.get("/sign-in")
        self.keep(answer)
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', html)
        assert token
        fields = [("csrf_token", token[1].decode()), ("handle", handle), ("passphrase", passphrase)]
        status, _, answer = self.post("/sign-in", fields)
        assert status == 303, status
        self.keep(answer)

    def submit(self, path: str, fields: dict[str, str], page: str = "") -> tuple[int, bytes]:
        """Send a form, with the token of the page that it stands on."""
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', self.get(page or path)[1])
        assert token, path
        status, body, answer = self.post(path, [("csrf_token", token[1].decode()), *fields.items()])
        self.keep(answer)
        return status, body

    def keep(self, answer: http.client.HTTPResponse) -> None:
        found = dict(part.split("=", 1) for part in self.cookie.split("; ") if part)
        for line in answer.headers.get_all("Set-Cookie", []):
            name, value = line.split(";", 1)[0].split("=", 1)
            found[name] = value
        self.cookie = "; ".join(f"{name}={value}" for name, value in found.items())


def form_fields(html: str) -> list[tuple[str, str]]:
    """What a browser would send of the document's form, untouched."""
    reader = FormReader()
    reader.feed(html)
    return reader.fields


@contextlib.contextmanager
def commons(
    tmp_path: pathlib.Path, request: pytest.FixtureRequest, store: str = "sqlite", **more: Any
) -> Iterator[tuple[Site, Api]]:
    """A served site without samples, and somebody's program that may write."""
    env = {"MINGA_THROTTLE": "off"}
    if store == "postgresql":
        env["MINGA_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    with serving(tmp_path, env=env, **more) as site:
        yield site, Api(site.url, site.account("rosa", "quinua y papa 2026"))
