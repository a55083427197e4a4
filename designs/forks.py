"""Taking a design to another community, to be changed there for another place, purpose or language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from designs import changes, manifests, vocabulary
from wiki import access, diff, document, errors, history, pages
from wiki.diff import Edit
from wiki.document import Row
from wiki.errors import Problem
from wiki.history import Version
from wiki.models import Account, Page, Space
from wiki.operations import Once
from wiki.pages import Saved

RELATIONS = ("adaptation", "translation", "variant")
LANGUAGES = ("es", "pt", "en")


def fork(
    version: Version,
    space: Space,
    *,
    relation: str,
    slug: str = "",
    language: str = "",
    reasons: Sequence[str] = (),
    note: str,
    agreed: frozenset[str] = frozenset(),
    by: Account,
    once: Once | None = None,
) -> Saved:
    """Begin a fork of a version in a community: it holds exactly that version's document. Why it is made and what will
    change stand in the note of its first version. `agreed`: places of licences' conditions that were agreed to.

    Raises `errors.Invalid` for what the licences do not let go, and for what is missing."""
    access.check("create", space, by)
    problems = [] if relation in RELATIONS else [Problem("relation", "bad-choice" if relation else "needed")]
    known = vocabulary.get("reasons")
    problems += [Problem("reasons", "bad-choice") for reason in reasons if reason not in known]
    if not note.strip() and not (relation == "translation" or reasons):
        problems.append(Problem("note", "needed"))
    if relation == "translation" and (not language or language == version.page.language):
        problems.append(Problem("language", "other-language"))
    if problems:
        raise errors.Invalid(problems)
    return pages.fork(
        version,
        space,
        slug=slug,
        language=language or version.page.language,
        relation=relation,
        by=by,
        note=told(reasons, note.strip(), language or version.page.language),
        agreed=agreed,
        once=once,
    )


def told(reasons: Sequence[str], note: str, language: str) -> str:
    """The note of a fork: its reasons in words, and what will change."""
    said = "; ".join(vocabulary.label("reasons", reason, language) for reason in reasons)
    return ": ".join(filter(None, (said, note)))


def reasons_of(note: str) -> tuple[list[str], str]:
    """The reasons that the note of a fork names, and the rest of it."""
    by_label = {term.label(language): id for id, term in vocabulary.get("reasons").items() for language in LANGUAGES}
    said, _, rest = note.partition(": ")
    found = [by_label[part] for part in said.split("; ") if part in by_label]
    return (found, re.sub(r" \[[^\]]*→[^\]]*\]$", "", rest)) if found else ([], note)


@dataclass(frozen=True)
class Difference:
    """A place at which a fork is otherwise than its upstream, and why, as far as that was said. Where nothing was said,
    `reason` and `why` are those with which the fork was made."""

    place: str
    edits: tuple[Edit, ...]
    reason: str
    why: str
    is_declared: bool


def differences(page: Page, *, by: Account | None = None) -> tuple[Version, list[Difference]]:
    """Where a fork is otherwise than what it last took of its upstream: each row or part of the document once."""
    head = history.get_version(page, by=by)
    upstream = history.find_page_by_id(page.upstream_id) if page.upstream_id is not None else None
    if upstream is None:
        raise errors.Invalid([Problem("from", "no-upstream")])
    base = history.get_version(upstream, page.taken, by=by).document
    words = page.relation == "translation"
    found: dict[str, list[Edit]] = {}
    for edit in diff.compare(base, head.document):
        if not changes.is_own(edit.place, only_figures=words):
            found.setdefault("/".join(edit.place.partition("#")[0].split("/")[:2]), []).append(edit)
    declared = {str(row.get("place")): row for row in document.rows(head.document, "adaptations")}
    first = history.find_revision(page.id, 1)
    reasons, why = reasons_of(first.note if first else "")
    told = []
    for place, edits in found.items():
        row = declared.get(place)
        said = (str(row.get("reason", "")), str(row.get("why", ""))) if row else (next(iter(reasons), ""), why)
        told.append(Difference(place, tuple(edits), *said, is_declared=row is not None))
    return head, told


def declare(
    page: Page, said: Mapping[str, tuple[str, str]], *, base: int, by: Account, once: Once | None = None
) -> Saved:
    """Say why a fork is otherwise at some places: a reason and words for each. An empty reason takes it back. What is
    declared is not offered by itself at the next pull."""
    access.check("edit", page, by)
    known = vocabulary.get("reasons")
    wrong = [Problem(f"adaptations/{place}", "bad-choice") for place, (r, _why) in said.items() if r and r not in known]
    if wrong:
        raise errors.Invalid(wrong)
    content = history.get_version(page, base, by=by).document
    kept = [row for row in document.rows(content, "adaptations") if str(row.get("place")) not in said]
    rows: list[Row] = [
        {"key": manifests.key("why", place), "place": place, "reason": reason, "why": why}
        for place, (reason, why) in said.items()
        if reason
    ]
    return pages.save(page, {**content, "adaptations": [*kept, *rows]}, base=base, by=by, once=once)
