"""The REST API's forms of what is looked at, and how they are filled: systems, their looks, quotas and upkeep.

Lengths of time are numbers of seconds and say so in their names, as in `shapes`.
"""

from datetime import datetime

from pydantic import AwareDatetime

from alerts.burn import Budget
from monitor.situation import Situation
from monitor.web.measure import reference
from monitor.web.shapes import Shape
from monitor.web.shaping import seconds
from monitor.web.view import systems
from monitor.web.view.health import Health
from monitor.web.view.systems import LookView, SystemView, WindowView
from monitor.web.view.upkeep import UpkeepView, upkeep
from monitor.web.view.webhooks import WebhooksView
from probes.catalog import SystemId
from probes.connector import RefusalKind
from probes.failure import FailureClass, Outcome


class LookShape(Shape):
    """The last look of one probe; what concerns the look is None before the first.

    `throttled_since` says since when a quota has kept it from seeing anything; it comes less often than wanted where
    `interval_seconds` is above `wanted_interval_seconds`.
    """

    probe: str
    resource: str
    state: Health
    outcome: Outcome | None
    failure: FailureClass | None
    reason: str
    sent: AwareDatetime | None
    took_seconds: float | None
    interval_seconds: float
    wanted_interval_seconds: float | None
    next_due: AwareDatetime
    last_good: AwareDatetime | None
    throttled_since: AwareDatetime | None


class WindowShape(Shape):
    """One window of a quota: the vendor's limit, and what our share lets through at once."""

    limit: int
    period_seconds: float
    capacity: int
    remaining: int


class CertificateShape(Shape):
    """When the certificate ends, and the first to end of those that vouch for it."""

    ends: AwareDatetime
    earliest_ends: AwareDatetime
    trusted: bool


class CredentialShape(Shape):
    """Our credential: where it is found, when it ends where somebody says so, and what refuses it, and why.

    A list's name stands under `refused_for`, the who-am-I as "".
    """

    reference: str | None
    ends: AwareDatetime | None
    refused_for: dict[str, RefusalKind | None]


class ClockShape(Shape):
    """By how much a system's clock is ahead of ours, give or take the bound."""

    ahead_seconds: float
    bound_seconds: float


class WebhooksShape(Shape):
    """What has come of a system's webhooks; lost are those of records that looks showed and nobody announced."""

    path: str
    last_received: AwareDatetime | None
    events: int
    refused: int
    lost: int
    records: int
    over_seconds: float


class ListShape(Shape):
    """One list: when its newest record came, since when it is empty, and how the form of its records has changed."""

    probe: str
    newest: AwareDatetime | None
    empty_since: AwareDatetime | None
    changes: list[str]


class BudgetShape(Shape):
    """What is left of a tier's error budget: 1 is all, below 0 the target is missed, None where nothing was counted."""

    tier: str
    target: float
    period_seconds: float
    left: float | None


class SystemShape(Shape):
    """One system; `credential` says where its key is found."""

    id: str
    connector: str
    base_url: str
    credential: CredentialShape
    certificate: CertificateShape | None
    clock: ClockShape | None
    state: Health
    explanation: str
    incident: str | None
    clients: int
    quota_share: float
    quota_known: bool
    requests_per_second: float
    requests_per_second_allowed: float
    quota: list[WindowShape]
    throttled_until: AwareDatetime | None
    failed_records: int
    settled_records: int
    unknown_client_records: int
    budgets: list[BudgetShape]
    webhooks: WebhooksShape | None
    lists: list[ListShape]
    looks: list[LookShape]


def system(situation: Situation, identity: SystemId, now: datetime) -> SystemShape:
    """Return a system that is configured."""
    view, kept = systems.system(situation, identity, now), upkeep(situation, identity)
    return SystemShape(
        id=view.id,
        connector=view.connector,
        base_url=view.base_url,
        credential=_credential(view, kept),
        certificate=_certificate(kept),
        clock=_clock(kept),
        state=view.health,
        explanation=view.explanation,
        incident=view.incident,
        clients=view.clients,
        quota_share=view.share,
        quota_known=view.known,
        requests_per_second=view.spent,
        requests_per_second_allowed=view.allowed,
        quota=[_window(one) for one in view.windows],
        throttled_until=view.banned_until,
        failed_records=view.failures.bad,
        settled_records=view.failures.total,
        unknown_client_records=view.identity.bad,
        budgets=[_budget(one) for one in view.budgets],
        webhooks=_webhooks(view.webhooks) if view.webhooks else None,
        lists=_lists(kept),
        looks=[_look(one) for one in view.looks],
    )


def _look(view: LookView) -> LookShape:
    last = view.last
    return LookShape(
        probe=view.probe,
        resource=view.resource,
        state=view.health,
        outcome=last.outcome if last else None,
        failure=last.failure if last else None,
        reason=view.reason,
        sent=last.sent if last else None,
        took_seconds=seconds(last.answered - last.sent) if last else None,
        interval_seconds=view.interval.total_seconds(),
        wanted_interval_seconds=seconds(view.wanted),
        next_due=view.next_due,
        last_good=view.last_good,
        throttled_since=view.throttled_since,
    )


def _window(view: WindowView) -> WindowShape:
    return WindowShape(
        limit=view.window.limit,
        period_seconds=view.window.period.total_seconds(),
        capacity=view.capacity,
        remaining=view.remaining,
    )


def _credential(view: SystemView, kept: UpkeepView) -> CredentialShape:
    return CredentialShape(
        reference=reference(view.credential) if view.credential else None,
        ends=kept.credential_expires,
        refused_for=dict(kept.refused),
    )


def _certificate(kept: UpkeepView) -> CertificateShape | None:
    one = kept.certificate
    return CertificateShape(ends=one.leaf, earliest_ends=one.earliest, trusted=one.trusted) if one else None


def _clock(kept: UpkeepView) -> ClockShape | None:
    one = kept.clock
    if one is None:
        return None
    return ClockShape(ahead_seconds=one.offset.total_seconds(), bound_seconds=one.bound.total_seconds())


def _webhooks(view: WebhooksView) -> WebhooksShape:
    return WebhooksShape(
        path=view.address,
        last_received=view.last,
        events=view.events,
        refused=view.refused,
        lost=view.all.lost,
        records=view.all.total,
        over_seconds=view.over.total_seconds(),
    )


def _lists(kept: UpkeepView) -> list[ListShape]:
    return [
        ListShape(probe=one.probe, newest=one.moved, empty_since=one.emptied, changes=list(map(str, one.drifts)))
        for one in kept.lists
    ]


def _budget(one: Budget) -> BudgetShape:
    promise = one.target.promise
    return BudgetShape(
        tier=one.target.tier,
        target=promise.target,
        period_seconds=promise.window.total_seconds(),
        left=one.left,
    )
