"""Many people write at once while the processes that serve them are killed. No edit is lost, none is made twice."""

import collections
import http.client
import itertools
import json
import os
import random
import signal
import threading
import time
import uuid
from typing import Any

import pytest

from tests import sizes
from tests.designs.examples import pump
from tests.flows.people import Api, commons

CLIENTS = 8
PAGES = 20


def body(lines: dict[str, str]) -> str:
    return "\n\n".join(f"{name}: {text}" for name, text in lines.items()) + "\n"


def persistent(call: Any, end: float) -> tuple[int, Any]:
    """Repeat a request with the same key until somebody lives long enough to answer it."""
    while True:
        try:
            status, answer = call()
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
            continue
        if status == 503 and time.monotonic() < end:
            continue
        return status, answer


class Client(threading.Thread):
    """Edits pages at a place of its own, and now and then begins one."""

    def __init__(self, number: int, api: Api, edits: int) -> None:
        super().__init__()
        self.number, self.api, self.edits = number, api, edits
        self.luck = random.Random(number)
        self.last: dict[str, str] = {}
        self.begun: list[str] = []
        self.wrong: list[Any] = []

    def run(self) -> None:
        try:
            for edit in range(self.edits):
                self.begin(edit) if edit % 8 == 7 else self.save(edit)
        except Exception as error:
            self.wrong.append(repr(error))

    def save(self, edit: int) -> None:
        slug, end = f"pagina-{self.luck.randrange(PAGES)}", time.monotonic() + 60
        _, design = persistent(lambda: self.api.get(f"/designs/comun/{slug}"), end)
        mine, document = f"c{self.number}", design["document"]
        lines = dict(part.split(": ", 1) for part in document["body"].strip().split("\n\n"))
        lines[mine] = f"edit {edit} de {mine}"
        document["body"] = body(lines)
        sent = {"base": design["number"], "document": document, "note": f"{mine} {edit}"}
        key = uuid.uuid4().hex
        status, answer = persistent(lambda: self.api.put(f"/designs/comun/{slug}", sent, key), end)
        if status == 200:
            self.last[slug] = lines[mine]
        else:
            self.wrong.append((status, answer))

    def begin(self, edit: int) -> None:
        title, end = f"Nueva {self.number} {edit}", time.monotonic() + 60
        sent = {"community": "comun", "language": "es", "document": pump(title=title)}
        key = uuid.uuid4().hex
        self.api.post_and_hang_up("/designs", sent, key)
        status, answer = persistent(lambda: self.api.post("/designs", sent, key), end)
        if status == 201:
            self.begun.append(title)
        else:
            self.wrong.append((status, answer))


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_is_lost_or_made_twice_while_workers_are_killed(store, tmp_path, request, figure):
    edits, kills = sizes.of(12, 150), sizes.of(4, 40)
    with commons(tmp_path, request, store) as (site, api):
        start = body({f"c{n}": "nada" for n in range(CLIENTS)})
        for n in range(PAGES):
            sent = {
                "community": "comun",
                "slug": f"pagina-{n}",
                "language": "es",
                "document": pump(body=start),
            }
            assert api.post("/designs", sent)[0] == 201
        clients = [Client(n, api, edits) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        killed, luck = 0, random.Random(7)
        while killed < kills and any(client.is_alive() for client in clients):
            time.sleep(luck.uniform(0.05, 0.4) if not sizes.long else luck.uniform(0.2, 1.0))
            workers = site.workers()
            if workers:
                os.kill(luck.choice(workers), signal.SIGKILL)
                killed += 1
        for client in clients:
            client.join()
        time.sleep(1)
        histories = {f"pagina-{n}": api.all_versions(f"pagina-{n}") for n in range(PAGES)}
        finals = {slug: api.get(f"/designs/comun/{slug}")[1]["document"]["body"] for slug in histories}
        titles = collections.Counter(item["title"] for item in api.all_designs() if item["title"].startswith("Nueva"))
        log = site.log()
        differences = site.command("verify", "--json", expected=(0, 1))

    wrong = [w for client in clients for w in client.wrong]
    lost = [(c.number, slug) for c in clients for slug, line in c.last.items() if line not in finals[slug]]
    notes = collections.Counter(item["note"] for versions in histories.values() for item in versions)
    twice = [note for note, times in notes.items() if note and times > 1] + [t for t, n in titles.items() if n > 1]
    gone = [title for client in clients for title in client.begun if title not in titles]
    forked = [
        slug
        for slug, versions in histories.items()
        if [v["number"] for v in versions] != list(range(len(versions), 0, -1))
        or any(v["parents"] != [before["digest"]] for v, before in itertools.pairwise(versions))
    ]
    figure(
        f"storm on {store}: {CLIENTS} x {edits} edits, {killed} kills; lost {len(lost) + len(gone)}, "
        f"twice {len(twice)}, forked {len(forked)}, locked {log.count('database is locked')}, other {len(wrong)}"
    )
    assert (wrong, lost, gone, twice, forked) == ([], [], [], [], [])
    assert "database is locked" not in log
    assert json.loads(differences)["ok"]


@pytest.mark.parametrize(
    "store", ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.postgres)] if sizes.long else [])]
)
def test_eight_people_who_edit_one_page_at_eight_places_at_once_are_all_heard(store, tmp_path, request, figure):
    rounds = sizes.of(4, 60)
    with commons(tmp_path, request, store) as (_, api):
        lines = {f"c{n}": "nada" for n in range(CLIENTS)}
        sent = {"community": "comun", "slug": "juntos", "language": "es", "document": pump(body=body(lines))}
        assert api.post("/designs", sent)[0] == 201
        heard = 0
        for turn in range(rounds):
            design = api.get("/designs/comun/juntos")[1]
            barrier = threading.Barrier(CLIENTS)
            answers: list[tuple[int, Any]] = []

            def edit(number: int, turn: int, design: Any, lines: dict[str, str], barrier: Any, answers: Any) -> None:
                mine = {**lines, f"c{number}": f"vuelta {turn} de c{number}"}
                sent = {"base": design["number"], "document": {**design["document"], "body": body(mine)}}
                barrier.wait()
                answers.append(api.put("/designs/comun/juntos", sent))

            given = (turn, design, lines, barrier, answers)
            threads = [threading.Thread(target=edit, args=(n, *given)) for n in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            final = api.get("/designs/comun/juntos")[1]["document"]["body"]
            assert [status for status, _ in answers] == [200] * CLIENTS, answers
            heard += sum(f"vuelta {turn} de c{n}\n" in final for n in range(CLIENTS))
            lines = dict(part.split(": ", 1) for part in final.strip().split("\n\n"))
    figure(f"race on {store}: {heard} of {rounds * CLIENTS} edits are in the final texts")
    assert heard == rounds * CLIENTS
