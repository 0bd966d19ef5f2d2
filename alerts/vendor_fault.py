"""Why clocks stand still, as far as the alerts say it: a vendor whose own status page declares an outage.

It stops the clocks of those clients alone whose contracts exclude what a vendor causes.
"""

from collections.abc import Iterator, Mapping

from alerts.alert import Alert, AlertKind
from alerts.clocks import PauseCause
from alerts.incident import Incident
from alerts.pausing import Cause

DECLARED = f"{AlertKind.DECLARED_OUTAGE}/"


def vendor_causes(incident: Incident, alerts: Mapping[str, Alert]) -> Iterator[Cause]:
    """Yield that a vendor is the cause, for each hurt client whose contract excludes that, while its page says so."""
    excluding = [client for client, one in incident.impacts.items() if one.terms.sla.exclude_vendor]
    declared = sorted({key for key in (*incident.alerts, *incident.evidence) if key.startswith(DECLARED)})
    for alert in (alerts[key] for key in declared if key in alerts):
        until = None if alert.active else alert.cleared or alert.since
        for client in excluding:
            yield Cause(
                client=client,
                cause=PauseCause.VENDOR_CAUSED,
                key=str(alert.key),
                since=max(alert.onset, incident.impacts[client].onset),
                until=until,
                why=alert.explanation or f"the status page {alert.key.subject} declares an outage",
            )
