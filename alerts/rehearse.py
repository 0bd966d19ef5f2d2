"""Renders a template for made-up readers before it is ever needed: who knows everything, and who knows the least.

So what a template prints that may not be known at one of its stages is an error where it is written, and not a failure
in the night.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.audience import Aftermath, Audience, Planned, Symptom
from alerts.letter import Letter, render
from alerts.message import Stage
from alerts.template import ANY, Template, looked_up
from alerts.words import Words
from probes.catalog import ClientId

_NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)
OF_MAINTENANCE = frozenset(
    {Stage.SCHEDULED, Stage.REMINDER, Stage.MOVED, Stage.IN_PROGRESS, Stage.COMPLETED, Stage.CANCELLED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a template makes for a made-up reader at one of its stages; the letter's fallback says if it fails."""

    audience: Audience
    letter: Letter


def rehearsed(template: Template, words: Words, client: ClientId, name: str) -> Iterator[Rehearsal]:
    """Yield what a template makes at each of its stages, for one of its clients."""
    alone = replace(words, templates=looked_up((replace(template, clients=(client,), tiers=()),)))
    for stage in template.at:
        for reader in _readers(stage, client, name):
            there = replace(reader, language=template.language or reader.language)
            yield Rehearsal(audience=there, letter=render(there, alone))


def _readers(stage: Stage, client: ClientId, name: str) -> Iterator[Audience]:
    """Who is told of something at a stage: one of whom everything is known, and one of whom the least is."""
    full = _maintenance(stage, client, name) if stage in OF_MAINTENANCE else _incident(stage, client, name)
    yield replace(full, note="There is more to say.", unaffected="payments", workaround="Please use the portal.")
    if full.planned is not None:
        yield replace(full, planned=replace(full.planned, former=None, work=""))
    else:
        yield replace(full, symptoms=(), recovered=None, aftermath=Aftermath.UNKNOWN, next_update=None)


def _incident(stage: Stage, client: ClientId, name: str) -> Audience:
    over = stage is Stage.RESOLVED
    return Audience(
        number="INC-1",
        stage=stage,
        at=_NOON,
        client=client,
        name=name,
        tier=ANY,
        contact="Service desk",
        timezone="Europe/Madrid",
        began=_NOON - _HOUR,
        recovered=_NOON - _HOUR / 4 if over else None,
        aftermath=Aftermath.PROCESSED if over else Aftermath.UNKNOWN,
        symptoms=(Symptom(kind="sync_latency", flow="invoices"), Symptom(kind="slow")),
        next_update=None if stage.closes else _NOON + _HOUR,
    )


def _maintenance(stage: Stage, client: ClientId, name: str) -> Audience:
    before = (_NOON + 12 * _HOUR, _NOON + 14 * _HOUR)
    planned = Planned(
        number="MNT-1", start=_NOON + 24 * _HOUR, end=_NOON + 26 * _HOUR, former=before, work="A database is moved."
    )
    return Audience(
        number="MNT-1",
        stage=stage,
        at=_NOON,
        client=client,
        name=name,
        tier=ANY,
        contact="Service desk",
        timezone="Europe/Madrid",
        planned=planned,
    )
