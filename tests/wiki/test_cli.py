"""The commands, as somebody types them."""

import json
import sqlite3
import subprocess

import pytest

import wsgi
from tests.designs.examples import pump
from wiki import accounts, markup, pages
from wiki.web import words


@pytest.fixture
def minga(app, monkeypatch):
    runner = app.test_cli_runner()
    monkeypatch.setenv("MINGA_DATA_DIR", str(app.config["DATA_DIR"]))

    def run(*typed, given=None):
        return runner.invoke(wsgi.cli, typed, input=given)

    return run


def test_render_prints_what_a_page_shows(minga, tmp_path):
    path = tmp_path / "a.md"
    path.write_text("# Hola\n\n<script>x</script> [[comun/bomba|la bomba]]\n")
    done = minga("render", str(path))
    assert (done.exit_code, done.output) == (0, markup.render(path.read_text()))
    assert "<script>" not in done.output
    path.write_bytes(b"\xff\xfe\x00")
    assert minga("render", str(path)).exit_code == 1


@pytest.fixture
def three(tmp_path):
    paths = [tmp_path / name for name in ("base", "here", "incoming")]

    def write(*texts):
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return [str(path) for path in paths]

    return write


def test_merge_file_joins_what_can_be_joined(minga, three):
    typed = three("uno\ndos\ntres\n", "UNO\ndos\ntres\n", "uno\ndos\nTRES\n")
    done = minga("merge-file", *typed)
    assert (done.exit_code, done.output) == (0, "UNO\ndos\nTRES\n")


def test_merge_file_marks_a_conflict_as_git_does(minga, three):
    typed = three("uno\n", "aquí\n", "allá")
    done = minga("merge-file", *typed)
    assert done.exit_code == 1
    assert done.output == "<<<<<<< here\naquí\n=======\nallá\n>>>>>>> incoming\n"
    done = minga("merge-file", "--json", *typed)
    answer = json.loads(done.output)
    assert answer["text"] == "aquí"
    assert [(c["line"], c["here"]) for c in answer["conflicts"]] == [(1, "aquí\n")]


def test_merge_file_is_a_merge_driver_for_git(minga, three, tmp_path):
    typed = three("uno\ndos\n", "UNO\ndos\n", "uno\ndos\ntres\n")
    assert minga("merge-file", "--write", *typed).exit_code == 0
    assert (tmp_path / "here").read_text() == "UNO\ndos\ntres\n"
    assert minga("merge-file", typed[0], typed[1], str(tmp_path / "nothing")).exit_code == 2


def test_verify_ends_with_1_and_says_what_differs(app, minga, comun, rosa):
    pages.create(comun, pump(), language="es", by=rosa)
    assert minga("verify").exit_code == 0
    with sqlite3.connect(app.config["DATA_DIR"] / "minga.db") as store:
        store.execute("UPDATE revision SET note = 'otra nota'")
    store.close()
    done = minga("verify", "--json")
    assert done.exit_code == 1
    answer = json.loads(done.output)
    assert (answer["ok"], [d["kind"] for d in answer["differences"]]) == (False, ["revision"])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE design SET summary = 'otra'", "summary"),
        ("UPDATE page SET title = 'otro'", "title"),
        ("DELETE FROM fact WHERE name = 'hazards'", "hazards"),
        ("INSERT INTO fact VALUES (1, 'regions', 'PE')", "regions"),
        ("DELETE FROM design", "kind, summary, picture, alt, folded"),
    ],
)
def test_what_lists_know_is_checked_and_made_anew(app, minga, comun, rosa, damage, told):
    pages.create(comun, pump(), language="es", by=rosa)
    with sqlite3.connect(app.config["DATA_DIR"] / "minga.db") as store:
        store.execute(damage)
    store.close()
    answer = json.loads(minga("verify", "--json").output)
    assert [(d["kind"], d["id"]) for d in answer["differences"]] == [("facts", "comun/bomba-de-mecate")]
    assert answer["differences"][0]["what"].endswith(f": {told}")
    assert minga("rebuild").output.startswith("1 ")
    assert minga("verify").exit_code == 0


def test_accounts_are_made_reset_and_given_tokens(minga, context):
    done = minga("account", "create", "luz", "--admin")
    assert accounts.authenticate("luz", done.output.splitlines()[-1]).is_admin
    assert minga("account", "create", "ana", "--passphrase-stdin", given="la lluvia de noviembre\n").exit_code == 0
    assert accounts.authenticate("ana", "la lluvia de noviembre")
    token = minga("account", "token", "ana").output.splitlines()[-1]
    assert accounts.find_by_token(token).handle == "ana"
    made = minga("account", "reset", "ana").output.splitlines()[-1]
    assert accounts.authenticate("ana", made)
    assert minga("account", "reset", "nadie").exit_code == 1
    assert minga("account", "create", "luz").exit_code == 1


def test_samples_are_added_once_and_retired_only_while_nobody_edited_them(minga, context):
    first = int(minga("samples", "add").output.split()[0])
    assert first >= 12
    assert minga("samples", "add").output.startswith("0 ")
    assert minga("verify").exit_code == 0
    assert minga("samples", "remove").output.startswith(f"{first} ")


@pytest.mark.parametrize(
    ("environ", "words_"),
    [
        ({"MINGA_SIGNUP": "maybe"}, "MINGA_SIGNUP"),
        ({"MINGA_PORT": "eighty"}, "MINGA_PORT"),
        ({"MINGA_THROTTLE": "off", "MINGA_HOST": "0.0.0.0"}, "MINGA_THROTTLE"),
    ],
)
def test_a_wrong_setting_is_said_in_plain_words(tmp_path, environ, words_):
    with pytest.raises(ValueError, match=words_):
        wsgi.create_app({"MINGA_DATA_DIR": str(tmp_path), **environ})


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    keys = {wsgi.create_app({"MINGA_DATA_DIR": str(tmp_path)}).secret_key for _ in range(2)}
    assert len(keys) == 1
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_every_rule_that_refuses_has_its_words():
    codes = set()
    for path in [*(wsgi.ROOT / "wiki").rglob("*.py"), *(wsgi.ROOT / "designs").rglob("*.py")]:
        text = path.read_text()
        for call in ("Problem(", "refuse("):
            for part in text.split(call)[1:]:
                found = [w for w in part.split(")")[0].split('"')[1::2] if w and " " not in w]
                codes |= set(found[1:2])
    unknown = {
        c
        for c in codes
        if "-" in c and "{" not in c and c not in words.PROBLEMS and "/" not in c and not c.startswith("Idem")
    }
    assert unknown == set()


def test_the_site_stands_on_its_own_feet(tmp_path):
    done = subprocess.run(["make", "help"], cwd=wsgi.ROOT, capture_output=True, text=True, check=True)
    assert {"run", "test", "long", "sure", "bench"} <= {line.split()[0] for line in done.stdout.splitlines()}
