"""Forks, pulls and proposals: parents tell the truth, and nothing that is not taken comes in."""

import pytest
from sqlalchemy import select

from designs import forks, licences, proposals, pulls, vocabulary
from designs.models import LeftOut
from designs.web import words
from wiki import accounts, db, document, errors, history, lineages, masking, notices, pages, spaces, verify
from wiki.db import session
from wiki.models import Parent, Revision

PUMP = {
    "kind": "machine",
    "title": "Bomba de mecate",
    "summary": "Sube agua con una cuerda sin fin.",
    "hazards": ["none"],
    "licences": [{"key": "documentation", "licence": "CC-BY-SA-4.0"}],
    "bom": [
        {"key": "marco", "name": "Marco", "material": "acero"},
        {"key": "cuerda", "name": "Cuerda", "quantity": "20"},
    ],
    "steps": [{"key": "uno", "title": "Corte el marco", "text": "Con segueta."}],
    "body": "Engrase cada mes.\n\nCambie la cuerda cada año.\n",
    "regions": ["NI"],
}


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


BOTH = pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
"""What depends on the store."""


@pytest.fixture
def valle(context, tomas):
    """A community that Tomás keeps."""
    space = spaces.found("valle", by=tomas)
    return space


@pytest.fixture
def pump(comun, rosa):
    saved = pages.create(comun, PUMP, language="es", by=rosa)
    return history.find_page_by_id(saved.page_id)


@pytest.fixture
def fork(pump, valle, tomas):
    return forked(pump, valle, tomas)


def forked(page, space, by, **more):
    told = {"relation": "adaptation", "reasons": ["materials"], "note": "Con bambú.", **more}
    saved = forks.fork(history.get_version(fresh(page)), space, **told, by=by)
    return history.find_page_by_id(saved.page_id)


def fresh(page):
    session.close()
    return history.find_page_by_id(page.id)


def head(page):
    page = fresh(page)
    return history.get_version(page, page.head)


def edit(page, by, **parts):
    page = fresh(page)
    content = {**history.get_version(page).document, **parts}
    pages.save(page, {name: part for name, part in content.items() if part}, base=page.head, by=by)
    return fresh(page)


def with_row(page, part, key, **fields):
    rows = [dict(row) for row in head(page).document[part]]
    next(row for row in rows if row["key"] == key).update(fields)
    return rows


def parents(page, number=None):
    revision = history.find_revision(page.id, number or fresh(page).head)
    rows = session.execute(
        select(Revision.page_id, Revision.number)
        .join(Parent, Parent.digest == Revision.digest)
        .where(Parent.revision_id == revision.id)
        .order_by(Parent.position)
    )
    return [tuple(row) for row in rows]


def test_a_fork_holds_exactly_the_document_and_its_parent_is_the_original(pump, fork):
    assert head(fork).document == head(pump).document
    assert parents(fork) == [(pump.id, 1)]
    assert (fork.upstream_id, fork.relation, fork.taken, fork.space.slug) == (pump.id, "adaptation", 1, "valle")
    assert head(fork).revision.snapshot_id == head(pump).revision.snapshot_id
    assert verify.all_differences() == []


def test_why_it_was_forked_is_offered_for_each_difference_until_it_is_said(pump, fork, tomas):
    note = head(fork).revision.note
    assert note == "Otros materiales: Con bambú."
    assert forks.reasons_of(note) == (["materials"], "Con bambú.")
    fork = edit(fork, tomas, bom=with_row(fork, "bom", "marco", material="bambú"), regions=["BO"])
    _, (one,) = forks.differences(fork)
    assert (one.place, one.reason, one.why, one.is_declared) == ("bom/marco", "materials", "Con bambú.", False)
    forks.declare(fork, {"bom/marco": ("climate", "El acero se oxida.")}, base=2, by=tomas)
    fork = fresh(fork)
    _, (one,) = forks.differences(fork)
    assert (one.reason, one.why, one.is_declared) == ("climate", "El acero se oxida.", True)
    forks.declare(fork, {"bom/marco": ("", "")}, base=3, by=tomas)
    assert "adaptations" not in head(fork).document
    with pytest.raises(errors.Invalid):
        forks.declare(fresh(fork), {"bom/marco": ("whim", "")}, base=4, by=tomas)


def test_a_fork_says_what_will_change(pump, valle, tomas):
    for more, place in (
        ({"note": " ", "reasons": []}, "note"),
        ({"relation": "copy"}, "relation"),
        ({"reasons": ["whim"]}, "reasons"),
        ({"relation": "translation"}, "language"),
    ):
        with pytest.raises(errors.Invalid) as refused:
            forked(pump, valle, tomas, **more)
        assert refused.value.problems[0].place == place


def test_only_members_fork_into_a_community(pump, valle, rosa):
    with pytest.raises(errors.Forbidden):
        forked(pump, valle, rosa)


@BOTH
def test_a_pull_takes_what_is_new_and_keeps_what_is_otherwise_here(pump, fork, rosa, tomas):
    fork = edit(fork, tomas, bom=with_row(fork, "bom", "marco", material="bambú"))
    edit(pump, rosa, bom=with_row(pump, "bom", "cuerda", quantity="25"), regions=["NI", "HN"])
    pump = edit(pump, rosa, body="Engrase cada semana.\n\nCambie la cuerda cada año.\n")
    found = pulls.offered(fork)
    assert [(o.edit.place, o.mine, o.state) for o in found.all] == [
        ("body#1", "Engrase cada mes.\n", "new"),
        ("bom/cuerda/quantity", "20", "new"),
    ]
    assert (pulls.behind(fork, pump), found.version.revision.number) == (2, 3)
    saved = pulls.pull(fork, number=3, by=tomas)
    fork = fresh(fork)
    assert (saved.number, fork.taken, pulls.behind(fork, fresh(pump))) == (3, 3, 0)
    assert parents(fork) == [(fork.id, 2), (pump.id, 3)]
    content = head(fork).document
    assert [row.get("material", row.get("quantity")) for row in content["bom"]] == ["bambú", "25"]
    assert content["body"].startswith("Engrase cada semana.")
    assert content["regions"] == ["NI"]
    assert pulls.offered(fork).all == []
    assert verify.all_differences() == []


def test_what_was_not_ticked_is_remembered_and_can_be_taken_later(pump, fork, rosa, tomas):
    edit(pump, rosa, bom=with_row(pump, "bom", "cuerda", quantity="25"))
    pump = edit(pump, rosa, summary="Sube agua.")
    wanted = {o.edit.place: o.id for o in pulls.offered(fork).all}
    pulls.pull(fork, number=3, take=[wanted["summary#1"]], by=tomas)
    fork = fresh(fork)
    (left,) = pulls.offered(fork).all
    assert (left.edit.place, left.state) == ("bom/cuerda/quantity", "left-out")
    # A pull that names nothing takes only what is new: nothing is.
    edit(pump, rosa, title="Bomba de soga")
    pulls.pull(fork, number=4, by=tomas)
    fork = fresh(fork)
    assert head(fork).document["title"] == "Bomba de soga"
    assert head(fork).document["bom"][1]["quantity"] == "20"
    pulls.pull(fork, number=4, take=[left.id], by=tomas)
    assert head(fork).document["bom"][1]["quantity"] == "25"
    assert pulls.offered(fresh(fork)).all == []


def test_a_declared_difference_is_not_taken_by_itself(pump, fork, rosa, tomas):
    declared = [{"key": "a", "place": "bom/marco", "reason": "materials", "why": "Aquí hay bambú."}]
    fork = edit(fork, tomas, bom=with_row(fork, "bom", "marco", material="bambú"), adaptations=declared)
    pump = edit(pump, rosa, bom=with_row(pump, "bom", "marco", material="aluminio"))
    (offer,) = pulls.offered(fork).all
    assert (offer.state, offer.why, offer.mine) == ("declared", "Aquí hay bambú.", "bambú")
    pulls.pull(fork, number=2, by=tomas)
    assert head(fork).document["bom"][0]["material"] == "bambú"
    assert fresh(fork).taken == 2
    assert session.scalars(select(LeftOut)).all() == []


def test_both_sides_of_a_conflict_are_asked_for(pump, fork, rosa, tomas):
    fork = edit(fork, tomas, title="Bomba de bambú")
    edit(pump, rosa, title="Bomba de soga")
    (asked,) = pulls.offered(fork).conflicts
    assert (asked.base, asked.here, asked.incoming) == ("Bomba de mecate", "Bomba de bambú", "Bomba de soga")
    with pytest.raises(pages.Conflict):
        pulls.pull(fork, number=2, by=tomas)
    assert fresh(fork).head == 2
    pulls.pull(fork, number=2, resolutions={asked.id: "here"}, by=tomas)
    assert head(fork).document["title"] == "Bomba de bambú"


def test_a_pull_takes_what_was_shown_when_the_upstream_has_moved_on(pump, fork, rosa, tomas):
    edit(pump, rosa, summary="Sube agua.")
    edit(pump, rosa, title="Bomba peligrosa")
    pulls.pull(fork, number=2, by=tomas)
    assert head(fork).document["title"] == "Bomba de mecate"
    assert fresh(fork).taken == 2
    with pytest.raises(errors.Invalid):
        pulls.pull(fork, number=1, by=tomas)


def test_what_is_not_offered_can_not_be_taken(pump, fork, rosa, tomas):
    edit(pump, rosa, regions=["HN"])
    with pytest.raises(errors.Invalid) as refused:
        pulls.pull(fork, number=2, take=["0" * 16], by=tomas)
    assert refused.value.problems[0].code == "not-offered"


@BOTH
def test_a_change_taken_from_a_cousin_is_credited_and_reverts_nothing(pump, fork, comun, rosa, tomas):
    cousin = forked(pump, comun, rosa, slug="bomba-de-la-costa")
    cousin = edit(cousin, rosa, bom=with_row(cousin, "bom", "cuerda", quantity="30"), title="Bomba de la costa")
    fork = edit(fork, tomas, summary="Sube agua con bambú.")
    wanted = {o.edit.place: o.id for o in pulls.offered(fork, cousin).all}
    assert set(wanted) == {"bom/cuerda/quantity", "title#1"}
    pulls.pull(fork, cousin, number=2, take=[wanted["bom/cuerda/quantity"]], by=tomas)
    assert parents(fork) == [(fork.id, 2)]
    version = head(fork)
    assert version.revision.origin == head(cousin).revision.digest
    assert (version.document["bom"][1]["quantity"], version.document["title"]) == ("30", "Bomba de mecate")
    # Nothing of the upstream is lost by it: the next pull still offers all.
    edit(pump, rosa, body="Engrase cada semana.\n\nCambie la cuerda cada año.\n")
    assert [o.edit.place for o in pulls.offered(fresh(fork)).all] == ["body#1"]
    assert fresh(fork).taken == 1


def test_strangers_have_nothing_to_take_from_each_other(fork, comun, rosa):
    saved = pages.create(comun, {**PUMP, "title": "Arado"}, language="es", by=rosa)
    with pytest.raises(errors.Invalid) as refused:
        pulls.offered(fork, history.find_page_by_id(saved.page_id))
    assert refused.value.problems[0].code == "no-relative"


@BOTH
def test_common_ancestors_of_forks_of_forks(pump, fork, comun, rosa, tomas):
    edit(pump, rosa, summary="Sube agua.")
    grand = forked(fork, comun, rosa, slug="nieta")
    fork = edit(fork, tomas, title="Bomba de bambú")
    pulls.pull(fork, number=2, by=tomas)
    other = forked(pump, comun, rosa, slug="prima")

    def common(a, b):
        found = lineages.common(head(a).revision, head(b).revision)
        return found and (found.page_id, found.number)

    assert common(grand, fork) == (fork.id, 1)
    assert common(grand, other) == (pump.id, 1)
    assert common(fork, other) == (pump.id, 2)
    assert common(fork, pump) == (pump.id, 2)
    assert common(pump, pump) == (pump.id, 2)


def test_a_translation_takes_figures_and_keeps_its_words(pump, comun, rosa):
    page = forked(pump, comun, rosa, relation="translation", language="pt-BR", slug="bomba-de-corda")
    page = edit(page, rosa, title="Bomba de corda", steps=with_row(page, "steps", "uno", title="Corte a armação"))
    edit(pump, rosa, title="Bomba de soga", steps=with_row(pump, "steps", "uno", title="Corte", minutes="30"))
    assert [o.edit.place for o in pulls.offered(page).all] == ["steps/uno/minutes"]
    pulls.pull(page, number=2, by=rosa)
    (step,) = head(page).document["steps"]
    assert (step["title"], step["minutes"]) == ("Corte a armação", "30")


# --- proposals


def ids(page, source, *places):
    return [o.id for o in pulls.offered(page, source).all if o.edit.place in places]


def test_a_proposal_offers_only_what_was_picked_and_its_acceptance_has_one_parent(pump, fork, rosa, tomas):
    edit(fork, tomas, bom=with_row(fork, "bom", "marco", material="bambú"))
    fork = edit(fork, tomas, steps=with_row(fork, "steps", "uno", check="A escuadra."))
    made = proposals.propose(
        pump, fork, take=ids(pump, fork, "steps/uno/check"), note="Falta la comprobación.", by=tomas
    )
    proposal = proposals.get(fresh(pump), 1)
    assert [e.place for e in proposals.shown(proposal, by=rosa).edits] == ["steps/uno/check"]
    proposals.accept(proposal, digest=made.digest, by=rosa)
    assert parents(pump) == [(pump.id, 1)]
    version = head(pump)
    assert version.revision.origin == head(fork).revision.digest
    assert version.document["steps"][0]["check"] == "A escuadra."
    assert version.document["bom"][0]["material"] == "acero"
    row = proposals.get(fresh(pump), 1)
    assert (row.state, row.became, row.decided_by.handle) == ("accepted", 2, "rosa")
    with pytest.raises(errors.Stale):
        proposals.accept(row, digest=made.digest, by=rosa)


def test_what_was_not_read_is_not_accepted(pump, fork, rosa, tomas):
    edit(fork, tomas, summary="Sube agua.")
    made = proposals.propose(pump, fork, note="Más corto.", by=tomas)
    edit(fork, tomas, summary="Sube lodo.")
    again = proposals.update(proposals.get(fresh(pump), 1), note="Otra cosa.", by=tomas)
    assert again.digest != made.digest
    with pytest.raises(errors.Stale):
        proposals.accept(proposals.get(fresh(pump), 1), digest=made.digest, by=rosa)
    assert fresh(pump).head == 1
    proposals.accept(proposals.get(fresh(pump), 1), digest=again.digest, by=rosa)
    assert head(pump).document["summary"] == "Sube lodo."


@BOTH
def test_a_page_that_moved_on_is_merged_or_asked(pump, fork, rosa, tomas):
    edit(fork, tomas, summary="Sube agua.", title="Bomba de bambú")
    made = proposals.propose(pump, fork, note="Mejor.", by=tomas)
    edit(pump, rosa, title="Bomba de soga")
    proposal = proposals.get(fresh(pump), 1)
    assert proposals.shown(proposal, by=rosa).is_stale
    with pytest.raises(pages.Conflict) as asked:
        proposals.accept(proposal, digest=made.digest, by=rosa)
    (conflict,) = asked.value.merged.conflicts
    proposals.accept(proposal, digest=made.digest, resolutions={conflict.id: "here"}, by=rosa)
    assert head(pump).document["title"] == "Bomba de soga"
    assert head(pump).document["summary"] == "Sube agua."


@BOTH
def test_who_may_not_edit_suggests_and_a_steward_decides(fork, rosa, tomas):
    content = {**head(fork).document, "summary": "Sube agua limpia."}
    with pytest.raises(errors.Forbidden):
        pages.save(fork, content, base=1, by=rosa)
    made = proposals.suggest(fork, content, base=1, note="Más claro.", by=rosa)
    row = proposals.get(fresh(fork), made.number)
    for act in (
        lambda: proposals.accept(row, digest=made.digest, by=rosa),
        lambda: proposals.say(row, "Cambie esto.", asks=True, by=rosa),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    proposals.say(row, "¿Cómo lo filtra?", asks=True, by=tomas)
    proposals.say(row, "Con arena.", by=rosa)
    assert [(r.by.handle, r.asks) for r in proposals.remarks(row)] == [("tomas", True), ("rosa", False)]
    proposals.decline(row, reason="Aquí no se filtra.", by=tomas)
    row = proposals.get(fresh(fork), 1)
    assert (row.state, row.reason) == ("declined", "Aquí no se filtra.")
    with pytest.raises(errors.Stale):
        proposals.decline(row, reason="Otra vez.", by=tomas)


def test_who_decides_and_who_proposed_are_told(fork, rosa, tomas):
    def told(account):
        return [(n.kind, n.words) for n in notices.of(account)]

    content = {**head(fork).document, "summary": "Sube agua limpia."}
    made = proposals.suggest(fork, content, base=1, note="Más claro.", by=rosa)
    assert told(tomas) == [("proposal", "#1 Más claro.")]
    row = proposals.get(fresh(fork), 1)
    proposals.say(row, "¿Cómo?", asks=True, by=tomas)
    proposals.accept(row, digest=made.digest, by=tomas)
    assert [kind for kind, _ in told(rosa)] == ["proposal-accepted", "proposal-asked"]


def test_who_proposed_may_withdraw(pump, fork, rosa, tomas):
    edit(fork, tomas, summary="Sube agua.")
    proposals.propose(pump, fork, note="Mejor.", by=tomas)
    proposals.decline(proposals.get(fresh(pump), 1), reason="Me equivoqué.", by=tomas)
    assert proposals.get(fresh(pump), 1).state == "withdrawn"


def test_words_that_are_taken_away_go_from_proposals_and_remarks_too(fork, rosa, tomas):
    content = {**head(fork).document, "summary": "Preguntar en Pasaje Colibrí 7."}
    made = proposals.suggest(fork, content, base=1, note="Vivo en Pasaje Colibrí 7.", by=rosa)
    proposals.say(proposals.get(fresh(fork), 1), "¿Pasaje Colibrí 7?", by=tomas)
    words = masking.words("pasaje colibri 7")
    db.write(lambda: lambda: proposals.forget(words))
    row = proposals.get(fresh(fork), 1)
    told = [row.note, proposals.remarks(row)[0].words, str(document.unpack(row.packed))]
    assert not any("olibr" in one for one in told)
    # What was read is not what stands any more.
    with pytest.raises(errors.Stale):
        proposals.accept(row, digest=made.digest, by=tomas)


def test_only_so_many_proposals_wait(fork, rosa, monkeypatch):
    monkeypatch.setattr("wiki.limits.PROPOSALS_OPEN", 1)
    content = {**head(fork).document, "summary": "Sube agua limpia."}
    proposals.suggest(fork, content, base=1, note="Uno.", by=rosa)
    with pytest.raises(errors.Invalid):
        proposals.suggest(fork, {**content, "title": "Otra"}, base=1, note="Dos.", by=rosa)


# --- licences


def test_a_licence_moves_only_along_the_arrows(pump, rosa, tomas):
    def changed(licence, by, **more):
        page = fresh(pump)
        content = {**head(page).document, "licences": [{"key": "documentation", "licence": licence}]}
        return pages.save(page, content, base=page.head, by=by, **more)

    edit(pump, tomas, summary="Sube agua.")
    with pytest.raises(errors.Invalid) as refused:
        changed("CC-BY-4.0", rosa)
    assert [p.code for p in refused.value.problems] == ["licence-same"]
    with pytest.raises(errors.Invalid) as refused:
        changed("GPL-3.0-or-later", rosa)
    assert refused.value.problems[0].place == "licences/documentation"
    changed("GPL-3.0-or-later", rosa, agreed=frozenset({"licences/documentation"}))
    assert head(pump).revision.note == " [CC-BY-SA-4.0 → GPL-3.0-or-later]"


def test_who_wrote_alone_may_choose_anew(pump, rosa):
    page = edit(pump, rosa, licences=[{"key": "documentation", "licence": "CC0-1.0"}])
    assert page.head == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"licences": [{"key": "documentation", "licence": "CC-BY-ND-4.0"}]}, "licence-no-changes"),
        (
            {"licences": [{"key": "documentation", "licence": "CC-BY-NC-4.0"}], "sources": [{"key": "card"}]},
            "licence-card",
        ),
        ({"licences": [{"key": "documentation", "licence": "Ley 12"}]}, "licence-unknown"),
        ({"licences": [{"key": "documentation", "licence": "CC-BY-NC-4.0"}]}, ""),
    ],
)
def test_what_may_not_be_changed_is_not_forked(content, code, comun, rosa, tomas):
    sources = [{"key": "card", "url": "https://example.org"}] if "sources" in content else []
    saved = pages.create(comun, {**PUMP, **content, "sources": sources}, language="es", by=rosa)
    page = history.find_page_by_id(saved.page_id)
    if not code:
        assert forked(page, comun, tomas, slug="otra").relation == "adaptation"
        return
    with pytest.raises(errors.Invalid) as refused:
        forked(page, comun, tomas, slug="otra")
    assert [p.code for p in refused.value.problems] == [code]
    if code == "licence-unknown":
        page = forked(page, comun, tomas, slug="otra", agreed=frozenset({"licences/documentation"}))
        assert head(page).revision.note.endswith("[Ley 12]")


def test_a_change_under_another_licence_comes_in_only_along_the_arrows(pump, fork, rosa, tomas):
    gpl = [{"key": "documentation", "licence": "GPL-3.0-or-later"}]
    page = fresh(fork)
    content = {**head(fork).document, "licences": gpl, "summary": "Sube agua."}
    pages.save(page, content, base=1, by=tomas, agreed=frozenset({"licences/documentation"}))
    with pytest.raises(errors.Invalid) as refused:
        proposals.propose(pump, fork, note="Mejor.", by=tomas)
    assert refused.value.problems[0].code == "licence-unlisted"


def test_every_reason_of_the_table_has_a_sentence():
    for rows in vocabulary.adaptations().values():
        for verdict, why in rows.values():
            assert verdict == "ok" or why in licences.WHY
    codes = {*licences.WHY.values(), "card", "no-changes", "unknown", "unlisted"}
    assert {f"licence-{code}" for code in codes} <= words.PROBLEMS.keys()


@BOTH
def test_who_asks_for_a_version_that_is_taken_already_is_told(app, pump, fork, rosa, tomas):
    for body in ("Engrase.\n", "No engrase.\n", "Engrase cada semana.\n"):
        edit(pump, rosa, body=body)
    pulls.pull(fork, number=4, by=tomas)
    found = pulls.offered(fork, number=2)
    assert pulls.news(found) == []
    edit(pump, rosa, body="Engrase cada mes.\n")
    assert [revision.number for revision in pulls.news(pulls.offered(fork))] == [5]


def test_a_fork_names_all_who_wrote_what_it_is_made_of(app, pump, fork, rosa, tomas):
    elena = accounts.create("elena", passphrase="noria del valle 2026")[0]
    edit(pump, elena, body="Nunca engrase.\n")
    assert lineages.writers(head(fork).revision) == ["rosa", "tomas"]
    pulls.pull(fork, number=2, by=tomas)
    assert lineages.writers(head(fresh(fork)).revision) == ["elena", "rosa", "tomas"]
    assert lineages.writers(head(fresh(pump)).revision) == ["elena", "rosa"]
    shown = app.test_client().get(f"/c/{fork.space.slug}/{fork.slug}/history?lang=es").text.partition("Escrito por:")[2]
    assert all(f'href="/people/{handle}"' in shown for handle in ("elena", "rosa", "tomas"))
