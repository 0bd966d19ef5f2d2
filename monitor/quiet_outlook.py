"""What a configuration keeps back and keeps out of the promises, in words: for `tierwatch check`."""

from collections.abc import Iterator
from datetime import datetime

from alerts.maintenance import Telling, Window, current, upcoming
from alerts.recurrence import Span
from monitor.load import Config
from monitor.web.view.quiet import FOLLOWS, about
from probes.contract_state import StateNow, state_at

KEPT = {
    Telling.BOTH: "pages and notices are kept back",
    Telling.PAGES: "pages are kept back",
    Telling.NOTICES: "notices are kept back",
    Telling.NOTHING: "nothing is kept back",
}


def exclusions(config: Config, now: datetime) -> Iterator[str]:
    """Yield a line for each window of maintenance that is on or to come, and for each contract that is not in force."""
    for window in config.maintenance:
        span = current(window, now) or upcoming(window, now)
        if span is not None:
            yield _window(window, span)
    for client in config.catalog.clients.values():
        stand = state_at(client.contract_states, client.timezone, now)
        if stand.state in FOLLOWS:
            yield f"client {client.id}: the contract is {stand.state}{_until(stand)}, so {FOLLOWS[stand.state]}"


def _window(window: Window, span: Span) -> str:
    counted = "looks and clocks stay out of the promises" if window.excluded else "it counts for the promises"
    when = f"{span.begins:%Y-%m-%d %H:%M} to {span.ends:%Y-%m-%d %H:%M} UTC"
    return f"maintenance {window.id}: {about(window.scope)}, {when}; {KEPT[window.mutes]}, {counted}"


def _until(stand: StateNow) -> str:
    return f" until {stand.until:%Y-%m-%d %H:%M} UTC" if stand.until is not None else ""
