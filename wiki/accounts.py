"""People: a handle and a passphrase, sessions that can be ended, tokens for programs. No e-mail is asked for."""

import datetime
import hashlib
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Sequence

import argon2
from sqlalchemy import BigInteger, bindparam, delete, or_, select, update

from wiki import db, errors, folding, journal, limits
from wiki.db import session
from wiki.errors import Problem
from wiki.models import Account, SignIn, Token

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
RESERVED = frozenset(
    {
        "account", "admin", "administrador", "administrator", "anonimo", "anonymous", "api", "comun", "minga",
        "moderator", "moderador", "new", "nobody", "official", "oficial", "root", "security", "soporte", "suporte",
        "support", "system", "wiki",
    }
)  # fmt: skip
GUESSED = sorted(
    {
        "a", "abc", "abcd", "abcde", "abcdef", "abcdefgh", "abcdefghij", "admin", "administrador", "administrator",
        "amor", "argentina", "asdf", "asdfgh", "asdfghjkl", "barcelona", "bemvindo", "bienvenida", "bienvenido",
        "bolivia", "brasil", "chile", "clave", "colombia", "comun", "contrasena", "contrasenha", "contrasinal",
        "corazon", "corinthians", "cuba", "deus", "dios", "ecuador", "edc", "el", "estrella", "euteamo", "familia",
        "flamengo", "futbol", "guatemala", "hola", "honduras", "iloveyou", "jesus", "la", "letmein", "meu", "mexico",
        "mi", "minga", "minha", "mucho", "my", "mypassword", "nicaragua", "o", "palmeiras", "panama", "paraguay",
        "pass", "password", "passwrd", "peru", "princesa", "psswrd", "pswrd", "qaz", "qwer", "qwert", "qwerty",
        "qwertyuiop", "realmadrid", "rfv", "secreto", "segredo", "senha", "te", "teamo", "tequiero", "uruguay",
        "usuario", "venezuela", "welcome", "wiki", "wsx", "zaq", "zxcvb", "zxcvbnm",
    },
    key=len,
    reverse=True,
)  # fmt: skip
"""Of what the passphrases guessed first are made, in the languages of the site, without accents, longest first.
Digits and signs round them make none of them better."""
SYLLABLES = [c + v for c in "bcdfglmnprstv" for v in "aeiou"]

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = threading.Semaphore(2)
"""Each hash takes 19 MiB: people who sign in at once wait for each other."""

_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$tZOgVnxjxXSCctWzD5Hn1A$HrZAn4xpAo2yuCJ5VdklALmO8Fxsltr40uZzOV480IM"
"""What the passphrase of an account that is not there is compared with, so that it takes as long. Nobody knows it."""


def handle_from(words: str) -> str:
    """A handle made of what somebody typed: "José Luis" gives "jose-luis", signs alone give a made-up word."""
    return folding.slug(words, 30) or _made_word()


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
    size = len(unicodedata.normalize("NFC", passphrase))
    if size < limits.PASSPHRASE_MIN:
        return [Problem(place, "too-short", {"limit": limits.PASSPHRASE_MIN})]
    if size > limits.PASSPHRASE_MAX:
        return [Problem(place, "too-long", {"limit": limits.PASSPHRASE_MAX})]
    return [Problem(place, "too-common")] if _is_guessable(handle, passphrase) else []


def _is_guessable(handle: str, passphrase: str) -> bool:
    """Whether a passphrase is one sign over and over, or only the handle, guessed words, digits and signs."""
    plain = folding.fold(passphrase)
    rest = _letters(plain)
    for word in (_letters(handle), *GUESSED):
        rest = rest.replace(word, " ") if word else rest
    return len(set(plain)) < 4 or not rest.strip()


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalpha() or not c.isascii())


def _bytes(passphrase: str) -> bytes:
    """What is hashed. Keyboards write "é" in two ways; one more character than allowed is enough to be wrong."""
    composed = unicodedata.normalize("NFC", passphrase)
    return composed[: limits.PASSPHRASE_MAX + 1].encode("utf-8", "surrogatepass")


def _hash(passphrase: str) -> str:
    with _room:
        return _hasher.hash(_bytes(passphrase))


def _is_right(hashed: str, passphrase: str) -> bool:
    with _room:
        try:
            return _hasher.verify(hashed, _bytes(passphrase))
        except argon2.exceptions.VerificationError:
            return False


def made_passphrase() -> str:
    """Four made-up words of three syllables: 72 bits, and easy to read aloud."""
    return " ".join(_made_word() for _ in range(4))


def _made_word() -> str:
    return "".join(secrets.choice(SYLLABLES) for _ in range(3))


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
    handle = handle.strip().lower()
    account = find_by_handle(handle) if HANDLE.fullmatch(handle) else None
    hashed = account.passphrase if account else _NOBODY
    right = _is_right(hashed, passphrase)
    if account is None or not right:
        raise errors.Invalid([Problem("passphrase", "not-known")])
    if _hasher.check_needs_rehash(hashed):
        _keep_harder(account, hashed, _hash(passphrase))
    return account


def _keep_harder(account: Account, old: str, new: str) -> None:
    """Replace a hash made when hashing was cheaper, unless the passphrase was changed meanwhile."""

    def unit() -> None:
        query = update(Account).where(Account.id == account.id, Account.passphrase == old)
        session.execute(query.values(passphrase=new).execution_options(synchronize_session=False))

    db.write(lambda: unit)


def _digest(raw: str) -> bytes:
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).digest()


def sign_in(account: Account, *, instead_of: str = "") -> str:
    """Begin a session; gives the token that its cookie holds. Only the token's hash is kept. The session that the
    browser had until now ends."""
    raw = secrets.token_urlsafe(32)
    until = db.now() + datetime.timedelta(days=limits.SESSION_DAYS)

    def unit() -> None:
        session.execute(delete(SignIn).where(or_(SignIn.until < db.now(), SignIn.token == _digest(instead_of))))
        session.add(SignIn(account_id=account.id, token=_digest(raw), until=until))

    db.write(lambda: unit)
    return raw


_account, _sign_in = Account.__table__.c, SignIn.__table__.c
_BY_SESSION = (
    select(_sign_in.id, *_account)
    .join_from(SignIn.__table__, Account.__table__, _sign_in.account_id == _account.id)
    .where(_sign_in.token == bindparam("token"), _sign_in.until > bindparam("now", type_=BigInteger))
)


def find_by_session(raw: str) -> tuple[Account, int] | None:
    """Whose session a token opens, until it ends, and the number of the session."""
    row = db.first(_BY_SESSION, {"token": _digest(raw), "now": int(db.now().timestamp())})
    return (db.standing(Account, row[1:]), row[0]) if row else None


def sign_out(raw: str) -> None:
    def unit() -> None:
        session.execute(delete(SignIn).where(SignIn.token == _digest(raw)))

    db.write(lambda: unit)


def sessions(by: Account) -> Sequence[SignIn]:
    """Somebody's open sessions, newest first."""
    query = select(SignIn).where(SignIn.account_id == by.id, SignIn.until > db.now())
    return session.scalars(query.order_by(SignIn.id.desc()).limit(limits.LIST_MAX)).all()


def end_session(number: int, *, by: Account) -> None:
    """End one of somebody's own sessions."""

    def unit() -> None:
        session.execute(delete(SignIn).where(SignIn.account_id == by.id, SignIn.id == number))

    db.write(lambda: unit)


def end_other_sessions(*, by: Account, keep: str) -> None:
    """End all of somebody's sessions but the one of this token."""
    db.write(lambda: lambda: _end_others(by, keep))


def _end_others(account: Account, keep: str) -> None:
    session.execute(delete(SignIn).where(SignIn.account_id == account.id, SignIn.token != _digest(keep)))


def change_passphrase(old: str, new: str, *, by: Account, keep: str = "") -> None:
    """Set a new passphrase and end all sessions but one. Raises `errors.Invalid`."""

    def prepare() -> Callable[[], None]:
        found = _weak(by.handle, new, "new")
        if not _is_right(session.get_one(Account, by.id).passphrase, old):
            found = [Problem("old", "not-known"), *found]
        if found:
            raise errors.Invalid(found)
        return _set_passphrase(by, _hash(new), keep)

    db.write(prepare)


def _set_passphrase(account: Account, hashed: str, keep: str) -> Callable[[], None]:
    def unit() -> None:
        session.get_one(Account, account.id).passphrase = hashed
        _end_others(account, keep)

    return unit


def reset(handle: str) -> str:
    """Give somebody a new passphrase, which is returned; end all their sessions and revoke their tokens."""
    account, made = get_by_handle(handle), made_passphrase()

    def prepare() -> Callable[[], None]:
        set_passphrase = _set_passphrase(account, _hash(made), "")

        def unit() -> None:
            set_passphrase()
            session.execute(delete(Token).where(Token.account_id == account.id))

        return unit

    db.write(prepare)
    return made


def create_token(name: str, *, by: Account) -> str:
    """Make a token for a program. It is shown only now: its hash is kept. Raises `errors.Invalid`."""
    raw = f"minga_{secrets.token_urlsafe(32)}"
    label = " ".join("".join(c if c.isprintable() else " " for c in name).split())[:80]
    if not label:
        raise errors.Invalid([Problem("name", "needed")])

    def unit() -> None:
        if len(tokens(by)) >= limits.TOKENS_PER_ACCOUNT:
            raise errors.Invalid([Problem("name", "too-many-rows", {"limit": limits.TOKENS_PER_ACCOUNT})])
        session.add(Token(account_id=by.id, token=_digest(raw), name=label))

    db.write(lambda: unit)
    return raw


def tokens(by: Account) -> Sequence[Token]:
    return session.scalars(select(Token).where(Token.account_id == by.id).order_by(Token.id)).all()


def revoke_token(number: int, *, by: Account) -> None:
    """Take back one of somebody's own tokens."""

    def unit() -> None:
        session.execute(delete(Token).where(Token.account_id == by.id, Token.id == number))

    db.write(lambda: unit)


def find_by_token(raw: str) -> Account | None:
    query = select(Account).join(Token, Token.account_id == Account.id)
    return session.scalar(query.where(Token.token == _digest(raw)))
