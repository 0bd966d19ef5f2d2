"""What a system's page shows of its certificate, our credential, its clock, and how each of its lists behaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.upkeep import credential_end
from monitor.situation import Situation
from probes.catalog import ProbeId, SystemId
from probes.certificate import Certificate
from probes.clock import Skew
from probes.connector import RefusalKind
from probes.feed import Feed, Habit
from probes.fingerprint import Drift, drifts
from probes.upkeep import Upkeep


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """One list: since when its newest record is known, since when it is empty, and how its form has changed.

    `fields` counts the paths known, `news` are those that came since the form was learnt.
    """

    probe: ProbeId
    moved: datetime | None
    emptied: datetime | None
    drifts: tuple[Drift, ...]
    fields: int
    news: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepView:
    """What is known of one system. `refused` says which lists ("" for the who-am-I) refuse our credential, and why."""

    certificate: Certificate | None
    credential_expires: datetime | None
    clock: Skew | None
    refused: Mapping[str, RefusalKind | None]
    lists: tuple[ListView, ...]


def upkeep(situation: Situation, system: SystemId) -> UpkeepView:
    """Return what is known of a system that is configured."""
    known = situation.upkeep.get(system) or Upkeep(system=system)
    probes = [sight.probe for sight in situation.sights.values() if sight.probe.system == system]
    watched = {probe.resource for probe in probes}
    return UpkeepView(
        certificate=known.certificate,
        credential_expires=credential_end(situation.config.catalog.systems[system], known),
        clock=known.clock,
        refused={name: one.kind for name, one in known.refusals.items() if one.certain and name in watched},
        lists=tuple(_list(situation, probe.id) for probe in probes if probe.resource),
    )


def _list(situation: Situation, probe: ProbeId) -> ListView:
    feed = situation.feeds.get(probe) or Feed(probe=probe)
    form = (situation.habits.get(probe) or Habit(probe=probe)).fingerprint
    return ListView(
        probe=probe,
        moved=feed.moved,
        emptied=feed.emptied,
        drifts=drifts(form),
        fields=len(form.others),
        news=form.news,
    )
