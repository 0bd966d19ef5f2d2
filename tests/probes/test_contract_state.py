"""A contract's state counts from midnight of its day on the client's clock."""

from datetime import UTC, date, datetime

import pytest

from probes.contract_state import ContractState, DatedState, state_at

ONBOARDING = DatedState(state=ContractState.ONBOARDING, since=date(2026, 1, 1))
IN_FORCE = DatedState(state=ContractState.ACTIVE, since=date(2026, 2, 1))
OVER = DatedState(state=ContractState.TERMINATED, since=date(2026, 3, 1), note="moved on")
STATES = (OVER, ONBOARDING, IN_FORCE)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2025, 6, 1, tzinfo=UTC), ContractState.ONBOARDING),
        (datetime(2026, 1, 15, tzinfo=UTC), ContractState.ONBOARDING),
        # In Tokyo it is 1 February nine hours before it is in UTC.
        (datetime(2026, 1, 31, 14, 59, tzinfo=UTC), ContractState.ONBOARDING),
        (datetime(2026, 1, 31, 15, 0, tzinfo=UTC), ContractState.ACTIVE),
        (datetime(2026, 2, 28, 15, 0, tzinfo=UTC), ContractState.TERMINATED),
        (datetime(2036, 1, 1, tzinfo=UTC), ContractState.TERMINATED),
    ],
)
def test_a_state_counts_from_its_day_on_until_the_next(at: datetime, state: ContractState) -> None:
    assert state_at(STATES, "Asia/Tokyo", at).state is state


def test_a_state_says_since_and_until_when() -> None:
    now = state_at(STATES, "UTC", datetime(2026, 2, 14, tzinfo=UTC))
    assert (now.since, now.until) == (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    before = state_at(STATES, "UTC", datetime(2025, 6, 1, tzinfo=UTC))
    assert (before.since, before.until) == (None, datetime(2026, 2, 1, tzinfo=UTC))
    assert state_at(STATES, "UTC", datetime(2027, 1, 1, tzinfo=UTC)).until is None


def test_without_any_state_a_contract_is_in_force() -> None:
    assert state_at((), "UTC", datetime(2026, 1, 1, tzinfo=UTC)).state is ContractState.ACTIVE
    always = (DatedState(state=ContractState.PAUSED),)
    assert state_at(always, "UTC", datetime(2026, 1, 1, tzinfo=UTC)).state is ContractState.PAUSED
