"""Contacts whose hours, wishes or laws leave a promise unkept: somebody is promised a notice and nobody is sent it.

Which kind of channel an address is, only its secret says; the rest is seen without it.
"""

from collections.abc import Iterator

from alerts.channel_kind import kind_of, scheme_of
from alerts.message import ChannelKind, Stage
from alerts.preferences import Preferences, allowed, wanted
from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import ConfigError, Grade, Problem
from monitor.secrets import Secrets
from probes.catalog import Client, Contact, SecretRef, Tier


def channel_kinds(config: Config, secrets: Secrets) -> dict[SecretRef, ChannelKind]:
    """Return the kinds of contacts' channels; those whose secrets are not there are left out."""
    found: dict[SecretRef, ChannelKind] = {}
    for client in config.catalog.clients.values():
        for contact in client.contacts:
            try:
                found[contact.channel] = kind_of(scheme_of(secrets.resolve(contact.channel)))
            except ConfigError:
                continue
    return found


def unmannerly(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the clients of whom nobody is sent what their tier promises, or nobody in time."""
    for client in config.catalog.clients.values():
        tier = config.catalog.tier_of(client.id)
        if client.contacts and tier.notices.tells:
            yield from _unwanted(client, tier, sections)
            yield from _held(client, tier, sections)


def forbidden(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the contacts that may not be told over the only channel that they have."""
    known = Preferences(catalog=config.catalog, jurisdictions=config.jurisdictions)
    for client in config.catalog.clients.values():
        for index, contact in enumerate(client.contacts):
            kind, kinds = config.channel_kinds.get(contact.channel), allowed(contact, known)
            if kind is not None and kind not in kinds:
                only = ", ".join(sorted(kinds))
                where = f"in {contact.jurisdiction} only {only} may be used"
                message = f"is of kind {kind}, so nothing is told: {where}; name another"
                node = sections.parts["clients"][client.id]
                yield node.problem(message, ("contacts", index, "channel"), Grade.SEVERE)


def _promised(tier: Tier) -> Iterator[tuple[Stage, str]]:
    if tier.sla.first_notice is not None:
        yield Stage.INVESTIGATING, "a first notice"
    if tier.sla.update_every is not None:
        yield Stage.UPDATE, "updates"
    if tier.maintenance is not None:
        yield Stage.SCHEDULED, "word of maintenance"


def _unwanted(client: Client, tier: Tier, sections: Sections) -> Iterator[Problem]:
    for stage, what in _promised(tier):
        if not any(stage in wanted(contact) for contact in client.contacts):
            message = f"want no {stage}, and tier {tier.id} promises {what}; let one of them want it"
            yield sections.parts["clients"][client.id].problem(message, ("contacts",), Grade.SEVERE)


def _held(client: Client, tier: Tier, sections: Sections) -> Iterator[Problem]:
    if tier.sla.first_notice is None or Stage.INVESTIGATING in tier.at_any_hour:
        return
    told = [contact for contact in client.contacts if Stage.INVESTIGATING in wanted(contact)]
    if told and all(_waits(contact) for contact in told):
        advice = "have a contact without hours and digest, or write at_any_hour: [beginning] in the tier"
        message = f"all have quiet hours or a digest, and tier {tier.id} promises a first notice; {advice}"
        yield sections.parts["clients"][client.id].problem(message, ("contacts",), Grade.MINOR)


def _waits(contact: Contact) -> bool:
    return contact.quiet is not None or contact.digest is not None
