"""What a process starts from: its configuration and what the store remembers, as one situation."""

from datetime import datetime

from alerts.silenced import Silenced
from monitor.load import ConfigError, Loaded
from monitor.situation import Situation
from monitor.store import Remembered
from monitor.store.kept import KINDS


def begun(loaded: Loaded, remembered: Remembered, now: datetime) -> Situation:
    """Return the situation that a process starts from.

    Raises:
        ConfigError: the configuration has errors.
    """
    if loaded.config is None:
        raise ConfigError("a configuration with errors starts nothing", loaded.errors)
    config = loaded.config
    return Situation(
        config=config,
        findings=loaded.findings,
        started=now,
        incidents=remembered.incidents,
        alerts=remembered.alerts,
        indicators=remembered.indicators,
        cursors=remembered.cursors,
        balances=remembered.balances,
        books=remembered.books,
        baselines=remembered.baselines,
        alive=remembered.alive,
        reloaded=now,
        next_number=remembered.next_number,
        silenced=Silenced(remembered.silences.values()),
        **{kind.name: getattr(remembered, kind.name) for kind in KINDS},
    )
