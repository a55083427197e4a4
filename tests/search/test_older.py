"""Finding words in versions that were replaced."""

import html
import re
import urllib.parse

import pytest
from sqlalchemy import event, update

from search import older
from tests.designs.examples import pump
from tests.wiki import stores
from wiki import accounts, db, history, holds, pages, redaction
from wiki.models import Page, Snapshot


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


@pytest.fixture
def jefa(context):
    return accounts.create("jefa", passphrase="la sombra del tamarindo", admin=True)[0]


@pytest.fixture
def wrote(context, comun, rosa):
    """Writes the versions of a page: a document's changes for each."""

    def write(slug: str, *versions: dict, language: str = "es") -> Page:
        pages.create(comun, pump(**versions[0]), slug=slug, language=language, by=rosa)
        for base, changes in enumerate(versions[1:], 1):
            pages.save(history.get_page("comun", slug), pump(**changes), base=base, by=rosa)
        return history.get_page("comun", slug)

    return write


def found(text: str, **more) -> list[tuple[str, int]]:
    return [(hit.slug, hit.number) for hit in older.find(text, **more).hits]


def asked(client, text: str, **more: str) -> str:
    answer = client.get(f"/search/older?{urllib.parse.urlencode({'q': text, 'lang': 'es', **more})}")
    assert answer.status_code == 200
    return answer.text


def listed(client, text: str, **more: str) -> str:
    """What the list of hits says, without what repeats the question."""
    return "".join(re.findall(r'(?s)<section class="found">.*?</section>', asked(client, text, **more)))


@pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_older_versions_are_found_the_newest_first_and_the_one_that_is_shown_is_not(wrote):
    wrote("bomba", {"body": "Con cuero."}, {"body": "Con goma."}, {"body": "Con goma y lona."})
    wrote("silo", {"body": "De cuero."}, {"body": "De cuero y lona."})
    assert found("cuero") == [("silo", 1), ("bomba", 1)]
    assert found("con") == [("silo", 1), ("bomba", 2), ("bomba", 1)]
    assert found("lona") == []
    assert {(hit.number, hit.newest, hit.is_gone) for hit in older.find("cuero").hits} == {(1, 2, False), (1, 3, True)}
    assert found("cuero", page=history.get_page("comun", "bomba")) == [("bomba", 1)]


QUESTIONS = {
    "camaras": True,
    "CÁMARA": True,
    "cámara llanta": True,
    "cámara xyzzy": False,
    '"cámara de camión"': True,
    '"cámaras de camión"': False,
    '"camión cámara"': False,
    '"camión Engrase"': False,  # Not across two passages.
    '"camara" camion': True,
    "camar*": True,
    "camiones -llanta": False,
    "camiones -xyzzy": True,
    "camiones -llantas": False,
    'camiones -"de camión"': False,
    'camiones -"de llanta de"': True,
    "Ahuyama camiones": True,
    "manguera": True,
    "agua": True,  # A word for the task, which the page shows.
    "camiones kind:machine region:BR": True,
    "camiones kind:recipe": False,
    "camiones community:comun": True,
    "camiones community:otra": False,
    "camiones licence:CC-BY-SA-4.0 has:bom language:es task:water": True,
    "camiones has:cad": False,
    "-xyzzy": True,
    "": False,
    "...": False,
}


def test_words_are_compared_as_in_the_search(wrote):
    names = [{"key": "uno", "text": "Ahuyama", "language": "es"}]
    steps = [{"key": "uno", "title": "Corte", "text": "De llanta o **cámara** de camión."}]
    wrote("bomba", {"title": "Bomba de manguera", "names": names, "steps": steps, "body": "Engrase."}, {})
    expected = {text: [("bomba", 1)] if is_found else [] for text, is_found in QUESTIONS.items()}
    assert {text: found(text) for text in QUESTIONS} == expected


def test_a_page_tells_of_each_version_with_its_links(client, wrote):
    wrote("bomba", {"title": "Bomba de cuero", "body": "Se corta."}, {"body": "Con cuero <b>seco</b> & duro."}, {})
    text = listed(client, "cueros")
    assert text.index('href="/c/comun/bomba/r/2"') < text.index('href="/c/comun/bomba/r/1"')
    assert 'href="/c/comun/bomba/compare/2..3"' in text
    assert "Con <mark>cuero</mark> &lt;b&gt;seco&lt;/b&gt; &amp; duro." in text
    assert "Bomba de <mark>cuero</mark>" in text
    assert text.count('<a href="/c/comun/bomba">Bomba de mecate</a></h2>') == 1
    assert "Versión 2" in text
    assert text.count("no está en la versión más nueva") == 1
    assert "Título" in text
    assert "no está en la versión más nueva" not in listed(client, "mecate")
    assert client.get("/c/comun/bomba/r/1").status_code == client.get("/c/comun/bomba/compare/1..3").status_code == 200


def test_the_way_there_leads_from_the_results_and_from_the_history(client, wrote):
    wrote("bomba", {"body": "Con cuero."}, {})
    html_of = client.get("/search?q=cuero+%26+goma&kind=machine&region=NI&lang=es").text
    link = re.search(r'href="([^"]+)"[^>]*>Buscar también en versiones anteriores', html_of)
    assert link
    assert html.unescape(link[1]) == "/search/older?q=cuero+%26+goma+kind:machine+region:NI"
    assert "/search/older" not in client.get("/search?kind=machine").text
    history_page = client.get("/c/comun/bomba/history?lang=es").text
    assert '<form action="/search/older"' in history_page
    assert 'name="page" value="comun/bomba"' in history_page
    wrote("nueva", {})
    assert "/search/older" not in client.get("/c/comun/nueva/history").text


def test_a_search_in_one_page_is_told_apart_and_follows_its_name(client, wrote, rosa):
    wrote("bomba", {"body": "Con cuero."}, {})
    wrote("silo", {"body": "De cuero."}, {})
    pages.rename(history.get_page("comun", "bomba"), "noria", by=rosa)
    text = asked(client, "cuero", page="comun/bomba")
    assert "/c/comun/noria/r/1" in text
    assert "/c/comun/silo" not in text
    assert 'name="page" value="comun/noria"' in text
    for name in ("comun/nada", "comun", "/", "nada/bomba"):
        assert client.get(f"/search/older?q=cuero&page={name}").status_code == 404


# What nobody else may read.


def test_a_held_version_is_not_found_by_anybody(client, wrote, jefa):
    page = wrote("bomba", {"body": "Uno."}, {"title": "Secreta", "body": "Vive en kanhoja."}, {"body": "Tres kanpozo."})
    assert found("kanhoja") == [("bomba", 2)]
    holds.hold(page, 2, by=jefa, note="dice dónde vive")
    client.set_cookie("minga_session", accounts.sign_in(jefa))
    assert listed(client, "kanhoja") == listed(client, "Secreta") == ""
    assert found("-xyzzy") == [("bomba", 1)]
    holds.hold(history.get_page("comun", "bomba"), 3, by=jefa, note="también")
    assert found("kanpozo") == found("-xyzzy") == []
    assert "kanpozo" not in listed(client, "uno")
    holds.release(history.get_page("comun", "bomba"), 2, by=jefa)
    assert found("-xyzzy") == [("bomba", 1)]
    holds.release(history.get_page("comun", "bomba"), 3, by=jefa)
    assert found("kanhoja") == [("bomba", 2)]


def test_what_is_held_is_no_newest_version_to_compare_with(client, wrote, jefa):
    page = wrote("bomba", {"body": "Con kancuero."}, {"body": "Nada."}, {"body": "Con kancuero otra vez."})
    assert [hit.is_gone for hit in older.find("kancuero").hits] == [False]
    holds.hold(page, 3, by=jefa, note="mal")
    assert [(hit.number, hit.newest, hit.is_gone) for hit in older.find("kancuero").hits] == [(1, 2, True)]
    assert "/c/comun/bomba/compare/1..2" in listed(client, "kancuero")


def test_a_page_of_which_all_is_held_is_not_found(client, wrote, jefa):
    wrote("bomba", {"title": "Kantitulo", "body": "Uno."}, {"title": "Kantitulo"})
    for number in (1, 2):
        holds.hold(history.get_page("comun", "bomba"), number, by=jefa, note="mal")
    assert found("kantitulo") == found("-xyzzy") == []
    answer = client.get("/search/older?q=x&page=comun/bomba")
    assert answer.status_code == 404
    assert "Kantitulo" not in answer.text


def test_a_version_whose_words_were_taken_away_is_not_found(client, wrote, jefa):
    wrote("bomba", {"body": "Llame al kanfono."}, {"body": "Llame."}, {"body": "Llame al kanfono otra vez."})
    seen = redaction.find("kanfono", by=jefa).seen()
    redaction.redact("kanfono", seen=seen, by=jefa)
    assert found("kanfono") == []
    assert found("-xyzzy") == [("bomba", 2)]
    assert "kanfono" not in listed(client, "llame")


def test_versions_of_a_retired_page_are_not_found_until_it_is_brought_back(client, wrote, rosa):
    page = wrote("bomba", {"body": "Con kancuero."}, {})
    pages.retire(page, by=rosa, note="")
    assert found("kancuero") == []
    assert client.get("/search/older?q=kancuero&page=comun/bomba").status_code == 404
    assert "/search/older" not in client.get("/c/comun/bomba/history").text
    pages.bring_back(history.get_page("comun", "bomba"), by=rosa)
    assert found("kancuero") == [("bomba", 1)]


# Bounds.


def all_the_way(client, text: str, **more: str) -> list[list[str]]:
    """The versions on each page of answers, following the link further back until there is none."""
    answers, address = [], f"/search/older?{urllib.parse.urlencode({'q': text, **more})}"
    while address:
        page = client.get(address).text
        answers.append(re.findall(r'href="/c/comun/([^"]+/r/[^"]+)"', page))
        link = re.search(r'href="([^"]+)">Buscar más atrás', page)
        address = html.unescape(link[1]) if link else ""
        assert len(answers) < 50
    return answers


def test_everything_is_reached_by_and_by(client, wrote, monkeypatch):
    for slug in ("una", "dos"):
        wrote(slug, *({"body": f"Con cuero {n}."} for n in (1, 2, 3)), {"body": "Nada."}, {})
    wrote("tres", {"body": "Vacía."}, {})
    wrote("cuatro", {"body": "Con cuero."})
    expected = [f"{slug}/r/{number}" for slug in ("dos", "una") for number in (3, 2, 1)]
    monkeypatch.setattr(older, "BATCH", 3)
    # There are nine older versions, six of which bear the word.
    for name, value, lengths in (
        ("HITS", 2, [2, 2, 2]),
        ("VERSIONS", 2, [0, 2, 1, 2, 1]),
        ("CPU_SECONDS", 0, [0, 0, 1, 1, 1, 0, 1, 1, 1]),
        ("HITS", 20, [6]),
    ):
        with monkeypatch.context() as bound:
            bound.setattr(older, name, value)
            answers = all_the_way(client, "cuero")
            assert [one for answer in answers for one in answer] == expected, name
            assert list(map(len, answers)) == lengths, name
            assert sum(map(len, all_the_way(client, "cuero", page="comun/una"))) == 3
            assert sum(map(len, all_the_way(client, "xyzzy"))) == 0


def test_a_page_says_how_far_it_looked_and_when_nothing_is_left(client, wrote, monkeypatch):
    wrote("bomba", {"body": "Con cuero."}, {"body": "Nada."}, {})
    assert "No se encontró nada en versiones anteriores" in asked(client, "xyzzy")
    monkeypatch.setattr(older, "VERSIONS", 1)
    text = asked(client, "cuero")
    assert "Hasta aquí no se encontró nada." in text
    assert "Se buscó en las versiones hasta el" in text
    text = asked(client, "cuero", before="1")
    assert "Más atrás no se encontró nada más." in text


def test_a_strange_cursor_is_no_error(client, wrote):
    wrote("bomba", {"body": "Con cuero."}, {})
    for before in ("0", "-1", "x", "9" * 40, "१"):
        asked(client, "cuero", before=before)


def test_reading_takes_as_many_questions_to_the_store_however_many_versions_there_are(client, wrote):
    wrote("bomba", {"body": "Con cuero."}, {})
    few = questions(lambda: older.find("cuero"))
    for slug in ("dos", "tres", "cuatro"):
        wrote(slug, {"body": "Con cuero."}, {"body": "Con cuero y goma."}, {})
    assert questions(lambda: older.find("cuero")) == few


def questions(act) -> int:
    count = 0

    def seen(*_args) -> None:
        nonlocal count
        count += 1

    event.listen(db.db.engine, "before_cursor_execute", seen)
    try:
        act()
    finally:
        event.remove(db.db.engine, "before_cursor_execute", seen)
    return count


def test_a_reader_leaves_nothing_behind(client, wrote):
    wrote("bomba", {"body": "Con cuero."}, {})
    before = stores.everything()
    answer = client.get("/search/older?q=cuero")
    assert "Set-Cookie" not in answer.headers
    assert stores.everything() == before


def test_a_damaged_version_does_not_hide_the_others(client, wrote, caplog):
    page = wrote("bomba", {"body": "Con cuero."}, {"body": "Con cuero y goma."}, {})
    damaged = history.find_revision(page.id, 2)
    assert damaged is not None
    spoilt = update(Snapshot).where(Snapshot.id == damaged.snapshot_id).values(body=b"\0")
    db.write(lambda: lambda: db.session.execute(spoilt))
    assert found("cuero") == [("bomba", 1)]
    assert "can't be read" in caplog.text


def test_it_speaks_three_languages(client, context):
    for language, words in (("es", "Buscar en"), ("pt-BR", "Buscar em"), ("en", "Find in")):
        text = client.get(f"/search/older?lang={language}").text
        assert f"<h1>{words}" in text
        assert f'<html lang="{language}">' in text
