"""What is known of designs beside their pages. All of it is derived from documents and can be made anew."""

import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wiki.db import BigId, Model, Moment, now
from wiki.models import Account, Page, Space, new_uid


class Design(Model):
    """The facts of a page's head that lists show. `folded` holds its title, names and summary as they are searched."""

    __tablename__ = "design"
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    summary: Mapped[str] = mapped_column(Text, default="")
    picture: Mapped[str] = mapped_column(String(64), default="")
    alt: Mapped[str] = mapped_column(Text, default="")
    folded: Mapped[str] = mapped_column(Text, default="")

    page: Mapped[Page] = relationship(lazy="raise")


class Fact(Model):
    """One id of one list that a design bears: `tasks` `water`, `regions` `BO`, `licences` `CC-BY-SA-4.0`."""

    __tablename__ = "fact"
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(120), primary_key=True)
    __table_args__ = (Index("ix_fact_name_value", "name", "value"),)


class Imported(Model):
    """What a source elsewhere said last of a design that came from it, packed; `source` is the SHA-256 of its address
    and language, `name` of which file it was read. `files`: under what SHA-256 (hex) each of its files was kept, by the
    SHA-256 of what it was, as packed rows."""

    __tablename__ = "imported"
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(Text)
    packed: Mapped[bytes] = mapped_column(LargeBinary)
    files: Mapped[bytes | None] = mapped_column(LargeBinary)


class LeftOut(Model):
    """A change of a source, by its id, that a pull of a page did not take: what became of the source from one of its
    numbers to another."""

    __tablename__ = "left_out"
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"), primary_key=True)
    change: Mapped[bytes] = mapped_column(LargeBinary(8), primary_key=True)
    after: Mapped[int] = mapped_column()
    until: Mapped[int] = mapped_column()


class Proposal(Model):
    """Changes that are offered to a page: its document with only those, made of its version `onto`, from a version of
    another page, or of the page itself by somebody who may not edit it. `digest` is what is agreed to."""

    __tablename__ = "proposal"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True, default=new_uid)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    number: Mapped[int] = mapped_column()
    onto: Mapped[int] = mapped_column()
    source_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"), index=True)
    source_number: Mapped[int | None] = mapped_column()
    packed: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    changed: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    state: Mapped[str] = mapped_column(String(20), default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    became: Mapped[int | None] = mapped_column()

    page: Mapped[Page] = relationship(lazy="raise", foreign_keys=[page_id])
    source: Mapped[Page | None] = relationship(lazy="raise", foreign_keys=[source_id])
    by: Mapped[Account] = relationship(lazy="raise", foreign_keys=[by_id])
    decided_by: Mapped[Account | None] = relationship(lazy="raise", foreign_keys=[decided_by_id])
    __table_args__ = (UniqueConstraint("page_id", "number"), Index("ix_proposal_state", "page_id", "state"))


class Remark(Model):
    """What somebody said about a proposal. `asks`: changes are asked for."""

    __tablename__ = "remark"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
    words: Mapped[str] = mapped_column(Text)
    asks: Mapped[bool] = mapped_column(default=False)

    by: Mapped[Account] = relationship(lazy="raise")


class Community(Model):
    """What a community says of itself. Names and licences are JSON objects, regions and languages stand between
    spaces."""

    __tablename__ = "community"
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    names: Mapped[str] = mapped_column(Text)
    regions: Mapped[str] = mapped_column(Text, default="")
    languages: Mapped[str] = mapped_column(Text, default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    licences: Mapped[str] = mapped_column(Text, default="{}")
    welcome: Mapped[str] = mapped_column(Text, default="")


class Invitation(Model):
    """A code that lets people join a community, as its SHA-256."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    until: Mapped[datetime.datetime] = mapped_column(Moment)
    uses: Mapped[int] = mapped_column()

    space: Mapped[Space] = relationship(lazy="raise")
