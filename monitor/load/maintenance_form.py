"""The shapes of maintenance windows and of what recurs as they are written in YAML or sent, and their values.

Times stand on the wall clock of a zone. Whether the names in them are defined is for `maintained`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from whenever import PlainDateTime

from alerts.maintenance import Party, Scope, Telling, Window, WindowId
from alerts.recurrence import NeverError, Recurrence, check
from monitor.load.fields import Identity, Text, TimeOfDay, Zone, one_of
from monitor.load.form import Form
from probes.catalog import ClientId, FlowId, SystemId

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LENGTH = len("2026-03-29 04:00")
# Fixed, so that no error depends on the day the configuration was read.
ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def _wall(value: object) -> str:
    message = 'must be a date and a time in quotes; write it like "2026-03-29 04:00"'
    if not isinstance(value, str) or len(value) != LENGTH:
        raise ValueError(message)
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(message) from None
    return value.replace("T", " ")


def _weekday(value: object) -> int:
    if not isinstance(value, str) or value.lower()[:3] not in WEEKDAYS:
        raise ValueError(f"must be a weekday; write {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(value.lower()[:3])


def _counted(most: int) -> Callable[[object], int]:
    def number(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= abs(value) <= most:
            raise ValueError(f"must be from 1 to {most}, or from -1 to -{most} counted from the end")
        return value

    return number


WallTime = Annotated[
    str,
    BeforeValidator(_wall),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d$"}),
]
Weekday = Annotated[int, BeforeValidator(_weekday), WithJsonSchema({"enum": list(WEEKDAYS)})]
Nth = Annotated[int, BeforeValidator(_counted(5))]
Day = Annotated[int, BeforeValidator(_counted(31))]
Month = Annotated[int, Field(ge=1, le=12)]


class RecurrenceForm(Form):
    """Days and times of day that come again."""

    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="until")
    weekdays: list[Weekday] = Field(default_factory=list)
    nth: list[Nth] = Field(default_factory=list)
    days: list[Day] = Field(default_factory=list)
    months: list[Month] = Field(default_factory=list)

    @model_validator(mode="after")
    def _comes(self) -> Self:
        if self.nth and not self.weekdays:
            raise ValueError("says which of what with nth; add weekdays, like [sun]")
        try:
            check(self.recurrence("UTC"), ANY_DAY)
        except NeverError as error:
            raise ValueError(f"never comes: {error}") from None
        return self

    def recurrence(self, zone: str) -> Recurrence:
        """Return the recurrence on the clocks of a zone."""
        return Recurrence(
            zone=zone,
            begins=self.begins,
            ends=self.ends,
            weekdays=frozenset(self.weekdays),
            nth=frozenset(self.nth),
            days=frozenset(self.days),
            months=frozenset(self.months),
        )


class WindowForm(Form):
    """A window of maintenance: once, or again and again."""

    title: Text
    by: Annotated[Party, one_of(Party)] = Party.US
    timezone: Zone = "UTC"
    begins: WallTime | None = Field(default=None, alias="from")
    ends: WallTime | None = Field(default=None, alias="until")
    every: RecurrenceForm | None = None
    systems: list[Identity] = Field(default_factory=list)
    flows: list[Identity] = Field(default_factory=list)
    vendors: list[Text] = Field(default_factory=list)
    clients: list[Identity] = Field(default_factory=list)
    everything: bool = False
    mutes: Annotated[Telling, one_of(Telling)] = Telling.BOTH
    excluded: bool = True
    announce: bool | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.every is None and (self.begins is None or self.ends is None):
            raise ValueError('has no time; write from: "2026-03-29 04:00" and until, or every: {weekdays: [sun], ...}')
        named = bool(self.systems or self.flows or self.vendors or self.clients)
        if named == self.everything:
            raise ValueError(
                "is about nothing, or about all and some; name systems, flows, vendors, clients or everything"
            )
        if self.begins is not None and self.ends is not None and self._instant(self.begins) >= self._instant(self.ends):
            raise ValueError("ends before it begins; write the later time under until")
        return self

    def window(self, name: str) -> Window:
        """Return the window; its times are instants from here on, but for what recurs."""
        return Window(
            id=WindowId(name),
            title=self.title,
            party=self.by,
            scope=self._scope(),
            zone=self.timezone,
            starts=None if self.begins is None else self._instant(self.begins),
            ends=None if self.ends is None else self._instant(self.ends),
            recurrence=None if self.every is None else self.every.recurrence(self.timezone),
            mutes=self.mutes,
            excluded=self.excluded,
            announce=self.by is not Party.CLIENT if self.announce is None else self.announce,
            text=self.text or "",
        )

    def _scope(self) -> Scope:
        return Scope(
            systems=frozenset(map(SystemId, self.systems)),
            flows=frozenset(map(FlowId, self.flows)),
            vendors=frozenset(self.vendors),
            clients=frozenset(map(ClientId, self.clients)),
        )

    def _instant(self, wall: str) -> datetime:
        return instant(wall, self.timezone)


def instant(wall: str, zone: str) -> datetime:
    """Return when the clocks of a zone show a time; in a skipped hour as much later as the hour is long.

    Of an hour that comes twice it is the first.
    """
    at = PlainDateTime(wall.replace(" ", "T") + ":00")
    return at.assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()
