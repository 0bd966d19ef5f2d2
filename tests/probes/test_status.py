"""What systems say of a client: words are compared by what they are declared to mean, and by nothing else."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.status import Said, Status, comparable, differ, said

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CRM = Status(resource="accounts", field="state", words={"engaged": "active", "lost": "inactive"})
BILLING = Status(resource="customers", field="status", words={"active": "active", "canceled": "inactive"})


@pytest.mark.parametrize(
    ("here", "there", "alike"),
    [
        ("engaged", "active", True),
        ("engaged", "canceled", False),
        ("lost", "canceled", True),
        ("Engaged", "canceled", None),
        ("engaged", "trialing", None),
    ],
)
def test_words_are_compared_by_what_they_mean_and_only_where_that_is_declared(
    here: str, there: str, *, alike: bool | None
) -> None:
    known = [said(CRM, here, NOON), said(BILLING, there, NOON)]
    assert comparable(known) is (alike is not None)
    assert differ(known) is (alike is False)


def test_a_word_of_any_length_is_kept_short() -> None:
    assert len(said(CRM, "x" * 10_000, NOON).word) == 100


SAID = st.lists(st.builds(Said, word=st.text(max_size=2), meaning=st.sampled_from(["a", "b", None]), at=st.just(NOON)))


@given(SAID, SAID)
def test_what_is_not_declared_never_makes_a_difference(known: Sequence[Said], more: Sequence[Said]) -> None:
    undeclared = [one for one in more if one.meaning is None]
    assert differ([*known, *undeclared]) == differ(known)
    assert not differ(known) or comparable(known)
