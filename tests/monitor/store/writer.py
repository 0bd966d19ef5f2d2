"""A process that writes for the store's crash tests: `python -m tests.monitor.store.writer URL [ALERTS]`.

It commits one round after another and prints the number of each when it is written. Every round changes all alerts,
adds an entry to the timeline and queues a message, so that half a round can be told from a whole one.
"""

import sys
from dataclasses import replace
from itertools import count

from alerts.timeline import AlertsCleared
from monitor.changes import Changes
from monitor.store import Store
from tests.monitor.store.cast import OPENED, RESOLVED, alert, entries, message


def round_of(number: int, alerts: int) -> Changes:
    """Return everything that one round writes; `number` counts from 1."""
    event = OPENED if number == 1 else AlertsCleared(at=RESOLVED.at, alerts=())
    said = tuple(replace(alert(f"client-{client}"), explanation=f"round {number}") for client in range(alerts))
    return Changes(entries=entries(event, first=number), alerts=said, messages=(message(f"round {number}"),))


def main(url: str, alerts: int) -> None:
    """Write for ever, after what is there already."""
    store = Store(url)
    begun = len(store.timeline(entries(OPENED)[0].incident))
    print("open", flush=True)
    for number in count(begun + 1):
        store.commit(round_of(number, alerts))
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
