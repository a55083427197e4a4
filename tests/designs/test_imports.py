"""Designs from elsewhere come in once, and again when they change; what people wrote since stays."""

import json
import os

import pytest
from sqlalchemy import func, select

import wsgi
from designs import imports
from designs.models import Imported
from tests import sizes
from tests.designs.test_manifests import TOML
from wiki import accounts, history, pages, redaction, spaces, verify
from wiki.db import session
from wiki.models import Page


@pytest.fixture(
    params=["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], ids=["sqlite", "postgresql"]
)
def app(request):
    return request.getfixturevalue(request.param)


def take(comun, by, name="okh.toml", licence="CC-BY-SA-4.0", dry=False, **changes):
    text = TOML.format(licence=licence)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return imports.take(name, text.encode(), into=comun, by=by, dry=dry)


def here():
    return history.get_page("comun", "horno-de-tierra")


def document():
    return history.get_version(here()).document


def test_a_second_time_adds_nothing(comun, rosa):
    assert take(comun, rosa).result == "new"
    assert take(comun, rosa).result == "same"
    assert here().head == 1
    assert verify.all_differences() == []


def test_a_changed_source_makes_one_version_on_top_of_what_people_wrote(comun, rosa, tomas):
    take(comun, rosa)
    pages.save(here(), {**document(), "problem": "Falta pan."}, base=1, by=tomas)
    assert take(comun, rosa, **{"poca leña": "muy poca leña"}).result == "changed"
    assert (document()["problem"], document()["summary"]) == ("Falta pan.", "Cuece pan. Gasta muy poca leña.")
    assert take(comun, rosa, **{"poca leña": "muy poca leña"}).result == "same"
    assert here().head == 3


def test_where_people_wrote_something_else_nothing_is_written_over_it(comun, rosa, tomas):
    take(comun, rosa)
    pages.save(here(), {**document(), "summary": "Cuece pan. Gasta mucha leña."}, base=1, by=tomas)
    outcome = take(comun, rosa, **{"poca leña": "muy poca leña"})
    assert outcome.result == "failed"
    assert "summary" in outcome.reason
    assert document()["summary"] == "Cuece pan. Gasta mucha leña."


def test_two_files_of_one_design_are_one_design(comun, rosa):
    take(comun, rosa)
    assert take(comun, rosa, name="otra.toml", **{"poca leña": "otra cosa"}).result == "same"
    assert here().head == 1


def test_what_may_not_be_copied_is_a_card(comun, rosa):
    assert take(comun, rosa, licence="CC-BY-NC-4.0").result == "card"
    assert "pan" not in document().get("summary", "")


def test_a_dry_run_writes_nothing(comun, rosa):
    assert take(comun, rosa, dry=True).result == "new"
    assert session.scalar(select(func.count(Page.id))) == 0


def test_what_a_source_said_goes_with_words_that_are_taken_away(comun, rosa):
    take(comun, rosa)
    jefa = accounts.create("jefa", admin=True)[0]
    seen = redaction.find("poca leña", by=jefa).seen()
    redaction.redact("poca leña", seen=seen, by=jefa)
    assert session.scalars(select(Imported)).all() == []


@pytest.fixture
def run(app, monkeypatch):
    runner = app.test_cli_runner()
    monkeypatch.setenv("MINGA_DATA_DIR", str(app.config["DATA_DIR"]))

    def run(*arguments):
        return runner.invoke(wsgi.cli, ["import", *map(str, arguments)], catch_exceptions=False)

    return run


@pytest.mark.parametrize("app", ["app_on_sqlite"], indirect=True)
def test_the_command_reports_each_file_and_ends_with_1_when_one_failed(run, context, tmp_path):
    folder = tmp_path / "designs"
    folder.mkdir()
    (folder / "okh.toml").write_text(TOML.format(licence="MIT"))
    (folder / "binary.md").write_bytes(os.urandom(500))
    (folder / "cut.toml").write_text(TOML[:60])
    (tmp_path / "secret.toml").write_text(TOML.format(licence="MIT").replace("horno", "secreto"))
    (folder / "out.toml").symlink_to(tmp_path / "secret.toml")
    with (folder / "huge.toml").open("wb") as huge:
        huge.truncate(300 * 1024 * 1024)
    done = run(folder, "--json")
    told = {os.path.basename(row["path"]): row for row in map(json.loads, done.stdout.splitlines())}
    assert {name: row["result"] for name, row in told.items()} == {
        "designs": "new",
        "binary.md": "failed",
        "cut.toml": "failed",
        "out.toml": "failed",
        "huge.toml": "failed",
    }
    assert told["designs"]["url"] == "/c/comun/horno-de-tierra"
    assert "leads out" in told["out.toml"]["reason"]
    assert "larger" in told["huge.toml"]["reason"]
    assert done.exit_code == 1
    assert session.scalar(select(func.count(Page.id))) == 1


@pytest.mark.parametrize("app", ["app_on_sqlite"], indirect=True)
def test_who_and_where_must_be_there(run, context, tmp_path):
    assert run("/", "--community", "nada").exit_code == 2
    assert run("/", "--by", "nadie").exit_code == 2
    assert run(tmp_path, "--fork-of", "comun/x@1").exit_code == 2


@pytest.mark.data
@pytest.mark.parametrize("app", ["app_on_sqlite"], indirect=True)
def test_real_manifests_come_in_and_a_second_time_none(run, context, shared, figure):
    folder = shared / "data" / "okh"
    some = (
        [shared / "data" / "designs", folder]
        if sizes.long
        else [folder / "other", *sorted((folder / "losh-list").glob("*.toml"))[::12]]
    )
    first = run(*some)
    assert first.exit_code == 0, first.output
    figure(f"imported: {first.output.splitlines()[-1]}")
    pages_ = session.scalar(select(func.count(Page.id)))
    if sizes.long:
        # 12 of the other 21 manifests are designs, 4 of them those of folders; one folder is in three languages.
        assert pages_ == 974 + 12 - 4 + 7 + 2
    session.close()
    again = run(*some)
    assert again.exit_code == 0
    assert "new" not in again.output.splitlines()[-1]
    assert session.scalar(select(func.count(Page.id))) == pages_
    assert spaces.get("comun")
    assert verify.all_differences() == []
