"""An alert's states: the table, and that nothing but the table moves it."""

import pytest

from alerts.alert import TRANSITIONS, AlertKey, AlertKind, AlertState, IllegalMove, IncidentId, Move, attached, moved
from tests.cast import ACME, late

MOVES = [(state, move) for state in AlertState for move in Move if move is not Move.STAY]


@pytest.mark.parametrize(("state", "move"), MOVES)
def test_a_move_does_what_the_table_says_or_is_refused_by_name(state: AlertState, move: Move) -> None:
    if (state, move) in TRANSITIONS:
        assert moved(state, move) is TRANSITIONS[state, move]
    else:
        with pytest.raises(IllegalMove, match=f"an alert that is {state} cannot {move}"):
            moved(state, move)


@pytest.mark.parametrize("state", AlertState)
def test_staying_is_always_legal(state: AlertState) -> None:
    assert moved(state, Move.STAY) is state


def test_nothing_but_evidence_ends_an_alert() -> None:
    ends = {move for (before, move), state in TRANSITIONS.items() if state is AlertState.RESOLVED}
    assert ends == {Move.CLEAR}


def test_losing_sight_of_something_that_fires_leaves_it_firing() -> None:
    assert (AlertState.FIRING, Move.LOSE_SIGHT) not in TRANSITIONS


def test_an_alert_that_was_never_confirmed_does_not_resolve() -> None:
    assert moved(AlertState.PENDING, Move.CLEAR) is AlertState.INACTIVE


@pytest.mark.parametrize(
    ("state", "active"),
    [
        (AlertState.INACTIVE, False),
        (AlertState.PENDING, False),
        (AlertState.FIRING, True),
        (AlertState.BLIND, True),
        (AlertState.RESOLVED, False),
    ],
)
def test_somebody_must_care_for_what_fires_and_for_what_cannot_be_seen(state: AlertState, *, active: bool) -> None:
    assert late(ACME, state).active is active


def test_a_key_names_kind_subject_and_client() -> None:
    assert str(AlertKey(kind=AlertKind.AVAILABILITY, subject="erp")) == "availability/erp"
    assert str(late(ACME).key) == "sync_latency/invoices/acme"


def test_an_attached_alert_is_the_same_alert() -> None:
    alert = attached(late(ACME), IncidentId("INC-7"))
    assert alert.incident == "INC-7"
    assert alert.key == late(ACME).key
