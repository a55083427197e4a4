"""Every pair of the table of licences, wherever it can occur, and the sentence that a person reads."""

import itertools
import random

import pytest
from flask_babel import force_locale

from designs import forks, licences, proposals, pulls, sheet, vocabulary
from designs.web import words
from tests import sizes
from tests.designs.examples import pump
from wiki import errors, history, pages, spaces
from wiki.db import session

KNOWN = sorted(vocabulary.get("licences"))
PAIRS = list(itertools.product(KNOWN, KNOWN))
SLOT = "licences/documentation"


def under(licence, **more):
    return pump(licences=[{"key": "documentation", "licence": licence}], **more)


def verdict(old, new):
    """As the table says it, read apart from the code: the same stays, what is not listed is a no."""
    if str(vocabulary.get("licences")[old].more["derivatives"]) == "no":
        return "no"
    if old == new:
        return "ok"
    return vocabulary.adaptations().get(old, {}).get(new, ("no", ""))[0]


def outcome(problems):
    if not problems:
        return "ok"
    (problem,) = problems
    assert problem.place == SLOT
    return "cond" if problem.values.get("condition") else "no"


def test_every_pair_is_ruled_as_the_table_says():
    assert len(PAIRS) == 26 * 26
    for old, new in PAIRS:
        expected = verdict(old, new)
        assert licences.ruling(old, new).verdict == expected, (old, new)
        if old != new:
            assert outcome(licences.follows(under(old), under(new))) == expected, (old, new)
            assert outcome(licences.meets({"documentation": old}, {"documentation": new})) == expected, (old, new)
    assert {verdict(*pair) for pair in PAIRS} == {"ok", "cond", "no"}


def test_a_fork_stays_under_its_licence_if_that_lets_it_be_changed():
    for id in KNOWN:
        assert outcome(licences.follows(under(id), None)) == verdict(id, id), id


@pytest.mark.parametrize("language", ["es", "pt_BR", "en"])
def test_every_refusal_and_condition_has_a_sentence_that_names_both(language, context):
    with force_locale(language):
        for old, new in PAIRS:
            ruled = licences.ruling(old, new)
            if ruled.verdict != "ok":
                said = str(words.PROBLEMS[f"licence-{ruled.why}"]) % {"old": old, "new": new}
                assert "%(" not in said
                assert old in said or new in said or ruled.why == "no-changes", (old, new)


SOME = random.Random(3).sample([pair for pair in PAIRS if pair[0] != pair[1]], sizes.of(14, 200))
SOME += [("CC-BY-4.0", "CC-BY-NC-4.0"), ("CC-BY-SA-4.0", "GPL-3.0-or-later"), ("CC-BY-4.0", "CC-BY-SA-4.0")]


def fresh(page):
    session.close()
    return history.find_page_by_id(page.id)


@pytest.mark.parametrize(("old", "new"), SOME)
def test_the_verbs_keep_to_it_at_a_save_a_pull_and_an_acceptance(old, new, context, comun, rosa, tomas):
    expected, agreed = verdict(old, new), frozenset({SLOT})
    saved = pages.create(comun, under(old), slug="first", language="es", by=rosa)
    page = history.find_page_by_id(saved.page_id)
    pages.save(page, under(old, summary="Otra."), base=1, by=tomas)

    def tried(act):
        try:
            act(frozenset())
        except errors.Invalid:
            pass
        else:
            return "ok"
        try:
            act(agreed)
        except errors.Invalid:
            return "no"
        return "cond"

    other = under(new, summary="Otra.")
    assert tried(lambda agreed: pages.save(fresh(page), other, base=2, by=rosa, agreed=agreed)) == expected
    if expected == "cond":
        assert f"[{old} → {new}]" in history.find_revision(page.id, 3).note
    if verdict(old, old) == "no" or verdict(new, new) == "no":
        return
    # A fork of a work under the old licence, whose original is under the new one by now, and the other way.
    given = history.find_page_by_id(pages.create(comun, under(old), slug="given", language="es", by=rosa).page_id)
    valle = spaces.found("valle", by=tomas)
    made = forks.fork(history.get_version(given), valle, relation="variant", slug="fork", note="Otra.", by=tomas)
    fork = history.find_page_by_id(made.page_id)
    session.close()
    theirs = sheet.licences(history.get_version(fresh(fork)).document)
    assert outcome(licences.meets(theirs, {"documentation": new})) == expected
    pages.save(fresh(given), under(old, problem="Falta agua."), base=1, by=rosa)
    content = {**history.get_version(fresh(fork)).document, "licences": under(new)["licences"]}
    if tried(lambda agreed: pages.save(fresh(fork), content, base=1, by=tomas, agreed=agreed)) == "no":
        assert expected == "no"
        return
    # The fork is under the new licence: what its original changed comes in along the arrow, and the other way back.
    assert tried(lambda agreed: pulls.pull(fresh(fork), number=2, by=tomas, agreed=agreed)) == expected
    changed = {**history.get_version(fresh(fork)).document, "context": "En la sierra."}
    pages.save(fresh(fork), changed, base=fresh(fork).head, by=tomas)
    back = tried(lambda agreed: proposals.propose(fresh(given), fresh(fork), note="Mejor.", by=tomas, agreed=agreed))
    assert back == verdict(new, old)
