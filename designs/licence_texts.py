"""Which licence a text is, by the words in which licences name themselves. Ids are those of SPDX."""

import re

TEXTS: tuple[tuple[str, str], ...] = (
    (r"CERN Open Hardware Licence Version 2 - Strongly", "CERN-OHL-S-2.0"),
    (r"CERN Open Hardware Licence Version 2 - Weakly", "CERN-OHL-W-2.0"),
    (r"CERN Open Hardware Licence Version 2 - Permissive", "CERN-OHL-P-2.0"),
    (r"CERN OPEN HARDWARE LICENCE v1\.2|CERN Open Hardware Licence v1\.2", "CERN-OHL-1.2"),
    (r"Attribution-NonCommercial-NoDerivatives (\d\.\d)", "CC-BY-NC-ND-{}"),
    (r"Attribution-NonCommercial-ShareAlike (\d\.\d)", "CC-BY-NC-SA-{}"),
    (r"Attribution-NonCommercial (\d\.\d)", "CC-BY-NC-{}"),
    (r"Attribution-NoDerivatives (\d\.\d)", "CC-BY-ND-{}"),
    (r"Attribution-ShareAlike (\d\.\d)", "CC-BY-SA-{}"),
    (r"Creative Commons Attribution (\d\.\d)|Attribution (\d\.\d) International", "CC-BY-{}"),
    (r"CC0 1\.0 Universal", "CC0-1.0"),
    (r"GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3", "AGPL-3.0-or-later"),
    (r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3", "LGPL-3.0-or-later"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 3", "GPL-3.0-or-later"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 2", "GPL-2.0-or-later"),
    (r"Solderpad Hardware Licen[cs]e", "Apache-2.0 WITH SHL-2.1"),
    (r"Apache License\s+Version 2\.0", "Apache-2.0"),
    (r"TAPR Open Hardware License", "TAPR-OHL-1.0"),
    (r"Permission is hereby granted, free of charge, to any person", "MIT"),
    (r"Redistribution and use in source and binary forms", "BSD-3-Clause"),
    (r"This is free and unencumbered software released into the public domain", "Unlicense"),
)
"""The narrower first, since the words of one stand within another's."""
IDENTIFIER = re.compile(r"SPDX-License-Identifier:\s*([\w.+-]+)")
HOLDER = re.compile(
    r"^[ \t]*Copyright (?:\(c\)|©)?[ \t]*[\d, -]*(?:by )?([^\n<(]{2,100}?)\.?[ \t]*$", re.IGNORECASE | re.M
)


def find(text: str) -> str:
    """The id of the licence that a text is or names, "" for none that is known."""
    start = text[:20_000]
    for words, id in TEXTS:
        if (found := re.search(words, start)) is not None:
            return id.format(*(group for group in found.groups() if group))
    found = IDENTIFIER.search(start)
    return found[1] if found else ""


def holder(text: str) -> str:
    """Whom a text of a licence names as the one who gives it, "" for nobody."""
    found = HOLDER.search(text[:2000])
    name = found[1].strip() if found else ""
    return (
        "" if "<" in name or "Foundation" in name or name.lower().startswith(("license", "holder", "notice")) else name
    )
