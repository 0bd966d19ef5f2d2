"""One record of a vendor's list, reduced to what Tierwatch needs by the resource's definition.

Reasons name paths, never values, for those may be anybody's data.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from probes.connector import COUNTED, Basis, FailedWhen, FailureKind, Resource
from probes.instant import read_instant
from probes.money import read_money
from probes.observation import Record
from probes.path import at, holds, text

FUTURE = timedelta(days=1)
"""A record that claims to have been created further ahead than this is unreadable, not early."""

Failed = tuple[bool | None, tuple[FailureKind, ...], str]
"""Whether a record failed, in which ways, and the vendor's word for it."""


def read_record(
    resource: Resource, fields: Sequence[str], skew: timedelta, row: object, answered: datetime
) -> Record | str:
    """Return the record of a row, its `created` on our clock (the vendor's less `skew`), or what is wrong with it.

    Members that are missing among `fields` are left out.
    """
    item = at(row, resource.item_path)
    key = _key(resource, item)
    if key is None:
        return f"no readable id at `{resource.id_path}`"
    created = _instant(resource, item, resource.created_path, answered + skew)
    by_update = resource.since is not None and resource.since.on is Basis.UPDATED
    updated = _instant(resource, item, resource.updated_path, answered + skew) if by_update else None
    if isinstance(created, str) or isinstance(updated, str):
        return created if isinstance(created, str) else str(updated)
    found = ((path, text(at(item, path))) for path in fields)
    failed, kinds, code = _failed(resource, item, answered + skew)
    return Record(
        id=key,
        client=_client(resource, item),
        created=created - skew,
        updated=None if updated is None else updated - skew,
        failed=failed,
        kinds=kinds,
        settled=_settled(resource, item, answered + skew),
        code=code,
        money=read_money(resource.amount, item) if resource.amount else None,
        fields={path: value for path, value in found if value is not None},
    )


def _key(resource: Resource, item: object) -> str | None:
    parts = [text(at(item, path)) for path in (resource.id_path, *resource.key_paths)]
    return None if parts[0] is None else text("/".join(part or "" for part in parts))


def _instant(resource: Resource, item: object, path: str, theirs: datetime) -> datetime | str:
    """The vendor's instant at a path, by the vendor's clock; or what is wrong with it."""
    instant = read_instant(at(item, path), resource.time_format)
    if instant is None or instant > theirs + FUTURE:
        return f"no plausible {resource.time_format} time at `{path}`"
    return instant


def _client(resource: Resource, item: object) -> str | None:
    names = (text(at(item, path)) for path in resource.client_paths)
    return next((name for name in names if name is not None), None)


def _settled(resource: Resource, item: object, theirs: datetime) -> bool:
    return all(holds(predicate, item, theirs) for predicate in resource.settled)


def _failed(resource: Resource, item: object, theirs: datetime) -> Failed:
    """Whether it failed: None where the resource cannot fail or the vendor has not settled the record."""
    if not _settled(resource, item, theirs):
        return None, (), ""
    ways = [way for way in resource.failures if all(holds(predicate, item, theirs) for predicate in way.when)]
    plainly = bool(resource.failed) and all(holds(predicate, item, theirs) for predicate in resource.failed)
    failed = plainly or any(way.kind in COUNTED for way in ways)
    return (failed if resource.can_fail else None), tuple(dict.fromkeys(way.kind for way in ways)), _code(ways, item)


def _code(ways: Sequence[FailedWhen], item: object) -> str:
    codes = (text(at(item, way.code_path)) for way in ways if way.code_path)
    return next((code for code in codes if code is not None), "")
