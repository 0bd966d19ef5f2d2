"""What clients' weeks are like, written and read: the one value with counts enough to be kept as bytes."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from monitor.store.rows import picked, upsert
from monitor.store.tables import BASELINES
from probes.rhythm import Baseline

KEPT = ("until", "counts", "low", "a_week", "spread")


def write(connection: Connection, baselines: Mapping[str, Baseline]) -> None:
    """Write baselines as they now are."""
    upsert(connection, BASELINES, ({"key": key, **picked(one, KEPT)} for key, one in baselines.items()))


def read(connection: Connection) -> dict[str, Baseline]:
    """Return every baseline by its indicator."""
    rows = connection.execute(select(BASELINES)).mappings()
    return {row["key"]: Baseline(**{name: row[name] for name in KEPT}) for row in rows}
