"""When the systems of an incident answer again: the first of two ends. The other is each client's drained backlog.

An API that is back has not yet done what it missed, so this instant ends nothing; it is told and shown.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from alerts.alert import UNSEEING, Alert, AlertKind
from alerts.incident import Incident

UNREACHED = UNSEEING | {AlertKind.AVAILABILITY}
"""Kinds of alert during which a system does not answer us."""


def answered(incident: Incident, ended: Collection[str], alerts: Mapping[str, Alert]) -> datetime | None:
    """Return since when every system of an incident answers again, by the data; None where these ends do not show it.

    `ended` are the keys of the alerts that are ending now.
    """
    unreached = [key for key in incident.alerts if key.partition("/")[0] in UNREACHED]
    if not set(unreached) & set(ended) or set(unreached) & (incident.active - set(ended)):
        return None
    cleared = (alerts[key].cleared for key in unreached if key in alerts)
    return max((at for at in cleared if at is not None), default=None)
