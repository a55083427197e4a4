"""A real fork that went its own way, and real changes of two sides, brought to two communities."""

import json

import pytest

from designs import families, forks, imports, proposals, pulls
from tests import sizes
from wiki import errors, history, pages, spaces, verify
from wiki.db import session
from wiki.merge import merge_text

pytestmark = [pytest.mark.data, pytest.mark.long]


def fresh(page):
    session.close()
    return history.find_page_by_id(page.id)


def head(page):
    page = fresh(page)
    return history.get_version(page, page.head)


@pytest.fixture
def told(shared):
    """The files of a project as it began, as its makers have it now, and as a fork has it."""
    rows = [json.loads(line) for line in (shared / "data" / "merges" / "forks.jsonl").read_text().splitlines()]
    licences = {
        side: (shared / "data" / "designs" / name / "LICENSE").read_bytes()
        for side, name in (("ours", "libre-2-levels-stage"), ("theirs", "libre-2-levels-stage-fork"))
    }
    licences["base"] = licences["theirs"]
    return {
        side: {row["path"]: row[side].encode() for row in rows if row[side]} | {"LICENSE": licences[side]}
        for side in ("base", "ours", "theirs")
    }


def test_a_real_fork_is_a_family_and_what_the_licences_forbid_is_refused(context, comun, rosa, tomas, told):
    (begun,) = imports.take_folder("stage", told["base"], into=comun, by=rosa)
    original = fresh(begun.page)
    valle = spaces.found("valle", by=tomas)
    version = history.get_version(original, 1)
    (forked,) = imports.take_folder("stage-fork", told["theirs"], into=valle, by=tomas, fork_of=version)
    fork = fresh(forked.page)
    assert (fork.upstream_id, fork.relation, fork.taken) == (original.id, "adaptation", 1)
    assert history.get_version(fork, 1).document == version.document
    # The makers wrote nearly all anew, and chose another licence: alone, they may.
    (changed,) = imports.take_folder("stage", told["ours"], into=comun, by=rosa)
    assert changed.result in ("changed", "failed"), changed.reason
    if changed.result == "failed":
        there = imports.take_folder("anew", told["ours"], into=comun, by=rosa)[0].page
        content = {**head(there).document}
        pages.save(fresh(original), content, base=1, by=rosa)
    family = families.of(fresh(original))
    assert [(m.relation, m.distance, m.behind) for m in family.members] == [("", 0, 0), ("adaptation", 1, 1)]
    table = families.table(family, fresh(original))
    assert {cell.what for line in table.lines for cell in line.cells} >= {"kept", "added"}
    with pytest.raises(errors.Invalid) as refused:
        pulls.pull(fresh(fork), number=2, by=tomas)
    assert {p.code for p in refused.value.problems} <= {"licence-same", "licence-unlisted"}
    assert fresh(fork).taken == 1
    assert verify.all_differences() == []


def real(shared):
    lines = (shared / "data" / "merges" / "merges.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row["id"].startswith("reactjs/es") or "es.react" in row["id"]]
    assert len(rows) == 70
    return rows[:: sizes.of(10, 1)]


def design(text):
    licences = [{"key": "documentation", "licence": "CC-BY-4.0"}]
    return {"kind": "practice", "title": "Página", "licences": licences, "body": text}


def test_a_fork_that_takes_in_what_changed_is_asked_what_merging_asks(context, comun, rosa, tomas, shared):
    valle = spaces.found("valle", by=tomas)
    for number, row in enumerate(real(shared)):
        saved = pages.create(comun, design(row["base"]), slug=f"p-{number}", language="en", by=rosa)
        upstream = history.find_page_by_id(saved.page_id)
        made = forks.fork(
            history.get_version(upstream), valle, relation="adaptation", slug=f"p-{number}", note="Otra.", by=tomas
        )
        fork = history.find_page_by_id(made.page_id)
        pages.save(fork, design(row["ours"]), base=1, by=tomas)
        pages.save(upstream, design(row["theirs"]), base=1, by=rosa)
        alone = merge_text(row["base"], row["ours"], row["theirs"])
        fork, shown = fresh(fork), fresh(upstream).head
        found = pulls.offered(fork)
        body = [c for c in found.conflicts if c.place.startswith("body")]
        assert len(body) == len(alone.conflicts), row["id"]
        if body:
            with pytest.raises(pages.Conflict):
                pulls.pull(fork, number=shown, by=tomas)
        answers = {conflict.id: "here" for conflict in found.conflicts}
        pulls.pull(fresh(fork), number=shown, resolutions=answers, by=tomas)
        assert pulls.behind(fresh(fork), fresh(upstream)) == 0
        assert head(fork).document["body"] == alone.text
    assert verify.all_differences() == []


def test_the_other_way_they_are_proposals(context, comun, rosa, tomas, shared):
    valle = spaces.found("valle", by=tomas)
    for number, row in enumerate(real(shared)[: sizes.of(3, 10)]):
        saved = pages.create(comun, design(row["base"]), slug=f"p-{number}", language="en", by=rosa)
        upstream = history.find_page_by_id(saved.page_id)
        made = forks.fork(
            history.get_version(upstream), valle, relation="adaptation", slug=f"p-{number}", note="Otra.", by=tomas
        )
        fork = history.find_page_by_id(made.page_id)
        pages.save(fork, design(row["theirs"]), base=1, by=tomas)
        told = proposals.propose(upstream, fresh(fork), note="Mejor.", by=tomas)
        pages.save(fresh(upstream), design(row["ours"]), base=1, by=rosa)
        proposal = proposals.get(fresh(upstream), told.number)
        asked = proposals.shown(proposal, by=rosa).merged.conflicts
        alone = merge_text(row["base"], row["ours"], row["theirs"])
        assert len(asked) == len(alone.conflicts), row["id"]
        answers = {conflict.id: "here" for conflict in asked}
        proposals.accept(proposal, digest=told.digest, resolutions=answers, by=rosa)
        assert head(upstream).document["body"] == alone.text
    assert verify.all_differences() == []
