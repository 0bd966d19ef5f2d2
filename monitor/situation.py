"""What is known at this moment, in memory: the store's contents as values, and what the looks last saw.

The loops change it, after the store has taken a change; pages, metrics and commands read it. It decides nothing.
"""

from collections import Counter
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import Alert, IncidentId
from alerts.apart import Undecided
from alerts.canary import Canary
from alerts.contact_mark import ContactMark
from alerts.conversation import Conversation
from alerts.coverage import Gap
from alerts.dunning import DunningHold, FailedPayment
from alerts.exclusion import Exclusion
from alerts.forecast import Repair
from alerts.foretold import Foretold
from alerts.handover import Handed
from alerts.incident import Incident
from alerts.maintenance import Window, WindowId
from alerts.notice_draft import DraftId, NoticeDraft
from alerts.outgoing import Outgoing
from alerts.override import Board, Override, OverrideId
from alerts.page_key import PageKey
from alerts.preferences import Preferences
from alerts.published import CalendarLink, Published
from alerts.quiet import Quiet
from alerts.reports import Reports
from alerts.rota import Rota
from alerts.settled import Settled
from alerts.silence import Silence, SilenceId
from alerts.silenced import Silenced
from monitor.load import Config, Problem
from probes.announced import Announcement, Reception
from probes.book import Book
from probes.budget import Balance
from probes.burn import Target
from probes.catalog import ClientId, FlowId, Probe, ProbeId, SecretRef, SystemId, TierId
from probes.cursor import Cursor
from probes.cusum import Thresholds
from probes.feed import Feed, Habit
from probes.heartbeat import HeartbeatId, Runs
from probes.identity import Stranger
from probes.observation import Observation
from probes.plan import Want
from probes.reconcile import Sample
from probes.rhythm import Baseline
from probes.sli import Indicator
from probes.status import Said
from probes.upkeep import Upkeep


@dataclass(slots=True, kw_only=True)
class Sight:
    """The last look of a probe and when the next is due. `last` carries no records.

    `unknown_since` is the first of the looks that gave no usable answer, `throttled_since` the first of those that a
    quota kept from it, `unknown_records` counts records of unknown clients since the start, `burst` holds the instants
    of confirming looks that are still to come.

    `wanted` is how often the promises call for it; the interval is longer where the quota does not bear that. `cost` is
    the number of requests that a look takes, on average over the last few. A look that is due and waits for the quota
    is `held` until then. Where we cannot bear ourselves what the quota would, `bearable` is the interval without that.
    """

    probe: Probe
    interval: timedelta
    next_due: datetime
    last: Observation | None = None
    last_good: datetime | None = None
    unknown_since: datetime | None = None
    unknown_records: int = 0
    under_way: bool = False
    burst: tuple[datetime, ...] = ()
    wanted: timedelta | None = None
    cost: float = 1.0
    held: datetime | None = None
    throttled_since: datetime | None = None
    bearable: timedelta | None = None


@dataclass(slots=True, kw_only=True)
class Situation:
    """Everything the process knows. `incidents` holds the open ones and those resolved in the last 32 days.

    `alive` is when the process before this one was last seen to work.

    `wants` is what the configuration calls for to be looked at, `hurt` how many clients of each tier a system's failure
    hurts: both follow from it, and are kept because they take a walk over all clients. So do `limits`, at which looks
    alarm, and `targets`, what tiers are promised of each system's availability.

    `upkeep` is what is known of each system's certificate, clock and credential, `feeds` how each list was of late,
    `habits` what it usually does.

    `strangers` are the identifiers that were seen since the start and are nobody's, `statuses` what each system last
    said of each client. `announcements` are the records that webhooks told of or should, `receptions` what has come of
    each system's webhooks, `refused` how many of them were turned away since the start.

    `overrides` change who is on call, `rotas` are what calendars told of schedules, `handed` who was on call when each
    last changed hands, `published` what calendars of ours tell of them, and `gaps` the stretches of the coming year in
    which a contract counts and nobody is on call.

    `silences` and `windows` of maintenance are those that people set; `silenced` finds the silences of an alert,
    `settled` what was worked out of an incident and still holds.
    `exclusions` is what was kept out of the promises, `foretold` what clients were told of maintenance. `reports` are
    alerts of others.

    `contact_marks` are contacts that asked for less or whose address failed, by `CLIENT/CONTACT NAME`; `conversations`
    are threads that receivers keep, `canaries` how each channel was of late, `outgoing` how the heartbeat was that we
    send.

    `undecided` are the incidents that a pass cannot decide, by `KIND OF PASS/INCIDENT`.
    `page_keys` are the keys of clients' status pages, by their digests.
    `notice_drafts` are client notices that wait for somebody's consent, or did of late.
    """

    config: Config
    findings: tuple[Problem, ...] = ()
    started: datetime
    alive: datetime | None = None
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    indicators: MutableMapping[str, Indicator] = field(default_factory=dict)
    cursors: MutableMapping[ProbeId, Cursor] = field(default_factory=dict)
    balances: dict[SystemId, Balance] = field(default_factory=dict)
    books: MutableMapping[FlowId, Book] = field(default_factory=dict)
    runs: MutableMapping[HeartbeatId, Runs] = field(default_factory=dict)
    baselines: MutableMapping[str, Baseline] = field(default_factory=dict)
    samples: MutableMapping[FlowId, Sample] = field(default_factory=dict)
    upkeep: MutableMapping[SystemId, Upkeep] = field(default_factory=dict)
    feeds: MutableMapping[ProbeId, Feed] = field(default_factory=dict)
    habits: MutableMapping[ProbeId, Habit] = field(default_factory=dict)
    sights: dict[ProbeId, Sight] = field(default_factory=dict)
    wants: dict[SystemId, tuple[Want, ...]] = field(default_factory=dict)
    hurt: dict[SystemId, Counter[TierId]] = field(default_factory=dict)
    limits: Thresholds = field(default_factory=Thresholds)
    targets: Mapping[SystemId, tuple[Target, ...]] = field(default_factory=dict)
    strangers: dict[SystemId, tuple[Stranger, ...]] = field(default_factory=dict)
    statuses: MutableMapping[ClientId, dict[SystemId, Said]] = field(default_factory=dict)
    announcements: MutableMapping[str, Announcement] = field(default_factory=dict)
    receptions: MutableMapping[SystemId, Reception] = field(default_factory=dict)
    silences: MutableMapping[SilenceId, Silence] = field(default_factory=dict)
    windows: MutableMapping[WindowId, Window] = field(default_factory=dict)
    exclusions: MutableMapping[str, Exclusion] = field(default_factory=dict)
    foretold: MutableMapping[str, Foretold] = field(default_factory=dict)
    dunning: MutableMapping[str, DunningHold] = field(default_factory=dict)
    failed_payments: dict[ClientId, dict[str, FailedPayment]] = field(default_factory=dict)
    contact_marks: MutableMapping[str, ContactMark] = field(default_factory=dict)
    outgoing: Outgoing = field(default_factory=Outgoing)
    conversations: MutableMapping[str, Conversation] = field(default_factory=dict)
    canaries: MutableMapping[SecretRef, Canary] = field(default_factory=dict)
    notice_drafts: MutableMapping[DraftId, NoticeDraft] = field(default_factory=dict)
    silenced: Silenced = field(default_factory=Silenced)
    settled: Settled = field(default_factory=Settled)
    refused: Counter[SystemId] = field(default_factory=Counter)
    reports: Reports = field(default_factory=Reports)
    overrides: MutableMapping[OverrideId, Override] = field(default_factory=dict)
    rotas: MutableMapping[str, Rota] = field(default_factory=dict)
    handed: MutableMapping[str, Handed] = field(default_factory=dict)
    published: MutableMapping[str, Published] = field(default_factory=dict)
    calendar_links: MutableMapping[str, CalendarLink] = field(default_factory=dict)
    page_keys: MutableMapping[str, PageKey] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    undecided: MutableMapping[str, Undecided] = field(default_factory=dict)
    reload_errors: tuple[Problem, ...] = ()
    reloaded: datetime | None = None
    next_number: int = 1
    past: tuple[Repair, ...] = ()

    @property
    def board(self) -> Board:
        """What stands beside the schedules: overrides, and what calendars tell."""
        people = self.config.roster.people
        return Board(
            overrides=tuple(self.overrides.values()),
            shifts={name: rota.shifts for name, rota in self.rotas.items()},
            people=people,
        )

    @property
    def maintenance(self) -> tuple[Window, ...]:
        """Every window of maintenance, those of the configuration first."""
        return (*self.config.maintenance, *self.windows.values())

    @property
    def preferences(self) -> Preferences:
        """How clients' contacts are told."""
        return Preferences(
            catalog=self.config.catalog,
            jurisdictions=self.config.jurisdictions,
            marks=self.contact_marks,
            kinds=self.config.channel_kinds,
        )

    @property
    def quiet(self) -> Quiet:
        """What keeps messages back."""
        catalog = self.config.catalog
        windows, settled = self.maintenance, self.settled
        return Quiet(catalog=catalog, alerts=self.alerts, silenced=self.silenced, windows=windows, settled=settled)

    @property
    def open_incidents(self) -> list[Incident]:
        """The incidents that are not resolved, worst first."""
        still = [incident for incident in self.incidents.values() if incident.open]
        return sorted(still, key=lambda one: (-one.weight, one.opened))
