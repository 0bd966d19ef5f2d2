"""Contacts are told when, over which channels and of what they want, and never less than that without a reason."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channel_kind import kind_of
from alerts.contact_mark import Fault, Withheld, failed, mark_key, narrowed, unmarked
from alerts.message import ChannelKind, Lane, Message, MessageKind, Stage
from alerts.preferences import LATE, Jurisdiction, Preferences, Reader, Unsent, addressed, told_at, tried_out, wanted
from probes.catalog import Contact, SecretRef
from probes.manners import Digest, QuietHours
from tests.cast import ACME, CLIENTS, HOUR, NOON, PLATINUM, catalog_of

DESK = CLIENTS[ACME].contacts[0]
NIGHT = QuietHours(begins=time(22), ends=time(7))
NEW_YORK_23 = datetime(2026, 3, 5, 4, tzinfo=UTC)
NEW_YORK_7 = datetime(2026, 3, 5, 12, tzinfo=UTC)


def notice(stage: Stage = Stage.INVESTIGATING, at: datetime = NOON) -> Message:
    return Message(
        key=f"INC-1/notice/acme/{stage}/1",
        kind=MessageKind.NOTICE,
        lane=Lane.NORMAL,
        stage=stage,
        recipient=DESK.name,
        channels=(DESK.channel,),
        subject="subject",
        body="body",
        created=at,
        client=ACME,
    )


def known(contact: Contact, **others: Any) -> Preferences:  # noqa: ANN401 - whatever the preferences have
    """Return preferences in which the desk of acme is another contact."""
    acme = replace(CLIENTS[ACME], contacts=(contact,))
    tier = replace(PLATINUM, at_any_hour=others.pop("at_any_hour", ()))
    return Preferences(catalog=catalog_of({ACME: acme}, tiers=(tier,)), **others)


def said(message: Message, contact: Contact, now: datetime = NOON, **others: Any) -> Message:  # noqa: ANN401 - the same
    (one,) = addressed((message,), known(contact, **others), now)
    return one


def test_whoever_wants_nothing_in_particular_is_told_everything_at_once() -> None:
    assert [said(notice(stage), DESK) for stage in Stage] == [notice(stage) for stage in Stage]
    page = replace(notice(), kind=MessageKind.PAGE)
    assert said(page, replace(DESK, quiet=NIGHT), NEW_YORK_23) == page


def test_quiet_hours_stand_on_the_clock_of_the_reader_and_hold_a_notice_until_their_end() -> None:
    held = said(notice(at=NEW_YORK_23), replace(DESK, quiet=NIGHT), NEW_YORK_23)
    assert (held.gathered, held.held_until, held.lane) == (NEW_YORK_7, NEW_YORK_7 + LATE, Lane.BULK)
    assert said(notice(), replace(DESK, quiet=NIGHT, timezone="Asia/Tokyo"), NOON).gathered is None
    in_madrid = replace(DESK, quiet=NIGHT, timezone="Europe/Madrid")
    assert said(notice(), in_madrid, NEW_YORK_23).gathered == datetime(2026, 3, 5, 6, tzinfo=UTC)


def test_a_stage_that_a_tier_tells_at_any_hour_waits_for_nothing() -> None:
    contact = replace(DESK, quiet=NIGHT, digest=Digest(at=time(8)))
    now = said(notice(), contact, NEW_YORK_23, at_any_hour=(str(Stage.INVESTIGATING),))
    assert now == notice()
    later = said(notice(Stage.UPDATE), contact, NEW_YORK_23, at_any_hour=(str(Stage.INVESTIGATING),))
    assert later.gathered == datetime(2026, 3, 5, 13, tzinfo=UTC)


def test_a_digest_comes_daily_or_every_so_often_and_never_in_quiet_hours() -> None:
    assert told_at(replace(DESK, digest=Digest(every=4 * HOUR)), "UTC", NOON) == NOON + 4 * HOUR
    assert told_at(replace(DESK, digest=Digest(every=4 * HOUR)), "UTC", NOON + HOUR) == NOON + 4 * HOUR
    early = replace(DESK, digest=Digest(at=time(5)), quiet=NIGHT)
    assert told_at(early, "UTC", NOON) == datetime(2026, 3, 5, 7, tzinfo=UTC)


def test_quiet_hours_of_the_night_in_which_clocks_change_end_when_a_clock_shows_it() -> None:
    contact = replace(DESK, quiet=NIGHT)
    before = datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert told_at(contact, "Europe/Berlin", before) == datetime(2026, 3, 29, 5, tzinfo=UTC)


@settings(max_examples=40)
@given(
    hours=st.integers(0, 24 * 400),
    begins=st.times(),
    ends=st.times(),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe"]),
    digest=st.one_of(st.none(), st.builds(Digest, at=st.times()), st.just(Digest(every=7 * HOUR))),
)
def test_nobody_waits_for_longer_than_a_digest_and_a_night(
    hours: int, begins: time, ends: time, zone: str, digest: Digest | None
) -> None:
    begins, ends = (one.replace(second=0, microsecond=0) for one in (begins, ends))
    digest = Digest(at=digest.at.replace(second=0, microsecond=0)) if digest and digest.at else digest
    contact = replace(DESK, quiet=QuietHours(begins=begins, ends=ends) if begins != ends else None, digest=digest)
    now = NOON + hours * HOUR
    at = told_at(contact, zone, now)
    assert at is None or now < at <= now + timedelta(hours=50)


def test_who_is_told_of_a_beginning_is_told_what_becomes_of_it() -> None:
    first = replace(DESK, wants=("investigating",))
    assert wanted(first) == {Stage.INVESTIGATING, Stage.RESOLVED, Stage.RETRACTED}
    planned = replace(DESK, wants=("scheduled",))
    assert wanted(planned) == {Stage.SCHEDULED, Stage.MOVED, Stage.COMPLETED, Stage.CANCELLED}
    assert said(notice(Stage.UPDATE), first).withheld == Unsent.NOT_WANTED
    assert said(notice(Stage.RESOLVED), first).withheld == ""


def test_whoever_unsubscribed_or_bounced_is_sent_what_is_owed_and_the_rest_is_on_record_with_its_reason() -> None:
    key, fresh = mark_key(ACME, DESK.name), unmarked(ACME, DESK)
    asked = {key: narrowed(fresh, "the reader", NOON)}
    gone = {key: failed(fresh, Fault.BOUNCED, "bounced", NOON)}
    assert said(notice(), DESK, marks=asked).withheld == ""
    assert said(notice(Stage.MONITORING), DESK, marks=asked).withheld == Withheld.UNSUBSCRIBED
    assert said(notice(Stage.MONITORING), DESK, marks=gone).withheld == Withheld.UNREACHABLE


def test_the_first_that_a_reader_hears_is_owed_at_whatever_stage_they_join() -> None:
    fresh = unmarked(ACME, DESK)
    asked = known(DESK, marks={fresh.key: narrowed(fresh, "the reader", NOON)})
    beginning = known(replace(DESK, wants=("investigating",)))
    for stage in (Stage.IDENTIFIED, Stage.MONITORING):
        message = notice(stage)
        readers = {message.key: Reader(contact=DESK, first=True)}
        assert [one.withheld for one in addressed((message,), asked, NOON, readers)] == [""]
        assert [one.withheld for one in addressed((message,), beginning, NOON, readers)] == [""]
        assert addressed((message,), asked, NOON)[0].withheld == Withheld.UNSUBSCRIBED


def test_who_is_not_configured_any_more_is_told_as_they_may_be_told() -> None:
    here = replace(DESK, jurisdiction="strict")
    law = Jurisdiction(name="strict", channels=frozenset({ChannelKind.MAIL}))
    nobody = Preferences(jurisdictions={"strict": law}, kinds={DESK.channel: ChannelKind.CHAT})
    message = notice(Stage.RESOLVED)
    (one,) = addressed((message,), nobody, NOON, {message.key: Reader(contact=here)})
    assert one.withheld == Unsent.NOT_ALLOWED


def test_of_two_contacts_of_one_name_each_is_told_as_it_wants() -> None:
    chat = replace(DESK, channel=SecretRef("env:ACME_CHAT"), wants=("maintenance",))
    both = Preferences(catalog=catalog_of({ACME: replace(CLIENTS[ACME], contacts=(DESK, chat))}))
    first, second = notice(), replace(notice(), channels=(chat.channel,))
    assert [one.withheld for one in addressed((first, second), both, NOON)] == ["", Unsent.NOT_WANTED]


def test_where_only_mail_is_allowed_nothing_leaves_over_chat() -> None:
    here = replace(DESK, jurisdiction="strict")
    laws = {"strict": Jurisdiction(name="strict", channels=frozenset({ChannelKind.MAIL}))}
    chat, mail = {DESK.channel: ChannelKind.CHAT}, {DESK.channel: ChannelKind.MAIL}
    assert said(notice(), here, jurisdictions=laws, kinds=chat).withheld == Unsent.NOT_ALLOWED
    told = said(notice(), here, jurisdictions=laws, kinds=mail)
    assert (told.withheld, told.channels, told.kinds) == ("", (DESK.channel,), (ChannelKind.MAIL,))
    both = replace(notice(), channels=(SecretRef("env:CHAT"), DESK.channel))
    kinds = {SecretRef("env:CHAT"): ChannelKind.CHAT, **mail}
    assert said(both, here, jurisdictions=laws, kinds=kinds).channels == (DESK.channel,)
    # An address that could not be looked up is judged when it is used.
    assert said(notice(), here, jurisdictions=laws).kinds == (ChannelKind.MAIL,)
    assert said(notice(), DESK, jurisdictions=laws, kinds=chat) == notice()


@pytest.mark.parametrize(
    ("scheme", "kind"),
    [("mailtos", ChannelKind.MAIL), ("slack", ChannelKind.CHAT), ("jsons", ChannelKind.WEBHOOK), (None, "other")],
)
def test_a_scheme_says_what_kind_of_channel_it_is(scheme: str | None, kind: ChannelKind) -> None:
    assert kind_of(scheme) == kind


def test_a_test_message_wakes_no_client_and_keeps_to_the_channels_that_are_allowed() -> None:
    trial = replace(notice(at=NEW_YORK_23), kind=MessageKind.NOTE, trial=True)
    night = known(replace(DESK, quiet=NIGHT, digest=Digest(at=time(18))))
    assert tried_out(trial, night, NEW_YORK_23).held_until == NEW_YORK_7
    assert tried_out(trial, night, NOON).held_until is None
    place = Jurisdiction(name="de", channels=frozenset({ChannelKind.MAIL}))
    restricted = known(replace(DESK, jurisdiction="de"), jurisdictions={"de": place})
    assert tried_out(trial, restricted, NOON).kinds == (ChannelKind.MAIL,)
    ours = replace(trial, client=None)
    assert tried_out(ours, night, NEW_YORK_23) == ours
