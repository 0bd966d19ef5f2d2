"""What people do with drafts of notices: for one text and one state, by those who may, and on record."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.alert import AlertState
from alerts.approving import Acted, approve, edit, refuse, say_stage
from alerts.communications import Communications
from alerts.draft import Draft
from alerts.masked import Masked
from alerts.merging import CannotBeDone, Saying
from alerts.message import ChannelKind, MessageKind, Stage
from alerts.notice_draft import DraftCause, DraftMove, DraftMoved, DraftState, NoticeDraft, OwnText
from alerts.oncall import PersonId
from alerts.reach import preview, preview_stage
from alerts.respond import resolved
from alerts.revise import revised
from probes.catalog import NoticePolicy, SecretRef
from probes.consent import Consent, Named, NamedKind
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    ACME,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    CONTEXT,
    GOLD,
    NOON,
    PLATINUM,
    SILVER,
    after,
    catalog_of,
    late,
    news,
)

TOLD, FOUND, UPDATED, ENDED = Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.UPDATE, Stage.RESOLVED
CARLA = Named(kind=NamedKind.PERSON, name="carla")
WEEKLY = Named(kind=NamedKind.SCHEDULE, name="weekly")
CAREFUL = Consent(approvers=(CARLA, WEEKLY), four_eyes=frozenset({"resolved"}))
TEAM = Communications(team=(CARLA,))


def asking(policy: NoticePolicy = NoticePolicy.APPROVAL, consent: Consent = CAREFUL) -> Shift:
    """Return a shift in which platinum's notices need somebody."""
    careful = replace(PLATINUM, notices=policy, consent=consent)
    roster = replace(CONTEXT.roster, communications=TEAM)
    return Shift(replace(CONTEXT, catalog=catalog_of(CLIENTS, (careful, GOLD, SILVER)), roster=roster))


def only(shift: Shift) -> NoticeDraft:
    (draft,) = shift.drafts
    return draft


def by(person: str, at: datetime, why: str = "") -> Saying:
    return Saying(by=person, at=at, why=why)


def done(shift: Shift, acted: Acted) -> Acted:
    """Take over what an act came to."""
    shift._take(acted.draft)
    return acted


def approves(shift: Shift, person: str, at: datetime, seen: str = "", draft: NoticeDraft | None = None) -> Acted:
    one = draft or only(shift)
    return done(shift, approve(one, seen, by(person, at), shift.incidents[one.incident], shift.context))


def moves(shift: Shift) -> list[DraftMove]:
    return [event.move for event in shift.timelines[FIRST] if isinstance(event, DraftMoved)]


@pytest.mark.answers("ministryofjustice/modernisation-platform#5388")
def test_what_needs_approval_waits_for_it_and_is_sent_in_the_same_moment() -> None:
    shift = asking()
    notes = [one for one in shift.sees(NOON, late(ACME), late(BOREAL)) if one.kind is MessageKind.NOTE]
    assert [one.recipient for one in notes] == ["carla"], "one draft for all of a tier, told to the team once"
    one = only(shift)
    assert (one.clients, one.stage, one.due, one.eyes) == ((ACME, BOREAL), TOLD, after(minutes=1), 1)
    assert shift.notices(ACME) == []
    acted = approves(shift, "Carla", after(seconds=30), one.text)
    assert acted.notice.state is DraftState.SENT
    assert [each.recipient for each in acted.draft.messages] == ["Service desk", "Operations", "Duty"]
    assert shift.notices(ACME) == shift.notices(BOREAL) == [TOLD]
    assert moves(shift) == [DraftMove.MADE, DraftMove.APPROVED, DraftMove.SENT]
    assert shift.only.impacts[ACME].facts == one.facts


def test_only_those_who_are_named_may_approve_and_each_once() -> None:
    shift = asking(consent=replace(CAREFUL, always=True))
    shift.sees(NOON, late(ACME))
    with pytest.raises(CannotBeDone, match="diego may not decide on notices to platinum clients; these may: alba"):
        approves(shift, "diego", NOON)
    first = approves(shift, "alba", after(seconds=10))
    assert first.notice.waiting
    assert first.draft.messages == []
    with pytest.raises(CannotBeDone, match="it needs somebody else as well"):
        approves(shift, "ALBA ", after(seconds=11))
    second = approves(shift, "carla", after(seconds=20))
    assert [each.by for each in second.notice.approvals] == ["alba", "carla"]
    assert shift.notices(ACME) == [TOLD]


@pytest.mark.answers("hoophq/hoop#883")
def test_an_approval_that_comes_after_the_state_has_moved_on_is_refused_and_put_down() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    old = only(shift)
    shift._take(say_stage(shift.only, FOUND, by("alba", after(seconds=20)), shift.context))
    fresh = only(shift)
    assert (fresh.stage, fresh.id != old.id) == (FOUND, True), "the first notice tells how far it has come"
    acted = approves(shift, "carla", after(seconds=30), draft=shift.context.notice_drafts[old.id])
    assert acted.refused.startswith(f"the approval of {old.id} comes too late: it says 'investigating'")
    assert moves(shift)[-1] is DraftMove.TOO_LATE, "it is on record who wanted to send it, and when"
    # Nobody has looked meanwhile: the approval itself finds that it is over.
    cleared = late(ACME, AlertState.RESOLVED, after(seconds=40))
    quiet = replace(shift.only, impacts={ACME: replace(shift.only.impacts[ACME], recovered=after(seconds=40))})
    assert cleared.cleared is not None
    acted = approve(fresh, "", by("carla", after(seconds=50)), quiet, shift.context)
    assert acted.notice.state is DraftState.DEAD
    assert acted.refused.startswith(f"the approval of {fresh.id} comes too late")
    assert acted.draft.messages == []
    late_moves = [event.move for event in acted.draft.events if isinstance(event, DraftMoved)]
    assert late_moves == [DraftMove.TOO_LATE, DraftMove.DIED]


def test_an_approval_is_for_the_text_that_was_read() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    with pytest.raises(CannotBeDone, match="another one than you have read"):
        approves(shift, "carla", NOON, "of-yesterday")
    one = only(shift)
    renamed = dict.fromkeys(one.texts, "another text")
    acted = approve(replace(one, texts=renamed), "", by("carla", NOON), shift.only, shift.context)
    assert "another text by now" in acted.refused
    assert acted.draft.notices[one.id] is not None
    assert any(each is not None and each.waiting for each in acted.draft.notices.values()), "a new one takes its place"


def test_two_people_read_what_a_stage_asks_for() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    approves(shift, "carla", after(seconds=10))
    shift.sees(after(minutes=1), late(ACME, AlertState.RESOLVED, after(minutes=1)))
    assert shift.open == []
    one = only(shift)
    assert (one.stage, one.eyes) == (ENDED, 2)
    approves(shift, "bruno", after(minutes=2))
    approves(shift, "carla", after(minutes=3))
    assert shift.notices(ACME) == [TOLD, ENDED], "also once the incident is over"


def test_who_was_told_nothing_before_it_was_over_is_told_nothing() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=1), late(ACME, AlertState.RESOLVED, after(minutes=1)))
    assert shift.drafts == []
    assert shift.notices(ACME) == []
    assert moves(shift) == [DraftMove.MADE, DraftMove.DIED]


def test_what_is_written_by_hand_is_read_by_the_linter_and_approvals_die_by_it() -> None:
    shift = asking(NoticePolicy.BY_HAND, replace(CAREFUL, always=True))
    shift.sees(NOON, late(ACME))
    approves(shift, "alba", after(seconds=5))
    own = OwnText(subject="Late invoices", body="Ask ops.internal, please.")
    edited = edit(only(shift), {"": own}, by("carla", after(seconds=9)), shift.only, shift.context)
    done(shift, edited)
    assert edited.notice.approvals == ()
    seen = preview(only(shift), shift.only, shift.context, shown, after(seconds=10))
    assert seen.refused
    with pytest.raises(CannotBeDone, match="it is the name of an internal host"):
        approves(shift, "carla", after(seconds=11))
    better = edit(
        only(shift), {"": replace(own, body="We mend it.")}, by("carla", after(seconds=12)), shift.only, shift.context
    )
    done(shift, better)
    approves(shift, "carla", after(seconds=13))
    sent = approves(shift, "alba", after(seconds=14))
    assert sent.draft.messages[0].body.startswith("We mend it.\n\nWe will write again by ")
    assert sent.draft.messages[0].subject == "Late invoices (INC-1)"


def test_a_subject_without_a_text_is_not_taken_for_ours_in_silence() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    for half in (OwnText(subject="Late invoices", body=" "), OwnText(subject="", body="We mend it.")):
        with pytest.raises(CannotBeDone, match="write a subject and a text"):
            edit(only(shift), {"": half}, by("carla", NOON), shift.only, shift.context)
    ours = edit(only(shift), {"": OwnText(subject="", body="")}, by("carla", NOON), shift.only, shift.context)
    assert ours.notice.own == {}


def test_what_is_refused_is_not_proposed_again_until_something_changes() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    with pytest.raises(CannotBeDone, match="say why"):
        refuse(only(shift), by("carla", NOON), shift.only, shift.context)
    done(shift, refuse(only(shift), by("carla", NOON, "not so"), shift.only, shift.context))
    shift.waits(after(seconds=30))
    assert shift.drafts == []
    shift.sees(after(minutes=1), news(ACME))
    assert only(shift).stage is TOLD


def revises(shift: Shift, policy: NoticePolicy, at: datetime) -> None:
    """Let platinum's contract ask for another policy from now on, as a configuration that is read again does."""
    changed = replace(shift.context.catalog.tiers[PLATINUM.id], notices=policy)
    shift.context = replace(shift.context, catalog=catalog_of(CLIENTS, (changed, GOLD, SILVER)))
    draft = Draft(incident=shift.only)
    for event in revised(shift.only, shift.context.catalog, at):
        draft.add(event)
    shift._take(draft)


def test_a_refused_end_holds_back_no_end_of_what_came_back() -> None:
    shift = asking(consent=replace(CAREFUL, four_eyes=frozenset()))
    shift.sees(NOON, late(ACME))
    approves(shift, "carla", after(seconds=10))
    shift.sees(after(seconds=30), late(ACME, AlertState.RESOLVED, after(seconds=30)))
    done(shift, refuse(only(shift), by("carla", after(seconds=40), "not yet"), shift.only, shift.context))
    shift.waits(after(seconds=50))
    assert shift.drafts == []
    shift.sees(after(minutes=2), late(ACME, at=after(minutes=2)))
    shift.sees(after(minutes=3), late(ACME, AlertState.RESOLVED, after(minutes=3)))
    approves(shift, "carla", after(minutes=4))
    assert shift.notices(ACME) == [TOLD, ENDED]


def test_a_contract_that_asks_nobody_any_more_waits_for_nobody() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME))
    revises(shift, NoticePolicy.AUTOMATIC, after(seconds=10))
    shift.waits(after(seconds=11))
    assert (shift.notices(ACME), shift.drafts) == ([TOLD], [])


def test_what_anybody_might_send_waits_for_those_who_may_once_the_contract_asks_for_them() -> None:
    shift = asking(NoticePolicy.AUTOMATIC)
    shift.sees(NOON, late(ACME))
    shift.waits(after(minutes=1, seconds=45))
    assert only(shift).cause is DraftCause.NO_NEWS
    revises(shift, NoticePolicy.APPROVAL, after(minutes=1, seconds=46))
    shift.waits(after(minutes=1, seconds=47))
    assert only(shift).cause is DraftCause.APPROVAL


def test_who_was_told_of_the_beginning_is_told_the_end_also_where_the_contract_tells_nothing_by_then() -> None:
    shift = asking(NoticePolicy.AUTOMATIC)
    shift.sees(NOON, late(ACME))
    revises(shift, NoticePolicy.NONE, after(seconds=10))
    shift.sees(after(seconds=20), late(BOREAL))
    shift.sees(after(seconds=30), *(late(one, AlertState.RESOLVED, after(seconds=30)) for one in (ACME, BOREAL)))
    assert (shift.notices(ACME), shift.notices(BOREAL)) == ([TOLD, ENDED], [])


def test_clients_that_have_moved_on_are_left_out_and_the_others_are_told() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME), late(BOREAL))
    one = only(shift)
    shift.sees(after(seconds=30), late(ACME, AlertState.RESOLVED, after(seconds=30)))
    assert preview(only(shift), shift.only, shift.context, shown, after(seconds=31)).left == (ACME,)
    acted = approves(shift, "carla", after(seconds=40), one.text)
    assert acted.notice.why == "sent to 1; 1 were to be told something else by then"
    assert (shift.notices(ACME), shift.notices(BOREAL)) == ([], [TOLD])


def shown(channel: SecretRef) -> Masked:
    return Masked(ChannelKind.MAIL, str(channel)[4:8])


@pytest.mark.answers("cachethq/cachet#1927")
def test_a_preview_tells_exactly_whom_a_notice_reaches_over_what_and_with_which_words() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME), late(BOREAL))
    seen = preview(only(shift), shift.only, shift.context, shown, NOON)
    assert (seen.clients, len(seen.recipients), dict(seen.tiers)) == (2, 3, {"platinum": 2})
    first = seen.recipients[0]
    assert (first.client, first.contact, first.address.shown) == (ACME, "Service desk", "ACME")
    assert {one.timezone for one in seen.recipients} == {"America/New_York", "Asia/Tokyo"}
    assert sum(one.readers for one in seen.texts) == len(seen.recipients)
    whole = preview_stage(shift.only, FOUND, shift.context, shown, NOON)
    assert (whole.clients, whole.stage) == (2, FOUND)
    assert preview_stage(shift.only, ENDED, shift.context, shown, NOON).clients == 0, "nobody was told the beginning"


def test_a_refused_automatic_text_waits_for_somebody_and_then_goes_out_as_the_safe_one() -> None:
    flow = next(one for one in CATALOG.flows.values() if one.id == "invoices")
    named = replace(flow, id=type(flow.id)("OPS-1234"))
    catalog = replace(CATALOG, flows={named.id: named})
    shift = Shift(replace(CONTEXT, catalog=catalog))
    told = [one for one in shift.sees(NOON, late(ACME, flow=named)) if one.kind is not MessageKind.PAGE]
    draft = only(shift)
    assert (draft.cause, draft.due, [one.kind for one in told]) == (
        DraftCause.REFUSED,
        after(minutes=1),
        [MessageKind.NOTE],
    )
    assert "the number of a ticket" in draft.objections[0]
    assert "OPS" not in told[0].subject
    sent = [one for one in shift.waits(after(minutes=1)) if one.kind is MessageKind.NOTICE]
    assert {one.stage for one in sent} == {TOLD}
    assert not any("OPS" in one.body for one in sent)
    shift.waits(after(minutes=1, seconds=5))
    assert shift.drafts == []


def test_a_false_alarm_is_retracted_for_whoever_was_told_and_waits_for_approval_where_the_contract_asks() -> None:
    shift = asking()
    shift.sees(NOON, late(ACME), late(COBALT))
    draft = resolved(shift.only, "alba", "our own clock was off", shift.context, after(minutes=1), false_alarm=True)
    messages = shift._take(draft)
    retracted = [one for one in messages if one.kind is MessageKind.NOTICE]
    assert {(one.client, one.stage) for one in retracted} == {(COBALT, Stage.RETRACTED)}
    assert "It was a false alarm" in retracted[0].body
    assert shift.drafts == [], "Acme was told nothing, so nothing is taken back"


def test_a_stage_is_said_once_of_an_open_incident() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    shift._take(say_stage(shift.only, FOUND, by("alba", after(seconds=9)), shift.context))
    assert shift.notices(ACME) == [TOLD, FOUND]
    with pytest.raises(CannotBeDone, match="is identified already"):
        say_stage(shift.only, FOUND, by("alba", after(seconds=10)), shift.context)
    with pytest.raises(CannotBeDone, match="nobody says 'resolved'"):
        say_stage(shift.only, ENDED, by("alba", after(seconds=10)), shift.context)
    shift.resolves(after(minutes=1))
    with pytest.raises(CannotBeDone, match="is over"):
        say_stage(shift.only, Stage.MONITORING, by("alba", after(minutes=2)), shift.context)


def test_whose_account_a_client_is_hears_of_its_drafts_beside_the_team() -> None:
    shift = asking()
    roster = shift.context.roster
    shift.context = replace(shift.context, roster=replace(roster, accounts={ACME: roster.people[PersonId("diego")]}))
    notes = [one.recipient for one in shift.sees(NOON, late(ACME)) if one.kind is MessageKind.NOTE]
    assert notes == ["carla", "diego"]
