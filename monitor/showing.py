"""Gathers what is known of one client, in memory and on record, and makes of it what the client may see.

What may be seen is decided below, in `alerts.beheld`; here it is only fetched.
"""

from dataclasses import replace
from datetime import datetime

from alerts.alert import AlertState
from alerts.beheld import Known, beheld
from alerts.calendar import Interval
from alerts.client_view import ClientView, Work
from alerts.concerned import TOLD
from alerts.languages.pages import Tongue
from alerts.message import Delivery, Message, MessageState
from alerts.public_view import Open, public_view
from alerts.services import Provided, PublicPage, provided_to, provided_to_all
from alerts.uptime import DAYS, last_days, midnight
from alerts.works import Diary, Reading, announced_works, told_works
from monitor.situation import Situation
from monitor.store.clients import ClientRecord, Wanted
from probes.catalog import Client, ClientId, SystemId
from runbooks.evidence import Pack, Recorded, month_of, pack

UNNAMED = "Service status"


def services(situation: Situation, client: Client) -> tuple[Provided, ...]:
    """Return the services of a client."""
    return provided_to(client, situation.config.pages, situation.config.catalog)


def needed(provided: tuple[Provided, ...]) -> frozenset[SystemId]:
    """Return every system that services need."""
    return frozenset(system for one in provided for system in one.needs)


def wanted(situation: Situation, client: Client, now: datetime) -> Wanted:
    """Return what is to be read of the store for a client's page."""
    first = midnight(last_days(now, client.timezone, DAYS)[0], client.timezone)
    return Wanted(
        client=client.id,
        systems=needed(services(situation, client)),
        span=Interval(start=first, end=now),
        known=frozenset(situation.incidents),
    )


def client_view(
    situation: Situation, client: Client, record: ClientRecord, tongue: Tongue, now: datetime
) -> ClientView:
    """Return what a client may see at this moment, in the words of its language."""
    provided, say = services(situation, client), tongue.say
    own = [one for one in situation.incidents.values() if client.id in one.impacts]
    moved = [one for one in situation.incidents.values() if client.id in one.moved or one.merged is not None]
    notices = notices_of(record)
    known = Known(
        client=client,
        title=situation.config.pages.name or say(UNNAMED),
        provided=provided,
        incidents=tuple({one.id: one for one in (*record.incidents.values(), *moved, *own)}.values()),
        notices=notices,
        works=works_of(situation, Reading(client=client.id, provided=provided, say=say), notices, now),
        hours=record.hours,
        unseen=unseen(situation),
        measured=record.measured,
        language=tongue.tag,
    )
    return beheld(known, say, now)


def works_of(situation: Situation, reading: Reading, notices: tuple[Message, ...], now: datetime) -> tuple[Work, ...]:
    """Return the maintenance that a reader may see: what they were told of, or else what is announced."""
    catalog, client = situation.config.catalog, situation.config.catalog.clients.get(reading.client or ClientId(""))
    foretold = tuple(situation.foretold.values())
    diary = Diary(windows=situation.maintenance, catalog=catalog, foretold=foretold, notices=notices)
    if client is not None and client.contacts:
        tier = catalog.tier_of(client.id)
        if tier.notices in TOLD and tier.maintenance is not None:
            return told_works(diary, reading)
    return announced_works(diary, reading, now)


def unseen(situation: Situation) -> dict[SystemId, datetime]:
    """Return the systems that cannot be seen, each with since when."""
    blind = (one for one in situation.alerts.values() if one.state is AlertState.BLIND)
    return {one.system: one.since for one in blind if one.system is not None}


def month_wanted(situation: Situation, client: Client, month: str) -> Wanted:
    """Return what is to be read of the store for the evidence of a month. Raises ValueError where it is no month."""
    span = month_of(client, month)
    return Wanted(client=client.id, systems=needed(services(situation, client)), span=span)


def evidence(situation: Situation, client: Client, record: ClientRecord, month: str, tongue: Tongue) -> Pack:
    """Return the evidence of a client's month, from what is on record and the configuration alone."""
    say = tongue.say
    known = Known(
        client=client,
        title=situation.config.pages.name or say(UNNAMED),
        provided=services(situation, client),
        incidents=tuple(record.incidents.values()),
        notices=notices_of(record),
        hours=record.hours,
        measured=record.measured,
        language=tongue.tag,
        untold=True,
    )
    deliveries = _attempts(record)
    holds = tuple(situation.dunning.values())
    recorded = Recorded(
        known=known, incidents=record.incidents, deliveries=deliveries, latest=record.latest, holds=holds
    )
    return pack(recorded, situation.config.catalog, month, say)


def notices_of(record: ClientRecord) -> tuple[Message, ...]:
    """Return the notices that a client was told or is to be told: what came in a digest was told as well."""
    gathered = _in_digests(record)
    listed = record.notices
    return tuple(
        one.message for one in listed if one.state is not MessageState.SUPPRESSED or one.message.key in gathered
    )


def _in_digests(record: ClientRecord) -> dict[str, str]:
    """The digest of each notice that is a part of one."""
    told = (one.message for one in record.notices if one.state is not MessageState.SUPPRESSED)
    return {part.key: one.key for one in told for part in one.parts}


def _attempts(record: ClientRecord) -> dict[str, tuple[Delivery, ...]]:
    """The attempts at each notice; those at a digest are those at each of its parts."""
    attempts: dict[str, tuple[Delivery, ...]] = {}
    for one in record.deliveries:
        attempts[one.key] = (*attempts.get(one.key, ()), one)
    return attempts | {part: attempts[of] for part, of in _in_digests(record).items() if of in attempts}


def open_wanted(situation: Situation, page: PublicPage, now: datetime) -> Wanted:
    """Return what is to be read of the store for the public page: counts of looks, and nothing of any client."""
    provided = provided_to_all(page, situation.config.pages, situation.config.catalog)
    first = midnight(last_days(now, page.timezone, DAYS)[0], page.timezone)
    return Wanted(client=ClientId(""), systems=needed(provided), span=Interval(start=first, end=now))


def open_view(
    situation: Situation, page: PublicPage, record: ClientRecord, tongue: Tongue, now: datetime
) -> ClientView:
    """Return what everybody may see at this moment."""
    say = tongue.say
    provided = provided_to_all(page, situation.config.pages, situation.config.catalog)
    diary = Diary(windows=situation.maintenance, catalog=situation.config.catalog)
    known = Open(
        page=replace(page, language=tongue.tag),
        title=page.name,
        provided=provided,
        incidents=tuple(situation.incidents.values()),
        works=announced_works(diary, Reading(client=None, provided=provided, say=say), now),
        hours=record.hours,
        unseen=unseen(situation),
        measured=record.measured,
    )
    return public_view(known, say, now)
