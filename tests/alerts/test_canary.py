"""Each channel is tried out at its interval; one that fails for too long is told of, once; a success ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.canary import Canaries, Canary, Round, Tried, channels_of, due, heard, is_news
from alerts.oncall import Person, PersonId
from probes.catalog import ClientId, SecretRef

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGER, MAIL, DESK = SecretRef("env:ADA_PAGER"), SecretRef("env:ADA_MAIL"), SecretRef("env:ACME_DESK")
ADA = Person(id=PersonId("ada"), timezone="UTC", channels=(PAGER, MAIL))
DUTY = Person(id=PersonId("duty"), timezone="UTC", channels=(SecretRef("env:DUTY"),))
SETTINGS = Canaries(every=DAY, broken_after=HOUR)
TRIED = tuple(channels_of((ADA,), DAY))


def looked(known: dict[SecretRef, Canary], now: datetime, tried: tuple[Tried, ...] = TRIED) -> Round:
    """Return what comes of a look."""
    return due(tried, known, SETTINGS, DUTY, now)


def kept(known: dict[SecretRef, Canary], found: Round) -> dict[SecretRef, Canary]:
    """Return what is known after a look."""
    return {channel: one for channel, one in {**known, **found.canaries}.items() if one is not None}


def test_a_channel_is_tried_at_once_and_then_at_its_interval() -> None:
    first = looked({}, NOON)
    assert [(one.recipient, one.channels, one.trial) for one in first.messages] == [
        ("ada", (PAGER,), True),
        ("ada", (MAIL,), True),
    ]
    assert first.again == NOON + DAY
    known = kept({}, first)
    assert looked(known, NOON + DAY - HOUR).messages == []
    assert len(looked(known, NOON + DAY).messages) == 2


def test_a_real_message_counts_as_a_trial() -> None:
    known = kept({}, looked({}, NOON))
    known[PAGER] = heard(known[PAGER], accepted=True, reason="", now=NOON + 20 * HOUR)
    assert [one.channels for one in looked(known, NOON + DAY).messages] == [(MAIL,)]


@pytest.mark.answers("prometheus/alertmanager#2845")
def test_a_channel_that_fails_for_too_long_is_told_of_once_and_again_after_it_worked() -> None:
    failing = heard(Canary(channel=PAGER, queued=NOON), accepted=False, reason="refused (500)", now=NOON)
    known = {PAGER: failing, MAIL: heard(Canary(channel=MAIL), accepted=True, reason="", now=NOON)}
    soon = looked(known, NOON + HOUR / 2)
    assert (soon.messages, soon.again) == ([], NOON + HOUR)
    late = looked(known, NOON + HOUR)
    (told,) = late.messages
    assert (told.recipient, told.channels, told.trial) == ("duty", DUTY.channels, False)
    assert "refused (500)" in told.body
    assert PAGER not in told.body
    known = kept(known, late)
    assert looked(known, NOON + 2 * HOUR).messages == []
    known[PAGER] = heard(known[PAGER], accepted=True, reason="", now=NOON + 3 * HOUR)
    assert (known[PAGER].failing_since, known[PAGER].told) == (None, None)


def test_what_is_no_longer_configured_is_forgotten() -> None:
    known = kept({}, looked({}, NOON))
    assert looked(known, NOON, ()).canaries == {PAGER: None, MAIL: None}


def test_a_clients_channel_names_its_client_in_what_the_catch_all_is_told() -> None:
    one = Tried(channel=DESK, recipient="Desk", every=DAY, client=ClientId("acme"))
    failing = heard(Canary(channel=DESK, queued=NOON), accepted=False, reason="refused (404)", now=NOON)
    (told,) = looked({DESK: failing}, NOON + HOUR, (one,)).messages
    assert told.subject == "A channel of Desk of acme is broken"


@settings(max_examples=50)
@given(ends=st.lists(st.tuples(st.booleans(), st.integers(0, 7200)), max_size=12))
def test_what_is_kept_says_the_same_as_what_was_heard(ends: list[tuple[bool, int]]) -> None:
    everything = thinned = Canary(channel=PAGER)
    now = NOON
    for accepted, seconds in ends:
        now += timedelta(seconds=seconds)
        everything = heard(everything, accepted=accepted, reason="x", now=now)
        if is_news(thinned, accepted=accepted, now=now):
            thinned = heard(thinned, accepted=accepted, reason="x", now=now)
        assert thinned.failing_since == everything.failing_since
        assert (thinned.succeeded is None) == (everything.succeeded is None)
