"""The words of pages: what happened, to whom, and what is promised next.

A page is for an engineer at three in the morning and may name systems and clients. What a client is told is not here:
see `letter`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from whenever import Instant

from alerts.alert import UNSEEING, AlertKind
from alerts.causes import is_shared, name_of
from alerts.escalation import PageReason
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.reported import rule_of

BLIND = "blind"
# Worst first: what explains the others is said first.
KINDS = (
    AlertKind.EGRESS,
    AlertKind.UNJUDGED,
    AlertKind.SCHEMA_DRIFT,
    AlertKind.AVAILABILITY,
    AlertKind.CREDENTIAL,
    AlertKind.BURN_RATE,
    AlertKind.ERRORS_INSIDE,
    AlertKind.REPORTED,
    AlertKind.EMPTY_LIST,
    AlertKind.SLOW,
    AlertKind.FAILURE_RATIO,
    AlertKind.PAYMENTS_FAILED,
    AlertKind.HARD_DECLINES,
    AlertKind.RECORDS_REJECTED,
    AlertKind.MANDATES_FAILED,
    AlertKind.PAYOUTS_FAILED,
    AlertKind.RETRIES_EXHAUSTED,
    AlertKind.DUNNING_FAILED,
    AlertKind.DISPUTES,
    AlertKind.WEBHOOKS_FAILED,
    AlertKind.RECORDS_MISSING,
    AlertKind.RECORDS_MISMATCHED,
    AlertKind.DATA_QUALITY,
    AlertKind.WEBHOOKS_LOST,
    AlertKind.STAGNATION,
    AlertKind.SYNC_LATENCY,
    AlertKind.BATCH_MISSED,
    AlertKind.BATCH_LATE,
    AlertKind.HEARTBEAT,
    AlertKind.FROZEN_FEED,
    AlertKind.SILENCE,
    AlertKind.VOLUME_DROP,
    AlertKind.CREDENTIAL_ENDS,
    AlertKind.CERTIFICATE_ENDS,
    AlertKind.CREDENTIAL_EXPIRY,
    AlertKind.CERTIFICATE_EXPIRY,
    AlertKind.CLOCK_SKEW,
    AlertKind.SLOW_BURN,
    AlertKind.RECORDS_ORPHANED,
    AlertKind.DECLARED_OUTAGE,
    AlertKind.UNEVALUATED,
    AlertKind.CALENDAR_STALE,
    AlertKind.UNDELIVERED,
)

HEADLINES: dict[str, str] = {
    AlertKind.AVAILABILITY: "System {subject} is down",
    AlertKind.CREDENTIAL: "System {subject} refuses our credential",
    AlertKind.BURN_RATE: "The error budget burns too fast ({subject})",
    AlertKind.SLOW_BURN: "The error budget will not last ({subject})",
    AlertKind.FAILURE_RATIO: "Records fail on system {subject}",
    AlertKind.PAYMENTS_FAILED: "Too many payments fail on system {subject}",
    AlertKind.HARD_DECLINES: "Payments are declined for good on system {subject}",
    AlertKind.RECORDS_REJECTED: "Records are rejected by system {subject}",
    AlertKind.MANDATES_FAILED: "Mandates are lost on system {subject}",
    AlertKind.PAYOUTS_FAILED: "Payouts fail on system {subject}",
    AlertKind.RETRIES_EXHAUSTED: "Payments have no retry left on system {subject}",
    AlertKind.DUNNING_FAILED: "Dunning ends without payment on system {subject}",
    AlertKind.DISPUTES: "Payments are disputed on system {subject}",
    AlertKind.WEBHOOKS_FAILED: "Webhooks of system {subject} are not taken",
    AlertKind.WEBHOOKS_LOST: "Webhooks of system {subject} do not reach us",
    AlertKind.SYNC_LATENCY: "Flow {subject} is late",
    AlertKind.STAGNATION: "Flow {subject} stands still",
    AlertKind.BATCH_MISSED: "The run of {subject} did not happen",
    AlertKind.BATCH_LATE: "The run of {subject} is not finished in time",
    AlertKind.DATA_QUALITY: "Data is not as it should be: {subject}",
    AlertKind.RECORDS_MISSING: "Records of flow {subject} are lost",
    AlertKind.RECORDS_MISMATCHED: "Records of flow {subject} differ between its ends",
    AlertKind.RECORDS_ORPHANED: "Records of flow {subject} have no source",
    AlertKind.HEARTBEAT: "Run {subject} has not succeeded as expected",
    AlertKind.EGRESS: "Our own {subject}: nothing outside can be reached",
    AlertKind.DECLARED_OUTAGE: "Status page {subject} declares an outage",
    AlertKind.SLOW: "System {subject} answers too slowly",
    AlertKind.SILENCE: "Nothing new comes on {subject}",
    AlertKind.VOLUME_DROP: "Less than usual comes on {subject}",
    AlertKind.SCHEMA_DRIFT: "The records of system {subject} have changed their form",
    AlertKind.EMPTY_LIST: "A list of system {subject} is empty that should not be",
    AlertKind.FROZEN_FEED: "A list of system {subject} no longer changes",
    AlertKind.ERRORS_INSIDE: "System {subject} answers 200 with errors inside",
    AlertKind.CREDENTIAL_EXPIRY: "Our credential for system {subject} ends soon",
    AlertKind.CREDENTIAL_ENDS: "Our credential for system {subject} ends within a day",
    AlertKind.CERTIFICATE_EXPIRY: "The certificate of system {subject} ends soon",
    AlertKind.CERTIFICATE_ENDS: "The certificate of system {subject} ends within days or has ended",
    AlertKind.CLOCK_SKEW: "The clock of system {subject} is off",
    AlertKind.REPORTED: "Reported to us: {subject}",
    AlertKind.UNEVALUATED: "An objective says nothing: {subject}",
    AlertKind.UNJUDGED: "A rule cannot be judged: {subject}",
    AlertKind.CALENDAR_STALE: "The calendar of schedule {subject} cannot be read",
    AlertKind.UNDELIVERED: "Nobody took what was to be told to {subject}",
    BLIND: "System {subject} cannot be seen",
}

REASONS: dict[PageReason, str] = {
    PageReason.FIRST: "You are on call.",
    PageReason.NOT_ACKNOWLEDGED: "Nobody has acknowledged this incident yet.",
    PageReason.NOBODY_ON_CALL: "You are paged as the catch-all: nobody is on call in the schedule of this step.",
    PageReason.EXHAUSTED: "You are paged as the catch-all: nobody has acknowledged and no escalation step is left.",
    PageReason.REASSIGNED: "This incident was given to you.",
    PageReason.RISEN: "It has become worse, and what was acknowledged or paged before does not stand for this.",
    PageReason.LAPSED: "Somebody had taken it for a while; that has run out, and nothing has ended or recovered since.",
    PageReason.PAUSE_OVER: "It was paused until now, and goes on.",
    PageReason.FORECAST: "It will probably not be over in time for a promise, so this step was brought forward.",
    PageReason.UNDELIVERED: "The page before this one reached nobody: none of its channels took it.",
    PageReason.OWNER: "A part of it is yours.",
}


def _parts(key: str) -> tuple[str, str, str | None]:
    kind, subject, *client = key.split("/", 2)
    return kind, subject, client[0] if client else None


def kind_of(incident: Incident) -> str:
    """Return the kind of alert that says most about an incident, `blind` where we cannot know; it names the runbook."""
    found = {_parts(key)[0] for key in incident.alerts}
    if incident.blind and not found & UNSEEING:
        return BLIND
    return next((kind for kind in KINDS if kind in found), AlertKind.AVAILABILITY)


RULES_NAMED = 3
"""So many rules of others a headline names."""


def _subjects(incident: Incident, kind: str) -> list[str]:
    wanted = AlertKind.AVAILABILITY if kind == BLIND else kind
    found = {_parts(key)[1] for key in incident.alerts if _parts(key)[0] == wanted}
    if kind != AlertKind.REPORTED:
        return sorted(found)
    rules = sorted({rule_of(subject) for subject in found})
    return rules if len(rules) <= RULES_NAMED else [*rules[:RULES_NAMED], f"{len(rules) - RULES_NAMED} more"]


def _stake(impacts: Iterable[Impact]) -> str:
    tiers = Counter((-impact.terms.weight, impact.terms.tier) for impact in impacts)
    return ", ".join(f"{count:,} {tier}" for (_, tier), count in sorted(tiers.items()))


def headline(incident: Incident) -> str:
    """Return one sentence: what happens, and how many clients of which tiers it has hurt."""
    kind = kind_of(incident)
    what = HEADLINES[kind].format(subject=", ".join(_subjects(incident, kind)) or "unknown")
    wider = next((name_of(node).capitalize() for node in sorted(incident.nodes) if is_shared(node)), None)
    what = f"{wider} fails. {what}" if wider is not None else what
    if not incident.impacts:
        return f"{what}; no client is known to be hurt"
    number = len(incident.impacts)
    return f"{what}: {number:,} {'client' if number == 1 else 'clients'} hurt ({_stake(incident.impacts.values())})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where Tierwatch is reached from outside, without a slash at the end."""

    external: str

    def incident(self, incident: Incident) -> str:
        """Return the address of an incident's page."""
        return f"{self.external}/incidents/{incident.id}"

    def runbook(self, kind: str) -> str:
        """Return the address of the runbook for a kind of alert."""
        return f"{self.external}/runbooks/{kind}"


def local(at: datetime, timezone: str) -> str:
    """Return an instant in a reader's zone with the zone's name, and in UTC."""
    there = Instant(at).to_tz(timezone).to_stdlib()
    return f"{there:%Y-%m-%d %H:%M} ({timezone}), {at:%H:%M} UTC"


def page_subject(incident: Incident) -> str:
    """Return the subject of a page."""
    return f"[{incident.id}] {headline(incident)}"


def evidence_of(incident: Incident) -> str:
    """Return the sentence of the alert that says most about an incident."""
    kind = kind_of(incident)
    return next((text for key, text in incident.alerts.items() if kind in (BLIND, _parts(key)[0])), "")
