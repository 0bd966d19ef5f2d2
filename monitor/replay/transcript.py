"""A played story as lines of text: what happened, who was paged and told where, and which promises broke.

Channels stand there by the references that the configuration has for them, with the kind of service where the secret is
at hand; never an address.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from textwrap import wrap

from alerts.channel_kind import scheme_of
from alerts.clocks import PromisesWarned
from alerts.message import MessageKind, Stage
from alerts.timeline import NoticesQueued
from alerts.timeline import Told as Receipt
from monitor.problem import ConfigError
from monitor.replay.outcome import Broken, Outcome, Told, outcome_of, titled
from monitor.replay.plot import plot
from monitor.replay.rehearsal import Played
from monitor.replay.times import both, clock, day, minute, utc
from monitor.secrets import Secrets
from monitor.web.measure import count, reference, whole
from monitor.web.view.story import line
from probes.catalog import ClientId, SecretRef

SAID_BY_THE_MESSAGE = (Receipt, NoticesQueued, PromisesWarned)
"""Events that only repeat what the lines of pages and notices say."""

WIDTH = 100
"""Characters of a message's text in a line."""

Kind = Callable[[SecretRef], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line before it is laid out: who or what it is about, and the text; `more` stands below it."""

    at: datetime
    about: str
    text: str
    more: tuple[str, ...] = ()


def kind_of(secrets: Secrets) -> Kind:
    """Return what tells a channel: its reference, and the kind of service where the secret is there."""

    def kind(channel: SecretRef) -> str:
        try:
            scheme = scheme_of(secrets.resolve(channel))
        except ConfigError:
            scheme = None
        return f"{reference(channel)} ({scheme})" if scheme else reference(channel)

    return kind


def transcript(played: Played, kind: Kind, *, full: bool = False) -> Iterator[str]:
    """Yield the lines of a played story; with `full`, messages stand there as they would have been sent."""
    outcome, zone = outcome_of(played), played.story.zone
    yield played.story.title
    yield f"{both(played.story.start, zone)} to {both(played.story.end, zone)}, told in {zone}"
    yield from _told_in_order(sorted(_said(played, outcome, kind, full=full), key=lambda one: one.at), zone)
    yield ""
    yield from summary(outcome, zone)
    for at, refusal in played.refused:
        yield f"not done at {both(at, zone)}: {refusal}"


def _said(played: Played, outcome: Outcome, kind: Kind, *, full: bool) -> Iterator[Said]:
    names = {client.id: client.name for client in played.config.catalog.clients.values()}
    for at, text in plot(played.story):
        yield Said(at=at, about="story", text=text)
    for entry in played.entries:
        if full or not isinstance(entry.event, SAID_BY_THE_MESSAGE):
            told = line(entry, names)
            yield Said(at=told.at, about=entry.incident, text=told.text, more=told.details if full else ())
    yield from _messages(played, outcome, kind, full=full)


def _messages(played: Played, outcome: Outcome, kind: Kind, *, full: bool) -> Iterator[Said]:
    """Yield pages and notices, what several contacts of a client are told at once as one; an update's text once."""
    before: dict[ClientId | None, Stage] = {}
    for (at, *_), several in groupby(outcome.told, key=_together):
        told = list(several)
        one, zone = told[0], _zone(played, told[0])
        fresh = one.kind is MessageKind.NOTICE and before.get(one.client) is not one.stage
        before[one.client] = one.stage
        more = tuple(one.body.splitlines()) if full or fresh else ()
        about = "warning" if one in outcome.warnings else one.kind
        yield Said(at=at, about=about, text=_message(told, zone, kind), more=more)


def _together(told: Told) -> tuple[datetime, object, object, str]:
    return told.at, told.kind, told.client or told.recipient, told.body


def _zone(played: Played, told: Told) -> str:
    """The zone of who is told: a client's, or a person's."""
    catalog, people = played.config.catalog, played.config.roster.people
    if told.client is not None:
        return catalog.clients[ClientId(told.client)].timezone
    return next((one.timezone for one in people.values() if one.id == told.recipient), "UTC")


def _message(told: list[Told], zone: str, kind: Kind) -> str:
    one = told[0]
    by = ", ".join(f"{each.recipient} by {kind(each.channel)}" for each in told)
    whom = f"{one.client}, {by}" if one.client is not None else by
    return f"{whom} ({minute(one.at, zone)}, {zone}): {one.subject}"


def _told_in_order(said: list[Said], zone: str) -> Iterator[str]:
    today, before = "", ""
    for one in said:
        if (date := day(one.at, zone)) != today:
            today, before = date, ""
            yield ""
            yield date
        stamp = f"{clock(one.at, zone):13}  {utc(one.at)}"
        yield f"{stamp if stamp != before else '':24}  {one.about:7}  {one.text}".rstrip()
        yield from (f"{'':35}  | {text}" for text in chain.from_iterable(wrap(each, WIDTH) for each in one.more))
        before = stamp


def summary(outcome: Outcome, zone: str) -> Iterator[str]:
    """Yield what it came to: incidents, pages and notices by whom, promises."""
    yield count(len(outcome.incidents), "incident")
    for incident in outcome.incidents:
        end = f"until {both(incident.resolved, zone)}" if incident.resolved is not None else "still open at the end"
        yield f"  {titled(incident)}; {both(incident.opened, zone)} {end}"
    yield f"{count(len(outcome.pages), 'page')}{_by_whom(outcome.pages)}"
    if outcome.warnings:
        yield f"{count(len(outcome.warnings), 'warning')}{_by_whom(outcome.warnings)}"
    yield f"{count(len(outcome.notices), 'notice')}{_by_whom(outcome.notices)}"
    yield f"{count(outcome.kept, 'promise')} kept, {len(outcome.broken):,} broken"
    for one in outcome.broken:
        yield f"  broken: {broken(one, zone)}"


def _by_whom(told: tuple[Told, ...]) -> str:
    names = [one.client or one.recipient for one in told]
    counted = [f"{name} {names.count(name)}" for name in dict.fromkeys(names)]
    return f": {', '.join(counted)}" if counted else ""


def broken(one: Broken, zone: str) -> str:
    """Return a broken promise in words."""
    late = f"kept {whole(one.kept - one.due)} late" if one.kept is not None else "not kept by the end"
    promise = one.promise.replace("_", " ")
    return f"{one.client} ({one.tier}), {promise} in {one.incident}: due {both(one.due, zone)}, {late}"
