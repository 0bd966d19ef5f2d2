"""Contracts that changed while their clients were hurt: what an incident takes down of it.

A contract is another one where its tier or what it promises is. That a calendar was edited is no other contract: each
keeps the calendar that its client was hurt under until its next version. How we weigh a tier, and whom we tell, is no
part of it: who was told of the beginning is told of the end.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from alerts.impact import Impact, Terms, terms_of
from alerts.incident import Incident
from alerts.revision import ContractRevised, Revision, RevisionCause
from probes.catalog import Catalog
from probes.hours import ALWAYS, Calendar


def revised(incident: Incident, catalog: Catalog, now: datetime) -> Iterator[ContractRevised]:
    """Yield what an open incident takes down of contracts that are others than its clients were hurt under."""
    found: dict[RevisionCause, list[Revision]] = {}
    for client, impact in incident.impacts.items():
        if impact.recovered is None and client in catalog.clients:
            after = _carried_on(impact, terms_of(catalog.clients[client], catalog.tier_of(client), now))
            if _essence(after) != _essence(impact.terms):
                revision = Revision(before=impact.terms, after=after)
                found.setdefault(_cause(impact, after), []).append(revision)
    for cause, revisions in found.items():
        yield ContractRevised(at=now, revisions=tuple(revisions), cause=cause)


def _carried_on(impact: Impact, after: Terms) -> Terms:
    before = impact.terms
    weight = before.weight if after.tier == before.tier else after.weight
    # A contract without notices begins with what nobody was told of yet.
    notices = before.notices if impact.owed and not after.notices.tells else after.notices
    return replace(after, weight=weight, contacts=before.contacts, notices=notices)


def _essence(terms: Terms) -> tuple[object, ...]:
    sla = terms.sla
    own = tuple((name, Calendar(name=calendar.name)) for name, calendar in sla.own)
    return terms.tier, terms.notices, replace(sla, hours=ALWAYS, own=own)


def _cause(impact: Impact, after: Terms) -> RevisionCause:
    """A version that began after the client was last known to have another did so by its date."""
    last = impact.earlier[-1][0] if impact.earlier else impact.joined
    begun = after.begins is not None and after.begins != impact.terms.begins and after.begins > last
    return RevisionCause.DATE if begun else RevisionCause.CONFIGURATION
