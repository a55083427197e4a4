"""What is known of designs beside their pages. All of it is derived from documents and can be made anew."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wiki.db import Model
from wiki.models import Page


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
