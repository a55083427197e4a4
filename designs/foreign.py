"""Markdown as other houses write it, brought to what is shown here: their HTML, links between files, pictures."""

import html
import re
from collections.abc import Callable
from urllib.parse import quote

Resolve = Callable[[str], str | None]
"""What an address in a text comes to here: another address, "" for one of which only the words stay, None for one that
may stay as it is."""

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)|`[^`\n]+`", re.MULTILINE | re.DOTALL)
FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
IMAGE_TAG = re.compile(r"<img\b([^<>]{0,2000})>", re.IGNORECASE)
LINK_TAG = re.compile(r"<a\b([^<>]{0,2000})>(.{0,2000}?)</a\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?:\s[^<>]{0,2000})?/?>")
BREAK = re.compile(r"<(?:br|hr|/p|/div|/li|/tr|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
DEST = r"\(\s*(?:<([^<>\n]*)>|([^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*))(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
IMAGE = re.compile(rf"!\[([^\]]{{0,1000}})\]{DEST}")
LINK = re.compile(rf"(?<!!)\[((?:[^\[\]]|\[[^\[\]]{{0,200}}\]){{0,2000}})\]{DEST}")
DEFINED = re.compile(r"^( {0,3}\[[^\]\n]{1,200}\]:\s*)<?(\S{1,2000}?)>?([ \t].*)?$", re.MULTILINE)
BADGE = re.compile(r"shields\.io|badge|osh-openness", re.IGNORECASE)


def front(text: str) -> tuple[str, str]:
    """What stands between the two lines of dashes at the head of a text, and the rest of it."""
    found = FRONT.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def clean(text: str, resolve: Resolve) -> str:
    """A text with its HTML as Markdown and its addresses as `resolve` says; code stays as it is."""
    pieces, last = [], 0
    text = COMMENT.sub("", text)
    for code in FENCE.finditer(text):
        pieces += [_clean(text[last : code.start()], resolve), code[0]]
        last = code.end()
    pieces.append(_clean(text[last:], resolve))
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).strip()


def addresses(text: str) -> list[str]:
    """All that a text leads to."""
    found: list[str] = []

    def note(address: str) -> None:
        found.append(address)

    clean(text, note)
    return found


def _clean(text: str, resolve: Resolve) -> str:
    text = IMAGE_TAG.sub(lambda tag: f"![{_attribute(tag[1], 'alt')}]({_attribute(tag[1], 'src')})", text)
    text = LINK_TAG.sub(lambda tag: f"[{TAG.sub('', tag[2]).strip()}]({_attribute(tag[1], 'href')})", text)
    text = TAG.sub("", BREAK.sub("\n", text))
    text = IMAGE.sub(lambda found: _picture(found[1], found[2] or found[3], resolve), text)
    text = LINK.sub(lambda found: _link(found[1], found[2] or found[3], resolve), text)
    return DEFINED.sub(lambda found: _defined(found, resolve), text)


def _attribute(written: str, name: str) -> str:
    found = re.search(rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))", written, re.IGNORECASE)
    said = html.unescape(next((one for one in found.groups() if one is not None), "")) if found else ""
    return " ".join(said.split()) if name == "alt" else re.sub(r"[\s()<>]", lambda sign: quote(sign[0]), said)


def _picture(alt: str, address: str, resolve: Resolve) -> str:
    if BADGE.search(address):
        return ""
    to = resolve(address)
    if to is None:
        return f"[{alt or address}]({address})"
    return f"![{alt}]({to})" if to else f"*{alt}*" if alt.strip() else ""


def _link(words: str, address: str, resolve: Resolve) -> str:
    if not words.strip():
        return ""
    to = resolve(address)
    return f"[{words}]({address})" if to is None else f"[{words}]({to})" if to else words


def _defined(found: re.Match[str], resolve: Resolve) -> str:
    to = resolve(found[2])
    return found[0] if to is None else f"{found[1]}{to}" if to else ""
