"""What is found answers what people ask: the judged questions that were not held back, with a floor."""

import shutil

import pytest

import wsgi
from tests import sizes
from tests.bench import relevance
from tests.bench.relevance import Question
from tests.flows import serving


def scored(folder, paths, figure) -> relevance.Score:
    shutil.copytree(serving.sampled(), folder, dirs_exist_ok=True)
    app = wsgi.create_app({"MINGA_DATA_DIR": str(folder)}, TESTING=True, THROTTLE=False)
    relevance.collected(app, paths)
    with app.app_context():
        known = {name for name, _ in relevance.documents()}
        asked = relevance.answerable([one for one in relevance.questions() if not one.is_held], known)
        found = relevance.score(relevance.ours(app), asked)
        relevance.db.db.session.remove()
        relevance.db.db.engine.dispose()
    figure(
        f"{len(asked)} judged questions to {len(known)} designs: nDCG@10 {found.ndcg:.3f}, MRR {found.mrr:.3f}, "
        f"nothing {found.nothing:.1%}"
    )
    assert len(asked) >= 50
    return found


@pytest.mark.data
def test_questions_to_the_real_collection(shared, tmp_path, figure):
    """At the usual size to a tenth of the manifests."""
    if sizes.long:
        paths = [shared / "data" / name for name in ("designs", "okh")]
    else:
        paths = sorted((shared / "data" / "okh" / "losh-list").glob("*.toml"))[::10]
    found = scored(tmp_path, paths, figure)
    assert found.ndcg >= 0.9
    assert found.mrr >= (0.92 if sizes.long else 0.94)
    assert found.nothing <= 0.02


def test_questions_to_the_samples(tmp_path, figure):
    found = scored(tmp_path, [], figure)
    assert found.ndcg >= 0.9
    assert found.mrr >= 0.9
    assert found.nothing <= 0.02


def question(text: str, grades: dict[str, int]) -> Question:
    return Question(text, "es", "plain", grades, False)


def test_how_answers_are_weighed():
    """Järvelin and Kekäläinen's measure: what is worse, or stands lower, counts for less."""
    grades = {"a": 3, "b": 2, "c": 1}
    assert relevance.ndcg(["a", "b", "c"], grades) == pytest.approx(1)
    assert relevance.ndcg(["x"], grades) == 0
    assert 1 > relevance.ndcg(["a", "b"], grades) > relevance.ndcg(["b", "a"], grades) > relevance.ndcg(["c"], grades)
    assert relevance.reciprocal_rank(["x", "a"], grades) == 0.5
    assert relevance.reciprocal_rank(["b"], grades) == 0
    found = {"one": ["a"], "two": []}
    score = relevance.score(lambda text, _: found[text], [question("one", {"a": 3}), question("two", {"a": 3})])
    assert (score.ndcg, score.mrr, score.nothing) == (0.5, 0.5, 0.5)


def test_a_third_of_the_questions_is_held_back_and_each_language_has_fifty():
    asked = relevance.questions()
    held = [one for one in asked if one.is_held]
    assert len(asked) >= 150
    assert 0.25 <= len(held) / len(asked) <= 0.4
    assert all(sum(one.language == tongue for one in asked) >= 50 for tongue in ("es", "pt", "en"))
    assert all(one.grades and set(one.grades.values()) <= {1, 2, 3} for one in asked)


def test_questions_whose_best_answer_is_unknown_are_left_out():
    asked = [question("one", {"a": 3, "b": 1}), question("two", {"b": 1, "a": 2}), question("three", {"b": 1})]
    assert [one.text for one in relevance.answerable(asked, {"b"})] == ["three"]
    assert relevance.answerable(asked, {"a"})[0].grades == {"a": 3}
