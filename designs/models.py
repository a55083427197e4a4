"""What is known of designs beside their pages. All of it is derived from documents and can be made anew."""

from sqlalchemy import ForeignKey, Index, String, Text
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
