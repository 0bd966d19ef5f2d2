"""A look folded into what is known of whose records they are: the share of a system's records that is somebody's.

A record that is nobody's is data of doubtful quality, not a failure: it hurts no client that could be named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.weigh import Assessment
from probes.catalog import Catalog, ClientId, SystemId
from probes.observation import Observation, Record
from probes.sli import IndicatorKind, counted
from probes.status import Said, Status, comparable, differ, said

IDENTITY_OVER = timedelta(days=1)


def weigh_identity(assessment: Assessment, system: SystemId, fresh: Iterable[Record], now: datetime) -> None:
    """Count the records that are a client's, and those that are nobody's by the identifier that they carry."""
    catalog, known = assessment.before.catalog, 0
    strangers: Counter[str] = Counter()
    for record in fresh:
        if catalog.client_in(system, record.client) is None:
            strangers[record.client or ""] += 1
        else:
            known += 1
    assessment.strangers = strangers
    assessment.unknown_clients = strangers.total()
    if known or strangers:
        before = assessment.indicator(IndicatorKind.IDENTITY, system, None, IDENTITY_OVER)
        tally = counted(before.tally, good=known, bad=strangers.total(), at=now)
        assessment.put(replace(before, tally=tally, seen=now))


def weigh_statuses(assessment: Assessment, observation: Observation) -> None:
    """Read how clients stand by the system's word, and count whether the other systems say the same."""
    status = assessment.before.catalog.systems[observation.system].identity.status
    if status is None or status.resource != observation.resource:
        return
    heard = dict(_heard(assessment.before.catalog, status, observation))
    assessment.statuses = heard
    earlier, system = assessment.before.statuses, observation.system
    known = {client: {**earlier.get(client, {}), system: heard[client]} for client in heard}
    compared = [differ(one.values()) for one in known.values() if comparable(one.values())]
    if compared:
        before = assessment.indicator(IndicatorKind.STATUS, observation.system, None, IDENTITY_OVER)
        bad = sum(compared)
        tally = counted(before.tally, good=len(compared) - bad, bad=bad, at=observation.answered)
        assessment.put(replace(before, tally=tally, seen=observation.answered))


def _heard(catalog: Catalog, status: Status, observation: Observation) -> Iterator[tuple[ClientId, Said]]:
    """What the records say, the latest of a client last; all of them, for those seen before say it still."""
    for record in sorted(observation.records, key=lambda one: one.listed):
        client, word = catalog.client_in(observation.system, record.client), record.fields.get(status.field)
        if client is not None and word is not None:
            yield client, said(status, word, observation.answered)
