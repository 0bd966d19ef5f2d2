"""The store in a storm: thousands of changes are one quick commit, and what is due is found without reading it all."""

from dataclasses import replace
from pathlib import Path
from time import process_time

from sqlalchemy import event

from alerts.message import Lane
from monitor.changes import Changes
from monitor.store import Store
from probes.catalog import ClientId
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally
from tests.monitor.store.cast import MINUTE, NOON, alert, message

CLIENTS = 5000


def storm() -> Changes:
    """Return what a dead system changes for five thousand clients at once."""
    clients = [ClientId(f"client-{number}") for number in range(CLIENTS)]
    keys = (IndicatorKey(kind=IndicatorKind.SYNC_LATENCY, subject="invoices", client=client) for client in clients)
    return Changes(
        alerts=tuple(alert(client) for client in clients),
        messages=tuple(replace(message(f"INC-1/notice/{client}"), body="Dear client, " * 50) for client in clients),
        indicators=tuple(
            Indicator(key=key, tally=Tally(over=15 * MINUTE, cells={1: (3, 1), 2: (0, 2)})) for key in keys
        ),
    )


def test_a_storm_is_one_commit_of_less_than_a_second(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    changes = storm()
    begun = process_time()
    store.commit(changes)
    took = process_time() - begun
    remembered = store.load(NOON)
    store.close()
    assert (len(remembered.alerts), len(remembered.indicators)) == (CLIENTS, CLIENTS)
    assert took < 1.0


def test_what_is_due_is_found_by_an_index_of_what_is_queued(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    asked: list[tuple[str, object]] = []
    for engine in (store._engines.writer, store._engines.reader):
        event.listen(engine, "before_cursor_execute", lambda _c, _u, text, values, *_: asked.append((text, values)))
    store.waiting(Lane.URGENT)
    store.claim({"INC-1/page/0": "json"}, NOON)
    plans = []
    with store._engines.reader.connect() as connection:
        for text, values in [one for one in asked if one[0].startswith("SELECT")]:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)  # type: ignore[arg-type]
            plans.append(" ".join(str(row) for row in rows))
    store.close()
    reading, claiming = plans
    assert "ix_messages_queued" in reading
    assert "sqlite_autoindex_messages" in claiming
    assert all("ix_deliveries_sending" in plan for plan in plans)
