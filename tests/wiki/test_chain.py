import datetime
import hashlib
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiki import chain

HEADER = chain.Header(
    page="00" * 16,
    number=7,
    parents=("aa" * 32, "bb" * 32),
    origin="",
    author="11" * 16,
    at="2026-11-22T18:02:07Z",
    verb="edit",
    language="pt-BR",
    commitment="cc" * 32,
)


def test_a_header_is_written_as_it_always_will_be() -> None:
    raw = (
        '{"at":"2026-11-22T18:02:07Z","author":"' + "11" * 16 + '","commitment":"' + "cc" * 32 + '",'
        '"language":"pt-BR",'
        '"number":7,"origin":"","page":"' + "00" * 16 + '",'
        '"parents":["' + "aa" * 32 + '","' + "bb" * 32 + '"],'
        '"v":1,"verb":"edit"}'
    ).encode()  # fmt: skip
    assert HEADER.canonical() == raw
    assert HEADER.digest() == hashlib.sha256(raw).digest()


def test_every_field_counts() -> None:
    digests = {HEADER.digest()}
    for field in fields(HEADER):
        value = getattr(HEADER, field.name)
        other = value[::-1] if isinstance(value, tuple) else value + (1 if isinstance(value, int) else "0")
        digests.add(replace(HEADER, **{field.name: other}).digest())
    assert len(digests) == 1 + len(fields(HEADER))


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
    st.text(st.characters(codec="utf-8")),
)
def test_a_commitment_is_to_salt_document_and_note(salt: bytes, sha256: bytes, note: str) -> None:
    made = chain.commitment(salt, sha256, note)
    assert made == hashlib.sha256(salt + sha256 + hashlib.sha256(note.encode()).digest()).digest()
    assert made != chain.commitment(salt, sha256, note + "x")


@pytest.mark.parametrize(("salt", "sha256"), [(31, 32), (33, 32), (32, 31), (0, 64)])
def test_a_commitment_needs_its_lengths(salt: int, sha256: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        chain.commitment(b"s" * salt, b"d" * sha256, "")


def test_moments_are_utc_and_whole_seconds() -> None:
    lima = datetime.timezone(datetime.timedelta(hours=-5))
    assert chain.stamp(datetime.datetime(2026, 11, 22, 13, 2, 7, 999_999, lima)) == "2026-11-22T18:02:07Z"
    with pytest.raises(ValueError, match="time zone"):
        chain.stamp(datetime.datetime(2026, 11, 22))  # noqa: DTZ001
