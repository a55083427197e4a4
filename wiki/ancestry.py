"""Common ancestors in a graph of revisions, and the document that two of them are merged on."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from wiki import merge
from wiki.document import Document

T = TypeVar("T", bound=Hashable)


def ancestors(start: T, parents: Callable[[T], Sequence[T]]) -> set[T]:
    """A revision and all that it was made of."""
    found, todo = {start}, [start]
    while todo:
        for parent in parents(todo.pop()):
            if parent not in found:
                found.add(parent)
                todo.append(parent)
    return found


def best(first: T, second: T, parents: Callable[[T], Sequence[T]]) -> set[T]:
    """The common ancestors that are no ancestors of others: one in most histories, several where two lines were merged
    with each other twice. An ancestor of a common one is common too, so only direct parents need to be left out."""
    mine, theirs = ancestors(first, parents), ancestors(second, parents)
    common = mine & theirs
    return common - {parent for one in common for parent in parents(one)}


def base(first: T, second: T, parents: Callable[[T], Sequence[T]], documents: Callable[[T], Document]) -> Document:
    """The document on which two revisions merge: that of their best common ancestor. Several are merged with each other
    first, on what they have in common; where they differ stands what stood there before. Nothing in common is {}."""
    found = sorted(best(first, second, parents), key=repr)
    if not found:
        return {}
    made, so_far = documents(found[0]), found[:1]
    for other in found[1:]:
        before = base(so_far[0], other, parents, documents)
        merged = merge.merge(before, made, documents(other))
        answers = {c.id: {"write": c.base} for c in merged.conflicts}
        made = merge.merge(before, made, documents(other), answers).document
        so_far.append(other)
    return made
