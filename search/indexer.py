"""Keeping the index in step with the pages: it follows the journal, and is made anew when it can't be trusted."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from search import sources, texts
from search.entries import Entry
from search.index import REDACTING, Index, Position, Unfit, Unusable, Writer
from search.taking import Taking
from wiki import errors, journal
from wiki.db import session
from wiki.verify import Difference

log = logging.getLogger("minga.search")

PAUSE = 0.2
"""Seconds between two looks at the journal."""
LONGEST_PAUSE = 3.0
TOGETHER = 8
"""How many pages get the text of a file at once, so that none that was saved meanwhile waits for long."""
FEW = 500
"""So many entries at most are compared once more by themselves."""
OF_FILES = frozenset({"upload", "hold", "release"})
"""Acts that decide whether the text of a file counts."""
CHECK_SECONDS = 6 * 3600
"""How often all bytes of the index are read, for those that the disk altered."""


def step(index: Index, *, wait: float = 0.0) -> bool:
    """Take in the next changes, or make the index anew if it is not one of this store; whether there was anything to
    do. Raises TimeoutError when another writer is at it for longer than `wait` seconds, and OSError."""
    session.close()
    with index.writing(wait=wait) as writer:
        try:
            position = writer.position()
        except Unusable as error:
            log.log(
                logging.INFO if error.state == "building" else logging.WARNING, "a new search index is made: %s", error
            )
            _make(writer)
            return True
        if sources.position_of(position.change) != position:
            log.warning("a new search index is made: it is of another store")
            _make(writer)
            return True
        changes = journal.since(position.change, sources.BATCH)
        if not changes:
            return False
        of_files = [change for change in changes if change.page_id is None and change.verb in OF_FILES]
        if any(change.verb == "hold" for change in of_files):
            texts.drop_held()
        if any(change.verb in REDACTING for change in changes):
            _make(writer)
            return True
        page_ids = {change.page_id for change in changes if change.page_id is not None}
        # Designs that name no regions of their own lie where their community does.
        page_ids |= sources.pages_in({change.subject for change in changes if change.verb == "describe"})
        page_ids |= sources.page_ids(writer.bearing([change.subject.hex() for change in of_files]))
        to = sources.position_of(changes[-1].id)
        found, gone = sources.entries_of(sorted(page_ids))
        session.close()
        _put(writer, found, gone, to)
        return True


class Shelf:
    """Reads the files whose text the index lacks, one at a time, in a process beside this one."""

    def __init__(self) -> None:
        self._taking: Taking | None = None

    def step(self, index: Index) -> bool:
        """Give the pages of a file its text, or begin to read the next; whether there was anything to do now. Raises
        as `indexer.step` does."""
        session.close()
        if self._taking and not self._taking.is_over():
            return False
        with index.writing(wait=0) as writer:
            sha256 = ""
            uids: Sequence[str] = ()
            if self._taking:
                taken, self._taking = self._taking, None
                sha256, text = taken.sha256, taken.text()
                if text is not None:
                    texts.keep(sha256, text)
            try:
                # What was read is given to its pages first, whatever came meanwhile.
                uids = writer.lacking(sha256, TOGETHER) if sha256 else ()
                if not uids and (sha256 := writer.unread()):
                    uids = writer.lacking(sha256, TOGETHER)
                position = writer.position()
            except Unusable:
                return False
            if not sha256:
                return False
            found, _gone = sources.entries_by_uid(uids)
            session.close()
            if not any(sha256 in entry.unread for entry in found):
                _put(writer, found, sorted(set(uids) - {entry.uid for entry in found}), position)
                return True
        return not self._began(sha256)

    def _began(self, sha256: str) -> bool:
        """Begin to read a file; whether that was possible. One without its bytes is done with."""
        try:
            path, type = texts.place(sha256)
            body = path.open("rb")
        except (OSError, errors.Missing):
            log.warning("a file can't be read for the search: %s: its bytes are not here", sha256)
            texts.keep(sha256, "")
            return False
        session.close()
        with body:
            self._taking = Taking(sha256, body, type)
        return True

    def close(self) -> None:
        if self._taking:
            self._taking.end()


def tidy(index: Index, *, pressing: bool = False) -> bool:
    """Bring together some of what lies scattered; whether there was anything. `pressing`: only what can't wait until
    nothing else is to be done. Raises as `indexer.step` does."""
    session.close()
    with index.writing(wait=0) as writer:
        try:
            uids, position = writer.scattered(pressing=pressing), writer.position()
        except Unusable:
            return False
        if uids:
            found, gone = sources.entries_by_uid(uids)
            session.close()
            _put(writer, found, gone, position)
        return bool(uids)


def _put(writer: Writer, found: Sequence[Entry], gone: Sequence[str], to: Position) -> None:
    """Put all entries, or all but those that the index can't take: one of them is no reason to stop."""
    try:
        writer.put(found, gone, to)
    except Unfit as error:
        log.error("a page can't be indexed: %s", error)
        fit = [entry for entry in found if _is_fit(writer, entry)]
        writer.put(fit, [*gone, *(entry.uid for entry in found if entry not in fit)], to)


def _is_fit(writer: Writer, entry: Entry) -> bool:
    try:
        writer.put([entry], [], writer.position())
    except Unfit:
        return False
    return True


def _make(writer: Writer) -> None:
    texts.drop_held()
    position = sources.head()
    session.close()
    writer.replace(sources.all_entries(), position)


def rebuild(index: Index) -> None:
    """Make the index anew, whatever it is. Waits for a writer that is at it."""
    with index.writing(wait=3600) as writer:
        _make(writer)


def catch_up(index: Index) -> int:
    """Take in all changes up to the journal's head of this moment, or wait until somebody else has; says which."""
    goal = journal.head()
    session.close()
    while True:
        try:
            if not step(index, wait=0.5) and _reached(index, goal):
                return goal
        except TimeoutError:
            continue
        except FileNotFoundError:
            time.sleep(PAUSE)


def _reached(index: Index, goal: int) -> bool:
    with index.writing(wait=3600) as writer:
        return writer.position().change >= goal


def follow(index: Index, stopping: threading.Event) -> None:
    """Take in changes as they come, until told to stop. What fails is tried again."""
    failures, pause, check = 0, 0.0, time.monotonic() + CHECK_SECONDS
    with contextlib.closing(Shelf()) as shelf:
        while not stopping.wait(pause):
            try:
                if time.monotonic() > check:
                    check = time.monotonic() + CHECK_SECONDS
                    if found := list(index.faults()):
                        log.error("the search index is damaged: %s", "; ".join(found))
                        rebuild(index)
                taken = step(index)
                # No more than one of these takes its time before it is looked again what was saved.
                worked = tidy(index, pressing=True) or shelf.step(index) or (not taken and tidy(index))
                pause = 0.0 if taken or worked else PAUSE
                if failures:
                    log.warning("the search index can be written again")
                failures = 0
            except TimeoutError:
                pause = PAUSE
            except Exception as error:
                failures += 1
                pause = min(LONGEST_PAUSE, PAUSE * 2**failures)
                if failures == 1:
                    log.error("the search index can't be written: %s: %s", type(error).__name__, error)
            finally:
                session.close()


def differences(index: Index, *, wait: float = 10.0) -> Iterator[Difference]:
    """Where the index is not what the pages would give now. What was only being written, while others save, is looked
    at again for a while."""
    end = time.monotonic() + wait
    while faults := list(index.faults()):
        if time.monotonic() > end:
            yield from (Difference("index", "", what) for what in faults)
            return
        time.sleep(PAUSE)
    held = index.held()
    found = _differing(held, sources.all_entries(), held.keys())
    end = time.monotonic() + wait
    while found and time.monotonic() < end:
        session.rollback()  # What was saved meanwhile is to be seen.
        time.sleep(PAUSE)
        uids = [one.id for one in found]
        entries = sources.entries_by_uid(uids)[0] if len(uids) <= FEW else sources.all_entries()
        found = _differing(index.held(), entries, uids)
    yield from found


def _differing(held: Mapping[str, tuple[int, str]], entries: Iterable[Entry], uids: Iterable[str]) -> list[Difference]:
    """Of some entries, and of those uids, where they differ from what is held."""
    wanted = {entry.uid: (entry.number, entry.digest()) for entry in entries}
    return [
        Difference("index", uid, _told(held.get(uid), wanted.get(uid)))
        for uid in sorted({*uids, *wanted})
        if held.get(uid) != wanted.get(uid)
    ]


def standing(index: Index | None, *, wait: float = 10.0) -> Iterator[Difference]:
    """As `differences`, of an index that says that it holds all; one that is still to be made, or that nobody brings
    up to date now, is no fault."""
    try:
        if index is not None and (index.position() == journal.head() or any(index.faults())):
            yield from differences(index, wait=wait)
    except Unusable as error:
        if error.state == "broken":
            yield Difference("index", "", str(error))


def _told(held: tuple[int, str] | None, wanted: tuple[int, str] | None) -> str:
    if held is None:
        return "the page is not in it"
    if wanted is None:
        return "the page does not stand any more"
    if held[0] != wanted[0]:
        return f"it holds version {held[0]}, the page is at {wanted[0]}"
    return "its words are not those of the page"


def state(index: Index | None) -> tuple[str, int]:
    """A word for `/readyz`, and how far in the journal the index is."""
    if index is None:
        return "off", 0
    try:
        position = index.position()
    except Unusable as error:
        return error.state, 0
    waiting = sources.waiting_since(position)
    return ("behind" if waiting and time.time() - waiting.timestamp() > BEHIND_SECONDS else "ok"), position


BEHIND_SECONDS = 5
"""A change that waits for longer means that nobody takes it in."""
