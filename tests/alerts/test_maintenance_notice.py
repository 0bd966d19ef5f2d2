"""The messages of a word of maintenance, and what the team hears of those that are not what they were to be."""

from dataclasses import replace

from alerts.communications import Communications
from alerts.concerned import plans_of
from alerts.foretold import Foretold
from alerts.forewarn import Word
from alerts.maintenance import WindowId
from alerts.maintenance_notice import generic_notes, maintenance_messages
from alerts.message import Stage
from alerts.template import Template, looked_up
from probes.catalog import NoticePolicy
from probes.consent import Named, NamedKind
from probes.manners import MaintenanceNotice
from tests.cast import ACME, CLIENTS, CONTEXT, DAY, GOLD, HOUR, NOON, PLATINUM, SILVER, catalog_of

PLANNED = Foretold(
    window=WindowId("upgrade"),
    client=ACME,
    first=NOON + DAY,
    begins=NOON + DAY,
    ends=NOON + DAY + HOUR,
    told=((Stage.SCHEDULED, NOON),),
)
BROKEN = looked_up([Template(name="ours", clients=(ACME,), body="It began {{ began }}.")])


def test_a_text_that_fails_goes_out_as_the_generic_one_and_the_team_is_told_why() -> None:
    carla = Communications(team=(Named(kind=NamedKind.PERSON, name="carla"),))
    roster = replace(CONTEXT.roster, communications=carla)
    context = replace(CONTEXT, words=replace(CONTEXT.words, templates=BROKEN), roster=roster)
    sent = [*maintenance_messages(Word(foretold=PLANNED, stage=Stage.SCHEDULED), context, NOON)]
    assert [one.message.recipient for one in sent] == [one.name for one in CLIENTS[ACME].contacts]
    assert all("Maintenance is planned" in one.message.body for one in sent)
    (told,) = generic_notes(sent, context, NOON)
    assert (told.recipient, "1 client was sent" in told.body, "template ours" in told.body) == ("carla", True, True)
    (owner,) = generic_notes(sent, replace(context, roster=CONTEXT.roster), NOON)
    assert owner.recipient == CONTEXT.roster.catch_all.id, "without a team, who looks after the client"


def test_nobody_is_told_of_texts_that_are_as_they_were_to_be() -> None:
    sent = [*maintenance_messages(Word(foretold=PLANNED, stage=Stage.SCHEDULED), CONTEXT, NOON)]
    assert [*generic_notes(sent, CONTEXT, NOON)] == []


def test_a_maintenance_that_is_on_when_it_is_first_told_of_is_a_beginning_to_its_reader() -> None:
    on = replace(PLANNED, told=((Stage.IN_PROGRESS, NOON),))
    again = replace(PLANNED, told=((Stage.SCHEDULED, NOON), (Stage.CANCELLED, NOON), (Stage.IN_PROGRESS, NOON)))
    later = replace(PLANNED, told=((Stage.SCHEDULED, NOON), (Stage.IN_PROGRESS, NOON)))
    words = (Word(foretold=one, stage=Stage.IN_PROGRESS) for one in (on, again, later))
    found = [{one.reader.first for one in maintenance_messages(word, CONTEXT, NOON)} for word in words]
    assert found == [{True}, {True}, {False}]


def test_a_tier_that_tells_nobody_any_more_still_tells_what_becomes_of_what_it_announced() -> None:
    announces = MaintenanceNotice(lead=DAY)
    for policy, notice in ((NoticePolicy.AUTOMATIC, announces), (NoticePolicy.NONE, None)):
        tier = replace(PLATINUM, notices=policy, maintenance=announces)
        plans = plans_of(replace(CONTEXT, catalog=catalog_of(CLIENTS, (tier, GOLD, SILVER))), NOON)
        assert (plans.notice(ACME), plans.told(ACME)) == (notice, True)
