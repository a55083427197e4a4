"""The chain of revisions: each names its parents by digest, so that no history can be altered unseen.

A header holds only a commitment to what was written. Erasing the salt, the document and the note of a
redacted revision leaves a header that still verifies, and nothing by which the text could be guessed."""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass

FORMAT = 1
SALT_BYTES = 32


def commitment(salt: bytes, document_sha256: bytes, note: str) -> bytes:
    """What a header says of its document and note. The first two have 32 bytes each, else ValueError."""
    if len(salt) != SALT_BYTES or len(document_sha256) != hashlib.sha256().digest_size:
        raise ValueError("salt and digest have 32 bytes each")
    return hashlib.sha256(salt + document_sha256 + hashlib.sha256(note.encode()).digest()).digest()


@dataclass(frozen=True)
class Header:
    """What is hashed of a revision. uids, digests and the commitment are lower-case hexadecimal.

    `origin` is "" when nothing came from elsewhere."""

    page: str
    number: int
    parents: tuple[str, ...]
    origin: str
    author: str
    at: str
    verb: str
    language: str
    commitment: str

    def canonical(self) -> bytes:
        return json.dumps(
            {"v": FORMAT, **asdict(self)}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    def digest(self) -> bytes:
        return hashlib.sha256(self.canonical()).digest()


def stamp(at: datetime.datetime) -> str:
    """A moment as headers write it, in UTC and whole seconds: "2026-11-22T18:02:07Z".

    Raises ValueError without a time zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at.astimezone(datetime.UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
