"""Reads Markdown within bounds: CommonMark without raw HTML, tables, struck words, tasks, notes, wiki links.

Whatever is over a bound stays on the page as the words that were written; nothing is dropped.
"""

import functools
import itertools
import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block, reference, table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def, footnote_tail

from wiki import limits

BlockRule = Callable[[StateBlock, int, int, bool], bool]

SLUG = r"[a-z0-9][a-z0-9-]{0,79}"
_WIKI_LINK = re.compile(rf"\[\[({SLUG})/({SLUG})(?:\|([^\[\]\n]{{1,120}}))?\]\]")
_NOTE = re.compile(r"\[\^([^\[\]\s]{1,60})\]")
_TASK = re.compile(r"\[([ xX])\][ \t]")
_MARK = re.compile(r"[\[\]!*_~`<>&|\\#^+-]")
_LINE = re.compile("\n")


@functools.cache
def parser() -> MarkdownIt:
    """The one parser of the process, before links, images and headings are narrowed. Threads may share it."""
    md = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    md.block.ruler.at("table", _small_table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.at("blockquote", _shallow(blockquote), {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.at("list", _shallow(list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    md.block.ruler.at("reference", _definition)
    md.block.ruler.before("reference", "footnote_def", _outer_note, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("link", "wiki_link", _wiki_link)
    md.inline.ruler.before("link", "footnote_ref", _note)
    md.core.ruler.after("inline", "footnote_tail", footnote_tail)
    md.core.ruler.push("tasks", _tasks)
    for ruler in (md.core.ruler, md.block.ruler, md.inline.ruler, md.inline.ruler2):
        ruler.getRules("")  # Compiles its chains of rules now: a thread that met another at it would read with a part.
    return md


def tokens(source: str) -> list[Token]:
    """The block tokens of a text. What is beyond the marks and lines of one text comes last, as code."""
    read, rest = _affordable(source)
    found = parser().parse(read)
    if rest:
        found.append(Token("code_block", "code", 0, content=rest, block=True))
    return found


def words(children: list[Token] | None) -> str:
    """The words of a run of inline tokens, without marks, boxes of tasks and numbers of notes."""
    said: list[str] = []
    for token in children or ():
        if token.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif token.type == "image":
            said.append(words(token.children))
        elif token.type in ("text", "code_inline") and "task" not in token.meta:
            said.append(token.content)
    return "".join(said)


def _affordable(source: str) -> tuple[str, str]:
    """The part that is read, and the rest. The parser is linear, but a mark may take it 40 µs."""
    if len(source) <= limits.MARKUP_LINES:
        return source, ""
    over = min(_place(_MARK, limits.MARKUP_MARKS, source), _place(_LINE, limits.MARKUP_LINES, source))
    cut = source.rfind("\n", 0, over) + 1 or over
    return (source, "") if over == len(source) else (source[:cut], source[cut:])


def _place(pattern: re.Pattern[str], number: int, source: str) -> int:
    """Where the pattern matches for the last time that is allowed; the end, if it does not match so often."""
    match = next(itertools.islice(pattern.finditer(source), number, None), None)
    return match.start() if match else len(source)


def _shallow(rule: BlockRule) -> BlockRule:
    """The parser drops blocks that lie too deep. Refused a level earlier, they are read as words."""

    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < limits.MARKUP_DEPTH and rule(state, start, end, silent)

    return bounded


def _small_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Rows are filled up to the width of the heading, so 2 kB could become 600 kB: cells are counted."""
    if start + 2 > end:
        return False
    ruler = state.src[state.bMarks[start + 1] : state.eMarks[start + 1]]
    columns = ruler.count("|") + 1
    spent: int = state.env.get("cells", 0)
    rows = (limits.MARKUP_CELLS - spent) // columns
    if rows < 2 or not table(state, start, min(end, start + 1 + rows), silent):
        return False
    if not silent:
        state.env["cells"] = spent + columns * (state.line - start)
    return True


def _outer_note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A note within a note or a list would lose its neighbours when notes are moved to the end."""
    return (silent or state.level == 0) and bool(footnote_def(state, start, end, silent))


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What looks like a note but is none is not the definition of a link either: its words would be gone."""
    is_note = state.src.startswith("[^", state.bMarks[start] + state.tShift[start])
    return not is_note and reference(state, start, end, silent)


def _note(state: StateInline, silent: bool) -> bool:
    match = _NOTE.match(state.src, state.pos, state.posMax)
    notes = state.env.get("footnotes")
    if not match or not notes or ":" + match[1] not in notes["refs"]:
        return False
    if not silent:
        if state.env.get("note_links", 0) >= limits.MARKUP_NOTE_LINKS:
            return False
        state.env["note_links"] = state.env.get("note_links", 0) + 1
        number = notes["refs"][":" + match[1]]
        first = number < 0
        if first:
            number = notes["refs"][":" + match[1]] = len(notes["list"])
            notes["list"][number] = {"label": match[1], "count": 1}
        token = state.push("footnote_ref", "", 0)
        token.meta = {"id": number, "first": first}
    state.pos = match.end()
    return True


def _wiki_link(state: StateInline, silent: bool) -> bool:
    match = _WIKI_LINK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        space, slug, said = match.groups()
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": f"/c/{space}/{slug}"}
        opening.meta = {"wiki": (space, slug)}
        state.push("text", "", 0).content = (said or "").strip() or f"{space}/{slug}"
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _tasks(state: StateCore) -> None:
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if (item.type, paragraph.type, inline.type) != ("list_item_open", "paragraph_open", "inline"):
            continue
        first = inline.children[0] if inline.children else None
        match = _TASK.match(first.content) if first and first.type == "text" else None
        if first and inline.children and match:
            first.content = first.content[match.end() :].lstrip()
            box = Token("text", "", 0, content="☐ " if match[1] == " " else "☑ ", meta={"task": True})
            inline.children.insert(0, box)
            item.attrSet("class", "task")
