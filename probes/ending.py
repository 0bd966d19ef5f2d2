"""What becomes of records that are no question of time: missing, mismatched, orphan.

Each is said only on evidence that cannot be a record on its way: two looks that read an end whole, an age beyond the
flow's own 99.9th percentile, and others that have passed it by. So neither a record written during the look nor a flow
that stands still looks like a loss. What takes a ending back is for `sync`: the record was seen where it was not.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from probes.book import Book
from probes.latency import longest_usual
from probes.tracked import BookChange, Ending, Tracked

MOST_ORPHANS = 10_000
"""Orphans that are kept of a flow; where another source fills the destination they would grow without end."""


def ended(book: Book, now: datetime) -> BookChange:
    """Return the records of which a look at either end has shown that they are missing, mismatched or orphans."""
    found = (*_missing(book), *_mismatched(book), *_orphans(book))
    doubted = tuple(one._replace(noted=now) for one in book.doubted() if one.noted is None)
    return BookChange(
        flow=book.flow,
        kept=(*found, *doubted),
        dropped=_too_many(book),
        endings=Counter((one.client, one.ending) for one in found if one.ending is not None),
    )


def _missing(book: Book) -> Iterator[Tracked]:
    """Records absent in two whole looks sent after their time, while a younger one by as much has arrived.

    What was created before the destination was first read may have arrived before anybody looked.
    """
    began, before = book.destination.began, book.destination.before
    if began is not None and before is not None and book.front is not None:
        until = min(before, book.front) - longest_usual(book.pace)
        for one in book.moving(until):
            if one.client is not None and one.created >= began:
                yield one._replace(ending=Ending.MISSING)


def _mismatched(book: Book) -> Iterator[Tracked]:
    """Records whose ends contradict each other, and still did when both had been read whole once more."""
    ends = (book.source_covered, book.destination_covered)
    for one in book.doubted():
        noted = one.noted
        if noted is not None and all(end is not None and end >= noted for end in ends):
            yield one._replace(ending=Ending.MISMATCHED)


def _orphans(book: Book) -> Iterator[Tracked]:
    """Records whose source two whole looks should have shown, created well after the source was first read."""
    began, before, usual = book.source.began, book.source.before, longest_usual(book.pace)
    if began is not None and before is not None:
        for one in book.ahead():
            if one.created - usual >= began and max(one.created, one.arrived or one.created) + usual <= before:
                yield one._replace(ending=Ending.ORPHAN)


def _too_many(book: Book) -> tuple[str, ...]:
    orphans = list(book.stray())
    oldest_first = sorted(orphans, key=lambda one: one.created) if len(orphans) > MOST_ORPHANS else []
    return tuple(one.key for one in oldest_first[:-MOST_ORPHANS])
