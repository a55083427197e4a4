"""What a large family costs: forks, ancestors, the family's page and its table, in one run.

`python -m tests.bench.family [--forks 1000 --revisions 20000 --graph 100000]`. CPU milliseconds of this process; bytes
are those by which the database grew, with its indexes, for a page, a revision, a parent and a line of the journal.
"""

import argparse
import pathlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable

from sqlalchemy import insert, text

import wsgi
from designs import families, forks, pulls
from tests.designs.examples import pump
from wiki import accounts, db, history, lineages, pages, preparing, spaces
from wiki.models import Page, Parent, Revision

TABLES = ("page", "revision", "parent", "change")


def timed(act: Callable[[], object], times: int = 1) -> list[float]:
    took = []
    for _ in range(times):
        before = time.process_time()
        act()
        took.append((time.process_time() - before) * 1000)
    return took


def told(name: str, took: list[float]) -> None:
    ranked = sorted(took)
    p95 = ranked[min(len(ranked) - 1, round(len(ranked) * 0.95))]
    mean, middle = statistics.mean(took), statistics.median(took)
    print(f"{name:<46} p50 {middle:8.2f}  p95 {p95:8.2f}  mean {mean:8.2f} ms of CPU", flush=True)


def weight() -> int:
    """Bytes of some tables and their indexes; 0 where SQLite was built without its table of pages."""
    names = db.db.session.execute(
        text("SELECT name FROM sqlite_master WHERE tbl_name IN ('page', 'revision', 'parent', 'change')")
    ).scalars()
    try:
        query = text("SELECT sum(pgsize - unused) FROM dbstat WHERE name = :name")
        return sum(db.db.session.execute(query, {"name": name}).scalar() or 0 for name in names.all())
    except Exception:
        return 0


def size(folder: pathlib.Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("minga.db*"))


def lengthen(count: int, luck: random.Random) -> None:
    """More revisions for the pages that are there, as if they had been saved, some of them pulls."""
    by_page = {page.id: page for page in db.db.session.query(Page).all()}
    last = {page.id: (page.head, history.find_revision(page.id, page.head)) for page in by_page.values()}
    first = next(iter(last.values()))[1]
    assert first is not None
    ids, revisions, parents = max(id for (id,) in db.db.session.query(Revision.id)), [], []
    heads = {id: (number, revision.digest if revision else b"") for id, (number, revision) in last.items()}
    taken = {id: page.taken for id, page in by_page.items()}
    for _ in range(count):
        id = luck.choice(list(heads)) if luck.random() < 0.2 else luck.choice(tuple(heads))
        page, (number, digest) = by_page[id], heads[id]
        above = heads.get(page.upstream_id or 0)
        is_pull = above is not None and above[0] > taken[id] and luck.random() < 0.2
        ids += 1
        fresh = luck.randbytes(32)
        revisions.append(
            {
                "id": ids,
                "page_id": id,
                "number": number + 1,
                "digest": fresh,
                "author_id": first.author_id,
                "at": first.at,
                "verb": "pull" if is_pull else "edit",
                "language": "es",
                "commitment": bytes(32),
                "salt": bytes(32),
                "snapshot_id": first.snapshot_id,
                "note": "",
                "held": False,
            }
        )
        parents.append({"revision_id": ids, "position": 0, "digest": digest})
        if is_pull and above is not None:
            parents.append({"revision_id": ids, "position": 1, "digest": above[1]})
            taken[id] = above[0]
        heads[id] = (number + 1, fresh)
    session = db.db.session
    for start in range(0, len(revisions), 5000):
        session.execute(insert(Revision), revisions[start : start + 5000])
    for start in range(0, len(parents), 5000):
        session.execute(insert(Parent), parents[start : start + 5000])
    for id, (number, _digest) in heads.items():
        session.query(Page).filter_by(id=id).update({"head": number, "taken": taken[id]})
    session.commit()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--forks", type=int, default=1000)
    parser.add_argument("--revisions", type=int, default=20_000)
    parser.add_argument("--graph", type=int, default=100_000)
    asked = parser.parse_args()
    luck = random.Random(5)
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        app = wsgi.create_app({"MINGA_DATA_DIR": str(folder)})
        with app.app_context():
            preparing.make_ready()
            rosa, comun = accounts.create("rosa")[0], spaces.get("comun")
            steps = [{"key": f"s{n}", "title": f"Paso {n}", "text": "Con calma. " * 20} for n in range(30)]
            bom = [{"key": f"b{n}", "name": f"Pieza {n}", "quantity": "2", "unit": "u"} for n in range(40)]
            pages.create(comun, pump(bom=bom, steps=steps), slug="first", language="es", by=rosa)
            db.db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            before, weighed = size(folder), weight()
            numbers = iter(range(asked.forks))

            def fork() -> None:
                upstream = history.get_page("comun", "first")
                number = next(numbers)
                if number and luck.random() < 0.3:
                    upstream = history.get_page("comun", f"f{luck.randrange(number)}")
                version = history.get_version(upstream)
                forks.fork(version, comun, relation="variant", slug=f"f{number}", note="Otra.", by=rosa)

            told(f"a fork, of {asked.forks}", timed(fork, asked.forks))
            db.db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            after, heavier = size(folder), weight()
            print(f"bytes of the database for each fork: {(after - before) / asked.forks:,.0f} in all", end="")
            print(f", {(heavier - weighed) / asked.forks:,.0f} of page, revision, parent and change" if heavier else "")
            lengthen(asked.revisions, luck)
            page = history.get_page("comun", "first")
            told(f"the family of {asked.forks}", timed(lambda: families.of(page), 10))
            family = families.of(page)
            told("its adaptation table", timed(lambda: families.table(family, page), 10))
            with app.test_client() as client:
                told("its page", timed(lambda: client.get("/c/comun/first/family"), 5))
            lengthen(max(0, asked.graph - asked.revisions), luck)
            ids = [id for (id,) in db.db.session.query(Page.id)]

            def common() -> None:
                pair = [history.find_page_by_id(luck.choice(ids)) for _ in range(2)]
                found = [history.find_revision(one.id, one.head) for one in pair if one is not None]
                first, second = found
                assert first is not None
                assert second is not None
                lineages.common(first, second)

            told(f"common ancestor among {asked.graph} revisions", timed(common, 300))
            forked = history.get_page("comun", "f1")
            told("what a fork is behind, and its offers", timed(lambda: pulls.offered(forked), 20))
            db.db.session.remove()
            db.db.engine.dispose()


if __name__ == "__main__":
    main()
