"""Templates are compiled once: a process remembers them, and the next one finds them in a folder of its own."""

import contextlib
import pathlib
from types import CodeType
from typing import ClassVar

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """The compiled templates in a folder that nobody else may write: they are run. Where it can't be read or written,
    templates are compiled as ever."""

    known: ClassVar[dict[tuple[str, str], CodeType]] = {}

    def __init__(self, folder: pathlib.Path) -> None:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            with contextlib.suppress(OSError):
                super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.known[bucket.key, bucket.checksum] = bucket.code
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)
