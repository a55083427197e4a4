"""Eleven real pages with all that people made of them over the years, written here again one version at a time."""

import contextlib
import json
import random
import re
import sqlite3

import pytest

from tests import sizes
from tests.designs.examples import pump
from wiki import accounts, db, diff, history, verify

pytestmark = pytest.mark.data


@pytest.fixture
def pages(shared):
    lines = (shared / "data" / "merges" / "histories.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def api(app, client, rosa):
    token = accounts.create_token("prueba", by=rosa)

    def call(method, path, body=None):
        answer = client.open(f"/api/v1{path}", method=method, json=body, headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.get_json()

    return call


def write(api, number, page):
    """Every version of a page through the API; gives its slug."""
    slug = f"pagina-{number}"
    for turn, revision in enumerate(page["revisions"]):
        document, note = pump(body=revision["text"] or None), (revision["message"] or "")[:500]
        if turn == 0:
            sent = {"community": "comun", "slug": slug, "language": "en", "document": document, "note": note}
            status, _ = api("POST", "/designs", sent)
            assert status == 201
        else:
            status, saved = api("PUT", f"/designs/comun/{slug}", {"base": turn, "document": document, "note": note})
            assert (status, saved["number"], saved["saved"]) == (200, turn + 1, True)
    return slug


def test_every_version_comes_back_byte_for_byte_compares_and_restores(api, pages):
    luck, written = random.Random(3), 0
    for number, page in enumerate(pages[:: sizes.of(3, 1)]):
        slug = write(api, number, page)
        texts = [revision["text"] for revision in page["revisions"]]
        written += len(texts)
        kept = []
        for turn in range(1, len(texts) + 1):
            kept.append(api("GET", f"/designs/comun/{slug}?revision={turn}")[1]["document"].get("body", ""))
        assert kept == texts
        pairs = [(a, b) for a in range(1, len(texts) + 1) for b in range(1, len(texts) + 1)]
        for a, b in luck.sample(pairs, min(len(pairs), sizes.of(20, 2000))):
            status, answer = api("GET", f"/designs/comun/{slug}/compare?from={a}&to={b}")
            assert status == 200
            old, new = pump(body=texts[a - 1] or None), pump(body=texts[b - 1] or None)
            found = [diff.Edit(**change) for change in answer["changes"]]
            assert diff.apply(old, found) == new
        again = luck.randrange(1, len(texts))
        assert api("POST", f"/designs/comun/{slug}/restore", {"revision": again})[0] == 200
        assert api("GET", f"/designs/comun/{slug}")[1]["document"].get("body", "") == texts[again - 1]
    assert written == sizes.of(66, 273)
    assert verify.all_differences() == []


def test_a_changed_byte_in_any_revision_parent_or_snapshot_is_found(app, api, pages):
    write(api, 0, pages[0])
    luck = random.Random(5)
    fields = {
        "revision": ("digest", "commitment", "salt", "number", "at", "verb", "language", "note", "author_id"),
        "parent": ("digest", "revision_id"),
        "snapshot": ("sha256", "body", "crc"),
    }
    missed = []
    for table, columns in fields.items():
        for column in columns:
            for _ in range(sizes.of(3, 40)):
                db.session.remove()
                with contextlib.closing(sqlite3.connect(app.config["DATA_DIR"] / "minga.db")) as store:
                    row, value = luck.choice(store.execute(f"SELECT rowid, {column} FROM {table}").fetchall())
                    change = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                    store.execute(change, (altered(value, luck), row))
                    store.commit()
                    if not verify.all_differences():
                        missed.append((table, column, row))
                    db.session.remove()
                    store.execute(change, (value, row))
                    store.commit()
    assert missed == []
    assert verify.all_differences() == []


def altered(value, luck):
    """The value with one thing in it changed."""
    if isinstance(value, int):
        return value + 100_000
    if isinstance(value, str):
        return value + "x"
    at = luck.randrange(len(value))
    return value[:at] + bytes([value[at] ^ (1 << luck.randrange(8))]) + value[at + 1 :]


@pytest.mark.parametrize("which", [0, 7])
def test_a_history_is_written_through_the_edit_form(client, pages, rosa, which):
    page = pages[which]
    sign_in(client)
    address = "/c/comun/por-el-formulario"
    for turn, revision in enumerate(page["revisions"]):
        where = f"{address}/edit" if turn else "/new?kind=machine"
        html = client.get(where).get_data(as_text=True)
        form = hidden(html) | {
            "title": "Bomba",
            "hazards": "none",
            "body": revision["text"].replace("\n", "\r\n"),
            "note": (revision["message"] or "")[:400],
            "do": "save",
        }
        if not turn:
            form |= {"slug": "por-el-formulario", "language": "en", "licences-0-key": "documentation"}
            form |= {"licences-0-licence": "CC-BY-SA-4.0"}
        answer = client.post(where.split("?")[0], data=form)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    found = history.get_page("comun", "por-el-formulario")
    texts = [history.get_version(found, n).document.get("body", "") for n in range(1, found.head + 1)]
    assert texts == [revision["text"] for revision in page["revisions"]]


def hidden(html):
    """The single hidden fields of the document's form, but for the marks of what it shows."""
    form = html[html.index('class="document"') :]
    return {
        name: value
        for name, value in re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form)
        if name in ("csrf_token", "op", "base", "kind", "community")
    }


def sign_in(client):
    html = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)[1]
    answer = client.post("/sign-in", data={"csrf_token": token, "handle": "rosa", "passphrase": "quinua y papa 2026"})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
