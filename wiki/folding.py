"""Words as they are compared: without case and accents."""

import unicodedata


def fold(text: str) -> str:
    """Case-folded, without combining marks, with single spaces: `Bomba  de Mecaté` gives `bomba de mecate`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())
