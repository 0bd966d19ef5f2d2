"""Secrets that are not there, addresses that tell nobody, and credentials that travel in the open.

The only findings for which secrets are looked up. They are looked at and forgotten: no message repeats any part of one.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from alerts.channels.dkim import is_signing_key
from monitor.load.address import objection_to
from monitor.load.config import Config
from monitor.load.node import Loc, Node
from monitor.load.sections import Sections
from monitor.problem import ConfigError, Grade, Problem
from monitor.secrets import Secrets
from probes.catalog import SecretRef


def unreachable(config: Config, sections: Sections, secrets: Secrets) -> Iterator[Problem]:
    """Yield each reference without a secret, once, and each channel whose address tells nobody."""
    missing: set[SecretRef] = set()
    for node, loc, reference in _references(config, sections):
        try:
            secret = secrets.resolve(reference)
        except ConfigError as error:
            if reference not in missing:
                yield node.problem(str(error), loc, Grade.SEVERE)
            missing.add(reference)
            continue
        if loc == SIGNING_KEY and not is_signing_key(secret):
            message = "is no RSA or Ed25519 key in PEM without a password: mails go out without a signature"
            yield node.problem(message, loc, Grade.SEVERE)
        if loc in (TOKEN, BOUNCE_TOKEN) and len(secret) < SHORTEST_TOKEN:
            message = f"is a secret of fewer than {SHORTEST_TOKEN} characters, which can be guessed; make a longer one"
            yield node.problem(message, loc, Grade.SEVERE)
        if loc[:1] not in (CREDENTIAL, WEBHOOKS[:1], TOKEN, CALENDAR[:1], BOUNCE_TOKEN, SIGNING_KEY[:1]):
            objection = objection_to(secret, allow_private=config.allow_private_destinations)
            if objection:
                yield node.problem(objection, loc, Grade.SEVERE)


CREDENTIAL: Loc = ("credential",)
WEBHOOKS: Loc = ("webhooks", "secret")
TOKEN: Loc = ("token",)
CALENDAR: Loc = ("from_calendar", "url")
BOUNCE_TOKEN: Loc = ("bounce_token",)
SIGNING_KEY: Loc = ("dkim", "key")
SHORTEST_TOKEN = 16


def _references(config: Config, sections: Sections) -> Iterator[tuple[Node, Loc, SecretRef]]:
    for system in config.catalog.systems.values():
        if system.credential is not None:
            yield sections.parts["systems"][system.id], CREDENTIAL, system.credential
        if system.webhooks is not None:
            yield sections.parts["systems"][system.id], WEBHOOKS, system.webhooks.secret
        for name, part in system.credential_parts.items():
            yield sections.parts["systems"][system.id], (*CREDENTIAL, name), part
    for client in config.catalog.clients.values():
        for index, contact in enumerate(client.contacts):
            yield sections.parts["clients"][client.id], ("contacts", index, "channel"), contact.channel
    for person in config.roster.people.values():
        for index, channel in enumerate(person.channels):
            yield sections.parts["people"][person.id], ("channels", index), channel
    yield from _tokens(config, sections)
    yield from _calendars(config, sections)


def _calendars(config: Config, sections: Sections) -> Iterator[tuple[Node, Loc, SecretRef]]:
    for schedule in config.roster.schedules.values():
        if schedule.feed is not None:
            yield sections.parts["schedules"][schedule.name], CALENDAR, schedule.feed.url


def _tokens(config: Config, sections: Sections) -> Iterator[tuple[Node, Loc, SecretRef]]:
    if config.intake.token is not None:
        yield sections.single["intake"], TOKEN, config.intake.token
    for heartbeat in config.heartbeats.values():
        yield sections.parts["heartbeats"][heartbeat.id], TOKEN, heartbeat.token
    if config.mail.bounce_token is not None:
        yield sections.single["mail"], BOUNCE_TOKEN, config.mail.bounce_token
    if config.mail.signature is not None:
        yield sections.single["mail"], SIGNING_KEY, config.mail.signature.key


def unencrypted(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the systems to which a credential would travel without encryption, except on this machine."""
    for system in config.catalog.systems.values():
        parts = urlsplit(system.base_url)
        if system.secrets and parts.scheme == "http" and not _on_this_machine(parts.hostname or ""):
            message = "sends the credential unencrypted; write https:// if the system speaks it"
            yield sections.parts["systems"][system.id].problem(message, ("base_url",), Grade.MINOR)


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
