"""What rendered text may hold: a list of tags, attributes and addresses. The last gate before a page."""

import re

import nh3

LEAD = "t-"
"""Every id in rendered text starts so: no heading can take the place of an id of the page around it."""
REL = "nofollow noopener noreferrer ugc"

_IGNORED = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]")
_LINK = re.compile(r"https?://[^/\\]|mailto:[^/\\]|tel:\+?[0-9]|/(?![/\\])|#.", re.IGNORECASE)
_FOREIGN = re.compile(r"[a-z]+:", re.IGNORECASE)
_FILE = re.compile(r"(?:/files/)?([0-9a-f]{64}/(?!(?:\.|%2[eE]){1,2}$)[^/\\?#]+)")
_ID = re.compile(LEAD + r"[a-z0-9.-]{1,200}")


def link(address: str) -> str | None:
    """The address as a link may name it: http, https, mailto, tel, a path of this site, `#`; else None."""
    address = _IGNORED.sub("", address)
    return image(address) or (address if _LINK.match(address) else None)


def image(address: str) -> str | None:
    """The address of one of our own files, also written without `/files/`; else None."""
    match = _FILE.fullmatch(_IGNORED.sub("", address))
    return f"/files/{match[1]}" if match else None


def is_foreign(address: str) -> bool:
    return bool(_FOREIGN.match(address))


def attribute(tag: str, name: str, value: str) -> str | None:
    """The value an attribute keeps, or None. Must not raise: the sanitiser would print that and go on."""
    if name == "href":
        safe = link(value)
        return None if safe is None or (safe.startswith("#") and not _ID.fullmatch(safe[1:])) else safe
    if name == "src":
        return image(value)
    if name in ("id", "aria-labelledby"):
        return value if _ID.fullmatch(value) else None
    return value


def clean(html: str) -> str:
    return _CLEANER.clean(html)


_TAGS = """
a abbr b blockquote br caption cite code dd del details div dl dt em figcaption figure h2 h3 h4 h5 h6 hr i img
ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var
wbr
"""
_GONE_WITH_CONTENT = "script style template noscript iframe object embed svg math title textarea"
_ALIGNED = {"align-left", "align-center", "align-right"}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    clean_content_tags=set(_GONE_WITH_CONTENT.split()),
    attributes={
        "*": {"lang"},
        "a": {"href", "hreflang", "title", "id"},
        "img": {"src", "alt", "width", "height", "title"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "thead": {"id"},
        "li": {"id"},
        "div": {"aria-labelledby"},
        **{heading: {"id"} for heading in ("h2", "h3", "h4", "h5", "h6")},
    },
    tag_attribute_values={
        "a": {"rel": {REL}, "role": {"doc-noteref", "doc-backlink"}},
        "img": {"loading": {"lazy"}},
        "td": {"scope": {"row", "col"}},
        "th": {"scope": {"row", "col"}},
        "div": {"role": {"group"}, "tabindex": {"0"}},
    },
    allowed_classes={"td": _ALIGNED, "th": _ALIGNED, "li": {"task"}, "ol": {"notes"}, "div": {"scroll"}},
    attribute_filter=attribute,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
    strip_comments=True,
)
