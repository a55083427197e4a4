"""Templates are compiled once, and pages never depend on what is kept of that."""

import os
import shutil

import jinja2
import pytest

import wsgi
from wiki.web.compiled import Compiled


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(Compiled, "known", {})


def compiled_by(monkeypatch, data, known=None) -> int:
    """How many templates are compiled for a page of a new site in this folder."""
    count = 0
    compile_ = jinja2.Environment.compile

    def counted(self, source, *args, **more):
        nonlocal count
        count += 1
        return compile_(self, source, *args, **more)

    monkeypatch.setattr(Compiled, "known", known if known is not None else {})
    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    app = wsgi.create_app({"MINGA_DATA_DIR": str(data)}, TESTING=True)
    assert "<main" in app.test_client().get("/about?lang=en").text
    monkeypatch.setattr(jinja2.Environment, "compile", compile_)
    return count


def test_a_process_and_the_next_one_compile_nothing_again(monkeypatch, prepared_database, tmp_path):
    data = shutil.copytree(prepared_database, tmp_path / "data", ignore=shutil.ignore_patterns("templates"))
    known = {}
    assert compiled_by(monkeypatch, data, known) > 3
    assert (data / "templates").stat().st_mode & 0o777 == 0o700
    assert compiled_by(monkeypatch, data) == 0
    assert compiled_by(monkeypatch, tmp_path / "another", known) == 0


def test_what_is_damaged_or_cannot_be_kept_is_compiled(monkeypatch, prepared_database, tmp_path):
    data = shutil.copytree(prepared_database, tmp_path / "data", ignore=shutil.ignore_patterns("templates"))
    every = compiled_by(monkeypatch, data)
    for path in (data / "templates").iterdir():
        path.write_bytes(b"nothing of the kind")
    assert compiled_by(monkeypatch, data) == every
    shutil.rmtree(data / "templates")
    (data / "templates").write_text("no folder")
    assert compiled_by(monkeypatch, data) == every
    os.unlink(data / "templates")


def test_a_changed_template_is_compiled_again(tmp_path):
    def said(source: str) -> str:
        loader = jinja2.DictLoader({"a": source})
        return jinja2.Environment(loader=loader, bytecode_cache=Compiled(tmp_path)).get_template("a").render()

    assert [said("one"), said("two"), said("one")] == ["one", "two", "one"]
