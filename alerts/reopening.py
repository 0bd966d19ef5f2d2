"""How an incident that was over goes on: with those of its alerts that have not ended meanwhile."""

from collections.abc import Mapping

from alerts.alert import Alert
from alerts.draft import Draft
from alerts.timeline import AlertsCleared, Reopened


def reopen(draft: Draft, event: Reopened, alerts: Mapping[str, Alert]) -> list[Alert]:
    """Let an incident go on; return those of its alerts that are active still.

    What ended while nobody waited for it (somebody had ended the incident before) is told to have ended.
    """
    waited_for = sorted(draft.incident.active)
    draft.add(event)
    still = [alerts[key] for key in waited_for if key in alerts and alerts[key].active]
    gone = tuple(sorted(set(waited_for) - {str(alert.key) for alert in still}))
    if gone:
        draft.add(AlertsCleared(at=event.at, alerts=gone))
    return still
