"""Secrets that are not there, and destinations that may not be told.

The only findings for which secrets are looked up. They are looked at and forgotten: no message repeats any part of one.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from monitor.load.config import Config
from monitor.load.node import Loc, Node
from monitor.load.sections import Sections
from monitor.problem import ConfigError, Grade, Problem
from monitor.secrets import Secrets
from probes.catalog import SecretRef


def unreachable(config: Config, sections: Sections, secrets: Secrets) -> Iterator[Problem]:
    """Yield each reference without a secret, once, and each destination that is private although none may be."""
    missing: set[SecretRef] = set()
    for node, loc, reference in _references(config, sections):
        try:
            secret = secrets.resolve(reference)
        except ConfigError as error:
            if reference not in missing:
                yield node.problem(str(error), loc, Grade.SEVERE)
            missing.add(reference)
            continue
        if loc != CREDENTIAL and not config.allow_private_destinations and leads_inside(secret):
            message = (
                "leads to a private address; set settings: {allow_private_destinations: true} or name a public one"
            )
            yield node.problem(message, loc, Grade.SEVERE)


CREDENTIAL: Loc = ("credential",)


def _references(config: Config, sections: Sections) -> Iterator[tuple[Node, Loc, SecretRef]]:
    for system in config.catalog.systems.values():
        if system.credential is not None:
            yield sections.parts["systems"][system.id], CREDENTIAL, system.credential
    for client in config.catalog.clients.values():
        for index, contact in enumerate(client.contacts):
            yield sections.parts["clients"][client.id], ("contacts", index, "channel"), contact.channel
    for person in config.roster.people.values():
        for index, channel in enumerate(person.channels):
            yield sections.parts["people"][person.id], ("channels", index), channel


def leads_inside(address: str) -> bool:
    """Return whether a channel's address names a private, loopback or link-local host.

    Names are not resolved here: that is done when a message is delivered, since what they stand for changes.
    """
    try:
        parts = urlsplit(address)
        hosts = [parts.hostname or "", *parse_qs(parts.query).get("smtp", [])]
    except ValueError:
        return False
    return any(_inside(host) for host in hosts)


def _inside(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def unencrypted(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the systems to which a credential would travel without encryption, except on this machine."""
    for system in config.catalog.systems.values():
        parts = urlsplit(system.base_url)
        if system.credential is not None and parts.scheme == "http" and not _on_this_machine(parts.hostname or ""):
            message = "sends the credential unencrypted; write https:// if the system speaks it"
            yield sections.parts["systems"][system.id].problem(message, ("base_url",), Grade.MINOR)


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
