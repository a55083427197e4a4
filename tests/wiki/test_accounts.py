"""People, their sessions and their tokens."""

import concurrent.futures
import contextlib
import datetime
import math
import threading
import time
import unicodedata

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from tests.conftest import HASHER
from tests.wiki.stores import everything
from wiki import accounts, db, errors, journal, limits

GOOD = "la lluvia de noviembre"
ROSAS = "quinua y papa 2026"

BOTH = pytest.mark.parametrize(
    "app", ["app_on_sqlite", pytest.param("app_on_postgres", marks=pytest.mark.postgres)], indirect=True
)
"""For what the stores may do differently: waiting for each other, comparing bytes, refusing signs."""


@pytest.fixture
def app(request):
    return request.getfixturevalue(getattr(request, "param", "app_on_sqlite"))


class Hasher:
    """The real hasher, which keeps what it was asked: the figures of each hash, how many at once, and where."""

    def __init__(self, real):
        self.real, self.asked, self.at_once, self.most, self.locked = real, [], 0, 0, False
        self.lock = threading.Lock()

    @contextlib.contextmanager
    def at_work(self, figures):
        with self.lock:
            self.asked.append(figures)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            self.locked = self.locked or db.is_writing()
        yield
        with self.lock:
            self.at_once -= 1

    def hash(self, words):
        with self.at_work(("hash", 2, 19456, 1)):
            return self.real.hash(words)

    def verify(self, hashed, words):
        figures = argon2.extract_parameters(hashed)
        try:
            with self.at_work(("verify", figures.time_cost, figures.memory_cost, figures.parallelism)):
                right = self.real.verify(hashed, words)
        except argon2.exceptions.VerificationError:
            self.at_once -= 1
            raise
        return right

    def check_needs_rehash(self, hashed):
        return self.real.check_needs_rehash(hashed)


@pytest.fixture(autouse=True)
def real_hasher(monkeypatch):
    monkeypatch.setattr(accounts, "_hasher", HASHER)


@pytest.fixture
def hasher(monkeypatch):
    hasher = Hasher(accounts._hasher)
    monkeypatch.setattr(accounts, "_hasher", hasher)
    return hasher


def codes(refused):
    return [(p.place, p.code) for p in refused.value.problems]


def refusal(handle, passphrase=GOOD):
    with pytest.raises(errors.Invalid) as refused:
        accounts.sign_up(handle, passphrase)
    return codes(refused)


def opens(handle, passphrase):
    try:
        return accounts.authenticate(handle, passphrase).handle == handle
    except errors.Invalid:
        return False


def is_live(token):
    return accounts.find_by_session(token) is not None


# Handles


@pytest.mark.parametrize("handle", ["", "-rosa", "Rosa", "doña", "r" * 31, "a b", "a_b", "a/b", "a\0b", "a\n"])
def test_a_handle_that_no_address_can_hold_is_refused_with_one_that_can(context, handle):
    assert refusal(handle) == [("handle", "bad-handle")]
    suggested = accounts.handle_from(handle)
    assert accounts.HANDLE.fullmatch(suggested)


@given(st.text(max_size=60))
def test_whatever_was_typed_a_good_handle_is_suggested(typed):
    assert accounts.HANDLE.fullmatch(accounts.handle_from(typed))


def test_a_suggested_handle_is_what_was_typed_without_accents():
    assert accounts.handle_from("  Doña José Luis ") == "dona-jose-luis"


def test_a_handle_belongs_to_one_person_and_some_to_nobody(rosa):
    assert refusal("rosa") == [("handle", "handle-taken")]
    assert refusal("admin") == [("handle", "handle-taken")]
    assert accounts.sign_up("r-2", GOOD).handle == "r-2"
    assert accounts.sign_up("9" * 30, GOOD).handle == "9" * 30


@BOTH
def test_of_those_who_ask_for_a_handle_at_once_one_gets_it(app, context):
    def ask(number):
        with app.app_context():
            try:
                return accounts.sign_up("luz", f"{GOOD} {number}").id
            except errors.Invalid as invalid:
                return [p.code for p in invalid.problems]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert [a for a in answers if isinstance(a, list)] == [["handle-taken"]] * 3
    assert len([a for a in answers if isinstance(a, int)]) == 1


# Passphrases


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        ("", "too-short"),
        ("123456789", "too-short"),
        (unicodedata.normalize("NFD", "ééééñãçó9"), "too-short"),
        ("x" * 201, "too-long"),
        ("aaaaaaaaaaaaaaaa", "too-common"),
        ("xyxyxyxyxyxy", "too-common"),
        ("1234567890", "too-common"),
        ("(11) 98765-4321", "too-common"),
        ("Contraseña123", "too-common"),
        ("P@ssw0rd2026!", "too-common"),
        ("senha 1234567", "too-common"),
        ("1q2w3e4r5t", "too-common"),
        ("1qaz2wsx3edc", "too-common"),
        ("qwertyuiop", "too-common"),
        ("te amo mucho", "too-common"),
        ("minga minga 2026", "too-common"),
        ("petrona2026", "too-common"),
        ("Pétrona-petrona", "too-common"),
    ],
)
def test_a_passphrase_that_is_guessed_early_is_refused(context, passphrase, code):
    assert refusal("petrona", passphrase) == [("passphrase", code)]


@pytest.mark.parametrize(
    "passphrase",
    [GOOD, ROSAS, " con espacios en los bordes ", "á" * 4 + "ñandú" * 39 + "1", "🌽🌱🥔🌶🫘🐐🐓🐝🌧🏞", "hola papa 2026"],
)
def test_any_other_is_taken_as_it_is(context, passphrase):
    accounts.sign_up("petrona", passphrase)
    assert opens("petrona", passphrase)
    assert not opens("petrona", passphrase.strip() + " ")
    assert not opens("petrona", passphrase[:-1])


def test_a_keyboard_that_writes_accents_apart_opens_the_same_account(context):
    accounts.sign_up("petrona", unicodedata.normalize("NFC", "ñandú e ípe " * 16 + "ñandú"))
    assert opens("petrona", unicodedata.normalize("NFD", "ñandú e ípe " * 16 + "ñandú"))


def test_a_guess_longer_than_any_passphrase_is_wrong_even_if_it_begins_right(context):
    accounts.sign_up("petrona", "ñandú" * 40)
    assert opens("petrona", "ñandú" * 40)
    assert not opens("petrona", "ñandú" * 40 + "x")


def test_a_made_passphrase_is_good_and_hard_to_guess(context):
    _, made = accounts.create("petrona")
    assert opens("petrona", made)
    assert len(set(accounts.SYLLABLES)) == len(accounts.SYLLABLES)
    assert 12 * math.log2(len(accounts.SYLLABLES)) > 60
    assert len({accounts.made_passphrase() for _ in range(200)}) == 200


def test_the_store_holds_no_passphrase_and_hashes_as_hard_as_was_said(rosa):
    held = "\n".join(row for rows in everything().values() for row in rows)
    assert "rosa" in held
    assert ROSAS not in held
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in held


@BOTH
def test_an_unknown_handle_is_answered_as_a_wrong_passphrase_is_after_the_same_work(rosa, hasher):
    refused = []
    for handle in ("rosa", "nadie", "no handle at all", "\0"):
        with pytest.raises(errors.Invalid) as error:
            accounts.authenticate(handle, "no es esta 2026")
        refused.append(error.value.problems)
    assert [(p.place, p.code) for p in refused[0]] == [("passphrase", "not-known")]
    assert refused[1:] == [refused[0]] * 3
    assert hasher.asked == [("verify", 2, 19456, 1)] * 4


def test_a_handle_may_be_typed_in_capitals_and_with_spaces_round_it(rosa):
    assert accounts.authenticate(" Rosa ", ROSAS).id == rosa.id


def test_no_more_than_two_passphrases_are_hashed_at_once(app, rosa, hasher):
    def guess(number):
        with app.app_context():
            opens("rosa", f"no es esta {number}")

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(guess, range(6)))
    assert len(hasher.asked) == 6
    assert hasher.most <= 2


def test_nothing_is_hashed_while_the_store_is_locked(rosa, hasher):
    accounts.create("petrona")
    accounts.change_passphrase(ROSAS, GOOD, by=rosa)
    accounts.authenticate("rosa", GOOD)
    accounts.reset("rosa")
    assert len(hasher.asked) == 5
    assert not hasher.locked


@BOTH
def test_a_hash_made_when_hashing_was_cheaper_is_made_anew_at_the_next_sign_in(rosa, hasher):
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(ROSAS)

    def unit():
        db.session.get_one(type(rosa), rosa.id).passphrase = cheap

    db.write(lambda: unit)
    assert not opens("rosa", "no es esta 2026")
    assert accounts.get_by_handle("rosa").passphrase == cheap
    assert opens("rosa", ROSAS)
    kept = accounts.get_by_handle("rosa").passphrase
    assert "m=19456,t=2,p=1" in kept
    assert opens("rosa", ROSAS)
    assert accounts.get_by_handle("rosa").passphrase == kept
    assert not hasher.locked


# Sessions


def test_a_session_is_found_by_its_token_past_the_mapper(rosa):
    token = accounts.sign_in(rosa)
    asked = []

    def listen(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        account, number = accounts.find_by_session(token)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert (account.id, account.handle, account.at) == (rosa.id, "rosa", rosa.at)
    assert [sign_in.id for sign_in in accounts.sessions(by=account)] == [number]
    assert [s for s in asked if s.startswith("SELECT")] == []


def test_the_store_holds_only_hashes_of_tokens(rosa):
    session, token = accounts.sign_in(rosa), accounts.create_token("báscula", by=rosa)
    assert len(session) >= 43
    assert token.startswith("minga_")
    assert len(token) >= 49
    held = "\n".join(row for rows in everything().values() for row in rows)
    assert "báscula" in held
    assert session[:12] not in held
    assert token.removeprefix("minga_")[:12] not in held


@BOTH
def test_what_is_no_token_opens_nothing(rosa):
    accounts.sign_in(rosa)
    for token in ("", "x", "\ud800", "\0", "x" * 10_000):
        assert accounts.find_by_session(token) is None
        assert accounts.find_by_token(token) is None


def test_a_session_ends_after_its_days_and_its_row_goes(rosa, monkeypatch):
    token, now = accounts.sign_in(rosa), db.now()
    almost = now + datetime.timedelta(days=limits.SESSION_DAYS, seconds=-5)
    monkeypatch.setattr(db, "now", lambda: almost)
    assert is_live(token)
    monkeypatch.setattr(db, "now", lambda: almost + datetime.timedelta(seconds=10))
    assert not is_live(token)
    assert accounts.sessions(rosa) == []
    accounts.sign_in(rosa)
    assert len(everything()["sign_in"]) == 1


def test_signing_in_again_ends_the_session_that_the_browser_had(rosa, tomas):
    old, other = accounts.sign_in(rosa), accounts.sign_in(rosa)
    new = accounts.sign_in(tomas, instead_of=old)
    assert new != old
    assert (is_live(old), is_live(other), is_live(new)) == (False, True, True)


def test_signing_out_ends_this_session_only(rosa):
    here, there = accounts.sign_in(rosa), accounts.sign_in(rosa)
    accounts.sign_out(here)
    assert (is_live(here), is_live(there)) == (False, True)


def test_only_ones_own_sessions_are_listed_and_ended(rosa, tomas):
    hers, his = accounts.sign_in(rosa), accounts.sign_in(tomas)
    (number,) = [s.id for s in accounts.sessions(rosa)]
    accounts.end_session(number, by=tomas)
    accounts.end_other_sessions(by=tomas, keep="")
    assert (is_live(hers), is_live(his)) == (True, False)
    accounts.end_session(number, by=rosa)
    assert not is_live(hers)


def test_all_other_sessions_are_ended(rosa):
    here, *others = [accounts.sign_in(rosa) for _ in range(3)]
    accounts.end_other_sessions(by=rosa, keep=here)
    assert is_live(here)
    assert not any(map(is_live, others))


def test_another_passphrase_ends_all_other_sessions(rosa, tomas):
    here, there, his = accounts.sign_in(rosa), accounts.sign_in(rosa), accounts.sign_in(tomas)
    accounts.change_passphrase(ROSAS, GOOD, by=rosa, keep=here)
    assert (is_live(here), is_live(there), is_live(his)) == (True, False, True)
    assert opens("rosa", GOOD)
    assert not opens("rosa", ROSAS)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("no es esta 2026", GOOD, [("old", "not-known")]),
        (ROSAS, "corta", [("new", "too-short")]),
        (ROSAS, "rosa rosa rosa 1", [("new", "too-common")]),
        ("no es esta 2026", "corta", [("old", "not-known"), ("new", "too-short")]),
    ],
)
def test_a_passphrase_is_not_changed_when_one_of_both_is_wrong(rosa, old, new, expected):
    token = accounts.sign_in(rosa)
    with pytest.raises(errors.Invalid) as refused:
        accounts.change_passphrase(old, new, by=rosa)
    assert codes(refused) == expected
    assert is_live(token)
    assert opens("rosa", ROSAS)


def test_a_changed_passphrase_counts_at_once_for_those_who_read_the_old_one_before(rosa):
    accounts.change_passphrase(ROSAS, GOOD, by=rosa)
    stale = rosa  # as another request had loaded it
    with pytest.raises(errors.Invalid):
        accounts.change_passphrase(ROSAS, "otra muy distinta", by=stale)
    assert opens("rosa", GOOD)


def test_a_reset_gives_a_new_passphrase_and_ends_all_sessions(rosa, tomas):
    hers, his = accounts.sign_in(rosa), accounts.sign_in(tomas)
    made = accounts.reset("rosa")
    assert opens("rosa", made)
    assert not opens("rosa", ROSAS)
    assert (is_live(hers), is_live(his)) == (False, True)
    with pytest.raises(errors.Missing):
        accounts.reset("nadie")


def test_the_journal_says_who_came_and_nothing_of_passphrases(rosa):
    before = journal.head()
    accounts.sign_up("petrona", GOOD)
    accounts.reset("petrona")
    assert [(c.verb, c.by.handle) for c in journal.since(before, 10)] == [("sign-up", "petrona")]


# Tokens for programs


def test_a_token_speaks_for_its_owner_until_it_is_revoked(rosa, tomas):
    raw, other = accounts.create_token("riego", by=rosa), accounts.create_token("sensor", by=rosa)
    assert accounts.find_by_token(raw).handle == "rosa"
    first, _ = accounts.tokens(rosa)
    accounts.revoke_token(first.id, by=tomas)
    assert accounts.find_by_token(raw) is not None
    accounts.revoke_token(first.id, by=rosa)
    assert accounts.find_by_token(raw) is None
    assert accounts.find_by_token(other).handle == "rosa"
    assert [t.name for t in accounts.tokens(rosa)] == ["sensor"]
    assert accounts.tokens(tomas) == []


def test_a_session_is_no_token_and_a_token_no_session(rosa):
    assert accounts.find_by_token(accounts.sign_in(rosa)) is None
    assert accounts.find_by_session(accounts.create_token("riego", by=rosa)) is None


@BOTH
def test_a_token_has_a_name_of_one_line(rosa):
    accounts.create_token("  a\0b\nc " + "d" * 100, by=rosa)
    (token,) = accounts.tokens(rosa)
    assert token.name == "a b c " + "d" * 74
    for name in ("", " \n\0 "):
        with pytest.raises(errors.Invalid) as refused:
            accounts.create_token(name, by=rosa)
        assert codes(refused) == [("name", "needed")]


def test_somebody_has_a_limited_number_of_tokens(rosa, tomas):
    for number in range(limits.TOKENS_PER_ACCOUNT):
        accounts.create_token(f"{number}", by=rosa)
    with pytest.raises(errors.Invalid):
        accounts.create_token("one more", by=rosa)
    assert len(accounts.tokens(rosa)) == limits.TOKENS_PER_ACCOUNT
    assert accounts.create_token("his", by=tomas)


def test_guesses_take_the_same_time_for_known_and_unknown_handles(rosa):
    def fastest(handle):
        times = []
        for _ in range(7):
            began = time.thread_time()
            opens(handle, "no es esta 2026")
            times.append(time.thread_time() - began)
        return min(times)

    known, unknown = fastest("rosa"), fastest("nadie")
    assert abs(known - unknown) < 0.5 * known


def test_who_is_not_there_is_looked_for_as_long_as_who_is():
    assert not accounts._hasher.check_needs_rehash(accounts._NOBODY)
