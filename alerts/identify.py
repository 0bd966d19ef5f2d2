"""A look folded into what is known of whose records they are: the share of a system's records that is somebody's.

A record that is nobody's is data of doubtful quality, not a failure: it hurts no client that could be named.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.weigh import Assessment
from probes.catalog import SystemId
from probes.observation import Record
from probes.sli import IndicatorKind, counted

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
