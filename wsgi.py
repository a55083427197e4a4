"""The door: settings, the app with all its wiring, and the `minga` command. No module imports this one."""

import contextlib
import functools
import gc
import hashlib
import os
import pathlib
import secrets
import sys
from collections.abc import Mapping
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup

import designs.cli
import search.cli
import search.older_web
import search.web
import wiki.cli
from designs import communities as communities_said
from designs import facts, imports, licences, openapi, openapi_relatives, proposals, samples, sheet
from designs.web import api, communities, family_api, library, reading, relatives, translations, words, writing
from search import indexer, names, texts, whooshed
from wiki import assets, db, markup, meaning, preparing, revisions, server, storage, throttles
from wiki import files as stored_files
from wiki.web import accounts, care, feeds, files, health, redaction, site, undoing, versions
from wiki.web import words as problem_words

ROOT = pathlib.Path(__file__).parent

DEFAULTS = {
    "MINGA_DATA_DIR": "./instance",
    "MINGA_DATABASE_URL": "",
    "MINGA_SEARCH_URL": "whoosh:",
    "MINGA_FILES_URL": "",
    "MINGA_SECRET_KEY": "",
    "MINGA_HOST": "127.0.0.1",
    "MINGA_PORT": "8000",
    "MINGA_BASE_URL": "",
    "MINGA_SITE_NAME": "Minga",
    "MINGA_SOURCE_URL": "",
    "MINGA_LANGUAGES": "es,pt-BR,en",
    "MINGA_SIGNUP": "open",
    "MINGA_THROTTLE": "on",
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def settings(environ: Mapping[str, str]) -> dict[str, Any]:
    """The app's configuration from environment variables. Raises ValueError in plain words for one that can't be."""
    value = {name: environ.get(name, "") or default for name, default in DEFAULTS.items()}
    data = pathlib.Path(value["MINGA_DATA_DIR"]).resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = value["MINGA_DATABASE_URL"] or f"sqlite:///{data / 'minga.db'}"
    if value["MINGA_SIGNUP"] not in ("open", "invited", "closed"):
        raise ValueError("MINGA_SIGNUP is one of open, invited, closed")
    if value["MINGA_THROTTLE"] == "off" and value["MINGA_HOST"] not in LOOPBACK:
        raise ValueError("MINGA_THROTTLE=off is only for this machine: set MINGA_HOST to 127.0.0.1, or leave it on")
    if not value["MINGA_PORT"].isdigit():
        raise ValueError("MINGA_PORT is a number")
    return {
        "DATA_DIR": data,
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(url),
        "SEARCH_URL": value["MINGA_SEARCH_URL"],
        "SECRET_KEY": value["MINGA_SECRET_KEY"] or _made_key(data / "secret-key"),
        "HOST": value["MINGA_HOST"],
        "PORT": int(value["MINGA_PORT"]),
        "BASE_URL": value["MINGA_BASE_URL"].rstrip("/"),
        "SITE_NAME": value["MINGA_SITE_NAME"],
        "SOURCE_URL": value["MINGA_SOURCE_URL"],
        "LANGUAGES": [tag.strip() for tag in value["MINGA_LANGUAGES"].split(",") if tag.strip()],
        "SIGNUP": value["MINGA_SIGNUP"],
        "THROTTLE": value["MINGA_THROTTLE"] != "off",
        "TRANSLATIONS": str(ROOT / "wiki" / "translations"),
        "MIGRATIONS": str(ROOT / "wiki" / "migrations"),
        "MAX_FORM_PARTS": 20_000,
    }


def _made_key(path: pathlib.Path) -> str:
    """The key of this server, made once. Several processes may begin at the same time: the first one's stands."""
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text()


@functools.cache
def _renderer() -> str:
    """A name for all that decides how a document looks: other templates or sentences give another."""
    files = (*ROOT.glob("templates/**/*"), *ROOT.glob("designs/**/*.py"), *ROOT.glob("designs/vocab/*"))
    digest = hashlib.sha256(markup.VERSION.encode())
    for path in sorted((*files, *ROOT.glob("wiki/translations/**/*.mo"))):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def create_app(environ: Mapping[str, str] | None = None, **overrides: Any) -> Flask:
    """The site: rooms wired together. `overrides` replace settings, for tests."""
    app = Flask("minga", root_path=str(ROOT), static_folder=None)
    app.config.update(settings(os.environ if environ is None else environ), **overrides)
    statics = app.config["DATA_DIR"] / "static"
    app.config["ASSETS"] = assets.prepare(ROOT / "wiki" / "static", statics)
    site.setup(app)
    storage.use(app.config["DATA_DIR"] / "files")
    throttles.use(app.config["SECRET_KEY"], app.config["THROTTLE"])
    meaning.use(
        meaning.Meaning(
            words=sheet.markdown,
            place=words.place,
            check=sheet.check,
            follows=licences.follows,
            render=reading.sheets,
            version=_renderer(),
            after_save=(facts.follow,),
            after_redact=(imports.forget, proposals.forget, communities_said.forget, texts.forget),
        )
    )
    for door in (
        accounts,
        versions,
        care,
        undoing,
        redaction,
        files,
        feeds,
        health,
        library,
        writing,
        api,
        communities,
        relatives,
        translations,
        family_api,
        search.web,
        search.older_web,
    ):
        app.register_blueprint(door.blueprint)
    index = whooshed.of(app.config["SEARCH_URL"], app.config["DATA_DIR"])
    app.extensions["minga.search"] = index
    app.extensions["minga.checks"] = (facts.differences, functools.partial(indexer.standing, index))
    app.extensions["minga.index_state"] = functools.partial(indexer.state, index)
    app.view_functions["library.browse"] = search.web.instead_of(app.view_functions["library.browse"])
    problem_words.PROBLEMS.update(words.PROBLEMS)
    openapi.also(openapi_relatives.paths() | search.web.description())
    app.wsgi_app = assets.wrap(app.wsgi_app, statics)  # type: ignore[method-assign]
    return app


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False)
def cli() -> None:
    """Minga: a wiki of open designs for the land."""


for command in (*wiki.cli.COMMANDS, *designs.cli.COMMANDS, *search.cli.COMMANDS):
    cli.add_command(command)


def _render_again(app: Flask, life: server.Life) -> None:
    """Beside the workers: what an older version rendered is rendered anew, and what no row names is swept."""
    with app.app_context():
        revisions.rerender()
        stored_files.sweep()
    life.stopping.wait()


def _follow(app: Flask, life: server.Life) -> None:
    """Beside the workers: what is saved is taken into the search index."""
    index = app.extensions["minga.search"]
    with app.app_context():
        if index is not None:
            indexer.follow(index, life.stopping)
    life.stopping.wait()


@cli.command()
@click.option("--host", default=None, help="The address to listen on (MINGA_HOST).")
@click.option("--port", type=int, default=None, help="The port to listen on (MINGA_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--empty", is_flag=True, help="Do not add the sample designs on the first run.")
def serve(host: str | None, port: int | None, workers: int, empty: bool) -> None:
    """Prepare everything and serve the site until told to stop."""
    # What was loaded stays: collectors of garbage need not go through it again and again, here and in other processes.
    gc.freeze()
    environ = dict(os.environ)
    if host is not None:
        environ["MINGA_HOST"] = host
    try:
        app = create_app(environ)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    with app.app_context():
        first = preparing.make_ready()
        if first and not empty:
            samples.add()
        # Connections are not for processes that are made of this one; all else of the app is.
        db.db.session.remove()
        db.db.engine.dispose()
    address = app.config["HOST"], app.config["PORT"] if port is None else port
    beside = (
        server.Child("renderer", functools.partial(_render_again, app)),
        server.Child("indexer", functools.partial(_follow, app)),
    )
    if app.config["SEARCH_URL"] != "off":
        names.ready()  # Once, for all processes that answer.
    gc.freeze()
    status = server.serve(
        lambda: app,
        *address,
        workers,
        lambda url: click.echo(f"Minga: {url}"),
        beside,
        behind_proxy=bool(app.config["BASE_URL"]) and app.config["HOST"] in LOOPBACK,
    )
    sys.exit(status)


if __name__ == "__main__":
    cli()
