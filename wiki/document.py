"""Documents: named parts of plain JSON types, with one canonical form and one SHA-256.

A part is text (a string), a set (strings, sorted, each once) or rows (flat objects with a `key`, in an order
that counts). Nothing is ever empty: what is empty is absent."""

import base64
import hashlib
import json
import re
import secrets
import unicodedata
import zlib
from typing import Literal, TypeGuard, cast

from wiki import limits
from wiki.errors import Invalid, Problem

Row = dict[str, str | list[str]]
Part = str | list[str] | list[Row]
Document = dict[str, Part]
Shape = Literal["text", "set", "rows"]

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
KEY = re.compile(r"[a-z0-9-]{1,40}")
KEY_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
# U+FFFE and U+FFFF have no place in XML, so that no feed could carry them; lone surrogates have no UTF-8.
REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(value: object) -> Document:
    """The canonical form of anything that JSON can say, or `errors.Invalid` with every problem found (at most
    `limits.PROBLEMS`).

    Places are `part`, `part/key` and `part/key/field`; the n-th row, if it has no good key, is
    `part#n`."""
    reader = _Reader()
    document = reader.document(value)
    if not reader.problems and (size := len(canonical(document))) > limits.DOCUMENT:
        reader.refuse("", "too-large", size=size, limit=limits.DOCUMENT)
    if reader.problems:
        raise Invalid(reader.problems)
    return document


def canonical(document: Document) -> bytes:
    """JSON with sorted names, in UTF-8, without spaces: equal documents give equal bytes."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(document: Document) -> bytes:
    return hashlib.sha256(canonical(document)).digest()


def load(raw: bytes) -> Document:
    """What `canonical` wrote. Bytes from elsewhere go through `clean`."""
    return cast(Document, json.loads(raw))


def pack(document: Document) -> bytes:
    return zlib.compress(canonical(document))


def unpack(packed: bytes) -> Document:
    return load(zlib.decompress(packed))


def shape(part: Part) -> Shape:
    if isinstance(part, str):
        return "text"
    return "rows" if is_rows(part) else "set"


def is_rows(part: Part) -> TypeGuard[list[Row]]:
    return isinstance(part, list) and bool(part) and isinstance(part[0], dict)


def text(document: Document, name: str) -> str:
    """The text of a part; "" when it is absent or of another shape. So too `items` and `rows`."""
    part = document.get(name)
    return part if isinstance(part, str) else ""


def items(document: Document, name: str) -> list[str]:
    part = document.get(name)
    return cast(list[str], part) if isinstance(part, list) and not is_rows(part) else []


def rows(document: Document, name: str) -> list[Row]:
    part = document.get(name)
    return part if part is not None and is_rows(part) else []


def new_key() -> str:
    """A key for a new row, from 2^40 random ones."""
    return "".join(secrets.choice(KEY_LETTERS) for _ in range(8))


def derived_key(text: str) -> str:
    """The key of a row by what it is (its part number, name or path): the same for the same text."""
    digest = hashlib.sha256(normal(text).encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest)[:8].decode().lower()


def normal(text: str) -> str:
    """The one spelling of a text: NFC, lines ended by LF, nothing trimmed."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_text(value: str, place: str, limit: int = limits.FIELD) -> str:
    """One text in its one spelling. Raises `errors.Invalid` for a character that can't be kept or too many
    bytes."""
    reader = _Reader()
    found = reader.text(place, value, limit)
    if reader.problems:
        raise Invalid(reader.problems)
    return found


class _Reader:
    """Reads plain values and gathers what is wrong with them. What is absent or refused is read as empty."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, place: str, code: str, **values: object) -> None:
        if len(self.problems) < limits.PROBLEMS:
            self.problems.append(Problem(place, code, values))

    def document(self, value: object) -> Document:
        if not isinstance(value, dict):
            self.refuse("", "not-an-object")
            return {}
        found: Document = {}
        for name, given in value.items():
            if not self._is_name(name):
                self.refuse(_shown(name), "bad-part-name")
            elif part := self._part(name, given):
                found[name] = part
        if len(found) > limits.PARTS_PER_DOCUMENT:
            self.refuse("", "too-many-parts", count=len(found), limit=limits.PARTS_PER_DOCUMENT)
        return found

    def _part(self, name: str, value: object) -> Part:
        if not isinstance(value, list):
            return self.text(name, value, limits.TEXT_PART)
        objects = sum(isinstance(item, dict) for item in value)
        if objects == 0:
            return self._set(name, value)
        if objects == len(value):
            return self._rows(name, value)
        self.refuse(name, "mixed")
        return []

    def text(self, place: str, value: object, limit: int) -> str:
        if not isinstance(value, str):
            self.refuse(place, "not-text")
            return ""
        text = normal(value)
        if bad := REFUSED.search(text):
            code = ord(bad.group())
            self.refuse(place, "control-character", character=f"U+{code:04X}", position=bad.start() + 1)
        elif (size := len(text.encode())) > limit:
            self.refuse(place, "too-long", size=size, limit=limit)
        else:
            return text
        return ""

    def _set(self, place: str, values: list[object]) -> list[str]:
        if not all(isinstance(value, str) for value in values):
            self.refuse(place, "not-text")
            return []
        found = {self.text(place, value, limits.FIELD) for value in values} - {""}
        if len(found) > limits.ITEMS_PER_SET:
            self.refuse(place, "too-many-items", count=len(found), limit=limits.ITEMS_PER_SET)
        return sorted(found)

    def _rows(self, name: str, values: list[dict[object, object]]) -> list[Row]:
        found: list[Row] = []
        keys: set[object] = set()
        for number, value in enumerate(values, 1):
            key = value.get("key", "")
            good = isinstance(key, str) and KEY.fullmatch(key) is not None
            place = f"{name}/{key}" if good else f"{name}#{number}"
            fields = self._fields(place, value)
            if not fields:
                continue
            if key == "":
                self.refuse(place, "missing-key")
            elif not good:
                self.refuse(place, "bad-key")
            elif key in keys:
                self.refuse(place, "duplicate-key")
            else:
                keys.add(key)
                found.append({"key": cast(str, key), **fields})
        if len(found) > limits.ROWS_PER_PART:
            self.refuse(name, "too-many-rows", count=len(found), limit=limits.ROWS_PER_PART)
        return found

    def _fields(self, place: str, row: dict[object, object]) -> Row:
        found: Row = {}
        for name, value in row.items():
            if name == "key":
                continue
            if not self._is_name(name):
                self.refuse(place, "bad-field-name", name=_shown(name))
                continue
            at = f"{place}/{name}"
            field = self._set(at, value) if isinstance(value, list) else self.text(at, value, limits.FIELD)
            if field:
                found[cast(str, name)] = field
        if len(found) > limits.FIELDS_PER_ROW:
            self.refuse(place, "too-many-fields", count=len(found), limit=limits.FIELDS_PER_ROW)
        return found

    @staticmethod
    def _is_name(name: object) -> bool:
        return isinstance(name, str) and NAME.fullmatch(name) is not None


def _shown(name: object) -> str:
    """A refused name as a message may show it."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in str(name)[:40])
