"""One record of a vendor's list, reduced to what Tierwatch needs by the resource's definition.

Reasons name paths, never values, for those may be anybody's data.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from probes.connector import COUNTED, Basis, FailureKind, Resource
from probes.instant import read_instant
from probes.money import read_money
from probes.observation import Record
from probes.path import finder, tester, text
from probes.quality import asserted

FUTURE = timedelta(days=1)
"""A record that claims to have been created further ahead than this is unreadable, not early."""

Failed = tuple[bool | None, tuple[FailureKind, ...], str]
"""Whether a record failed, in which ways, and the vendor's word for it."""


def read_record(
    resource: Resource, fields: Sequence[str], skew: timedelta, row: object, answered: datetime
) -> Record | str:
    """Return the record of one row, or what is wrong with it: what a :class:`Reader` returns of it."""
    return Reader(resource, fields, skew, answered).read(row)


class Reader:
    """Reads the rows of one page. Paths and predicates of their resource are taken apart once for all of them."""

    def __init__(self, resource: Resource, fields: Sequence[str], skew: timedelta, answered: datetime) -> None:
        """Read rows that came at an instant of our clock, from which the vendor's differs by `skew`."""
        self._resource = resource
        self._skew = skew
        self._theirs = answered + skew
        self._item = finder(resource.item_path)
        self._keys = [finder(path) for path in (resource.id_path, *resource.key_paths)]
        self._clients = [finder(path) for path in resource.client_paths]
        self._fields = [(path, finder(path)) for path in fields]
        self._created = finder(resource.created_path)
        by_update = resource.since is not None and resource.since.on is Basis.UPDATED
        self._updated = finder(resource.updated_path) if by_update else None
        self._settled = tester(resource.settled)
        self._failed = tester(resource.failed)
        self._can_fail = resource.can_fail
        self._ways = [(way, tester(way.when), finder(way.code_path)) for way in resource.failures]

    def read(self, row: object) -> Record | str:
        """Return the record of a row, its `created` on our clock (the vendor's less `skew`), or what is wrong with it.

        Members that are missing among the fields are left out.
        """
        resource, item = self._resource, self._item(row)
        key = self._key(item)
        if key is None:
            return f"no readable id at `{resource.id_path}`"
        created = self._instant(self._created(item))
        if created is None:
            return f"no plausible {resource.time_format} time at `{resource.created_path}`"
        updated = self._instant(self._updated(item)) if self._updated else None
        if self._updated and updated is None:
            return f"no plausible {resource.time_format} time at `{resource.updated_path}`"
        settled = self._settled(item, self._theirs)
        failed, kinds, code = self._how(item) if settled else (None, (), "")
        return Record(
            id=key,
            client=self._client(item),
            created=created,
            updated=updated,
            failed=failed,
            kinds=kinds,
            settled=settled,
            code=code,
            money=read_money(resource.amount, item) if resource.amount else None,
            fields={path: value for path, find in self._fields if (value := text(find(item))) is not None},
            asserted=asserted(resource.assertions, item) if resource.assertions else {},
        )

    def _key(self, item: object) -> str | None:
        first, *others = self._keys
        key = text(first(item))
        return key if key is None or not others else text("/".join((key, *(text(find(item)) or "" for find in others))))

    def _client(self, item: object) -> str | None:
        for find in self._clients:
            if (name := text(find(item))) is not None:
                return name
        return None

    def _instant(self, value: object) -> datetime | None:
        """An instant of the vendor's, on our clock; None where it is unreadable or too far ahead."""
        instant = read_instant(value, self._resource.time_format)
        return None if instant is None or instant > self._theirs + FUTURE else instant - self._skew

    def _how(self, item: object) -> Failed:
        """Whether a settled record failed: None where those of the resource cannot."""
        plainly = self._resource.failed != () and self._failed(item, self._theirs)
        ways = [(way, code) for way, test, code in self._ways if test(item, self._theirs)]
        if not ways:
            return (plainly if self._can_fail else None), (), ""
        failed = plainly or any(way.kind in COUNTED for way, _ in ways)
        codes = (text(find(item)) for way, find in ways if way.code_path)
        code = next((code for code in codes if code is not None), "")
        return (failed if self._can_fail else None), tuple(dict.fromkeys(way.kind for way, _ in ways)), code
