"""An alert that somebody else's rules made and that was sent to us, as Alertmanager's senders send theirs.

What it is is its labels: their fingerprint is its identity, and nothing that it says of itself (a summary) ever joins
two of them. How two reports of one alert become one is Alertmanager's `Alert.Merge` (alert/alert.go). What it means
here, for which client and which system, is for `intake`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.alert import AlertKey

Labels = tuple[tuple[str, str], ...]
"""Names and values, sorted by name; no value is empty."""

ALERTNAME = "alertname"
OFFSET = 14695981039346656037
PRIME = 1099511628211
MASK = (1 << 64) - 1
SEPARATOR = 0xFF


def fingerprint(labels: Labels) -> str:
    """Return the identity of a label set: FNV-1a of 64 bits over each name and value, each followed by 0xFF, as hex.

    Source: `LabelSet.Fingerprint` of prometheus/common, which Alertmanager, amtool and Grafana share.
    """
    number = OFFSET
    for pair in labels:
        for text in pair:
            for byte in text.encode():
                number = ((number ^ byte) * PRIME) & MASK
            number = ((number ^ SEPARATOR) * PRIME) & MASK
    return f"{number:016x}"


@dataclass(slots=True, kw_only=True, eq=False)
class Reported:
    """One alert as it was last reported; the book that keeps it (`reports`) is the only one to change it.

    It lasts from `starts` to `ends`; `timeout` says that nobody named that end, so that it follows from the report at
    `updated` alone. `key` is that of our own alert on it while that goes on.
    """

    labels: Labels
    starts: datetime
    ends: datetime
    updated: datetime
    timeout: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    key: AlertKey | None = None
    _print: str = ""

    @property
    def fingerprint(self) -> str:
        """Its identity: reckoned when it is first asked for, for that costs more than taking a report in."""
        if not self._print:
            self._print = fingerprint(self.labels)
        return self._print

    @property
    def name(self) -> str:
        """What the rule that made it is called."""
        return next((value for name, value in self.labels if name == ALERTNAME), "alert without a name")

    @property
    def told_over(self) -> bool:
        """Whether its sender said that it has ended; otherwise an end that has passed means that nobody sent it again.

        A sender names an end to come with every report, and one that has passed when the alert is over.
        """
        return self.ends <= self.updated

    def lasts(self, now: datetime) -> bool:
        """Return whether it goes on as far as anybody has said."""
        return self.ends > now


def merged(old: Reported, new: Reported) -> Reported:
    """Return what two reports of one alert come to; the newer one is changed and returned.

    Reports that do not overlap are two times at which it was so, and the newer counts. Otherwise the earlier start
    stands; of two ends that have passed the later; and an end that a sender named outlasts a shorter one.
    """
    if not _overlap(old, new):
        return _inherit(old, new)
    if new.updated < old.updated:
        old, new = new, old
    new.starts = min(old.starts, new.starts)
    both_over = old.ends <= new.updated and new.told_over
    if old.ends > new.ends and (both_over if new.told_over else not old.timeout):
        new.ends = old.ends
    return _inherit(old, new)


def _overlap(old: Reported, new: Reported) -> bool:
    return old.starts < new.ends < old.ends or old.starts < new.starts < old.ends


def _inherit(old: Reported, new: Reported) -> Reported:
    new.key, new._print = old.key, old._print or new._print  # noqa: SLF001 - of two of one kind
    return new


def rule_of(subject: str) -> str:
    """Return the name of the rule in a key's subject."""
    return subject.rpartition(":")[0]
