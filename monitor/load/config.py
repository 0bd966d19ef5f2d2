"""The whole configuration as a value, made of the rooms' own values.

Made only from parts without a problem, so nothing is checked here any more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from alerts.canary import Canaries
from alerts.communications import NOBODY
from alerts.draft import RECURRENCE
from alerts.dunning import NO_DUNNING, DunningRules
from alerts.endpoint import Limits
from alerts.forbidden import NOTHING_FORBIDDEN, Forbidden, forbidden_of
from alerts.intake import Intake
from alerts.languages import shipped
from alerts.maintenance import Window
from alerts.message import ChannelKind
from alerts.oncall import PersonId
from alerts.phrase import indexed
from alerts.phrases import common_words, shipped_packs
from alerts.postal import Postal
from alerts.preferences import Jurisdiction
from alerts.roster import Roster
from alerts.services import StatusPages
from alerts.template import looked_up
from alerts.words import PLAIN, Words
from monitor.load.calendar_form import known_calendars
from monitor.load.claims import Identifiers
from monitor.load.escalation_form import reaching
from monitor.load.parts import Parts
from monitor.load.tiers_form import ClientForm
from probes.catalog import Catalog, Client, ClientId, SecretRef, SystemId, TierId
from probes.heartbeat import Heartbeat, HeartbeatId
from probes.hours import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What Tierwatch watches, whom it pages and tells, and where that was written.

    `false_pages_per_week` is how many pages chance failures of looks may cause. What comes back within `recurrence` of
    the end of its incident reopens that. `pages` is what clients see of us.
    `secrets` are all references in it, each once; `channel_kinds` are of what kind the addresses of contacts are that
    could be looked up. The secrets themselves are never part of it.
    `limits` are how much one endpoint of each kind is asked to take.
    `words` are what notices are made with, and `forbidden` what none of them may say.
    """

    catalog: Catalog
    roster: Roster
    sources: tuple[Path, ...]
    secrets: tuple[SecretRef, ...]
    allow_private_destinations: bool = False
    false_pages_per_week: float = 1.0
    heartbeats: Mapping[HeartbeatId, Heartbeat] = field(default_factory=dict)
    maintenance: tuple[Window, ...] = ()
    recurrence: timedelta = RECURRENCE
    intake: Intake = field(default_factory=Intake)
    mail: Postal = field(default_factory=Postal)
    canaries: Canaries = field(default_factory=Canaries)
    limits: Mapping[ChannelKind, Limits] = field(default_factory=dict)
    words: Words = PLAIN
    jurisdictions: Mapping[str, Jurisdiction] = field(default_factory=dict)
    dunning: DunningRules = NO_DUNNING
    channel_kinds: Mapping[SecretRef, ChannelKind] = field(default_factory=dict)
    forbidden: Forbidden = NOTHING_FORBIDDEN
    pages: StatusPages = field(default_factory=StatusPages)


def configured(parts: Parts, sources: tuple[Path, ...], identifiers: Identifiers) -> Config:
    """Return the configuration that parts without problems make up, with the identifiers that its clients have."""
    catalog, roster, heartbeats = _catalog(parts, identifiers), _roster(parts), _heartbeats(parts)
    dunning = parts.single.dunning.rules(catalog) if parts.single is not None else NO_DUNNING
    intake = parts.single.intake.intake() if parts.single is not None else Intake()
    mail = parts.single.mail.postal() if parts.single is not None else Postal()
    secrets = (*_secrets(catalog, roster), *_tokens(heartbeats, intake))
    return Config(
        catalog=catalog,
        roster=roster,
        sources=sources,
        secrets=tuple(dict.fromkeys((*secrets, *_postal(mail), *dunning.references))),
        allow_private_destinations=parts.single is not None and parts.single.settings.allow_private_destinations,
        false_pages_per_week=parts.single.settings.false_pages_per_week if parts.single is not None else 1.0,
        heartbeats=heartbeats,
        recurrence=parts.single.settings.recurrence if parts.single is not None else RECURRENCE,
        intake=intake,
        mail=mail,
        canaries=parts.single.canaries.canaries() if parts.single is not None else Canaries(),
        limits=parts.single.delivery.limits() if parts.single is not None else {},
        words=_words(parts),
        forbidden=_forbidden(parts, catalog),
        pages=parts.single.status_pages.pages() if parts.single is not None else StatusPages(),
        maintenance=tuple(form.window(name) for name, form in parts.maintenance.items()),
        dunning=dunning,
        jurisdictions={name: form.jurisdiction(name) for name, form in parts.jurisdictions.items()},
    )


def _words(parts: Parts) -> Words:
    templates = (form.template(name) for name, form in parts.templates.items())
    return replace(shipped(), templates=looked_up(templates))


def _forbidden(parts: Parts, catalog: Catalog) -> Forbidden:
    packs = (*shipped_packs(), *(form.pack() for form in parts.phrases.values()))
    return forbidden_of(catalog, indexed(packs), common_words())


def _catalog(parts: Parts, identifiers: Identifiers) -> Catalog:
    calendars = known_calendars(parts.calendars)
    return Catalog(
        tiers={TierId(name): form.tier(name, calendars) for name, form in parts.tiers.items()},
        clients={ClientId(name): _client(form, identifiers, calendars) for name, form in parts.clients.items()},
        systems={SystemId(name): form.system(name, parts.connectors[name]) for name, form in parts.systems.items()},
        flows={flow.id: flow for name, form in parts.flows.items() for flow in form.flows(name)},
    )


def _client(form: ClientForm, identifiers: Identifiers, calendars: Mapping[str, Calendar]) -> Client:
    client = form.client(calendars)
    return replace(client, identifiers=identifiers.get(client.id, {}))


def _heartbeats(parts: Parts) -> dict[HeartbeatId, Heartbeat]:
    zones = {name: form.timezone for name, form in parts.clients.items()}
    return {
        HeartbeatId(name): form.heartbeat(name, zones.get(form.client or "", "UTC"))
        for name, form in parts.heartbeats.items()
    }


def _roster(parts: Parts) -> Roster:
    people = {PersonId(name): form.person() for name, form in parts.people.items()}
    absences = {name: form.absence for name, form in parts.people.items()}
    schedules = {name: form.schedule(name, absences) for name, form in parts.schedules.items()}
    catch_all = people[PersonId(parts.single.catch_all.name if parts.single else "")]
    policies = {name: form.policy(name, schedules, people, catch_all) for name, form in parts.escalations.items()}
    return Roster(
        people=people,
        schedules=schedules,
        policies=policies,
        catch_all=catch_all,
        concerns={TierId(name): form.escalation.concerns for name, form in parts.tiers.items()},
        communications=parts.single.communications.communications() if parts.single else NOBODY,
        owners={
            SystemId(name): {
                concern: reaching(one, schedules, people) for concern, (_, one) in form.owner.targets.items()
            }
            for name, form in parts.systems.items()
        },
        accounts={
            ClientId(name): people[PersonId(form.owner)]
            for name, form in parts.clients.items()
            if form.owner is not None
        },
        forecasting={
            TierId(name): form.forecast.forecasting() if form.forecast is not None else None
            for name, form in parts.tiers.items()
        },
    )


def _secrets(catalog: Catalog, roster: Roster) -> Iterator[SecretRef]:
    yield from (secret for system in catalog.systems.values() for secret in system.secrets)
    yield from (system.webhooks.secret for system in catalog.systems.values() if system.webhooks is not None)
    yield from (contact.channel for client in catalog.clients.values() for contact in client.contacts)
    yield from (channel for person in roster.people.values() for channel in person.channels)
    yield from (schedule.feed.url for schedule in roster.schedules.values() if schedule.feed is not None)


def _tokens(heartbeats: Mapping[HeartbeatId, Heartbeat], intake: Intake) -> Iterator[SecretRef]:
    yield from (one.token for one in heartbeats.values())
    if intake.token is not None:
        yield intake.token


def _postal(mail: Postal) -> Iterator[SecretRef]:
    if mail.bounce_token is not None:
        yield mail.bounce_token
    if mail.signature is not None:
        yield mail.signature.key
