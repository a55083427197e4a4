"""Cutting texts into lines and words. Whatever way a text is cut, the pieces put together give it back."""

import re

LINE = re.compile(r"[^\n]*\n|[^\n]+")
# A number with its decimals, a path, an address, a hyphenated word, and where a link leads are one word each.
WORD = re.compile(r"\n|[^\S\n]+|\]\([^()\s]*\)|\{[#/][^{}\n]*\}|\w+(?:[.,:/'’-]\w+)*|.", re.DOTALL)
MARK = re.compile(r"\]\(.+|\{.+", re.DOTALL)
"""Where a link leads, `](address)`, or the name of a heading, `{#name}`: words for the machine, which stand by
themselves."""
LETTER = re.compile(r"\w")
CELL_EDGE = re.compile(r"\s\||\|\s")


def lines(text: str) -> list[str]:
    """The lines, each with its newline; only LF ends a line."""
    return LINE.findall(text)


def words(text: str) -> list[str]:
    """Words, runs of spaces, newlines, and every other character by itself."""
    return WORD.findall(text)


def has_word(text: str) -> bool:
    """Whether there is anything but spaces and punctuation."""
    return LETTER.search(text) is not None
