"""A message that nobody took in time becomes an alert about its recipient, and makes no further one."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertKind, AlertState, IncidentId, Move
from alerts.evaluate import Verdict, evaluated
from alerts.message import MessageKind
from alerts.undelivered import (
    FEW,
    PAGE_TAKES,
    SEVERAL,
    Reached,
    Untaken,
    about,
    deadline,
    judge_undelivered,
)
from alerts.weigh import Before
from probes.catalog import ClientId
from tests.cast import CATALOG, MINUTE, NOON

ALBA = "alba"


def untaken(recipient: str = ALBA, client: ClientId | None = None, minutes: float = 10) -> Untaken:
    """Return a message that nobody has taken for so long."""
    kind = MessageKind.PAGE if client is None else MessageKind.NOTICE
    since = NOON - timedelta(minutes=minutes)
    return Untaken(
        key=f"INC-1/{recipient}",
        kind=kind,
        recipient=recipient,
        client=client,
        incident=IncidentId("INC-1"),
        since=since,
    )


def reached(at: datetime) -> Reached:
    """Return that the recipient took a message."""
    return Reached(recipient=ALBA, client=None, at=at)


def before(*alerts: Alert) -> Before:
    """Return what is known."""
    return Before(catalog=CATALOG, indicators={}, alerts={str(one.key): one for one in alerts}, books={})


def firing(recipient: str = ALBA) -> Alert:
    """Return the alert about a recipient."""
    verdict = Verdict(move=Move.CONFIRM, explanation="took nothing", onset=NOON - 10 * MINUTE)
    found = evaluated(None, about(recipient, None), verdict, NOON)
    assert found is not None
    return found


def test_a_page_that_nobody_took_in_five_minutes_is_an_alert_about_its_person() -> None:
    late, in_time = untaken(), untaken("noor", minutes=PAGE_TAKES.total_seconds() / 60 - 1)
    moved = judge_undelivered(before(), [late, in_time], (), NOON).moved
    (alert,) = moved.values()
    assert (alert.key.kind, alert.key.subject, alert.state) == (AlertKind.UNDELIVERED, ALBA, AlertState.FIRING)
    assert "took nothing for 10 min" in alert.explanation
    assert alert.key.client is None, "it hurts no client"


def test_a_notice_may_take_as_long_as_the_first_is_promised() -> None:
    for client in CATALOG.clients.values():
        promised = CATALOG.tier_of(client.id).sla.first_notice
        if promised is not None:
            assert deadline(CATALOG, MessageKind.NOTICE, client.id) == max(promised, MINUTE)


def test_it_ends_once_its_recipient_takes_a_message_and_not_by_time() -> None:
    alert = firing()
    stays = judge_undelivered(before(alert), [untaken()], [reached(NOON)], NOON)
    assert str(alert.key) not in stays.moved or stays.moved[str(alert.key)].state is AlertState.FIRING
    silent = judge_undelivered(before(alert), (), (), NOON + timedelta(days=2))
    assert silent.moved == {}
    ended = judge_undelivered(before(alert), (), [reached(NOON + MINUTE)], NOON + MINUTE)
    assert ended.moved[str(alert.key)].state is AlertState.RESOLVED


def test_many_recipients_at_once_are_one_alert_about_all_of_them() -> None:
    moved = judge_undelivered(before(), [untaken(f"p{number}") for number in range(FEW + 1)], (), NOON).moved
    assert list(moved) == [SEVERAL.name]
    (alert,) = moved.values()
    assert f"{FEW + 1} recipients took nothing" in alert.explanation
    after = judge_undelivered(before(alert), (), (), NOON + MINUTE)
    assert after.moved[SEVERAL.name].state is AlertState.RESOLVED


def test_it_ends_where_a_contact_is_configured_no_more_and_nothing_of_its_is_late() -> None:
    client = next(iter(CATALOG.clients.values()))
    gone = untaken("gone", client.id)
    verdict = Verdict(move=Move.CONFIRM, explanation="took nothing", onset=NOON - 10 * MINUTE)
    alert = evaluated(None, about("gone", client.id), verdict, NOON)
    assert alert is not None
    late = judge_undelivered(before(alert), [replace(gone, since=NOON - timedelta(hours=5))], (), NOON)
    assert late.moved.get(str(alert.key), alert).state is AlertState.FIRING, "somebody is still to be told"
    ended = judge_undelivered(before(alert), (), (), NOON + timedelta(days=2))
    assert ended.moved[str(alert.key)].state is AlertState.RESOLVED
