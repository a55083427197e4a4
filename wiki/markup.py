"""Markdown to the HTML that a page shows, to words, to a table of contents, to the pages it links to.

Two layers keep it harmless: the parser knows no raw HTML, and what it gives passes a strict sanitiser.
`markup_rules.parser` reads CommonMark; between it and the page stand these rules and no others:

1. Headings go down one level, h6 stays. Those with words get an id: `t-`, prefix, words folded to ASCII, and
   a number if they were there before.
2. Links go to http, https, mailto, tel, a path of this site, one of its files or a `#` of this text. Of any
   other link, and of a link in a link, only the words stay.
3. Links to somewhere else say rel="nofollow noopener noreferrer ugc". `#x` finds a heading by folded words.
4. Pictures are our own files, `/files/<sha256>/<name>` or `<sha256>/<name>`. Another one becomes a link with
   its alt, or else its address, as words; where no link may be, only the words.
5. Code has no class for its language.
6. Tables lie in a box that scrolls; alignment is one of three classes, headings of columns have their scope.
7. Notes stand at the end, ids and links with the prefix; each goes back to where it is first named.
8. What is beyond the limits of `wiki.limits` is shown as it was written.
"""

import re
import unicodedata
from importlib import metadata
from urllib.parse import unquote

from markdown_it.token import Token

from wiki import limits, markup_rules, markup_safe

VERSION = f"2-{metadata.version('markdown-it-py')}-{metadata.version('nh3')}"
"""Part of the key of every cached rendering: another version may render the same text otherwise."""

Attrs = dict[str, str | int | float]

_PREFIX = re.compile(r"[a-z0-9-]{0,80}")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


def render(source: str, prefix: str = "", *, shift: int = 1) -> str:
    """The HTML of a Markdown text.

    `prefix` (of [a-z0-9-]) tells the ids of several texts on one page apart. Headings go down by `shift`
    levels, at least one, since the page has its own h1. Raises ValueError for a prefix of other signs.
    """
    page = _Page(prefix, shift)
    tokens = page.narrow(markup_rules.tokens(source))
    parser = markup_rules.parser()
    return markup_safe.clean(parser.renderer.render(tokens, parser.options, {}))


def headings(source: str, prefix: str = "", *, shift: int = 1) -> list[tuple[int, str, str]]:
    """(level, id, words) of each heading that has words, as `render` gives them."""
    page = _Page(prefix, shift)
    page.narrow(markup_rules.tokens(source))
    return page.headings


def links(source: str) -> frozenset[tuple[str, str]]:
    """The (space, slug) of the wiki links that `render` shows as links."""
    page = _Page("", 1)
    return frozenset(
        child.meta["wiki"]
        for token in page.narrow(markup_rules.tokens(source))
        for child in token.children or ()
        if "wiki" in child.meta
    )


def plain(source: str) -> str:
    """The words of a text, one line for each block."""
    lines = (
        " ".join(markup_rules.words(token.children).split()) if token.type == "inline" else token.content
        for token in markup_rules.tokens(source)
        if token.type in ("inline", "fence", "code_block")
    )
    return "\n".join(line.strip() for line in lines if line.strip())


def slug(words: str) -> str:
    """Words folded to ASCII letters, digits and hyphens, at most 60; `s` if none are left."""
    folded = unicodedata.normalize("NFKD", words[:200]).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_SLUG.sub("-", folded).strip("-")[:60].rstrip("-") or "s"


class _Page:
    """Narrows the tokens of one text to what a page may show: headings, links, images, tables, notes."""

    def __init__(self, prefix: str, shift: int) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"not a prefix of ids: {prefix!r}")
        self.lead = markup_safe.LEAD + (f"{prefix}-" if prefix else "")
        self.shift = shift
        self.headings: list[tuple[int, str, str]] = []
        self._next: dict[str, int] = {}
        self._tables = 0
        self._written = 0

    def narrow(self, tokens: list[Token]) -> list[Token]:
        return [narrowed for i, token in enumerate(tokens) for narrowed in self._block(token, tokens[i + 1 : i + 2])]

    def _block(self, token: Token, after: list[Token]) -> list[Token]:
        match token.type:
            case "inline":
                token.children = self._inline(token.children or [])
            case "heading_open" | "heading_close":
                token.tag = f"h{min(6, int(token.tag[1]) + self.shift)}"
                if token.nesting == 1:
                    self._heading(token, markup_rules.words(after[0].children).strip())
            case "fence":
                token.info = ""
            case "table_open":
                self._tables += 1
                box: Attrs = {
                    "class": "scroll",
                    "role": "group",
                    "tabindex": "0",
                    "aria-labelledby": self._table_id(),
                }
                return [Token("div_open", "div", 1, attrs=box, block=True), token]
            case "table_close":
                return [token, Token("div_close", "div", -1, block=True)]
            case "thead_open":
                # The headings of the columns name the box that scrolls, in the language of the text.
                token.attrs = {"id": self._table_id()}
            case "th_open" | "td_open":
                style = str(token.attrs.pop("style", ""))
                if style:
                    token.attrs["class"] = "align-" + style.removeprefix("text-align:")
                if token.tag == "th":
                    token.attrs["scope"] = "col"
            case "footnote_block_open":
                return [Token("notes_open", "ol", 1, attrs={"class": "notes"}, block=True)]
            case "footnote_block_close":
                return [Token("notes_close", "ol", -1, block=True)]
            case "footnote_open":
                return [Token("note_open", "li", 1, attrs={"id": self._note_id("note", token)}, block=True)]
            case "footnote_close":
                return [Token("note_close", "li", -1, block=True)]
            case "footnote_anchor":
                back: Attrs = {"href": "#" + self._note_id("ref", token), "role": "doc-backlink"}
                return [_text(" "), *_anchor(back, "↩\ufe0e")]
        return [token]

    def _inline(self, children: list[Token]) -> list[Token]:
        narrowed: list[Token] = []
        kept: list[bool] = []
        in_link = False
        for token in children:
            keep = True
            if token.nesting == 1:
                keep = len(kept) < limits.MARKUP_DEPTH
                if token.type == "link_open":
                    keep = keep and not in_link and self._link(token)
                    in_link = in_link or keep
                kept.append(keep)
            elif token.nesting == -1:
                keep = kept.pop()
                in_link = in_link and not (keep and token.type == "link_close")
            if token.type == "image":
                narrowed += self._image(token, in_link)
            elif token.type == "footnote_ref":
                narrowed += self._note_link(token)
            elif keep:
                narrowed.append(token)
        return narrowed

    def _heading(self, token: Token, words: str) -> None:
        if words:
            token.attrs = {"id": self.lead + self._unique(slug(words))}
            self.headings.append((int(token.tag[1]), str(token.attrs["id"]), words))

    def _unique(self, name: str) -> str:
        number = self._next.get(name, 1)
        while (unique := name if number == 1 else f"{name}-{number}") in self._next:
            number += 1
        self._next[name] = number + 1
        self._next.setdefault(unique, 2)
        return unique

    def _link(self, token: Token) -> bool:
        address, title = str(token.attrs["href"]), str(token.attrs.get("title", ""))
        token.attrs = (self._affords(address + title) and self._link_attrs(address, title)) or {}
        return bool(token.attrs)

    def _affords(self, written: str) -> bool:
        """A definition written once may be named thousands of times, and is written out each time."""
        self._written += len(written)
        return self._written <= limits.TEXT_PART

    def _link_attrs(self, address: str, title: str) -> Attrs | None:
        href = markup_safe.link(address)
        if href is None:
            return None
        if href.startswith("#"):
            href = f"#{self.lead}{slug(unquote(href[1:]).removeprefix(self.lead))}"
        attrs: Attrs = {"href": href}
        if title:
            attrs["title"] = title
        if markup_safe.is_foreign(href):
            attrs["rel"] = markup_safe.REL
        return attrs

    def _image(self, token: Token, in_link: bool) -> list[Token]:
        address, title = str(token.attrs["src"]), str(token.attrs.get("title", ""))
        source = markup_safe.image(address)
        alt = markup_rules.words(token.children)
        if not self._affords(address + title):
            return [_text(alt)]
        if source:
            token.attrs = {"src": source, "alt": "", "loading": "lazy"}
            if title:
                token.attrs["title"] = title
            token.children = [_text(alt)]
            return [token]
        attrs = self._link_attrs(address, title)
        said = alt.strip() or (address if attrs or ":" not in address else "")
        return _anchor(attrs, said) if attrs and not in_link else [_text(said)]

    def _note_link(self, token: Token) -> list[Token]:
        attrs: Attrs = {"href": "#" + self._note_id("note", token), "role": "doc-noteref"}
        if token.meta["first"]:
            attrs["id"] = self._note_id("ref", token)
        number = f"[{token.meta['id'] + 1}]"
        return [Token("sup_open", "sup", 1), *_anchor(attrs, number), Token("sup_close", "sup", -1)]

    def _note_id(self, kind: str, token: Token) -> str:
        """With a dot, which no slug of a heading has."""
        return f"{self.lead}{kind}.{token.meta['id'] + 1}"

    def _table_id(self) -> str:
        return f"{self.lead}table.{self._tables}"


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _anchor(attrs: Attrs, words: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs=attrs), _text(words), Token("link_close", "a", -1)]
