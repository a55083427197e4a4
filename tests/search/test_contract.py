"""What every index must do, whichever it is: what stands here is asked of Whoosh, and of one as plain as can be.

Another engine has its place in `ENGINES`.
"""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import query, sources, whooshed
from search.entries import Entry
from search.grammar import Narrow
from search.index import Found, Index, Position, Unfit, Unusable
from tests import sizes
from tests.designs.examples import pump
from tests.search.scanning import Scan
from tests.search.shelves import SHELF, ask, entry, found, put, reread
from wiki import journal, pages

ENGINES: dict[str, Callable[..., Index]] = {"whoosh": whooshed.FolderIndex, "scan": lambda _: Scan()}


@pytest.fixture(params=ENGINES)
def empty(request, tmp_path) -> Index:
    return ENGINES[request.param](tmp_path / "index")


@pytest.fixture
def index(empty) -> Index:
    with empty.writing(wait=1) as writer:
        writer.replace(SHELF, Position(10, "ten"))
    return empty


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("maiz", [2]),
        ("maíz", [2]),
        ("MAI\u0301Z", [2]),
        ("maíces", [2]),
        ("bombas", [1]),
        ("feijoes", [3]),
        ("cisterns", [4]),
        ("ch'uñu", [5]),
        ("chunos negros", [5]),
        ("agua bomba", [1]),
        ("agua silo", [1, 2]),
        ('"agua de pozo"', [1]),
        ('"agua pozo"', []),
        ('"pozos"', []),
        ('"soga pistones"', []),
        ("agua -soga", []),
        ("-soga", [5, 4, 3, 2]),
        ('agua -"de goma"', []),
        ("bom*", [1]),
        ("pist*", []),
        ("kind:structure", [4]),
        ("", [5, 4, 3, 2, 1]),
    ],
)
def test_what_is_found(index, text, uids):
    assert sorted(found(index, text)) == sorted(uids)


def test_a_title_counts_for_more_and_the_newest_stands_first_else(index):
    put(index, entry(6, "Otra", "bomba bomba"), entry(7, "Igual"), entry(8, "Igual"))
    reread(index, 11)
    assert found(index, "bomba") == [1, 6]
    assert found(index, "igual") == [8, 7]
    assert found(index, "", order="title")[:2] == [1, 5]
    assert found(index, "", order="changed")[:2] == [8, 7]
    assert found(index, "", first=2, size=2) == [6, 5]


def test_all_words_then_others_like_them_then_some(index):
    assert ask(index, "agua pozo").mode == "all"
    wrong = ask(index, "bonba")
    assert (wrong.mode, wrong.correction, wrong.total) == ("corrected", "bomba", 1)
    some = ask(index, "mecate maíz xyzzy")
    assert (some.mode, some.total) == ("some", 2)
    assert {frozenset(one) for one in some.lacks} == {frozenset({"maiz", "xyzzy"}), frozenset({"mecate", "xyzzy"})}
    nothing = ask(index, "xyzzy")
    assert nothing == Found([], 0, [], nothing.facets, "all", "", 10, [])


def test_what_lacks_some_words_stands_below_and_says_so(index):
    put(index, entry(6, "Banco con ruedas"), entry(7, "Banco de pino", kind="structure"), entry(8, "Nada de eso"))
    reread(index, 11)
    answer = ask(index, "banco ruedas")
    assert [int(uid, 16) for uid in answer.uids] == [6, 7]
    assert (answer.mode, answer.total, answer.whole) == ("all", 2, 1)
    assert [list(one) for one in answer.lacks] == [[], ["ruedas"]]
    assert dict(answer.facets["kind"]) == {"machine": 1, "structure": 1}
    assert found(index, "banco ruedas", order="changed") == [6]
    assert found(index, "banco ruedas -pino") == [6]
    assert found(index, 'ruedas "de pino"') == []


def test_a_word_that_nearly_all_bear_is_not_enough_for_that(index):
    put(index, *(entry(uid, f"Silla {uid}") for uid in range(10, 25)), entry(30, "Silla giratoria"))
    reread(index, 11)
    assert found(index, "silla giratoria") == [30]


def test_a_thing_is_found_by_its_other_names_after_what_bears_the_word_itself(index):
    put(
        index,
        entry(6, "Porco", "de raça"),
        entry(7, "Cerdo criollo", "de patio"),
        entry(8, "Silla de ruedas"),
        entry(9, "Folding wheelchair", language="en"),
        entry(10, "Chair with a wheel", language="en"),
        *(entry(uid, f"Cerdo {uid}") for uid in range(20, 25)),
    )
    reread(index, 11)
    assert found(index, "cerdo criollo")[0] == 7
    assert found(index, "cerdos")[-1] == 6
    assert set(found(index, "silla de ruedas")) == {8, 9, 10}
    assert found(index, "silla de ruedas")[0] == 8
    assert {8, 9} <= set(found(index, "cadeira de rodas"))


def test_words_of_a_language_without_stems_are_found_as_they_are(index):
    put(index, entry(6, "Apu", "sarakuna wasi", language="qu"))
    reread(index, 11)
    assert found(index, "sarakuna") == [6]
    assert found(index, "sarakunapaq") == []


def test_a_facet_counts_what_would_be_found_with_each_value(index):
    everything = ask(index, "")
    assert dict(everything.facets["kind"]) == {"machine": 3, "structure": 1, "practice": 1}
    assert dict(everything.facets["region"]) == {"NI": 1, "BO": 1, "BO-L": 1, "GT": 1, "BR": 1}
    narrowed = ask(index, "", narrow=Narrow(kind="machine", language="es"))
    assert narrowed.total == 2
    assert dict(narrowed.facets["kind"]) == {"machine": 2}
    assert dict(narrowed.facets["language"]) == {"es": 2, "pt-BR": 1}
    assert found(index, "", narrow=Narrow(region="BO")) == [1]
    assert found(index, "", narrow=Narrow(licence="CC0-1.0")) == [4]
    assert found(index, "", narrow=Narrow(task="postharvest")) == [2]


def test_pages_are_found_by_their_files_and_by_those_that_were_not_read(empty):
    one, other, third = ("ab" * 32, "cd" * 32, "ef" * 32)
    with empty.writing(wait=1) as writer:
        writer.replace([entry(1, "Bomba", attached=(one,)), entry(2, "Silo")], Position(1))
        assert writer.unread() == ""
        writer.put([entry(3, "Horno", attached=(one, other), unread=(one, other))], [], Position(1))
        writer.put([entry(4, "Molino", attached=(third,), unread=(third,))], [], Position(1))
        assert [int(uid, 16) for uid in writer.bearing([one[:32]])] == [1, 3]
        assert writer.bearing([]) == writer.bearing(["00" * 16]) == []
        assert writer.unread() == third, "the newest first"
        assert [int(uid, 16) for uid in writer.lacking(one, 5)] == [3]
        assert writer.lacking(one, 0) == []
        writer.put([entry(4, "Molino", attached=(third,))], [], Position(1))
        assert writer.unread() == one
        writer.put([], [f"{3:032x}"], Position(1))
        assert writer.unread() == ""
        assert [int(uid, 16) for uid in writer.bearing([one[:32], third[:32]])] == [1, 4]


def test_an_update_replaces_and_a_page_that_is_gone_is_not_found(index):
    put(index, entry(1, "Bomba de pedal", number=2), gone=(2,))
    put(index, entry(1, "Bomba de viento", number=3), entry(1, "Bomba de ariete", number=4), to=12)
    reread(index, 12)
    assert found(index, "bomba") == found(index, "ariete") == [1]
    assert [found(index, word) for word in ("mecate", "pedal", "viento", "maíz")] == [[]] * 4
    assert ask(index, "").total == 4
    assert index.held() == {e.uid: (e.number, e.digest()) for e in [*SHELF[2:], entry(1, "Bomba de ariete", number=4)]}


def test_a_hundred_updates_leave_each_page_once(index):
    luck = random.Random(1)
    newest: dict[int, int] = {}
    for turn in range(sizes.of(100, 1000)):
        uid = luck.randrange(1, 40)
        newest[uid] = turn
        put(index, entry(uid, f"Página {uid}", f"vuelta{turn}", number=turn + 1), to=turn + 11)
        if turn % 10 == 0:
            index.position()
    reread(index, turn + 11)
    for uid, turn in newest.items():
        assert found(index, f"pagina vuelta{turn}") == [uid]
    assert ask(index, "pagina").total == len(newest)


PUMPS = [
    entry(20, "Bomba de mecate", "Sube agua", regions=("NI",), family=f"{20:032x}"),
    entry(21, "Bomba de soga", "Sube agua de la puna, agua", regions=("BO", "BO-L", "puna"), family=f"{20:032x}"),
    entry(
        22, "Bomba de corda", "Tira água", language="pt-BR", regions=("BR", "BR-PB", "caatinga"), family=f"{20:032x}"
    ),
    entry(23, "Bomba de ariete", "Sube agua sola", regions=("BO",), kind="structure"),
]


HOME = (frozenset({"BO-L"}), frozenset({"puna"}), frozenset({"BO", "BO-L", "BO-O"}))


@pytest.fixture
def pumps(index) -> Index:
    with index.writing(wait=1) as writer:
        writer.replace(PUMPS, Position(12))
    reread(index, 12)
    return index


@pytest.mark.parametrize(
    ("wanted", "first", "others"),
    [
        ({"near": HOME}, 21, [20, 22]),
        ({"near": (frozenset({"BR-PE"}), frozenset({"caatinga"}))}, 22, [20, 21]),
        ({"near": (frozenset({"NI-CH"}), frozenset({"NI"}))}, 20, [21, 22]),
        ({"language": "pt-BR"}, 22, [20, 21]),
        ({"near": HOME, "language": "pt-BR"}, 21, [22, 20]),
    ],
)
def test_of_a_family_the_member_stands_that_is_nearest(pumps, wanted, first, others):
    answer = ask(pumps, "bomba agua", one_each=True, **wanted)
    shown = [
        (int(uid, 16), [int(one, 16) for one in rest]) for uid, rest in zip(answer.uids, answer.others, strict=True)
    ]
    assert answer.total == 2
    assert sorted(shown) == sorted([(first, others), (23, [])])


def test_a_family_counts_once_and_stands_where_its_best_would(pumps):
    answer = ask(pumps, "bomba agua", one_each=True, near=(frozenset({"NI"}),))
    assert int(answer.uids[0], 16) == 20, "though another member says it more often"
    assert dict(answer.facets["kind"]) == {"machine": 1, "structure": 1}
    assert dict(answer.facets["region"])["BO"] == 2
    assert dict(answer.facets["language"]) == {"es": 2, "pt-BR": 1}
    narrow = ask(pumps, "bomba agua language:es", one_each=True)
    assert (narrow.total, [len(rest) for rest in narrow.others]) == (2, [1, 0])
    flat = found(pumps, "bomba sube")
    assert flat.index(20) < flat.index(21), "the first of its family"
    every = ask(pumps, "bomba agua")
    assert (every.total, every.others) == (4, [[]] * 4)
    assert dict(every.facets["kind"]) == {"machine": 3, "structure": 1}


def test_more_facets(index):
    put(
        index,
        entry(
            30,
            "Secador",
            stage="stable",
            crops=("maize",),
            power=("sun",),
            skills=("carpentry",),
            has=("bom", "cad"),
            freedom="sell",
            tools=("sierra", "taladro"),
            materials=("madera de pino",),
            costs=("BOB-200-500",),
        ),
    )
    reread(index, 11)
    narrowed = ("stage:stable", "crop:maize", "power:sun", "skill:carpentry", "has:cad", "secador has:bom")
    for text in (*narrowed, "freedom:sell", "tool:sierra", "cost:BOB-200-500"):
        assert found(index, text) == [30], text
    assert found(index, "", narrow=Narrow(material="madera de pino", tool="taladro")) == [30]
    assert found(index, "", narrow=Narrow(material="madera")) == []
    assert found(index, "has:drawing") == []
    assert dict(ask(index, "secador").facets["has"]) == {"bom": 1, "cad": 1}


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("bom", ["Bomba de mecate"]),
        ("MECA", ["Bomba de mecate"]),
        ("maí", ["Silo metálico para maíz", "maíz"]),
        ("chuno", ["Chuño negro"]),
        ("ch'u", ["Ch'uñu"]),
        ("b", []),
        ("", []),
        ("xyzzy", []),
        ("chihua", ["Chihuahua"]),
    ],
)
def test_what_may_be_typed_is_suggested(index, text, suggested):
    found = index.suggest(text, "es", 8)
    assert found[: len(suggested)] == suggested
    assert bool(found) == bool(suggested)
    assert len(found) <= 8


def test_parts_are_suggested_and_what_stands_no_more_is_not(index):
    put(index, entry(40, "Sembradora", parts=("Tolva de chapa",)))
    reread(index, 11)
    assert index.suggest("tolv", "es", 8) == ["Tolva de chapa"]
    put(index, gone=(40, 1), to=12)
    reread(index, 12)
    assert index.suggest("tolv", "es", 8) == []
    assert index.suggest("bomba", "es", 8) == []


def test_before_it_was_made_it_can_not_be_asked(empty):
    with pytest.raises(Unusable):
        ask(empty, "bomba")
    with empty.writing(wait=1) as writer, pytest.raises(Unusable):
        writer.position()


def test_it_tells_how_far_it_is(index):
    assert index.position() == 10
    with index.writing(wait=1) as writer:
        assert writer.position() == Position(10, "ten")
    put(index, to=12)
    reread(index, 12)
    assert ask(index, "").position == 12
    assert list(index.faults()) == []


def test_what_it_cannot_take_changes_nothing(index):
    with pytest.raises(Unfit):
        put(index, entry(6, "Secreto"), entry(7, "Nadie debe hallar esto", kind="\ud800"))
    assert (index.position(), found(index, "secreto")) == (10, [])


def test_one_writes_at_a_time(index):
    with index.writing(wait=0), pytest.raises(TimeoutError), index.writing(wait=0.05):
        pass


def test_it_is_made_anew_beside_what_stands(index):
    def slowly() -> Iterator[Entry]:
        yield entry(1, "Renovada")
        assert found(index, "bomba") == [1]

    with index.writing(wait=1) as writer:
        writer.replace(slowly(), Position(20))
    reread(index, 20)
    assert (found(index, "renovada"), found(index, "bomba")) == ([1], [])


# What the store alone can answer while there is no index: words as they are, in titles, names and summaries.


@pytest.fixture
def shelf(context, comun, rosa, empty) -> Index:
    """The same designs in the store and in the index."""
    for slug, language, changes in (
        ("bomba", "es", {}),
        ("silo", "es", {"title": "Silo para grano", "tasks": ["postharvest"], "regions": ["GT"], "kind": "structure"}),
        ("prensa", "pt-BR", {"title": "Prensa manual", "summary": "Tira óleo."}),
    ):
        pages.create(comun, pump(**changes), slug=slug, language=language, by=rosa)
    with empty.writing(wait=1) as writer:
        writer.replace(list(sources.all_entries()), Position(journal.head()))
    return empty


@pytest.mark.parametrize(
    ("text", "narrow", "slugs"),
    [
        ("silo", Narrow(), {"silo"}),
        ("prensa manual", Narrow(), {"prensa"}),
        ("óleo", Narrow(), {"prensa"}),
        ("oleo", Narrow(), {"prensa"}),
        ("", Narrow(), {"bomba", "silo", "prensa"}),
        ("", Narrow(kind="structure"), {"silo"}),
        ("", Narrow(region="GT"), {"silo"}),
        ("", Narrow(language="pt-BR"), {"prensa"}),
        ("", Narrow(task="postharvest", licence="CC-BY-SA-4.0"), {"silo"}),
        ("silo", Narrow(kind="machine"), set()),
        ("kind:structure", Narrow(), {"silo"}),
        ("silo prensa", Narrow(kind="recipe"), set()),
    ],
)
def test_the_store_answers_its_part_of_it(shelf, text, narrow, slugs):
    for asked in (shelf, None):
        answer = query.search(asked, text, narrow, language="es")
        assert {hit.card.slug for hit in answer.hits} == slugs
        assert answer.total == len(slugs)


def test_the_store_counts_and_leafs_as_an_index_does(shelf):
    every, told = (query.search(asked, "", Narrow(), language="es") for asked in (shelf, None))
    for name in ("kind", "language", "community", "task"):
        assert sorted(told.facets[name]) == sorted(every.facets[name])
    for page in (1, 2, 3):
        pages_of = [query.search(one, "", Narrow(), language="es", page=page, size=1) for one in (shelf, None)]
        assert len({answer.hits[0].card.slug for answer in pages_of}) == 1


# What Whoosh finds is held against looking through everything.

TERMS = ["bomba", "agua", "maiz", "silo", "soga", "grano", "pozo", "feijao", "cistern", "papa"]


@given(
    st.lists(st.sampled_from(TERMS), min_size=1, max_size=3), st.sampled_from(["", "-agua", "bom*", '"agua de pozo"'])
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_bears_all_words_and_nothing_else(both, terms, more):
    whoosh, scan = both
    text = " ".join([*terms, more])
    found, wanted = (ask(one, text, order="title") for one in (whoosh, scan))
    assert found.whole == wanted.whole
    if found.whole:
        assert (list(found.uids), found.facets) == (list(wanted.uids), wanted.facets)


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> tuple[Index, Index]:
    engines = whooshed.FolderIndex(tmp_path_factory.mktemp("both") / "index"), Scan()
    luck = random.Random(4)
    shelf = [entry(n, " ".join(luck.sample(TERMS, 3)), " ".join(luck.choices(TERMS, k=6))) for n in range(10, 40)]
    for one in engines:
        with one.writing(wait=1) as writer:
            writer.replace([*SHELF, *shelf], Position(1))
    return engines
