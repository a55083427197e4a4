"""People: a handle and a passphrase, sessions that can be ended, tokens for programs. No e-mail is asked for."""

import datetime
import hashlib
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Sequence

import argon2
from sqlalchemy import delete, select

from wiki import db, errors, folding, journal, limits
from wiki.db import session
from wiki.errors import Problem
from wiki.models import Account, SignIn, Token

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
RESERVED = frozenset({"admin", "minga", "new", "account", "anonymous", "system", "api"})
COMMON = frozenset(
    {
        "0123456789", "1234567890", "12345678910", "1q2w3e4r5t", "abc1234567", "administrador", "contrasena",
        "contrasenha", "contraseña", "iloveyou123", "micontraseña", "minhasenha", "password1", "password123",
        "qwerty12345", "qwertyuiop", "senha12345", "teamomucho",
    }
)  # fmt: skip
SYLLABLES = [c + v for c in "bcdfglmnprstv" for v in "aeiou"]

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = threading.Semaphore(2)
"""Each hash takes 19 MiB: people who sign in at once wait for each other."""
_nobody = _hasher.hash(secrets.token_hex())


def handle_from(words: str) -> str:
    """A handle made of what somebody typed: "José Luis" gives "jose-luis"."""
    return folding.slug(words, 30)


def find_by_handle(handle: str) -> Account | None:
    return session.scalar(select(Account).where(Account.handle == handle))


def get_by_handle(handle: str) -> Account:
    found = find_by_handle(handle)
    if found is None:
        raise errors.Missing(handle)
    return found


def _problems(handle: str, passphrase: str) -> list[Problem]:
    found = []
    if HANDLE.fullmatch(handle) is None:
        found.append(Problem("handle", "bad-handle", {"handle": handle_from(handle)}))
    elif handle in RESERVED or find_by_handle(handle) is not None:
        found.append(Problem("handle", "handle-taken"))
    return found + _weak(handle, passphrase, "passphrase")


def _weak(handle: str, passphrase: str, place: str) -> list[Problem]:
    plain = folding.fold(passphrase)
    if len(passphrase) < limits.PASSPHRASE_MIN:
        return [Problem(place, "too-short", {"limit": limits.PASSPHRASE_MIN})]
    if len(passphrase) > limits.PASSPHRASE_MAX:
        return [Problem(place, "too-long", {"limit": limits.PASSPHRASE_MAX})]
    if passphrase.lower() in COMMON or plain in COMMON or plain == folding.fold(handle) or len(set(plain)) < 4:
        return [Problem(place, "too-common")]
    return []


def _hash(passphrase: str) -> str:
    with _room:
        return _hasher.hash(unicodedata.normalize("NFC", passphrase))


def _is_right(hashed: str, passphrase: str) -> bool:
    with _room:
        try:
            return _hasher.verify(hashed, unicodedata.normalize("NFC", passphrase))
        except argon2.exceptions.VerificationError:
            return False


def made_passphrase() -> str:
    """Four made-up words of three syllables: 72 bits, and easy to read aloud."""
    return " ".join("".join(secrets.choice(SYLLABLES) for _ in range(3)) for _ in range(4))


def create(
    handle: str, *, passphrase: str | None = None, admin: bool = False, sample: bool = False, about: str = ""
) -> tuple[Account, str | None]:
    """Make an account; gives it with the passphrase that was made, when none was given. Raises `errors.Invalid`."""
    made = made_passphrase() if passphrase is None else None

    def prepare() -> Callable[[], Account]:
        chosen = passphrase if passphrase is not None else made or ""
        if found := _problems(handle, chosen):
            raise errors.Invalid(found)
        hashed = _hash(chosen)

        def unit() -> Account:
            account = Account(handle=handle, passphrase=hashed, is_admin=admin, is_sample=sample, about=about)
            session.add(account)
            session.flush()
            journal.record("sign-up", subject=account.uid, by=account)
            return account

        return unit

    return db.write(prepare), made


def sign_up(handle: str, passphrase: str) -> Account:
    return create(handle, passphrase=passphrase)[0]


def authenticate(handle: str, passphrase: str) -> Account:
    """Whose handle and passphrase these are. Raises `errors.Invalid`, in the same words and after the same work
    whether or not there is such a handle."""
    account = find_by_handle(handle.strip().lower())
    right = _is_right(account.passphrase if account else _nobody, passphrase[: limits.PASSPHRASE_MAX + 1])
    if account is None or not right:
        raise errors.Invalid([Problem("passphrase", "not-known")])
    return account


def _digest(raw: str) -> bytes:
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).digest()


def sign_in(account: Account) -> str:
    """Begin a session; gives the token that its cookie holds. Only the token's hash is kept."""
    raw = secrets.token_urlsafe(32)
    until = db.now() + datetime.timedelta(days=limits.SESSION_DAYS)

    def unit() -> None:
        session.execute(delete(SignIn).where(SignIn.until < db.now()))
        session.add(SignIn(account_id=account.id, token=_digest(raw), until=until))

    db.write(lambda: unit)
    return raw


_BY_SESSION = select(Account, SignIn).join(SignIn, SignIn.account_id == Account.id)


def find_by_session(raw: str) -> tuple[Account, SignIn] | None:
    """Whose session a token opens, until it ends."""
    row = session.execute(_BY_SESSION.where(SignIn.token == _digest(raw), SignIn.until > db.now())).first()
    return (row[0], row[1]) if row else None


def sign_out(raw: str) -> None:
    def unit() -> None:
        session.execute(delete(SignIn).where(SignIn.token == _digest(raw)))

    db.write(lambda: unit)


def sessions(by: Account) -> Sequence[SignIn]:
    """Somebody's open sessions, newest first."""
    query = select(SignIn).where(SignIn.account_id == by.id, SignIn.until > db.now())
    return session.scalars(query.order_by(SignIn.id.desc()).limit(limits.LIST_MAX)).all()


def end_sessions(*, by: Account, only: int | None = None, keep: str = "") -> None:
    """End one of somebody's sessions, or all but the one whose token is kept."""

    def unit() -> None:
        ended = delete(SignIn).where(SignIn.account_id == by.id)
        ended = ended.where(SignIn.id == only) if only is not None else ended.where(SignIn.token != _digest(keep))
        session.execute(ended)

    db.write(lambda: unit)


def change_passphrase(old: str, new: str, *, by: Account, keep: str = "") -> None:
    """Set a new passphrase and end all sessions but one. Raises `errors.Invalid`."""

    def prepare() -> Callable[[], None]:
        found = _weak(by.handle, new, "new")
        if not _is_right(by.passphrase, old):
            found = [Problem("old", "not-known"), *found]
        if found:
            raise errors.Invalid(found)
        return _set_passphrase(by, _hash(new), keep)

    db.write(prepare)


def _set_passphrase(account: Account, hashed: str, keep: str) -> Callable[[], None]:
    def unit() -> None:
        session.get_one(Account, account.id).passphrase = hashed
        session.execute(delete(SignIn).where(SignIn.account_id == account.id, SignIn.token != _digest(keep)))
        journal.record("passphrase", subject=account.uid, by=account)

    return unit


def reset(handle: str) -> str:
    """Give somebody a new passphrase, which is returned, and end all their sessions."""
    account, made = get_by_handle(handle), made_passphrase()
    db.write(lambda: _set_passphrase(account, _hash(made), ""))
    return made


def create_token(name: str, *, by: Account) -> str:
    """Make a token for a program. It is shown only now: its hash is kept. Raises `errors.Invalid`."""
    raw = f"minga_{secrets.token_urlsafe(32)}"

    def unit() -> None:
        if len(tokens(by)) >= limits.TOKENS_PER_ACCOUNT:
            raise errors.Invalid([Problem("name", "too-many-rows", {"limit": limits.TOKENS_PER_ACCOUNT})])
        session.add(Token(account_id=by.id, token=_digest(raw), name=name[:80]))

    db.write(lambda: unit)
    return raw


def tokens(by: Account) -> Sequence[Token]:
    return session.scalars(select(Token).where(Token.account_id == by.id).order_by(Token.id)).all()


def revoke_token(token_id: int, *, by: Account) -> None:
    def unit() -> None:
        session.execute(delete(Token).where(Token.account_id == by.id, Token.id == token_id))

    db.write(lambda: unit)


def find_by_token(raw: str) -> Account | None:
    query = select(Account).join(Token, Token.account_id == Account.id)
    return session.scalar(query.where(Token.token == _digest(raw)))
