"""The shapes of a client's contacts, of the jurisdictions that they are in, and of lead times of maintenance.

Whether a jurisdiction is defined is for `references`, whether anybody is still told for `mannered`.
"""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from alerts.message import ChannelKind, Stage
from alerts.preferences import CLASSES, Jurisdiction, NoticeClass
from monitor.load.fields import Duration, Identity, LocaleTag, Secret, Text, TimeOfDay, Zone, one_of
from monitor.load.form import Form
from probes.catalog import Contact
from probes.manners import Digest, MaintenanceNotice, QuietHours

SHORTEST_DIGEST, LONGEST_DIGEST = timedelta(minutes=5), timedelta(days=7)
LONGEST_LEAD = timedelta(days=90)
WORDS = (*NoticeClass, *Stage)


def _stage(value: object) -> str:
    if not isinstance(value, str) or value not in {str(word) for word in WORDS}:
        raise ValueError(f"must be a class of notices or a stage: {', '.join(WORDS)}")
    return value


StageWord = Annotated[str, BeforeValidator(_stage), WithJsonSchema({"enum": [str(word) for word in WORDS]})]
Stages = list[StageWord]


def stages(words: Stages) -> tuple[str, ...]:
    """Return the stages that classes and stages stand for, in order."""
    classes = {str(one): CLASSES[one] for one in NoticeClass}
    chosen = {stage for word in words for stage in classes.get(word, (word,))}
    return tuple(str(stage) for stage in Stage if stage in chosen)


class QuietHoursForm(Form):
    """Times of day between which a contact is not told."""

    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="until")

    @model_validator(mode="after")
    def _end(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("would never end; write another time under until")
        return self


class DigestForm(Form):
    """How often a contact is told, all at once."""

    every: Duration | None = None
    at: TimeOfDay | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.every is None) == (self.at is None):
            raise ValueError('is once so often or daily; write every: 4h, or at: "08:00"')
        if self.every is not None and not SHORTEST_DIGEST <= self.every <= LONGEST_DIGEST:
            raise ValueError("comes at least once a week, and no more than every 5m")
        return self


class ContactForm(Form):
    """Where a client is told, how, and of what."""

    name: Text
    channel: Secret
    language: LocaleTag | None = None
    timezone: Zone | None = None
    jurisdiction: Identity | None = None
    quiet_hours: QuietHoursForm | None = None
    digest: DigestForm | None = None
    wants: Stages = Field(default_factory=list)

    def contact(self, jurisdiction: str) -> Contact:
        """Return the contact, in its client's jurisdiction unless it is in one of its own."""
        return Contact(
            name=self.name,
            channel=self.channel,
            language=self.language or "",
            timezone=self.timezone or "",
            jurisdiction=self.jurisdiction or jurisdiction,
            quiet=QuietHours(**dict(self.quiet_hours)) if self.quiet_hours is not None else None,
            digest=Digest(**dict(self.digest)) if self.digest is not None else None,
            wants=stages(self.wants),
        )


class JurisdictionForm(Form):
    """By which channels contacts may be told where they are."""

    channels: Annotated[list[Annotated[ChannelKind, one_of(ChannelKind)]], Field(min_length=1)]

    def jurisdiction(self, name: str) -> Jurisdiction:
        """Return the jurisdiction."""
        return Jurisdiction(name=name, channels=frozenset(self.channels))


class MaintenanceNoticeForm(Form):
    """How long before it begins a tier's clients are told of a maintenance."""

    lead: Duration
    remind: Duration | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.lead > LONGEST_LEAD:
            raise ValueError("is announced too long before; write at most 90d under lead")
        if self.remind is not None and self.remind >= self.lead:
            raise ValueError("reminds before it is announced; write less under remind than under lead")
        return self

    def notice(self) -> MaintenanceNotice:
        """Return the lead times."""
        return MaintenanceNotice(lead=self.lead, remind=self.remind)
