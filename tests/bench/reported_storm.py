"""The storm that others report: 20,000 alerts of 2,000 clients on one dead system, in batches of 1,000.

One incident opens and one page goes out; it counts from the last alert's answer to the page's arrival, 0 where it was
there before that.
"""

import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.elsewhere import Elsewhere
from tests.bench.reporting import ALERTS, Side, ends
from tests.bench.result import Result
from tests.real.process import eventually, tierwatch
from tests.real.reporting import configured, pager, secrets_of
from tests.weather.test_reported import CONNECTOR, SYSTEM

RUNS = 2
CLIENTS = 2_000
EACH = 10
BATCH = 1_000
LONGEST = 2.0
SETTLED = 5


def _run() -> float:
    with tempfile.TemporaryDirectory() as name, pager() as box:
        folder = configured(Path(name) / "config")
        (folder / "connectors").mkdir()
        (folder / "connectors" / "erp.yaml").write_text(CONNECTOR, encoding="utf-8")
        (folder / "systems.yaml").write_text(SYSTEM.replace("BOX", box.address), encoding="utf-8")
        lines = (f"  - {{id: c{n}, name: c{n}, tier: platinum, identifiers: {{erp: C{n}}}}}" for n in range(CLIENTS))
        (folder / "clients.yaml").write_text("\n".join(("clients:", *lines, "")), encoding="utf-8")
        with tierwatch(folder, Path(name) / "data", secrets_of(box)) as served:
            side, until = Side(served.address, served.token), ends()
            labels = [
                {"alertname": f"Lag{turn}", "client": f"c{client}", "system": "erp", "severity": "page"}
                for client in range(CLIENTS)
                for turn in range(EACH)
            ]
            connection = side.connection()
            for start in range(0, len(labels), BATCH):
                body = [{"labels": one, "endsAt": until} for one in labels[start : start + BATCH]]
                side.ask(connection, "POST", ALERTS, json.dumps(body).encode())
            last = datetime.now(UTC)
            eventually(lambda: box.heard, "the page")
            eventually(lambda: served.items("/api/v1/incidents")[0]["clients_hurt"] == CLIENTS, "everybody is hurt")
            time.sleep(SETTLED)
            assert len(served.items("/api/v1/incidents")) == 1, "more than one incident"
            assert len(box.heard) == 1, box.subjects()
            return max(0.0, (box.heard[0][0] - last).total_seconds())


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return how soon the page is there; the world outside is not asked."""
    del world
    name = f"{CLIENTS * EACH:,} alerts of one dead system: last answer to the page's arrival"
    return (Result(name=name, unit="s", values=tuple(_run() for _ in range(RUNS)), goal=LONGEST),)
