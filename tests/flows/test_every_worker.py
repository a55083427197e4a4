"""What several processes that serve one site agree on."""

import http.client
import os
import pathlib
import urllib.parse

import pytest

from tests.designs.examples import pump
from tests.flows.people import commons
from tests.flows.serving import serving


@pytest.fixture(scope="module")
def served(tmp_path_factory, request):
    with commons(tmp_path_factory.mktemp("workers"), request, workers=3) as found:
        yield found


def open_line(site):
    return http.client.HTTPConnection(urllib.parse.urlsplit(site.url).netloc, timeout=10)


def get(connection, path, **headers):
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer


def test_a_change_is_seen_at_the_next_request_in_every_worker(served):
    site, api = served
    sent = {"community": "comun", "slug": "cambia", "language": "es", "document": pump(summary="Vuelta 0.")}
    assert api.post("/designs", sent)[0] == 201
    connections = [open_line(site) for _ in range(24)]
    for turn in range(1, 6):
        sent = {"base": turn, "document": pump(summary=f"Vuelta {turn}.")}
        assert api.put("/designs/comun/cambia", sent)[0] == 200
        for connection in connections:
            assert f"Vuelta {turn}." in get(connection, "/c/comun/cambia")[1]
    for connection in connections:
        connection.close()


def test_an_unchanged_page_is_told_so_on_a_connection_that_stays_open(served):
    site, api = served
    sent = {"community": "comun", "slug": "queda", "language": "es", "document": pump()}
    assert api.post("/designs", sent)[0] == 201
    connection = open_line(site)
    tag = get(connection, "/c/comun/queda")[2].headers["ETag"]
    line = connection.sock
    for _ in range(3):
        assert get(connection, "/c/comun/queda", **{"If-None-Match": tag})[:2] == (304, "")
    assert connection.sock is line
    assert api.put("/designs/comun/queda", {"base": 1, "document": pump(summary="Otra.")})[0] == 200
    assert get(connection, "/c/comun/queda", **{"If-None-Match": tag})[0] == 200
    connection.close()


def test_who_makes_the_other_processes_holds_no_connection_meanwhile(tmp_path):
    """They would share what it knows of the store."""
    with serving(tmp_path, workers=1):
        pass
    with serving(tmp_path, workers=1, env={"MINGA_SEARCH_URL": "off"}) as site:
        held = [os.readlink(path) for path in pathlib.Path(f"/proc/{site.pid}/fd").iterdir()]
    assert held
    assert not [name for name in held if "minga.db" in name]
