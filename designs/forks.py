"""Taking a design to another community, to be changed there for another place, purpose or language."""

import re
from collections.abc import Sequence

from designs import vocabulary
from wiki import access, document, errors, history, pages
from wiki.document import Document, Row
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


def begun(page: Page, content: Document) -> Document:
    """The document with which the first edit of a fork begins: why it was made stands in it already."""
    if page.upstream_id is None or page.head != 1 or document.rows(content, "adaptations"):
        return content
    first = history.find_revision(page.id, 1)
    reasons, why = reasons_of(first.note if first else "")
    rows: list[Row] = [{"key": f"why-{reason}", "reason": reason, "why": why} for reason in reasons]
    return {**content, "adaptations": [{k: v for k, v in row.items() if v} for row in rows]} if rows else content
