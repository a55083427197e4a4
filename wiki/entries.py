"""What stands in a text one below the other and each by itself: items of a list, rows of a table, fields of the
front matter."""

import re
from collections import Counter
from collections.abc import Sequence

from wiki import tokens

ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]")
TABLE_ROW = re.compile(r"[ \t]*\|")
TABLE_RULE = re.compile(r"[ \t]*\|[-:| \t]*\n?")
FIELD = re.compile(r"[\w-]+:(?=\s)")
FRONT = "---"
FENCE = re.compile(r"\s*(?:[-*+>]\s+)*(`{3,}|~{3,})")

Entry = tuple[str, ...]
"""The lines of one item or field, with what is deeper, or of one row."""


def front_matter(lines: Sequence[str]) -> int:
    """How many lines a text has before the end of its front matter, the fields between two lines of `---` at its
    beginning; 0 if it has none."""
    if not lines or lines[0].rstrip() != FRONT:
        return 0
    return next((at for at, line in enumerate(lines) if at and line.rstrip() == FRONT), -1) + 1


def in_code(lines: Sequence[str]) -> set[int]:
    """The lines before which there is code, between its fences. What looks like an item there is none."""
    found: set[int] = set()
    fence = ""
    for at, line in enumerate(lines):
        if fence:
            found.add(at)
        if (mark := FENCE.match(line)) and (not fence or (mark[1].startswith(fence) and line.strip() == mark[1])):
            fence = "" if fence else mark[1]
    return found


def side_by_side(
    base: Sequence[str], here: Sequence[str], incoming: Sequence[str], *, in_front: bool
) -> list[str] | None:
    """The entries that both sides added in place of blank lines or of nothing, what both added once. None if they
    are anything else, would make two lists of one, or if one begins like another and is likely to be the same,
    written better."""
    if not all(line.isspace() for line in base):
        return None
    mine, theirs = _blanks(here), _blanks(incoming)
    below = theirs if len(mine) == len(base) else mine if len(theirs) == len(base) else max(mine, theirs, key=len)
    for start in (ITEM, TABLE_ROW, FIELD) if in_front else (ITEM, TABLE_ROW):
        first = _entries(here[: len(here) - len(mine)], start)
        then = _entries(incoming[: len(incoming) - len(theirs)], start)
        if first and then and _indent(here[0]) == _indent(incoming[0]) and _marker(here[0]) == _marker(incoming[0]):
            only_here, only_incoming = _without(first, then), _without(then, first)
            if _are_alike(only_here, only_incoming):
                return None
            return [*(line for entry in (*first, *only_incoming) for line in entry), *below]
    return None


def are_edited(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether as many items or rows are the same ones as before, written anew."""
    return all(
        _marker(line) and _marker(line) == _marker(other) and _is_edited(line, other)
        for line, other in zip(old, new, strict=True)
    )


def _is_edited(line: str, other: str) -> bool:
    """Whether most of the words are still there."""
    words, others = ({word for word in tokens.words(text) if tokens.has_word(word)} for text in (line, other))
    return 2 * len(words & others) >= max(len(words), len(others))


def _blanks(lines: Sequence[str]) -> Sequence[str]:
    """The blank lines at the end."""
    size = next((size for size, line in enumerate(reversed(lines)) if not line.isspace()), len(lines))
    return lines[len(lines) - size :]


def _without(entries: list[Entry], others: list[Entry]) -> list[Entry]:
    """The entries that are not among the others, each of which stands for one."""
    left = Counter(others)
    kept = []
    for entry in entries:
        if left[entry]:
            left[entry] -= 1
        else:
            kept.append(entry)
    return kept


def _entries(lines: Sequence[str], start: re.Pattern[str]) -> list[Entry]:
    """The entries with the deeper lines below each, or none if there is anything else."""
    entries: list[list[str]] = []
    for line in lines:
        deeper = _indent(line) - _indent(lines[0])
        if start.match(line) and deeper == 0 and not TABLE_RULE.fullmatch(line):
            entries.append([line])
        elif entries and start is not TABLE_ROW and deeper > 0 and not line.isspace():
            entries[-1].append(line)
        else:
            return []
    return [tuple(entry) for entry in entries]


def _are_alike(some: list[Entry], others: list[Entry]) -> bool:
    """Whether an entry begins with all the words of one on the other side, or has no others. In the order of
    their words, those that begin an entry are among those before it."""
    told = sorted((_name(entry), side) for side in (0, 1) for entry in (some, others)[side])
    begun: list[tuple[list[str], int]] = []
    for words, side in told:
        while begun and words[: len(begun[-1][0])] != begun[-1][0]:
            begun.pop()
        if begun and begun[-1][1] != side:
            return True
        begun.append((words, side))
    return False


def _name(entry: Entry) -> list[str]:
    """The words an entry is known by: those of its first link, or of its first line; a field by its own."""
    if field := FIELD.match(entry[0]):
        return [field[0]]
    words = tokens.words(entry[0].strip(" \t\n|."))
    link = next((at for at, word in enumerate(words) if tokens.MARK.fullmatch(word)), None)
    return words if link is None else [*words[:link], "]"]


def _marker(line: str) -> str:
    """By what a line is an item of its list or a row; other markers would begin another list. "" for none."""
    found = ITEM.match(line) or TABLE_ROW.match(line)
    return found[0].strip().lstrip("0123456789") if found else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
