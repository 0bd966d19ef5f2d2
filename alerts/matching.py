"""A look matched against the books of the flows that it is an end of: records as both ends see them.

What the ends of a flow call a record and what they say of it is read here; what follows is for `probes.sync`.
"""

from collections.abc import Iterable, Iterator

from alerts.weigh import Assessment, remembered
from probes.catalog import End, Flow
from probes.compare import destination_facts, source_facts
from probes.observation import Observation, Record
from probes.sync import at_destination, at_source
from probes.tracked import RecordState, Sighting, Tracked


def match(assessment: Assessment, observation: Observation, fresh: tuple[Record, ...]) -> None:
    """Match the records seen against the books of the flows that the look's resource is an end of."""
    covered, answered = observation.covered, observation.answered
    flows = tuple(assessment.before.catalog.flows_of(observation.system))
    left = [(flow, list(_left(assessment, flow, fresh))) for flow in flows if _is(flow.source, observation)]
    # Arrivals come last: a record that leaves on its next hop is asked for on the one before, as it was there.
    for flow, seen in left:
        book = assessment.book(flow.id)
        assessment.change(at_source(book, seen, covered, remembered(flow), answered))
    for flow in flows:
        if _is(flow.destination, observation):
            book, came = assessment.book(flow.id), _came(assessment, flow, fresh)
            assessment.change(at_destination(book, came, covered, remembered(flow), answered))


def _is(end: End, observation: Observation) -> bool:
    return (end.system, end.resource) == (observation.system, observation.resource)


def _came(assessment: Assessment, flow: Flow, fresh: Iterable[Record]) -> Iterator[Sighting]:
    catalog, system, field = assessment.before.catalog, flow.destination.system, flow.destination.field
    for record in fresh:
        key = record.fields.get(field)
        if key:
            client = catalog.client_in(system, record.client)
            yield Sighting(key, client, record.created, destination_facts(flow, record))


def _left(assessment: Assessment, flow: Flow, fresh: Iterable[Record]) -> Iterator[Sighting]:
    catalog, system, field = assessment.before.catalog, flow.source.system, flow.source.field
    for record in fresh:
        key = record.fields.get(field)
        if not key:
            continue
        client = catalog.client_in(system, record.client)
        before = _before(assessment, flow, record)
        if before is None:
            yield Sighting(key, client, record.created, source_facts(flow, record))
        else:
            entered = before.entered or before.created
            slipped = before.slipped or before.late is True
            yield Sighting(key, client or before.client, record.created, source_facts(flow, record), entered, slipped)


def _before(assessment: Assessment, flow: Flow, record: Record) -> Tracked | None:
    """The record as it is known on the hop before, None where it is not, or not from there."""
    hop = assessment.before.catalog.flows.get(flow.hop.before) if flow.hop and flow.hop.before else None
    key = record.fields.get(hop.destination.field) if hop is not None else None
    known = assessment.book(hop.id).get(key) if hop is not None and key else None
    return None if known is None or known.state is RecordState.EARLY else known
