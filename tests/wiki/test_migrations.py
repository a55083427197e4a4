"""Migrations on a store that people have filled: nothing is lost, and it is either before or after."""

import re
import shutil
import subprocess
import sys
import textwrap

import flask_migrate
import pytest
from sqlalchemy import inspect, text

import wsgi
from tests.designs.examples import pump
from wiki import history, pages, preparing, verify
from wiki.db import db

COPYING = """
    with op.batch_alter_table("page") as batch:
        batch.add_column(sa.Column("mood", sa.String(20), nullable=False, server_default="calm"))
        batch.alter_column("slug", type_=sa.String(90))
"""
ORPHANING = """
    op.execute("DELETE FROM snapshot WHERE id = (SELECT min(id) FROM snapshot)")
"""
FAILING = (
    COPYING
    + """
    op.execute("INSERT INTO page (nothing) VALUES (1)")
"""
)


def newest(folder):
    """The migration that no other builds on."""
    texts = [path.read_text() for path in folder.glob("*.py")]
    names = {re.search(r"^revision = ['\"](\w+)", text, re.M)[1] for text in texts}
    (head,) = names - {found[1] for text in texts if (found := re.search(r"^down_revision = ['\"](\w+)", text, re.M))}
    return head


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


@pytest.fixture
def migrate(app, tmp_path):
    """Adds a migration to a copy of the folder and runs all."""

    def run(body):
        folder = tmp_path / "migrations"
        shutil.copytree(wsgi.ROOT / "wiki" / "migrations", folder)
        head = newest(folder / "versions")
        upgrade = textwrap.indent(textwrap.dedent(body).strip(), "    ")
        lines = f'revision = "next"\ndown_revision = "{head}"\n\n\ndef upgrade():\n{upgrade}\n'
        (folder / "versions" / "next.py").write_text(f"import sqlalchemy as sa\nfrom alembic import op\n\n{lines}")
        app.config["MIGRATIONS"] = str(folder)
        preparing.migrate()

    return run


@pytest.fixture
def filled(comun, rosa):
    for number in range(5):
        pages.create(comun, pump(title=f"Bomba {number}"), language="es", by=rosa)
        page = history.get_page("comun", f"bomba-{number}")
        pages.save(page, pump(title=f"Bomba {number}", body="Otra."), base=1, by=rosa)


def rows():
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {n: connection.execute(text(f"SELECT count(*) FROM {n}")).scalar() for n in names}


@pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_every_migration_goes_back_and_forth_on_a_filled_store(filled, app):
    before = rows()
    preparing.migrate()
    flask_migrate.downgrade(revision="1d9d252ad518")
    assert "crc" not in {column["name"] for column in inspect(db.engine).get_columns("snapshot")}
    flask_migrate.upgrade()
    assert rows() == before
    assert verify.all_differences() == []


def test_a_table_is_copied_and_no_row_of_its_children_is_lost(filled, migrate):
    before = rows()
    migrate(COPYING)
    assert rows() == before
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT DISTINCT mood FROM page")).scalars().all() == ["calm"]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    assert verify.all_differences() == []


def test_one_that_breaks_references_is_refused(filled, migrate):
    before = rows()
    with pytest.raises(Exception, match="references"):
        migrate(ORPHANING)
    assert rows() == before


def test_one_that_fails_half_way_leaves_the_store_as_it_was(filled, migrate):
    before = rows()
    with pytest.raises(Exception, match="nothing"):
        migrate(FAILING)
    assert rows() == before
    assert "mood" not in {c["name"] for c in inspect(db.engine).get_columns("page")}


def test_two_that_begin_at_once_agree(tmp_path):
    code = (
        "import sys, wsgi\nfrom wiki import preparing\n"
        "app = wsgi.create_app({'MINGA_DATA_DIR': sys.argv[1]})\n"
        "with app.app_context():\n    print(preparing.make_ready())\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "data")]
    both = [
        subprocess.Popen(command, cwd=wsgi.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert sorted(out.strip() for out, _ in ended)[-1] == "True"
