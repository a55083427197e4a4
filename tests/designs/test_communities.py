"""Communities: founded by anybody, kept by stewards, joined by a code on paper; and regions that widen outwards."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designs import communities, facts, forks, maps, regions, vocabulary
from designs.communities import About
from designs.models import Fact, Invitation
from tests.designs.examples import pump
from wiki import access, accounts, db, errors, history, limits, masking, pages, spaces, throttles, verify
from wiki.db import now, session


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


BOTH = pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
"""What depends on the store."""


VALLE = About(
    names={"es": "Valle alto", "pt": " "},
    regions=["BO-C", "BO-C", "puna"],
    languages=["es", "qu"],
    currency="BOB",
    licences={"documentation": "CC-BY-SA-4.0"},
    welcome="Nos juntamos los **jueves**.",
)


@pytest.fixture
def valle(context, rosa):
    return communities.found("valle", VALLE, by=rosa)


def test_anybody_founds_a_community_and_keeps_it(valle, rosa, tomas):
    about = communities.about(valle)
    assert about.names == {"es": "Valle alto"}
    assert list(about.regions) == ["BO-C", "puna"]
    assert (about.currency, about.licences, about.welcome) == ("BOB", VALLE.licences, VALLE.welcome)
    assert (access.role(valle, rosa), access.role(valle, tomas)) == ("steward", "person")
    assert (about.name("pt-BR", "valle"), About().name("es", "valle")) == ("Valle alto", "valle")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"names": {}}, "names"),
        ({"names": {"es": "x" * 81}}, "names"),
        ({"names": {"xx": "Valle"}}, "names"),
        ({"regions": ["Atlántida"]}, "regions"),
        ({"languages": ["klingon"]}, "languages"),
        ({"currency": "ORO"}, "currency"),
        ({"licences": {"documentation": "CC-BY-NC-4.0"}}, "licences/documentation"),
        ({"licences": {"alma": "CC-BY-SA-4.0"}}, "licences/alma"),
        ({"welcome": "x" * (limits.WELCOME + 1)}, "welcome"),
    ],
)
def test_what_can_not_be_said_of_a_community(wrong, place, context, rosa):
    with pytest.raises(errors.Invalid) as refused:
        communities.found("otra", About(**{**vars(VALLE), **wrong}), by=rosa)
    assert refused.value.problems[0].place == place
    assert spaces.find("otra") is None


def test_only_stewards_say_what_it_is(valle, tomas, rosa):
    with pytest.raises(errors.Forbidden):
        communities.describe(valle, VALLE, by=tomas)
    communities.describe(valle, About(names={"es": "Valle bajo"}), by=rosa)
    assert communities.about(valle).names == {"es": "Valle bajo"}


@BOTH
def test_a_code_on_paper_makes_a_member(valle, rosa, tomas):
    code = communities.invite(valle, by=rosa)
    assert len(code) == limits.CODE + 1
    kept = session.query(Invitation).one()
    assert code.replace("-", "").encode() not in kept.code
    assert communities.join(f"  {code.lower()} ", by=tomas).slug == "valle"
    assert access.role(valle, tomas) == "member"
    assert session.query(Invitation).one().uses == limits.INVITATION_USES - 1
    # Again it changes nothing, and a member's code makes no steward a member.
    communities.join(code, by=tomas)
    communities.join(code, by=rosa)
    assert access.role(valle, rosa) == "steward"
    assert session.query(Invitation).one().uses == limits.INVITATION_USES - 1


def test_a_code_that_does_not_count(valle, rosa, tomas):
    code = communities.invite(valle, "steward", by=rosa)
    ana = accounts.create("ana")[0]
    communities.join(code, by=ana)
    for typed in (code, "ABCDE-FGHJK", "", "x" * 500):
        with pytest.raises(errors.Invalid) as refused:
            communities.join(typed, by=tomas)
        assert refused.value.problems[0].code == "bad-code"
    old = communities.invite(valle, by=rosa)
    row = session.query(Invitation).filter(Invitation.uses == limits.INVITATION_USES).one()
    row.until = now() - datetime.timedelta(minutes=1)
    session.commit()
    with pytest.raises(errors.Invalid):
        communities.join(old, by=tomas)
    code = communities.invite(valle, by=rosa)
    communities.withdraw(valle, by=rosa)
    with pytest.raises(errors.Invalid):
        communities.join(code, by=tomas)
    assert access.role(valle, tomas) == "person"


def test_only_stewards_invite(valle, tomas):
    with pytest.raises(errors.Forbidden):
        communities.invite(valle, by=tomas)
    with pytest.raises(errors.Forbidden):
        communities.withdraw(valle, by=tomas)


def test_words_that_are_taken_away_go_from_what_it_says_of_itself(valle):
    db.write(lambda: lambda: communities.forget(masking.words("jueves")))
    assert "jueves" not in communities.about(valle).welcome
    assert communities.about(valle).names == {"es": "Valle alto"}


def test_guesses_are_counted(valle, tomas, monkeypatch):
    monkeypatch.setattr(limits, "GUESSES", 2)
    throttles.use("a key of this test", True)
    try:
        for _ in range(2):
            with pytest.raises(errors.Invalid):
                communities.join("ABCDE-FGHJK", by=tomas)
        with pytest.raises(errors.TooMany):
            communities.join("ABCDE-FGHJK", by=tomas)
    finally:
        throttles.use("", False)


def test_the_last_steward_stays_until_there_is_another(valle, rosa, tomas):
    with pytest.raises(errors.Invalid) as refused:
        communities.give_role(valle, "rosa", "", by=rosa)
    assert refused.value.problems[0].code == "last-steward"
    with pytest.raises(errors.Invalid):
        communities.give_role(valle, "nadie", "member", by=rosa)
    communities.give_role(valle, "tomas", "steward", by=rosa)
    communities.give_role(valle, "rosa", "", by=rosa)
    assert communities.people(valle) == [("tomas", "steward")]
    with pytest.raises(errors.Forbidden):
        communities.give_role(valle, "tomas", "", by=rosa)


@BOTH
def test_communities_are_listed_by_region_and_with_their_numbers(valle, rosa):
    communities.found("llano", About(names={"es": "Llano"}, regions=["BO"]), by=rosa)
    pages.create(valle, pump(), language="es", by=rosa)
    found = {one.slug: (one.designs, one.people) for one in communities.listed()}
    assert found == {"comun": (0, 0), "llano": (0, 1), "valle": (1, 1)}
    assert [one.slug for one in communities.listed(region=["BO-C"])] == ["valle"]
    assert [one.slug for one in communities.listed(region=["BO"])] == ["llano", "valle"]
    assert [one.slug for one in communities.listed(after="llano", limit=5)] == ["valle"]


def bears(slug):
    page = history.get_page("valle", slug)
    return sorted(value for (value,) in session.query(Fact.value).filter_by(page_id=page.id, name="regions"))


@BOTH
def test_a_fork_lies_where_its_community_does_until_it_says_otherwise(valle, comun, rosa):
    saved = pages.create(comun, pump(), language="es", by=rosa)
    original = history.find_page_by_id(saved.page_id)
    told = {"relation": "adaptation", "slug": "bomba", "note": "Con bambú."}
    forks.fork(history.get_version(original), valle, **told, by=rosa)
    assert bears("bomba") == ["BO-C", "puna"]
    page = history.get_page("valle", "bomba")
    pages.save(page, pump(summary="Otra."), base=1, by=rosa)
    assert bears("bomba") == ["BO-C", "puna"]
    communities.describe(valle, About(names={"es": "Valle"}, regions=["BO-H"]), by=rosa)
    facts.renew(valle)
    assert bears("bomba") == ["BO-H"]
    page = history.get_page("valle", "bomba")
    pages.save(page, pump(regions=["BO-P"]), base=2, by=rosa)
    assert bears("bomba") == ["BO-P"]
    assert verify.all_differences() == []
    assert communities.counts()["BO"] == 1


def test_regions_are_what_they_are_called():
    assert (regions.kind("BO"), regions.kind("BO-O"), regions.kind("caatinga")) == ("country", "subdivision", "biome")
    assert (regions.country("BO-O"), regions.country("caatinga")) == ("BO", "")
    assert len(regions.countries()) == 25
    assert len([code for code in vocabulary.get("regions") if regions.kind(code) == "subdivision"]) == 439
    assert "BO-O" in regions.subdivisions("BO")


CODES = st.sampled_from(sorted(vocabulary.get("regions")))


@given(st.lists(CODES, min_size=1, max_size=5), CODES)
def test_regions_widen_from_oneself_outwards(mine, other):
    rings = regions.widening(mine)
    assert all(any(ring.holds(code) for ring in rings) for code in mine)
    assert regions.distance(mine, mine) == 0
    assert 0 <= regions.distance(mine, [other]) <= len(rings)
    if regions.country(other) in {regions.country(code) for code in mine} - {""}:
        assert regions.distance(mine, [other]) < len(rings)


def test_what_is_near_comes_first():
    mine = ["BO-O", "puna"]
    assert regions.distance(mine, ["BO-O"]) == 0
    assert regions.distance(mine, ["BO-L"]) == 2
    assert regions.distance(mine, [mine[1]]) == 1
    assert regions.distance(mine, ["MX"]) == 3


def test_the_map_has_every_country_and_is_light():
    drawn = maps.drawn({"BO": 3}, {"PE"}, str)
    assert {shape.code for shape in drawn.shapes} == set(regions.countries())
    assert {shape.code for shape in drawn.shapes if shape.is_marked} == {"PE"}
    assert next(shape.count for shape in drawn.shapes if shape.code == "BO") == 3
    assert all(shape.path.startswith("M") for shape in drawn.shapes)
    assert len(json.dumps([shape.path for shape in drawn.shapes])) < 8000
