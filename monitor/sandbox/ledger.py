"""A vendor's list of records, oldest first in memory, and the slices of it that paging asks for.

It forgets what is older than it is told to keep; how a vendor writes a page is the vendor's business.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    """What a ledger needs of a record."""

    @property
    def id(self) -> str:
        """Return the record's id, unique in its list."""

    @property
    def created(self) -> datetime:
        """Return when the record came to be; records are added in this order."""


RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[RowT]):
    """Some records of a ledger, and whether more follow."""

    rows: Sequence[RowT]
    more: bool


class Ledger(Generic[RowT]):
    """Records in the order in which they came to be."""

    def __init__(self) -> None:
        self._rows: list[RowT] = []
        self._places: dict[str, int] = {}
        self._forgotten = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: RowT) -> None:
        """Add a record; it is no older than those that are there."""
        self._places[row.id] = self._forgotten + len(self._rows)
        self._rows.append(row)

    def forget(self, before: datetime) -> None:
        """Drop the records created before an instant."""
        count = self._from(before)
        for row in self._rows[:count]:
            del self._places[row.id]
        del self._rows[:count]
        self._forgotten += count

    def since(self, instant: datetime | None) -> Sequence[RowT]:
        """Return the records created at an instant or later, oldest first; all of them for None."""
        return self._rows[0 if instant is None else self._from(instant) :]

    def newest_first(self, limit: int, since: datetime | None = None, below: str | None = None) -> Page[RowT]:
        """Return a page of records, newest first; `below` is the last page's last id.

        Raises KeyError where no record has the id `below`.
        """
        end = len(self._rows) if below is None else self._places[below] - self._forgotten
        start = 0 if since is None else min(self._from(since), end)
        return Page(rows=self._rows[max(start, end - limit) : end][::-1], more=end - start > limit)

    def oldest_first(self, limit: int, since: datetime | None = None, above: str | None = None) -> Page[RowT]:
        """Return a page of records, oldest first; `above` is the last page's last id.

        Raises KeyError where no record has the id `above`.
        """
        start = 0 if since is None else self._from(since)
        if above is not None:
            start = max(start, self._places[above] - self._forgotten + 1)
        return Page(rows=self._rows[start : start + limit], more=len(self._rows) - start > limit)

    def _from(self, instant: datetime) -> int:
        return bisect_left(self._rows, instant, key=lambda row: row.created)
