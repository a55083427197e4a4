"""Words as they are compared: without case and accents."""

import re
import unicodedata

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
"""What a name in an address may be."""


def fold(text: str) -> str:
    """Case-folded, without combining marks, with single spaces: `Bomba  de Mecaté` gives `bomba de mecate`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def slug(text: str, limit: int = 80) -> str:
    """A name for addresses: a text folded to ASCII, at most so many characters; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:limit].strip("-")
