"""The rules of the house that import contracts can't say."""

import ast
import pathlib
import re

import flask_migrate
import pytest
from flask import Flask

import wsgi
from wiki.db import db

ROOT = pathlib.Path(wsgi.__file__).parent
ROOMS = ("wiki", "designs", "search")
SOURCES = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py")) if "migrations" not in p.parts]
DOORS = [p for p in SOURCES if "web" in p.parts or p.name in ("cli.py", "server.py")]


def tree(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def test_there_is_one_commit_in_the_house():
    calls = [
        (path.name, node.lineno)
        for path in [*SOURCES, ROOT / "wsgi.py"]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert [name for name, _ in calls] == ["db.py"]


@pytest.mark.parametrize("path", DOORS, ids=lambda p: str(p.relative_to(ROOT)))
def test_doors_ask_verbs_and_not_the_database(path):
    assert not re.search(r"^from sqlalchemy import .*\bselect\b|from wiki\.db import session", path.read_text(), re.M)


def test_imports_stand_at_the_top_of_a_module():
    inside = [
        (path.name, node.lineno)
        for path in SOURCES
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_modules_stay_below_400_lines():
    assert [p.name for p in SOURCES if len(p.read_text().splitlines()) > 400] == []


def test_nothing_is_marked_safe_but_what_the_renderer_made():
    marked = [
        f"{p.relative_to(ROOT)}: {found}"
        for p in sorted((ROOT / "templates").rglob("*"))
        if p.is_file()
        for found in re.findall(r"[\w.\[\]'/~]+\s*\|\s*safe", p.read_text())
    ]
    assert len(marked) <= 5, marked


def test_every_setting_and_command_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    assert [name for name in wsgi.DEFAULTS if f"`{name}`" not in readme] == []
    assert [name for name in wsgi.cli.commands if f"minga {name}" not in readme] == []


def test_every_route_that_writes_asks_for_post_and_a_token(app: Flask, client):
    refused = []
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        address = re.sub(r"<int:\w+>", "1", re.sub(r"<(\w+)>", "x", rule.rule))
        for method in methods:
            answer = client.open(address, method=method, json={} if address.startswith("/api/") else None)
            if answer.status_code not in ((401,) if address.startswith("/api/") else (400,)):
                refused.append((method, address, answer.status_code))
    assert refused == []


def test_tables_are_what_the_migrations_make(app: Flask):
    with app.app_context():
        flask_migrate.Migrate(app, db, directory=app.config["MIGRATIONS"])
        flask_migrate.check()
