"""The shape of what a person does in a story: which deed needs which words, and the order that it is.

Instants are read in `reading`; what a deed comes to is decided by the application itself, as for the pages.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from alerts.alert import IncidentId
from alerts.clocks import PauseCause
from alerts.merging import Part
from alerts.oncall import PersonId
from alerts.orders import Grade, Merge, Order, Reassign, Reopen, Split
from monitor.load.fields import Duration, Identity, Text, one_of
from monitor.load.form import Form
from monitor.replay.story import Deed
from probes.catalog import ClientId, TierId

FOR_A_WHILE = frozenset({"until", "lasts"})
CLOCKS = frozenset({"clients", "cause", "since"})

WORDS: Mapping[Deed, frozenset[str]] = {
    Deed.ACKNOWLEDGE: FOR_A_WHILE,
    Deed.RESOLVE: frozenset(),
    Deed.PAUSE: FOR_A_WHILE,
    Deed.MERGE: frozenset({"other"}),
    Deed.SPLIT: frozenset({"alerts", "clients"}),
    Deed.REASSIGN: frozenset({"to"}),
    Deed.SEVERITY: frozenset({"tier"}),
    Deed.REOPEN: frozenset(),
    Deed.PAUSE_CLOCKS: CLOCKS,
    Deed.RESUME_CLOCKS: CLOCKS,
    Deed.MITIGATED: frozenset({"since"}),
}
"""What each deed has to say beside who, when, about which incident, and why."""

NEEDED = frozenset({Deed.PAUSE, Deed.MERGE, Deed.SPLIT, Deed.REASSIGN, Deed.SEVERITY})
"""The deeds that cannot do without one of their own words."""

WITHOUT_A_REASON = frozenset({Deed.ACKNOWLEDGE, Deed.RESOLVE})

WRITTEN: Mapping[str, str] = {"lasts": "for"}


class ActForm(Form):
    """What a person does at an instant."""

    at: Text
    by: Identity
    does: Annotated[Deed, one_of(Deed)]
    incident: Text | None = None
    why: str = ""
    until: Text | None = None
    lasts: Annotated[Duration | None, Field(alias="for")] = None
    other: Text | None = None
    alerts: list[Text] = Field(default_factory=list)
    clients: list[Identity] = Field(default_factory=list)
    to: Identity | None = None
    tier: Identity | None = None
    cause: Annotated[PauseCause, one_of(PauseCause)] = PauseCause.CLIENTS_TURN
    since: Text | None = None

    @model_validator(mode="after")
    def _says_what_it_does(self) -> Self:
        own, every = WORDS[self.does], frozenset[str]().union(*WORDS.values())
        said = self.model_fields_set & every
        for name in sorted(said - own):
            raise ValueError(f"{_written(name)} means nothing where somebody does {self.does}; take it away")
        if self.does in NEEDED and not said & own:
            raise ValueError(f"lacks what {self.does} is about; write {' or '.join(sorted(map(_written, own)))}")
        if said >= FOR_A_WHILE:
            raise ValueError("has two ends; write until or for, not both")
        if self.does not in WITHOUT_A_REASON and not self.why.strip():
            raise ValueError("must say why; it stands on the timeline")
        return self

    def order(self) -> Order | None:
        """Return the order that it is, still about no incident; None where it is none."""
        nothing = IncidentId("")
        match self.does:
            case Deed.MERGE:
                return Merge(incident=nothing, by=self.by, why=self.why, other=IncidentId(self.other or ""))
            case Deed.SPLIT:
                part = Part(alerts=frozenset(self.alerts), clients=frozenset(map(ClientId, self.clients)))
                return Split(incident=nothing, by=self.by, why=self.why, part=part)
            case Deed.REASSIGN:
                return Reassign(incident=nothing, by=self.by, why=self.why, to=PersonId(self.to or ""))
            case Deed.SEVERITY:
                return Grade(incident=nothing, by=self.by, why=self.why, tier=TierId(self.tier or ""))
            case Deed.REOPEN:
                return Reopen(incident=nothing, by=self.by, why=self.why)
            case _:
                return None


def _written(name: str) -> str:
    return WRITTEN.get(name, name)
