"""The result of one check: what was asked, what came back, and which records were seen.

An observation is a fact with two instants (sent, answered). It carries no judgement beyond its outcome; what it adds up
to is for `sli`, `sync` and the rules of the room above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from probes.budget import QuotaNews
from probes.catalog import ProbeId, SystemId
from probes.certificate import Certificate
from probes.connector import FailureKind, RefusalKind
from probes.failure import FailureClass, Outcome
from probes.fingerprint import Sample
from probes.gap import Gap
from probes.money import Money

SKEW_TOLERANCE = timedelta(seconds=5)
"""A vendor's clock this near to ours is taken to be right: a `Date` header has whole seconds, and travels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a vendor's list, reduced to what Tierwatch needs.

    `created` is on our clock: the vendor's clock offset has been taken out; so is `updated`, read where the list is
    filtered by it. `failed` is None while the vendor has not settled the record, `kinds` and `code` say what failed in
    it. `fields` holds the values of the fields that the look was asked to read (for matching flows).
    """

    id: str
    client: str | None
    created: datetime
    updated: datetime | None = None
    failed: bool | None = None
    kinds: tuple[FailureKind, ...] = ()
    code: str = ""
    settled: bool = True
    noticed: datetime | None = field(default=None, compare=False)
    money: Money | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    asserted: Mapping[str, str | None] = field(repr=False, default_factory=dict)

    @property
    def happened(self) -> datetime:
        """When it came to be as it is, as far as is known: `noticed` is when a change was first seen."""
        return self.updated or self.noticed or self.created

    @property
    def listed(self) -> datetime:
        """The instant by which its list is filtered, on our clock."""
        return self.updated or self.created


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one resource of one system.

    `whole` says that every page was read, so absence of a record is evidence. `clock_offset` is the vendor's clock
    minus ours (None when the answer carried no date). `requests` is what the look cost of the system's quota.
    `read_until` says up to where (in the vendor's clock) a list was read without a gap that was not read whole. `lag`
    is how long the vendor may take to show a record. `gap` is what was left unread, for the next look to go on with;
    `began` is when the first of the looks was sent that read the list between them, None where one look read it all.
    `since` is from when (on our clock) the list was asked for, `refusal` why the credential was not accepted where the
    vendor says so, `expires` when it ends where somebody says so. `samples` are a few rows as they came; they are read
    within the pass, and never kept.
    """

    probe: ProbeId
    system: SystemId
    resource: str
    outcome: Outcome
    sent: datetime
    answered: datetime
    failure: FailureClass | None = None
    reason: str = ""
    records: tuple[Record, ...] = ()
    whole: bool = False
    requests: int = 1
    clock_offset: timedelta | None = None
    news: QuotaNews = field(default_factory=QuotaNews)
    confirming: bool = False
    read_until: datetime | None = None
    lag: timedelta = timedelta()
    gap: Gap | None = None
    began: datetime | None = None
    since: datetime | None = None
    refusal: RefusalKind | None = None
    samples: tuple[Sample, ...] = field(repr=False, default=())
    certificate: Certificate | None = None
    expires: datetime | None = None

    @property
    def asked(self) -> datetime:
        """When the list was first asked for, on our clock: what came to be later need not be in it."""
        return self.began or self.sent

    @property
    def covered(self) -> datetime | None:
        """Up to when (on our clock) absence of a record is evidence; None where this look is none."""
        return self.asked - self.lag if self.whole else None

    @property
    def correction(self) -> timedelta:
        """What was taken out of the vendor's instants to put them on our clock."""
        return correction(self.clock_offset)


def correction(clock_offset: timedelta | None) -> timedelta:
    """Return the part of a vendor's clock offset that is corrected: all of it once it exceeds the tolerance."""
    return timedelta() if clock_offset is None or abs(clock_offset) <= SKEW_TOLERANCE else clock_offset
