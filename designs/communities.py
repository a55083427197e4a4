"""Communities: who founds one, what it is, who belongs to it, and how others are invited."""

import datetime
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import joinedload

from designs import regions, sheet, vocabulary
from designs.models import Community, Fact, Invitation
from wiki import access, accounts, db, document, errors, journal, limits, masking, spaces, throttles
from wiki.db import now, session
from wiki.errors import Problem
from wiki.models import Account, Page, Role, Space

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Of which codes are made: none looks like another on paper."""
CODE = re.compile(f"[{LETTERS}]{{{limits.CODE}}}")
TAGS = ("es", "pt", "en")


@dataclass(frozen=True)
class About:
    """What a community says of itself: its name in each language (`es` `pt` `en`), where it is, what it speaks, its
    money (ISO 4217), the licences that its designs begin with, by slot, and a text for who comes."""

    names: Mapping[str, str] = field(default_factory=dict)
    regions: Sequence[str] = ()
    languages: Sequence[str] = ()
    currency: str = ""
    licences: Mapping[str, str] = field(default_factory=dict)
    welcome: str = ""

    def name(self, language: str, slug: str) -> str:
        """Its name in a language, or in another, or else its slug."""
        return self.names.get(language.split("-")[0]) or next(iter(self.names.values()), slug)


def _checked(about: About) -> About:
    """What may be kept of it. Raises `errors.Invalid`."""
    names = {tag: document.clean_text(said, "names").strip() for tag, said in about.names.items() if said.strip()}
    welcome = document.clean_text(about.welcome, "welcome").strip()
    known, licences = vocabulary.get("regions"), vocabulary.get("licences")
    wrong = [Problem("names", "bad-language") for tag in names if tag not in TAGS]
    wrong += [Problem("names", "needed")] if not names else []
    wrong += [
        Problem("names", "too-long", {"limit": limits.NAME}) for said in names.values() if len(said) > limits.NAME
    ]
    wrong += [Problem("regions", "bad-choice") for code in about.regions if code not in known]
    wrong += [Problem("regions", "too-many", {"limit": limits.REGIONS})] if len(about.regions) > limits.REGIONS else []
    wrong += [Problem("languages", "bad-language") for tag in about.languages if not _is_language(tag)]
    if about.currency and about.currency not in vocabulary.get("currencies"):
        wrong.append(Problem("currency", "bad-choice"))
    for slot, id in about.licences.items():
        offered = str(licences[id].more.get("offer")) if id in licences else ""
        if slot not in sheet.SLOTS or offered not in ("default", "offered"):
            wrong.append(Problem(f"licences/{slot}", "bad-choice"))
    if len(welcome.encode()) > limits.WELCOME:
        wrong.append(Problem("welcome", "too-long", {"limit": limits.WELCOME}))
    if wrong:
        raise errors.Invalid(wrong)
    return About(
        names,
        tuple(dict.fromkeys(about.regions)),
        tuple(dict.fromkeys(about.languages)),
        about.currency,
        dict(about.licences),
        welcome,
    )


def _is_language(tag: str) -> bool:
    return tag in vocabulary.get("languages") or tag in ("es", "pt-BR", "en")


def found(slug: str, about: About, *, by: Account, counted: bool = True) -> Space:
    """Found a community; who does so keeps it. Raises `errors.Invalid` and, for too many in a day where they are
    `counted`, `errors.TooMany`."""
    access.check("found", None, by)
    clean = _checked(about)
    if counted:
        throttles.count("found", by.handle, limits.FOUNDED_PER_DAY, 86_400)
    return spaces.found(slug, by=by, also=lambda space: _keep(space, clean))


def _keep(space: Space, about: About) -> None:
    row = session.get(Community, space.id) or Community(space_id=space.id)
    row.names, row.licences = json.dumps(dict(about.names), ensure_ascii=False), json.dumps(dict(about.licences))
    row.regions, row.languages = " ".join(about.regions), " ".join(about.languages)
    row.currency, row.welcome = about.currency, about.welcome
    session.add(row)


def describe(space: Space, about: About, *, by: Account) -> None:
    """Say what a community is."""
    access.check("describe", space, by)
    clean = _checked(about)

    def unit() -> None:
        _keep(space, clean)
        journal.record("describe", subject=space.uid, by=by, note=space.slug)

    db.write(lambda: unit)


def _read(row: Community | None) -> About:
    if row is None:
        return About()
    return About(
        json.loads(row.names),
        row.regions.split(),
        row.languages.split(),
        row.currency,
        json.loads(row.licences),
        row.welcome,
    )


def about(space: Space) -> About:
    return _read(session.get(Community, space.id))


@dataclass(frozen=True)
class Listed:
    """A community in a list."""

    slug: str
    about: About
    designs: int
    people: int


def listed(*, region: Sequence[str] = (), after: str = "", limit: int = limits.LIST_MAX) -> list[Listed]:
    """The communities in order of their names in addresses, after one of them; at will only those in some regions."""
    designs = (
        select(func.count()).where(Page.space_id == Space.id, Page.retired.is_(None)).correlate(Space).scalar_subquery()
    )
    people = select(func.count()).where(Role.space_id == Space.id).correlate(Space).scalar_subquery()
    query = select(Space.slug, Community, designs, people).outerjoin(Community, Community.space_id == Space.id)
    query = query.where(Space.slug > after).order_by(Space.slug).limit(limit)
    if region:
        padded = " " + Community.regions + " "
        wanted = [padded.contains(f" {code} ", autoescape=True) for code in region]
        wanted += [padded.contains(f" {code}-", autoescape=True) for code in region if regions.kind(code) == "country"]
        query = query.where(or_(*wanted))
    return [Listed(slug, _read(row), number, several) for slug, row, number, several in session.execute(query)]


def people(space: Space, *, after: str = "", limit: int = limits.LIST_MAX) -> Sequence[tuple[str, str]]:
    """The people of a community and their roles, in order of handles."""
    query = (
        select(Account.handle, Role.role)
        .join(Role, Role.account_id == Account.id)
        .where(Role.space_id == space.id, Account.handle > after)
        .order_by(Account.handle)
        .limit(limit)
    )
    return [(handle, role) for handle, role in session.execute(query)]


def give_role(space: Space, handle: str, role: str, *, by: Account) -> None:
    """Make somebody a member or a steward, or take the role away. Whoever belongs to it may leave. A community is never
    left without a steward."""
    account = accounts.find_by_handle(handle)
    if account is None or account.id != by.id or role:
        access.check("give-role", space, by)
    if account is None:
        raise errors.Invalid([Problem("handle", "no-such-person")])
    stewards = select(func.count()).where(
        Role.space_id == space.id, Role.role == "steward", Role.account_id != account.id
    )
    is_last = access.role(space, account) == "steward" and not session.scalar(stewards)
    if is_last and role != "steward":
        raise errors.Invalid([Problem("role", "last-steward")])
    spaces.give_role(space, account, role, by=by)


def invite(space: Space, role: str = "member", *, by: Account) -> str:
    """A code with which people join, for `limits.INVITATION_DAYS` and `limits.INVITATION_USES`. Only its hash is kept:
    it is to be had now and never again."""
    access.check("give-role", space, by)
    if role not in ("member", "steward"):
        raise errors.Invalid([Problem("role", "bad-choice")])
    code = "".join(secrets.choice(LETTERS) for _ in range(limits.CODE))

    def unit() -> str:
        session.execute(delete(Invitation).where(Invitation.until < now()))
        until = now() + datetime.timedelta(days=limits.INVITATION_DAYS)
        uses = limits.INVITATION_USES if role == "member" else 1
        session.add(Invitation(code=_hash(code), space_id=space.id, role=role, by_id=by.id, until=until, uses=uses))
        journal.record("invite", subject=space.uid, by=by, note=f"{space.slug} {role}")
        return f"{code[: limits.CODE // 2]}-{code[limits.CODE // 2 :]}"

    return db.write(lambda: unit)


def withdraw(space: Space, *, by: Account) -> None:
    """Let no code that was given out count any more."""
    access.check("give-role", space, by)

    def unit() -> None:
        session.execute(delete(Invitation).where(Invitation.space_id == space.id))

    db.write(lambda: unit)


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def invitation(code: str, *, by: Account) -> Invitation:
    """The invitation of a code as somebody typed it. Raises `errors.Invalid` when it does not count, and
    `errors.TooMany` for too many guesses."""
    plain = "".join(sign for sign in code.upper() if sign in LETTERS)
    throttles.count("join", by.handle, limits.GUESSES, limits.GUESS_SECONDS)
    found = (
        session.scalar(select(Invitation).where(Invitation.code == _hash(plain)).options(joinedload(Invitation.space)))
        if CODE.fullmatch(plain)
        else None
    )
    if found is None or found.until < now() or found.uses < 1:
        raise errors.Invalid([Problem("code", "bad-code")])
    return found


def join(code: str, *, by: Account) -> Space:
    """Become what an invitation says. Who has that role or a higher one already stays so."""
    access.check("join", None, by)
    id = invitation(code, by=by).id

    def unit() -> Space:
        row = session.get_one(Invitation, id, with_for_update=True)
        space = session.get_one(Space, row.space_id)
        if row.uses < 1 or row.until < now():
            raise errors.Invalid([Problem("code", "bad-code")])
        role = session.get(Role, (space.id, by.id))
        if role is not None and access.RANKS[role.role] >= access.RANKS[row.role]:
            return space
        if role is None:
            session.add(Role(space_id=space.id, account_id=by.id, role=row.role))
        else:
            role.role = row.role
        row.uses -= 1
        journal.record("join", subject=by.uid, by=by, note=space.slug)
        return space

    return db.write(lambda: unit)


def regions_of(space_id: int) -> list[str]:
    """The regions of the community that a space is."""
    row = session.get(Community, space_id)
    return row.regions.split() if row is not None else []


def regions_of_member(account: Account) -> list[str]:
    """The regions of the communities that somebody belongs to."""
    mine = select(Role.space_id).where(Role.account_id == account.id)
    told = session.scalars(select(Community.regions).where(Community.space_id.in_(mine)).order_by(Community.space_id))
    return list(dict.fromkeys(code for each in told for code in each.split()))


def counts() -> dict[str, int]:
    """How many designs bear each region; those of a country count with its subdivisions."""
    each = (
        select(Fact.value, func.count())
        .join(Page, Page.id == Fact.page_id)
        .where(Fact.name == "regions", Page.retired.is_(None))
        .group_by(Fact.value)
    )
    land = func.substr(Fact.value, 1, 2)
    by_country = (
        each.with_only_columns(land, func.count(Fact.page_id.distinct()))
        .where((func.length(Fact.value) == 2) | (func.substr(Fact.value, 3, 1) == "-"))
        .group_by(None)
        .group_by(land)
    )
    return {row[0]: row[1] for row in (*session.execute(each), *session.execute(by_country))}


def forget(words: masking.Words) -> None:
    """Within a write unit: what communities say of themselves loses words that are taken away."""
    for row in session.scalars(select(Community).execution_options(yield_per=100)):
        row.welcome = words.masked(row.welcome)
        names = {tag: words.masked(name) for tag, name in json.loads(row.names).items()}
        row.names = json.dumps(names, ensure_ascii=False)
