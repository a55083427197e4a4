"""What search keeps in the store. All of it is derived and may be deleted at any time."""

import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from wiki.db import Model, Moment, now


class FileText(Model):
    """The text that stands in a file, packed; None when there is none or it can't be read."""

    __tablename__ = "file_text"
    sha256: Mapped[bytes] = mapped_column(
        LargeBinary(32), ForeignKey("file.sha256", ondelete="CASCADE"), primary_key=True
    )
    packed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime.datetime] = mapped_column(Moment, default=now)
