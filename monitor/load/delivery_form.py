"""The shape of how much one endpoint is asked to take, by the kind of its channel, as written in YAML."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from alerts.endpoint import USUAL, Limits
from alerts.message import ChannelKind
from monitor.load.form import Form

SECOND = timedelta(seconds=1)


class LimitsForm(Form):
    """What one endpoint takes: so many sends at once in each lane, a burst, and then so many a second."""

    at_once: Annotated[int, Field(ge=2, le=64)] | None = None
    burst: Annotated[int, Field(ge=1, le=10_000)] | None = None
    per_second: Annotated[float, Field(gt=0, le=1_000)] | None = None

    def limits(self, usual: Limits) -> Limits:
        """Return the limits; what is not written is as usual."""
        return Limits(
            at_once=self.at_once or usual.at_once,
            burst=self.burst or usual.burst,
            spacing=usual.spacing if self.per_second is None else SECOND / self.per_second,
        )


class DeliveryForm(Form):
    """The limits of endpoints by the kind of channel."""

    mail: LimitsForm = LimitsForm()
    chat: LimitsForm = LimitsForm()
    text: LimitsForm = LimitsForm()
    push: LimitsForm = LimitsForm()
    webhook: LimitsForm = LimitsForm()
    paging: LimitsForm = LimitsForm()
    other: LimitsForm = LimitsForm()

    def limits(self) -> Mapping[ChannelKind, Limits]:
        """Return the limits of every kind."""
        return {kind: getattr(self, kind).limits(USUAL.get(kind, Limits())) for kind in ChannelKind}
