"""Two pulls, two acceptances and a save race on one page while the processes that serve it are killed."""

import functools
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
from tests.flows.test_storm import persistent

pytestmark = pytest.mark.long

STORES = ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.postgres)] if sizes.long else [])]
"""On both at the long size; the storm runs on both in every run."""
FORK, CROWD = "/designs/comun/fork", "/designs/comun/cousin"


class Racer(threading.Thread):
    """Asks once for one thing, again and again until somebody answers."""

    def __init__(self, call: Any) -> None:
        super().__init__()
        self.call, self.answer = call, (0, None)

    def run(self) -> None:
        self.answer = persistent(self.call, time.monotonic() + 60)


def read(api: Api, address: str) -> Any:
    return persistent(lambda: api.get(address), time.monotonic() + 60)[1]


def write(api: Api, address: str, **parts: Any) -> Any:
    design = read(api, address)
    sent = {"base": design["number"], "document": {**design["document"], **parts}, "note": ""}
    key = uuid.uuid4().hex
    status, answer = persistent(lambda: api.put(address, sent, key), time.monotonic() + 60)
    assert status == 200, answer
    return answer


def propose(api: Api, key: str) -> Any:
    """Offer the fork one row of its cousin."""
    rows = [*read(api, CROWD)["document"]["bom"], {"key": key, "name": f"Pieza {key}"}]
    write(api, CROWD, bom=rows)
    offered = read(api, f"{FORK}/pull?from=comun/cousin")["changes"]
    sent = {"from": "comun/cousin", "changes": [c["id"] for c in offered if c["place"] == f"bom/{key}"], "note": key}
    once = uuid.uuid4().hex
    status, made = persistent(lambda: api.post(f"{FORK}/proposals", sent, once), time.monotonic() + 60)
    assert status == 201, made
    return made


@pytest.mark.parametrize("store", STORES)
def test_everything_that_was_asked_for_is_there_once(store, tmp_path, request, figure):
    rounds, luck = sizes.of(2, 200), random.Random(7)
    with commons(tmp_path, request, store, empty=True) as (site, api):
        sent = {"community": "comun", "slug": "first", "language": "es", "document": pump(body="Al principio.\n")}
        assert api.post("/designs", sent)[0] == 201
        for slug in ("fork", "cousin"):
            told = {"community": "comun", "slug": slug, "relation": "variant", "note": "Otra."}
            assert api.post("/designs/comun/first/forks", told)[0] == 201
        kills = 0
        for turn in range(rounds):
            body = read(api, "/designs/comun/first")["document"]["body"]
            head = write(api, "/designs/comun/first", body=f"{body}\nRonda {turn}.\n")["number"]
            made = [propose(api, f"{side}-{turn}") for side in "ab"]
            before = read(api, FORK)
            saved = {"base": before["number"], "document": {**before["document"], "problem": f"Pozo {turn}."}}
            asked = [
                *(("POST", f"{FORK}/pulls", {"head": head}) for _ in "ab"),
                *(("POST", f"{FORK}/proposals/{m['number']}/acceptance", {"digest": m["digest"]}) for m in made),
                ("PUT", FORK, saved),
            ]
            racers = [Racer(functools.partial(api.call, *one, uuid.uuid4().hex)) for one in asked]
            for racer in racers:
                racer.start()
            if turn % 2:
                time.sleep(luck.random() * 0.05)
                os.kill(luck.choice(site.workers()), signal.SIGKILL)
                kills += 1
            for racer in racers:
                racer.join()
            assert [racer.answer[0] for racer in racers] == [200] * 5, [racer.answer for racer in racers]
            after = read(api, FORK)
            keys = [row["key"] for row in after["document"]["bom"]]
            assert [keys.count(f"{side}-{turn}") for side in "ab"] == [1, 1]
            assert after["document"]["body"].count(f"Ronda {turn}.") == 1
            assert (after["document"]["problem"], after["behind"]) == (f"Pozo {turn}.", 0)
            assert after["number"] == before["number"] + 4, "a pull, two acceptances and a save"
        versions = api.all_versions("fork")
        assert [v["number"] for v in versions] == list(range(len(versions), 0, -1))
        assert len({parent for v in versions for parent in v["parents"][:1]}) == len(versions), "one line"
        states = read(api, f"{FORK}/proposals?limit=200")["items"]
        assert {one["state"] for one in states} == {"accepted"}
        site.command("verify")
        figure(
            f"{rounds} rounds of two pulls, two acceptances and a save, {kills} kills ({store}): nothing lost or twice"
        )
