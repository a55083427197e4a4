"""Who may write where, told by hand and apart from the table of rights; and that no write is to be had by a form that
did not come from here."""

import io
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient

import wsgi
from designs import forks, proposals
from tests.conftest import Visitor
from tests.designs.examples import pump
from tests.wiki import pictures, stores
from tests.wiki.test_account_pages import value_of
from wiki import accounts, db, files, flags, history, pages, spaces
from wiki.web.forms import new_op

VISITOR, PERSON, MEMBER, STEWARD, ADMIN = ROLES = ("visitor", "person", "member", "steward", "admin")
"""Nobody who is signed in; somebody without a role in the closed community; and its people."""
NOBODY = "nobody"
"""Only somebody else, whose thing it is."""
HERE = "/c/altiplano/bomba"
API = "/api/v1/designs/altiplano/bomba"
FORK, FORK_API = "/c/altiplano/bomba-chica", "/api/v1/designs/altiplano/bomba-chica"
FORKED = {"community": "altiplano", "relation": "adaptation", "note": "Con bambú."}
FORM = {"base": "3", "op": "1" * 32, "do": "save", "title": "Bomba", "kind": "machine", "language": "es"}
LICENCE = {"licences-0-key": "documentation", "licences-0-licence": "CC-BY-SA-4.0", "hazards": "none"}


@dataclass(frozen=True)
class Route:
    """The least role that may use it, where it is asked, and with what: fields of a form, or JSON for a program."""

    role: str
    path: str
    sent: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | bytes = field(default_factory=dict)


def _photo() -> Mapping[str, Any]:
    return {"file": (io.BytesIO(pictures.telling("JPEG")), "pozo.jpg"), "alt": "Un pozo", "op": "2" * 32}


ROUTES: dict[tuple[str, str], Route] = {
    # Everybody.
    ("accounts.sign_in", "POST"): Route(VISITOR, "/sign-in", {"handle": "ana", "passphrase": "no es la de ana 1"}),
    ("accounts.sign_up", "POST"): Route(VISITOR, "/sign-up", {"handle": "x", "passphrase": "corta"}),
    ("accounts.sign_out", "POST"): Route(VISITOR, "/sign-out"),
    ("accounts.language", "POST"): Route(VISITOR, "/language", {"language": "pt-BR"}),
    # Whoever is signed in, of what is theirs.
    ("accounts.passphrase", "POST"): Route(PERSON, "/account/passphrase", {"old": "no es", "new": "x"}),
    ("accounts.end_sessions", "POST"): Route(PERSON, "/account/sessions"),
    ("accounts.tokens", "POST"): Route(PERSON, "/account/tokens", {"name": "programa"}),
    ("api.upload", "POST"): Route(PERSON, "/api/v1/files?name=a.jpg", pictures.telling("JPEG")),
    # Members of the community.
    ("writing.new", "POST"): Route(MEMBER, "/new", {**FORM, **LICENCE, "community": "altiplano"}),
    ("writing.paste", "POST"): Route(
        MEMBER, "/new/paste", {"community": "altiplano", "kind": "machine", "text": "# Bomba"}
    ),
    ("writing.keep_new", "POST"): Route(MEMBER, "/new/draft", {**FORM, "community": "altiplano"}),
    ("writing.edit", "POST"): Route(MEMBER, f"{HERE}/edit", {**FORM, **LICENCE, "title": "Bomba nueva"}),
    ("writing.keep", "POST"): Route(MEMBER, f"{HERE}/edit/draft", FORM),
    ("files.upload", "POST"): Route(MEMBER, f"{HERE}/files", _photo),
    ("versions.undo", "POST"): Route(MEMBER, f"{HERE}/undo", {"revision": "2", "op": "3" * 32}),
    ("versions.restore", "POST"): Route(MEMBER, f"{HERE}/restore", {"revision": "1", "op": "4" * 32}),
    ("versions.rename", "POST"): Route(MEMBER, f"{HERE}/rename", {"slug": "bomba"}),
    ("versions.retire", "POST"): Route(MEMBER, f"{HERE}/retire"),
    ("versions.bring_back", "POST"): Route(MEMBER, f"{HERE}/bring-back"),
    ("api.create", "POST"): Route(
        MEMBER, "/api/v1/designs", {"community": "altiplano", "language": "es", "document": pump(), "note": ""}
    ),
    ("api.save", "PUT"): Route(MEMBER, API, {"base": 3, "document": pump(summary="Otra."), "note": ""}),
    ("api.undo", "POST"): Route(MEMBER, f"{API}/undo", {"revision": 2, "note": ""}),
    ("api.restore", "POST"): Route(MEMBER, f"{API}/restore", {"revision": 1, "note": ""}),
    ("api.rename", "POST"): Route(MEMBER, f"{API}/rename", {"slug": "bomba"}),
    ("api.retirement", "PUT"): Route(MEMBER, f"{API}/retirement"),
    ("api.retirement", "DELETE"): Route(MEMBER, f"{API}/retirement"),
    # Whoever is signed in says that something is wrong, and answers what they were told.
    ("care.flag", "POST"): Route(PERSON, "/care/flag", {"of": HERE, "reason": "spam", "words": "Vende algo."}),
    ("care.reply", "POST"): Route(PERSON, "/account/notices/1"),
    # Communities: anybody founds one and joins by a code; their stewards keep them.
    ("communities.new", "POST"): Route(PERSON, "/communities/new", {"name-es": "Llano", "slug": "llano"}),
    ("communities.join", "POST"): Route(PERSON, "/join", {"code": "ABCDE-FGHJK"}),
    ("communities.about", "POST"): Route(STEWARD, "/c/altiplano/-/about", {"name-es": "Altiplano"}),
    ("communities.people", "POST"): Route(STEWARD, "/c/altiplano/-/people", {"do": "invite"}),
    ("api.found_community", "POST"): Route(
        PERSON, "/api/v1/communities", lambda: {"slug": f"llano-{new_op()[:8]}", "names": {"es": "Llano"}}
    ),
    ("api.role", "PUT"): Route(STEWARD, "/api/v1/communities/altiplano/people/ana", {"role": "member"}),
    ("api.role", "DELETE"): Route(STEWARD, "/api/v1/communities/altiplano/people/ana"),
    # Forks: members; whoever is signed in may propose.
    ("kin.fork", "POST"): Route(MEMBER, f"{HERE}/fork", {**FORKED, "revision": "3", "op": "5" * 32}),
    ("kin.pull", "POST"): Route(MEMBER, f"{FORK}/pull", {"head": "3", "op": "6" * 32}),
    ("kin.differences", "POST"): Route(MEMBER, f"{FORK}/differences", {"op": "7" * 32}),
    ("translations.translate", "POST"): Route(MEMBER, "/c/altiplano/pump/translate", {"head": "3", "op": "9" * 32}),
    ("kin.propose", "POST"): Route(
        PERSON, f"{HERE}/proposals/new", {"from": "altiplano/bomba-chica", "note": "Mejor.", "op": "8" * 32}
    ),
    ("kin.proposal", "POST"): Route(STEWARD, f"{HERE}/proposals/1", {"do": "decline", "words": "Aquí no."}),
    ("relatives.fork", "POST"): Route(MEMBER, f"{API}/forks", FORKED),
    ("relatives.pull", "POST"): Route(MEMBER, f"{FORK_API}/pulls", {"head": 3}),
    ("relatives.propose", "POST"): Route(
        PERSON, f"{API}/proposals", {"from": "altiplano/bomba-chica", "note": "Mejor."}
    ),
    ("relatives.update", "PUT"): Route(NOBODY, f"{API}/proposals/1", {"note": "Mejor."}),
    ("relatives.accept", "POST"): Route(STEWARD, f"{API}/proposals/1/acceptance", {"digest": "0" * 64}),
    ("relatives.decline", "POST"): Route(STEWARD, f"{API}/proposals/1/refusal", {"reason": "Aquí no."}),
    # Stewards of the community.
    ("care.decide", "POST"): Route(STEWARD, "/care/flags/1", {"answer": "Ya se quitó."}),
    ("care.hold", "POST"): Route(STEWARD, "/care/hold", {"of": f"{HERE}/r/2", "note": "insulta"}),
    # Who keeps the site.
    ("care.block", "POST"): Route(ADMIN, "/people/ana/block", {"days": "7", "note": "insultos"}),
    ("undoing.undo_all", "POST"): Route(ADMIN, "/people/ana/undo"),
    ("undoing.take_back", "POST"): Route(ADMIN, "/people/ana/undo/1"),
    ("redaction.redact", "POST"): Route(ADMIN, "/care/redact", {"words": "palabras de nadie", "do": "find"}),
}


def test_every_route_that_writes_is_in_the_list(app):
    known = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert {(e, m) for e, m in known if m not in ("GET", "HEAD", "OPTIONS")} == set(ROUTES)


@pytest.fixture(scope="module")
def peopled(prepared_database, tmp_path_factory):
    """A store with a closed community, its people, and a page of three versions; and what each signs in with."""
    folder = tmp_path_factory.mktemp("peopled") / "data"
    shutil.copytree(prepared_database, folder)
    app = wsgi.create_app({"MINGA_DATA_DIR": str(folder)}, TESTING=True, THROTTLE=False)
    with app.app_context():
        given = {role: accounts.create(f"una-{role}", admin=role == ADMIN)[0] for role in ROLES[1:]}
        ana = accounts.create("ana")[0]
        space = spaces.found("altiplano", by=given[STEWARD])
        for who, role in ((given[MEMBER], "member"), (ana, "member")):
            spaces.give_role(space, who, role, by=given[STEWARD])
        pages.create(space, pump(), slug="bomba", language="es", by=given[MEMBER])
        for base, words in ((1, "Segunda."), (2, "Tercera.")):
            pages.save(history.get_page("altiplano", "bomba"), pump(summary=words), base=base, by=ana)
        chica = history.get_version(history.get_page("altiplano", "bomba"), 2)
        forks.fork(chica, space, relation="variant", slug="bomba-chica", note="Más chica.", by=given[MEMBER])
        told = {"relation": "translation", "language": "en", "slug": "pump", "note": ""}
        forks.fork(history.get_version(history.get_page("altiplano", "bomba")), space, **told, by=given[MEMBER])
        fork = history.get_page("altiplano", "bomba-chica")
        pages.save(fork, pump(summary="Segunda.", problem="Pozos de 5 m."), base=1, by=ana)
        proposals.propose(history.get_page("altiplano", "bomba"), fork, note="Para pozos bajos.", by=ana)
        flags.flag("spam", "Vende algo.", page=history.get_page("altiplano", "bomba"), by=ana)
        files.put(pictures.telling("JPEG"), "pozo.jpg", by=ana)
        keys = {role: (accounts.sign_in(who), accounts.create_token("t", by=who)) for role, who in given.items()}
        db.session.remove()
        db.db.engine.dispose()
    return folder, keys


@pytest.fixture
def site(peopled, tmp_path):
    """A copy of it, the clients of all roles, and their tokens."""
    folder, keys = peopled
    shutil.copytree(folder, tmp_path / "data")
    app = wsgi.create_app({"MINGA_DATA_DIR": str(tmp_path / "data")}, TESTING=True, THROTTLE=False)
    app.test_client_class = Visitor
    clients = {role: app.test_client() for role in ROLES}
    for role, (cookie, _) in keys.items():
        clients[role].set_cookie("minga_session", cookie)
    with app.app_context():
        yield clients, {role: token for role, (_, token) in keys.items()}
        db.session.remove()
        db.db.engine.dispose()


def sent(route: Route, more: Mapping[str, str]) -> dict[str, Any]:
    fields = route.sent() if callable(route.sent) else route.sent
    assert isinstance(fields, Mapping)
    return {**fields, **more}


def form_token(client: FlaskClient) -> str:
    return value_of(client.get("/sign-in"), "csrf_token")


def call(client: FlaskClient, method: str, route: Route, token: str) -> int:
    """As a program asks."""
    fields = route.sent() if callable(route.sent) else route.sent
    body = {"data": fields} if isinstance(fields, bytes) else {"json": fields or None}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.open(route.path, method=method, headers=headers, **body).status_code


def may(route: Route, role: str) -> bool:
    return route.role != NOBODY and ROLES.index(role) >= ROLES.index(route.role)


FORMS = [key for key in ROUTES if not ROUTES[key].path.startswith("/api/")]
CALLS = [key for key in ROUTES if key not in FORMS]


@pytest.mark.parametrize("key", FORMS, ids=lambda key: key[0])
def test_a_form_writes_for_who_may_and_only_if_it_is_ours(site, key):
    clients, _ = site
    route = ROUTES[key]
    before = stores.everything()
    for role in ROLES:
        token = form_token(clients[role])
        elsewhere = {"Origin": "https://example.org"}
        assert clients[role].post(route.path, data=sent(route, {})).status_code == 400, (role, "no token")
        foreign = clients[role].post(route.path, data=sent(route, {"csrf_token": token}), headers=elsewhere)
        assert foreign.status_code == 400, (role, "from elsewhere")
        cross = {"Sec-Fetch-Site": "cross-site"}
        assert clients[role].post(route.path, data=sent(route, {"csrf_token": token}), headers=cross).status_code == 400
        another = form_token(clients[VISITOR if role != VISITOR else ADMIN])
        assert clients[role].post(route.path, data=sent(route, {"csrf_token": another})).status_code == 400, role
    for role in [role for role in ROLES if not may(route, role)]:
        answer = clients[role].post(route.path, data=sent(route, {"csrf_token": form_token(clients[role])}))
        assert answer.status_code == (401 if role == VISITOR else 403), role
    assert stores.everything() == before, "nothing of it was written"
    for role in [role for role in ROLES if may(route, role)]:
        answer = clients[role].post(route.path, data=sent(route, {"csrf_token": form_token(clients[role])}))
        assert answer.status_code in (200, 303, 409, 422), (role, answer.status_code, answer.text)


@pytest.mark.parametrize("key", CALLS, ids=lambda key: f"{key[1]} {key[0]}")
def test_a_program_writes_for_who_may_and_never_by_a_cookie(site, key):
    clients, tokens = site
    route, method = ROUTES[key], key[1]
    before = stores.everything()
    for role in ROLES:
        assert call(clients[role], method, route, "") == 401, (role, "a cookie is no token")
        assert call(clients[role], method, route, "minga_" + "x" * 43) == 401, (role, "a wrong token")
    for role in [role for role in ROLES[1:] if not may(route, role)]:
        assert call(clients[VISITOR], method, route, tokens[role]) == 403, role
    assert stores.everything() == before, "nothing of it was written"
    for role in [role for role in ROLES[1:] if may(route, role)]:
        assert call(clients[VISITOR], method, route, tokens[role]) in (200, 201, 204, 409, 410), role


@pytest.mark.parametrize("key", [key for key in ROUTES if key not in CALLS], ids=lambda key: key[0])
def test_reading_a_page_with_a_form_writes_nothing(site, key):
    clients, _ = site
    before = stores.everything()
    for role in ROLES:
        clients[role].get(ROUTES[key].path)
    assert stores.everything() == before
