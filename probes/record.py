"""One record of a vendor's list, reduced to what Tierwatch needs by the resource's definition.

Reasons name paths, never values, for those may be anybody's data.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from probes.connector import Resource
from probes.instant import read_instant
from probes.observation import Record
from probes.path import at, holds, text

FUTURE = timedelta(days=1)
"""A record that claims to have been created further ahead than this is unreadable, not early."""


def read_record(
    resource: Resource, fields: Sequence[str], skew: timedelta, row: object, answered: datetime
) -> Record | str:
    """Return the record of a row, its `created` on our clock (the vendor's less `skew`), or what is wrong with it.

    Members that are missing among `fields` are left out.
    """
    key = text(at(row, resource.id_path))
    if key is None:
        return f"no readable id at `{resource.id_path}`"
    theirs = read_instant(at(row, resource.created_path), resource.time_format)
    if theirs is None or theirs - skew > answered + FUTURE:
        return f"no plausible {resource.time_format} time at `{resource.created_path}`"
    found = ((path, text(at(row, path))) for path in fields)
    return Record(
        id=key,
        client=_client(resource, row),
        created=theirs - skew,
        failed=_failed(resource, row),
        fields={path: value for path, value in found if value is not None},
    )


def _client(resource: Resource, row: object) -> str | None:
    names = (text(at(row, path)) for path in resource.client_paths)
    return next((name for name in names if name is not None), None)


def _failed(resource: Resource, row: object) -> bool | None:
    """None where the resource cannot fail or the vendor has not settled the record."""
    if not resource.failed or not all(holds(predicate, row) for predicate in resource.settled):
        return None
    return all(holds(predicate, row) for predicate in resource.failed)
