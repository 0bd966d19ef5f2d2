"""The shape of a heartbeat as it is written in YAML, and its value.

Whether the names in it are defined is for `references`.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from monitor.load.fields import Duration, Identity, Secret, TimeOfDay, Zone
from monitor.load.form import Form
from probes.catalog import ClientId, FlowId
from probes.heartbeat import Heartbeat, HeartbeatId
from probes.timetable import Cron, Interval, NeverError, Timetable, check

GRACE = timedelta(minutes=5)
# Fixed, so that no error depends on the day the configuration was read.
ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def expression(value: object) -> str:
    """Return an expression of cron that has an instant; ValueError says how to write one."""
    message = 'must be five fields of cron; write it like "0 22 * * mon-fri"'
    if not isinstance(value, str):
        raise ValueError(message)  # noqa: TRY004 - pydantic takes only a ValueError for a problem
    try:
        check(Cron(expression=value), ANY_DAY)
    except NeverError as error:
        raise ValueError(str(error)) from None
    return value


class HeartbeatForm(Form):
    """A run that tells of itself."""

    every: Duration | None = None
    cron: Annotated[str, BeforeValidator(expression)] | None = None
    by: TimeOfDay | None = None
    timezone: Zone | None = None
    grace: Duration = GRACE
    longest_run: Duration | None = None
    client: Identity | None = None
    flow: Identity | None = None
    token: Secret

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.every is None) == (self.cron is None):
            raise ValueError('is expected in one way; write every: 15m or cron: "0 22 * * mon-fri"')
        if self.every is not None and (self.by is not None or self.timezone is not None):
            raise ValueError("has a time of day or a zone with every, which knows neither; write cron instead of every")
        return self

    def heartbeat(self, name: str, zone: str) -> Heartbeat:
        """Return the heartbeat; `zone` is where its wall clock hangs if it names none itself."""
        return Heartbeat(
            id=HeartbeatId(name),
            timetable=self._timetable(self.timezone or zone),
            token=self.token,
            grace=self.grace,
            longest_run=self.longest_run,
            client=None if self.client is None else ClientId(self.client),
            flow=None if self.flow is None else FlowId(self.flow),
        )

    def _timetable(self, zone: str) -> Timetable:
        if self.every is not None:
            return Interval(every=self.every)
        return Cron(expression=self.cron or "", zone=zone, by=self.by)
