"""The tables of the engine. Digests, salts and uids are bytes here and lower-case hex outside."""

import datetime
import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wiki.db import BigId, Model, Moment, now

Handle = String(30)
Slug = String(80)


def new_uid() -> bytes:
    return uuid.uuid4().bytes


class Account(Model):
    """A person, known by a handle. `origin_host` is empty for the people of this server. Until `blocked` it may read
    and not write."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True, default=new_uid)
    origin_host: Mapped[str] = mapped_column(String(255), default="")
    handle: Mapped[str] = mapped_column(Handle, unique=True)
    passphrase: Mapped[str] = mapped_column(String(255))
    about: Mapped[str] = mapped_column(Text, default="")
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_sample: Mapped[bool] = mapped_column(default=False)
    blocked: Mapped[datetime.datetime | None] = mapped_column(Moment)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)


class SignIn(Model):
    """A session: the hash of the token that its cookie holds, and until when it counts."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    until: Mapped[datetime.datetime] = mapped_column(Moment)


class Token(Model):
    """A key for programs, kept as its hash."""

    __tablename__ = "token"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)


class Throttle(Model):
    """How often a keyed hash of somebody did something within one span of time."""

    __tablename__ = "throttle"
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    span: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime.datetime] = mapped_column(Moment, index=True)


class Space(Model):
    """A shelf of pages with people and rules of its own. Everybody who is signed in is a member of an open one."""

    __tablename__ = "space"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True, default=new_uid)
    origin_host: Mapped[str] = mapped_column(String(255), default="")
    slug: Mapped[str] = mapped_column(Slug, unique=True)
    is_open: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)


class Role(Model):
    __tablename__ = "role"
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    __table_args__ = (Index("ix_role_account_id", "account_id"),)


class Page(Model):
    """A name for a line of revisions; `head` is the number of the newest, `changed` its time; `title` is for lists.
    While the newest is held, `shown` is the number of the one that readers see, 0 when all are held: then the title is
    the slug."""

    __tablename__ = "page"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True, default=new_uid)
    origin_host: Mapped[str] = mapped_column(String(255), default="")
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    slug: Mapped[str] = mapped_column(Slug)
    head: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35))
    upstream_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20), default="")
    taken: Mapped[int] = mapped_column(default=0)
    retired: Mapped[datetime.datetime | None] = mapped_column(Moment)
    shown: Mapped[int | None] = mapped_column()
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    changed: Mapped[datetime.datetime] = mapped_column(Moment, default=now, index=True)

    space: Mapped[Space] = relationship(lazy="raise")
    upstream: Mapped["Page | None"] = relationship(lazy="raise", remote_side=[id])
    __table_args__ = (UniqueConstraint("space_id", "slug"),)

    @property
    def name(self) -> str:
        """Its name in the whole commons, `space/slug`."""
        return f"{self.space.slug}/{self.slug}"


class Redirect(Model):
    """A name that a page once had."""

    __tablename__ = "redirect"
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(Slug, primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"), index=True)


class Snapshot(Model):
    """A document, stored once by the SHA-256 of its canonical form, compressed. `crc` is the CRC-32 of `body`: it
    tells a bit that fell over also where unpacking would not mind it."""

    __tablename__ = "snapshot"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    crc: Mapped[int] = mapped_column(BigInteger)


class Revision(Model):
    """One version of a page for ever. A redacted one has lost salt, snapshot and note, and keeps its digest. What a
    held one says is for those who decide about it."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    number: Mapped[int] = mapped_column()
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    origin: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment)
    verb: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(35))
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("snapshot.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    held: Mapped[bool] = mapped_column(default=False, server_default=false())

    page: Mapped[Page] = relationship(lazy="raise")
    author: Mapped[Account] = relationship(lazy="raise")
    snapshot: Mapped[Snapshot | None] = relationship(lazy="raise")
    __table_args__ = (UniqueConstraint("page_id", "number"),)


class Parent(Model):
    """An edge of the graph of revisions. The parent is named by digest, since it may not be on this server."""

    __tablename__ = "parent"
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)


class Change(Model):
    """A line of the journal. Order of ids is order of commits."""

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    verb: Mapped[str] = mapped_column(String(30))
    subject: Mapped[bytes] = mapped_column(LargeBinary(16))
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"), index=True)
    number: Mapped[int | None] = mapped_column()
    note: Mapped[str] = mapped_column(Text, default="")

    by: Mapped[Account | None] = relationship(lazy="raise")
    page: Mapped[Page | None] = relationship(lazy="raise")


class Operation(Model):
    """A write request that was carried out, with its answer, so that a repeated one applies once."""

    __tablename__ = "operation"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now, index=True)


class Link(Model):
    """That the head of a page links to a name, whether or not a page of that name exists."""

    __tablename__ = "link"
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    space_slug: Mapped[str] = mapped_column(Slug, primary_key=True)
    slug: Mapped[str] = mapped_column(Slug, primary_key=True)
    __table_args__ = (Index("ix_link_target", "space_slug", "slug"),)


class Rendered(Model):
    """A document as readers of a language see it, made at its save. Derived: may be deleted at any time."""

    __tablename__ = "rendered"
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    html: Mapped[bytes] = mapped_column(LargeBinary)


class File(Model):
    """A photo or drawing as it is kept, named by the SHA-256 of its bytes. `stored` counts its smaller copies too."""

    __tablename__ = "file"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    type: Mapped[str] = mapped_column(String(80))
    bytes: Mapped[int] = mapped_column(BigInteger)
    stored: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    held: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (Index("ix_file_by_id_at", "by_id", "at"),)


class Draft(Model):
    """What somebody wrote and has not saved yet: the fields of a form, packed. Nobody else sees it, and no journal
    tells of it. `place` says which form, `page` the page that it edits, if it is one that stands."""

    __tablename__ = "draft"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(Text, default="")
    fields: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now, index=True)

    page: Mapped[Page | None] = relationship(lazy="raise")


class Flag(Model):
    """What somebody said is wrong with a page, one of its versions, or a file. Its words are for those who decide and
    for who wrote them. `closed` says when it was answered."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True, default=new_uid)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"))
    number: Mapped[int | None] = mapped_column()
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    closed: Mapped[datetime.datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(Text, default="")

    page: Mapped[Page | None] = relationship(lazy="raise")
    file: Mapped[File | None] = relationship(lazy="raise")
    by: Mapped[Account] = relationship(lazy="raise", foreign_keys=[by_id])
    __table_args__ = (Index("ix_flag_closed", "closed", "id"),)


class Notice(Model):
    """What an account is told of what was decided about it or what it wrote, and what it answered."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"))
    number: Mapped[int | None] = mapped_column()
    words: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    replied: Mapped[datetime.datetime | None] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="raise")
    page: Mapped[Page | None] = relationship(lazy="raise")
    __table_args__ = (Index("ix_notice_account_id", "account_id", "id"), Index("ix_notice_replied", "replied"))
