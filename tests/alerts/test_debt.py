"""Who was told of a beginning is owed the end, until they have accepted word of it or somebody waives it."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import AlertState
from alerts.debt import Debtor
from alerts.fold import advanced
from alerts.incident import Incident
from alerts.message import Message, Stage
from alerts.mute import DebtsWaived
from alerts.timeline import Told
from tests.alerts.shift import FIRST, Shift
from tests.cast import ACME, BOREAL, ERP, NOON, after, late, system_alert

ALBA = Debtor(recipient="alba")
DESK, OPERATIONS = (Debtor(recipient=name, client=ACME) for name in ("Service desk", "Operations"))


def accepted(shift: Shift, messages: list[Message], at: datetime) -> None:
    """Let receivers accept messages of the first incident."""
    for message in messages:
        event = Told(at=at, key=message.key, recipient=message.recipient, stage=message.stage, client=message.client)
        shift.timelines[FIRST].append(event)
        shift.incidents[FIRST] = advanced(shift.incidents[FIRST], event)


def test_a_debt_begins_with_the_word_of_a_beginning_and_ends_with_that_of_the_end() -> None:
    shift = Shift()
    accepted(shift, shift.sees(NOON, late(ACME)), after(seconds=2))
    assert set(shift.only.debts) == {ALBA, DESK, OPERATIONS}
    ends = shift.sees(after(minutes=2), late(ACME, AlertState.RESOLVED, at=after(minutes=2)))
    assert set(shift.only.debts) == {ALBA, DESK, OPERATIONS}, "an end that is only written is not told"
    accepted(shift, ends, after(minutes=3))
    assert shift.only.debts == {}


def test_what_nobody_accepted_is_owed_to_nobody() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    assert shift.only.debts == {}


def test_who_could_not_be_told_the_end_is_owed_it_until_somebody_waives_it() -> None:
    shift = Shift()
    accepted(shift, shift.sees(NOON, late(ACME)), after(seconds=2))
    ends = shift.sees(after(minutes=2), late(ACME, AlertState.RESOLVED, at=after(minutes=2)))
    accepted(shift, [one for one in ends if one.recipient != "Operations"], after(minutes=3))
    assert shift.only.debts == {OPERATIONS: after(seconds=2)}
    waived = advanced(shift.only, DebtsWaived(at=after(hours=1), by="alba", why="the address is gone"))
    assert waived.debts == {}


def _owed(incident: Incident, told: list[tuple[Message, bool]]) -> set[Debtor]:
    """Return, from the messages alone, whom the end is owed."""
    owed: set[Debtor] = set()
    for message, arrived in told:
        who = Debtor(recipient=message.recipient, client=message.client)
        if arrived and message.incident == incident.id:
            owed = owed - {who} if message.stage is Stage.RESOLVED else owed | {who}
    return owed


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=6), st.lists(st.booleans(), min_size=40, max_size=40))
def test_the_debts_are_exactly_what_receivers_took_and_were_not_told_the_end_of(
    moves: list[bool], arrivals: list[bool]
) -> None:
    """Whichever messages arrive and whichever do not, over several clients and a system that fails in between."""
    shift, told, luck = Shift(), list[tuple[Message, bool]](), iter(arrivals * 3)
    for number, one in enumerate(moves):
        at = after(minutes=3 * number)
        state = AlertState.FIRING if one else AlertState.RESOLVED
        alert = late(ACME if number % 2 else BOREAL, state, at=at) if number % 3 else system_alert(ERP, state, at=at)
        for message in shift.sees(at, alert) if one or str(alert.key) in shift.alerts else []:
            told.append((message, next(luck)))
            if told[-1][1] and message.incident == FIRST:
                accepted(shift, [message], at)
        if FIRST in shift.incidents:
            assert set(shift.incidents[FIRST].debts) == _owed(shift.incidents[FIRST], told)
