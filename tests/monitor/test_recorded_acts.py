"""What people did is on record as acts that a story can be read from again; what the evidence said is not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.alert import IncidentId
from alerts.clocks import ClocksPaused, ClocksResumed, Mitigated, PauseCause
from alerts.escalation import Policy
from alerts.oncall import Person, PersonId
from alerts.orders import Grade, Merge, Reassign, Reopen, Split
from alerts.override import Override, OverrideId
from alerts.steps import EscalationPaused
from alerts.timeline import (
    Acknowledged,
    Escalating,
    Event,
    MergedInto,
    Opened,
    Reassigned,
    Reopened,
    ReopenReason,
    Resolved,
    SeveritySet,
    SplitOff,
    TakenOver,
    Taking,
)
from monitor.changes import Entry
from monitor.load import load
from monitor.replay.reading import read_story
from monitor.replay.recorded_acts import acts, overrides
from monitor.replay.story import Act, Deed, Story
from monitor.store.history import History
from probes.catalog import ClientId, TierId
from tests.monitor.test_stories_read import COMPANY, HEAD, NOW

START = datetime(2026, 10, 24, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
AT = START + HOUR
BEN = Person(id=PersonId("ben"), timezone="UTC", channels=())
POLICY = Policy(name="first", steps=(), people=(), catch_all=BEN)
WHY = "Acme Corp, token 4711"
COBALT = ClientId("cobalt")


def entries(*events: Event, incident: str = "INC-70") -> tuple[Entry, ...]:
    return tuple(Entry(incident=IncidentId(incident), sequence=place, event=one) for place, one in enumerate(events))


def again(folder: Path, **sections: object) -> Story:
    """Return the story that is read from what is on record."""
    config = load(COMPANY, secrets=False, now=NOW).config
    assert config is not None
    file = folder / "story.yaml"
    file.write_text(HEAD + "".join(f"{name}: {json.dumps(one)}\n" for name, one in sections.items()))
    return read_story(file, config)


def read(folder: Path, *known: Entry) -> tuple[Act, ...]:
    said = list(acts(known, START, START + 12 * HOUR))
    assert "4711" not in json.dumps(said)
    return again(folder, acts=said).acts


def test_what_people_ordered_is_ordered_again(tmp_path: Path) -> None:
    alerts, until = ("availability/erp",), AT + HOUR
    reassigned, paused, split, graded, reopened, resolved, held = read(
        tmp_path,
        *entries(
            Reassigned(at=AT, owner=BEN, why=WHY, by="ada", next_due=None),
            EscalationPaused(at=AT, by="ada", until=until, why=WHY),
            SplitOff(at=AT, into=IncidentId("INC-71"), alerts=alerts, clients=(COBALT,), why=WHY, by="ada"),
            SeveritySet(at=AT, tier=TierId("gold"), weight=40, policy=POLICY, why=WHY, by="ada"),
            Reopened(at=AT, reason=ReopenReason.BY_HAND, why=WHY, by="ada"),
            Resolved(at=AT, why=WHY, by="ada"),
            Acknowledged(at=AT, by="ada", until=until),
        ),
    )
    assert isinstance(reassigned.order, Reassign)
    assert (reassigned.order.to, reassigned.by, reassigned.at) == ("ben", "ada", AT)
    assert (paused.does, paused.until) == (Deed.PAUSE, until)
    assert isinstance(split.order, Split)
    assert (split.order.part.alerts, split.order.part.clients) == (frozenset(alerts), frozenset({COBALT}))
    assert isinstance(graded.order, Grade)
    assert isinstance(reopened.order, Reopen)
    assert (resolved.does, held.does, held.until) == (Deed.RESOLVE, Deed.ACKNOWLEDGE, until)


def test_what_they_said_of_clocks_is_said_again_with_since_when(tmp_path: Path) -> None:
    cause, since = PauseCause.VENDOR_CAUSED, AT - HOUR / 2
    found = read(
        tmp_path,
        *entries(
            ClocksPaused(at=AT, since=since, clients=(COBALT,), cause=cause, why=WHY, by="ben"),
            ClocksResumed(at=AT, until=AT, clients=(COBALT,), cause=cause, why=WHY, by="ben"),
            Mitigated(at=AT, since=since, why=WHY, by="ben"),
        ),
    )
    assert [(one.does, one.since) for one in found] == [
        (Deed.PAUSE_CLOCKS, since),
        (Deed.RESUME_CLOCKS, AT),
        (Deed.MITIGATED, since),
    ]
    assert (found[0].clients, found[0].cause) == ((COBALT,), cause)


def test_a_merge_names_both_by_where_they_stand_on_record(tmp_path: Path) -> None:
    first, other = IncidentId("INC-70"), IncidentId("INC-75")
    opened = Opened(at=START, onset=START, nodes=frozenset(), blind=False)
    taken = TakenOver(
        at=AT,
        how=Taking.MERGED,
        origin=other,
        alerts={},
        active=frozenset(),
        impacts=(),
        nodes=frozenset(),
        onset=START,
        escalating=Escalating(),
        why=WHY,
        by="ada",
    )
    merged = MergedInto(at=AT, into=first, why=WHY, by="ada")
    (one,) = read(tmp_path, *entries(opened, taken), *entries(opened, merged, incident=other))
    assert one.incident == "INC-1"
    assert isinstance(one.order, Merge)
    assert one.order.other == "INC-2"


def test_what_followed_from_evidence_is_nobody_s_deed() -> None:
    known = entries(
        Resolved(at=AT, why="the data caught up"),
        SeveritySet(at=AT, tier=TierId("gold"), weight=40, policy=POLICY),
        Reopened(at=AT, reason=ReopenReason.RECURRED, why="it came back"),
        ClocksPaused(at=AT, since=AT, clients=(COBALT,), cause=PauseCause.MAINTENANCE, why="a window"),
    )
    assert list(acts(known, START, START + HOUR * 12)) == []


def test_overrides_are_posted_again_until_they_were_over_or_cancelled(tmp_path: Path) -> None:
    kept = Override(
        id=OverrideId("1"),
        schedule="first-line",
        start=AT,
        end=AT + 3 * HOUR,
        person=PersonId("cleo"),
        instead_of=None,
        by="ada",
        why=WHY,
        created=START - HOUR,
        cancelled=AT + HOUR,
    )
    history = History(entries=(), overrides=(kept,))
    said = list(overrides(history.overrides, START, START + 12 * HOUR))
    (one,) = again(tmp_path, overrides=said).overrides
    assert (one.at, one.wish.start, one.wish.end) == (START, AT, AT + HOUR)
    assert (one.wish.person, one.wish.instead_of, one.wish.why) == ("cleo", None, "")
    assert list(overrides(history.overrides, AT + HOUR, AT + 2 * HOUR)) == [], "it had been cancelled by then"
