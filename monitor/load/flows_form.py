"""The shape of a flow as it is written in YAML, and the flows that it becomes: one for each of its hops.

Whether the names in it are defined is for `references`.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from monitor.load.assertion_form import TotalsForm
from monitor.load.batch_form import BatchForm
from monitor.load.compare_form import Comparisons
from monitor.load.fields import DOTTED, Duration, identity, one_of
from monitor.load.form import Form
from probes.catalog import End, Flow, FlowId, Hop, SystemId
from probes.patience import Stagnation


def _end(value: object) -> tuple[str, str]:
    message = "must name a system and one of its resources; write it like billing.invoices"
    parts = value.split(".") if isinstance(value, str) else []
    if len(parts) != 2:  # noqa: PLR2004 - a system and a resource
        raise ValueError(message)
    return identity(parts[0]), identity(parts[1])


def _match(value: object) -> tuple[str, str]:
    message = "must be one pair of fields, the source's and the destination's; write it like {id: external_id}"
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(message)
    (source, destination), *_ = value.items()
    if not all(isinstance(path, str) and DOTTED.fullmatch(path) for path in (source, destination)):
        raise ValueError(message)
    return source, destination


EndName = Annotated[tuple[str, str], BeforeValidator(_end)]
Match = Annotated[tuple[str, str], BeforeValidator(_match)]


class Mode(StrEnum):
    """How records travel: each for itself, or in runs."""

    REALTIME = "realtime"
    BATCH = "batch"


class StagnationForm(Form):
    """How long nothing may arrive while records wait."""

    at_least: Duration = Stagnation().at_least
    at_most: Duration = Stagnation().at_most

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.at_least > self.at_most:
            raise ValueError("has an at_least above its at_most; write it like {at_least: 1m, at_most: 4h}")
        return self


class HopForm(Form):
    """Where the records of a flow go next, and how they are known there."""

    to: EndName
    match: Match
    compare: Comparisons = ()


class FlowForm(Form):
    """Records that should travel: from a source to a destination, or from a source over several hops."""

    source: EndName
    destination: EndName | None = None
    match: Match | None = None
    compare: Comparisons = ()
    hops: list[HopForm] | None = None
    mode: Annotated[Mode, one_of(Mode)] = Mode.REALTIME
    batch: BatchForm | None = None
    stagnation: StagnationForm | None = None
    totals: TotalsForm | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.hops is None:
            missing = [name for name in ("destination", "match") if getattr(self, name) is None]
            if missing:
                raise ValueError(f"has no {missing[0]}; add it, or write the way over several systems under hops")
            return self
        if self.destination is not None or self.match is not None or self.compare:
            raise ValueError("has hops, which say where its records go; take destination, match and compare away")
        if self.batch is not None or self.totals is not None:
            raise ValueError("has hops and a batch or totals; write the hop that they are about as a flow of its own")
        if not self.hops:
            raise ValueError("has no hop; write them like [{to: billing.invoices, match: {id: deal_id}}]")
        return self

    @model_validator(mode="after")
    def _each_way_once(self) -> Self:
        names = [_leg(one, other) for one, other in zip(self.stops, self.stops[1:], strict=False)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"goes the way {twice} twice; write the second time as a flow of its own")
        return self

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Self:
        if self.mode is Mode.BATCH and self.batch is None:
            window = '{begins: "01:00", finished_by: "06:00"}'
            raise ValueError(f"has the mode batch and does not say when a run is to be over; add batch: {window}")
        if self.mode is Mode.REALTIME and self.batch is not None:
            raise ValueError("has a batch and another mode; write mode: batch, or take the batch away")
        if self.mode is Mode.BATCH and self.stagnation is not None:
            raise ValueError("is a batch flow, which rests between its runs; take its stagnation away")
        return self

    @property
    def legs(self) -> tuple[HopForm, ...]:
        """Every hop; the one of a flow with two ends too."""
        if self.destination is None or self.match is None:
            return tuple(self.hops or ())
        return (HopForm.model_construct(to=self.destination, match=self.match, compare=self.compare),)

    @property
    def stops(self) -> tuple[tuple[str, str], ...]:
        """The resources that its records come through, the source first."""
        return (self.source, *(leg.to for leg in self.legs))

    def flows(self, name: str) -> tuple[Flow, ...]:
        """Return the flow, or each of its hops in their order."""
        if self.hops is None:
            return (self._flow(FlowId(name), self.source, self.legs[0], None),)
        found: list[Flow] = []
        for start, leg in zip(self.stops, self.legs, strict=False):
            before = found[-1].id if found else None
            last = len(found) + 1 == len(self.legs)
            hop = Hop(
                chain=FlowId(name), number=len(found) + 1, enters=SystemId(self.source[0]), last=last, before=before
            )
            found.append(self._flow(FlowId(f"{name}.{_leg(start, leg.to)}"), start, leg, hop))
        return tuple(found)

    def _flow(self, name: FlowId, start: tuple[str, str], leg: HopForm, hop: Hop | None) -> Flow:
        source, destination = (
            End(system=SystemId(end[0]), resource=end[1], field=path)
            for end, path in zip((start, leg.to), leg.match, strict=True)
        )
        return Flow(
            id=name,
            source=source,
            destination=destination,
            hop=hop,
            compare=leg.compare,
            batch=self.batch.batch() if self.batch else None,
            stagnation=Stagnation(**dict(self.stagnation)) if self.stagnation else Stagnation(),
            totals=self.totals.totals() if self.totals else None,
        )


def _leg(start: tuple[str, str], end: tuple[str, str]) -> str:
    """The name of one hop: the two systems, and of one system its two resources."""
    place = 0 if start[0] != end[0] else 1
    return f"{start[place]}-{end[place]}"
