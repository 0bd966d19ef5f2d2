"""What one reader may see of us: their services, incidents, maintenance and days, as one value and nothing beside it.

Pages, feeds and documents for clients are handed a :class:`ClientView`; there is no way from it to an incident, a
system or another client. How it is made is for `beheld`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from alerts.message import Stage

DISTURBED_BELOW = 0.999
FAILING_BELOW = 0.95
"""Below these shares of good looks a day is shown as disturbed, and as failing."""


class ServiceState(StrEnum):
    """How a service is for the reader, the worst first."""

    OUTAGE = "outage"
    PARTIAL_OUTAGE = "partial_outage"
    DEGRADED = "degraded"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
    OPERATIONAL = "operational"

    @property
    def disturbed(self) -> bool:
        """Whether something of ours is wrong."""
        return self in (ServiceState.OUTAGE, ServiceState.PARTIAL_OUTAGE, ServiceState.DEGRADED)


WORST_FIRST = tuple(ServiceState)


def worst_of(states: Iterable[ServiceState]) -> ServiceState:
    """Return the worst of some states; of none, that everything works."""
    return min(states, key=WORST_FIRST.index, default=ServiceState.OPERATIONAL)


class DayState(StrEnum):
    """How a day was, by what was counted in it."""

    GOOD = "good"
    DISTURBED = "disturbed"
    FAILING = "failing"
    MAINTENANCE = "maintenance"
    UNSEEN = "unseen"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the reader's zone: how our looks ended, and for how long incidents of ours disturbed the reader.

    Good and bad looks count. Unknown ones, and those in agreed maintenance, are told apart and count for nothing.
    """

    day: date
    good: int = 0
    bad: int = 0
    unknown: int = 0
    excluded_good: int = 0
    excluded_bad: int = 0
    disturbed: timedelta = timedelta()

    @property
    def counted(self) -> int:
        """How many looks count."""
        return self.good + self.bad

    @property
    def excluded(self) -> int:
        """How many looks were kept out of it."""
        return self.excluded_good + self.excluded_bad

    @property
    def share(self) -> float | None:
        """The share of good looks, 0 to 1, None where none count."""
        return self.good / self.counted if self.counted else None

    @property
    def state(self) -> DayState:
        """How it was."""
        share = self.share
        if share is not None and share < FAILING_BELOW:
            return DayState.FAILING
        if self.disturbed or (share is not None and share < DISTURBED_BELOW):
            return DayState.DISTURBED
        if share is not None:
            return DayState.GOOD
        if self.unknown:
            return DayState.UNSEEN
        return DayState.MAINTENANCE if self.excluded else DayState.NO_DATA

    @property
    def numbers(self) -> Mapping[str, float | None]:
        """The raw numbers under the names by which documents for programs tell them."""
        return {
            "share": self.share,
            "good": self.good,
            "bad": self.bad,
            "unknown": self.unknown,
            "excluded_good": self.excluded_good,
            "excluded_bad": self.excluded_bad,
            "disturbed_seconds": self.disturbed.total_seconds(),
        }


def summed(days: tuple[Day, ...]) -> Day:
    """Return several days as one, under the day of the last; numerators and denominators add up, shares never do."""
    return Day(
        day=days[-1].day,
        good=sum(one.good for one in days),
        bad=sum(one.bad for one in days),
        unknown=sum(one.unknown for one in days),
        excluded_good=sum(one.excluded_good for one in days),
        excluded_bad=sum(one.excluded_bad for one in days),
        disturbed=sum((one.disturbed for one in days), timedelta()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """A service as the reader knows it, how it is `since` an instant (None: as long as we know), and its days.

    `measured` is the first day of which there are looks, None where there never were any.
    """

    id: str
    name: str
    description: str
    state: ServiceState
    since: datetime | None = None
    days: tuple[Day, ...] = ()
    measured: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A notice as it was sent to the reader."""

    id: str
    stage: Stage
    at: datetime
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An incident as far as it hurts the reader. `posts` are the notices about it, the newest first.

    `reference` is the number that the notices carry. `services` are ids of the view's services.
    """

    id: str
    reference: str
    title: str
    stage: Stage
    worst: ServiceState
    began: datetime
    told: datetime
    changed: datetime
    monitored: datetime | None = None
    ended: datetime | None = None
    services: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One maintenance of services of the reader's. `sequence` grows whenever its time changes, or it is called off.

    `reference` is the number that the notices carry, "" without any; `text` is what is done, in words for clients.
    """

    id: str
    title: str
    stage: Stage
    starts: datetime
    ends: datetime
    told: datetime
    changed: datetime
    sequence: int = 0
    reference: str = ""
    text: str = ""
    services: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()

    @property
    def cancelled(self) -> bool:
        """Whether it was called off."""
        return self.stage is Stage.CANCELLED

    @property
    def over(self) -> bool:
        """Whether nothing more of it is to come."""
        return self.stage in (Stage.CANCELLED, Stage.COMPLETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """Everything that one reader may see, in their language and zone. Episodes and works are the newest first.

    `id` is the same for good and tells nothing of the client. `changed` is when anything but the days last changed.
    """

    id: str
    title: str
    reader: str
    timezone: str
    language: str
    services: tuple[ServiceView, ...]
    episodes: tuple[Episode, ...] = ()
    works: tuple[Work, ...] = ()
    changed: datetime
    begun: datetime
    method: tuple[str, ...] = field(default=())

    @property
    def worst(self) -> ServiceState:
        """The state of the service that is worst."""
        return worst_of(one.state for one in self.services)

    @property
    def open_episodes(self) -> tuple[Episode, ...]:
        """Those that are not over."""
        return tuple(one for one in self.episodes if one.ended is None)

    def named(self, services: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of services by their ids."""
        return tuple(one.name for one in self.services if one.id in services)

    def posts(self) -> Iterator[tuple[Episode | Work, Post]]:
        """Yield every notice with what it is about, the newest first."""
        abouts: tuple[Episode | Work, ...] = (*self.episodes, *self.works)
        found = [(about, post) for about in abouts for post in about.posts]
        yield from sorted(found, key=lambda pair: (pair[1].at, pair[1].id), reverse=True)
