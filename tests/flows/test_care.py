"""Looking after a server: a backup while everybody writes, a disaster, and the power that goes."""

import json
import os
import random
import threading
import time
from typing import Any

import pytest
from sqlalchemy import text

from tests import sizes
from tests.conftest import new_postgres
from tests.designs.examples import pump
from tests.flows.people import Api, commons
from tests.flows.serving import minga, serving
from wiki import db, history, pages, verify

PAGES, WRITERS = 8, 4
SAVES = 20
"""More than so many were said to be kept before each backup begins."""


class Writer(threading.Thread):
    """Saves one version after another until told to stop; knows what was acknowledged, and when."""

    def __init__(self, number: int, api: Any, stop: threading.Event) -> None:
        super().__init__()
        self.number, self.api, self.stopped = number, api, stop
        self.acknowledged: list[tuple[float, str]] = []
        self.wrong: list[Any] = []

    def run(self) -> None:
        turn = 0
        while not self.stopped.is_set():
            slug, note = f"pagina-{(turn * WRITERS + self.number) % PAGES}", f"{self.number}-{turn}"
            design = self.api.get(f"/designs/comun/{slug}")[1]
            changed = {**design["document"], "body": f"Escrito por {self.number}, vuelta {turn}.\n"}
            sent = {"base": design["number"], "document": changed, "note": note}
            status, answer = self.api.put(f"/designs/comun/{slug}", sent)
            if status == 200:
                self.acknowledged.append((time.monotonic(), note))
            elif status != 409:
                self.wrong.append((status, answer))
            turn += 1


@pytest.mark.parametrize(
    "store", ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.postgres)] if sizes.long else [])]
)
def test_a_backup_in_the_storm_brings_back_all_that_was_said_to_be_saved(store, tmp_path, request, figure):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    stop, archives = threading.Event(), []
    with commons(tmp_path / "here", request, store, empty=False) as (site, api):
        for number in range(PAGES):
            sent = {"community": "comun", "slug": f"pagina-{number}", "language": "es", "document": pump()}
            assert api.post("/designs", sent)[0] == 201
        writers = [Writer(number, api, stop) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for number in range(sizes.of(1, 6)):
            _wait_for_saves(writers)
            begun, archive = time.monotonic(), tmp_path / f"{number}.tar"
            site.command("backup", str(archive))
            archives.append((begun, archive, time.monotonic() - begun))
        stop.set()
        for writer in writers:
            writer.join()
    assert [writer.wrong for writer in writers] == [[]] * WRITERS

    begun, archive, took = archives[-1]
    env = {**os.environ, "MINGA_DATA_DIR": str(tmp_path / "there")}
    if store == "postgresql":
        env["MINGA_DATABASE_URL"] = new_postgres(request.getfixturevalue("postgres_server"))
    minga(env, "restore", str(archive))
    assert json.loads(minga(env, "verify", "--json")) == {"ok": True, "differences": []}
    with serving(tmp_path / "there", env=env) as site:
        again = Api(site.url, api.token)
        kept = {item["note"] for number in range(PAGES) for item in again.all_versions(f"pagina-{number}")}
        last = again.get("/designs/comun/pagina-0")[1]
        sent = {"base": last["number"], "document": {**last["document"], "body": "Otra vez aquí.\n"}}
        assert again.put("/designs/comun/pagina-0", sent)[0] == 200
    there, here = ({path.name for path in (tmp_path / at / "files").glob("??/*")} for at in ("there", "here"))
    assert there == here
    before = {note for writer in writers for at, note in writer.acknowledged if at < begun}
    figure(
        f"backup on {store} under {sum(len(w.acknowledged) for w in writers)} saves: {took:.1f} s, "
        f"{archive.stat().st_size / 1e6:.1f} MB; of {len(before)} saves before it {len(before - kept)} are missing"
    )
    assert len(before) > SAVES
    assert before <= kept


def _wait_for_saves(writers: list[Writer]) -> None:
    """Until a second is over and some more saves were said to be kept."""
    begun, before = time.monotonic(), sum(len(writer.acknowledged) for writer in writers)
    while time.monotonic() < begun + 1 or sum(len(writer.acknowledged) for writer in writers) <= before + SAVES:
        assert time.monotonic() < begun + 60, [writer.wrong for writer in writers]
        time.sleep(0.05)


def test_the_power_that_goes_leaves_what_was_written_up_to_a_moment(app, comun, rosa, figure):
    """The end of SQLite's log is cut at any byte, as when the power goes while it is written."""
    pages.create(comun, pump(), slug="bomba", language="es", by=rosa)
    db.session.remove()
    place = app.config["DATA_DIR"] / "minga.db"
    log = place.with_name("minga.db-wal")
    with db.db.engine.connect() as holding:
        holding.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        holding.commit()
        before = history.get_page("comun", "bomba").head
        for number in range(1, 30):
            pages.save(history.get_page("comun", "bomba"), pump(body=f"Vuelta {number}.\n"), base=number, by=rosa)
        db.session.remove()
        kept = {path: path.read_bytes() for path in (place, log)}
    luck, heads = random.Random(3), []
    for _ in range(sizes.of(30, 200)):
        db.session.remove()
        db.db.engine.dispose()
        place.with_name("minga.db-shm").unlink(missing_ok=True)
        place.write_bytes(kept[place])
        log.write_bytes(kept[log][: luck.randrange(len(kept[log]) + 1)])
        assert verify.all_differences() == []
        heads.append(history.get_page("comun", "bomba").head)
    figure(
        f"{len(heads)} cuts of a log of {len(kept[log]):,} bytes: heads from {min(heads)} to {max(heads)}, all whole"
    )
    assert min(heads) >= before
    assert len(set(heads)) > 10
