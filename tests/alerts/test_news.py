"""Which notice is due to whom, and why: stages, news, the cadence of the contract."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import IncidentId
from alerts.course import Course
from alerts.fold import advanced
from alerts.impact import Impact, both, terms_of
from alerts.incident import Incident
from alerts.message import Stage
from alerts.news import SETTLED, Due, Why, next_update, outlook
from alerts.timeline import AlertsJoined
from probes.catalog import NoticePolicy
from tests.cast import ACME, CATALOG, CLIENTS, COBALT, DUNE, MINUTE, NOON, SECOND, after

TOLD, FOUND, WATCHED, UPDATED = Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING, Stage.UPDATE
ENDED, RETRACTED = Stage.RESOLVED, Stage.RETRACTED
FRESH = Impact(terms=terms_of(CLIENTS[ACME], CATALOG.tier_of(ACME), NOON), joined=NOON, onset=NOON)
INCIDENT = Incident(id=IncidentId("INC-1"), opened=NOON, onset=NOON, nodes=frozenset(), blind=False)
ALERTS = {"sync_latency/invoices/acme": "late"}
LATE = outlook(replace(INCIDENT, alerts=ALERTS), NOON).facts(ACME)
BY_WORD = Course(identified=NOON, identified_by="alba")


def told(*stages: Stage, recovered: datetime | None = None, facts: str = "before") -> Impact:
    """Return an impact with these notices queued a minute apart from noon, written from other facts."""
    queued = tuple((stage, after(minutes=minute)) for minute, stage in enumerate(stages))
    return replace(FRESH, queued=queued, recovered=recovered, facts=facts)


def due(impact: Impact, at: datetime, incident: Incident = INCIDENT) -> Due | None:
    return outlook(replace(incident, alerts=ALERTS), at).due(impact)


def stage_due(impact: Impact, at: datetime, incident: Incident = INCIDENT) -> Stage | None:
    found = due(impact, at, incident)
    return None if found is None else found.stage


@pytest.mark.parametrize(
    ("impact", "minutes", "stage"),
    [
        (told(), 0, TOLD),
        (told(TOLD), 1.9, None),
        (told(TOLD), 2, UPDATED),
        (told(TOLD, UPDATED), 2.9, None),
        (told(TOLD, UPDATED), 3, UPDATED),
        (told(TOLD, recovered=NOON), 0, ENDED),
        (told(TOLD, UPDATED, recovered=NOON), 60, ENDED),
        (told(TOLD, ENDED, recovered=NOON), 60, None),
        (told(recovered=NOON), 60, None),
        (told(TOLD, ENDED), 2, TOLD),
        (told(TOLD, ENDED, TOLD), 4, UPDATED),
    ],
)
def test_the_notice_that_is_due_follows_from_what_was_written_and_whether_it_is_over(
    impact: Impact, minutes: float, stage: Stage | None
) -> None:
    assert stage_due(impact, after(minutes=minutes)) is stage


def test_a_tier_without_notices_and_a_client_without_contacts_are_not_written_to() -> None:
    silent = replace(FRESH, terms=replace(FRESH.terms, notices=NoticePolicy.NONE))
    nobody = replace(FRESH, terms=replace(FRESH.terms, contacts=()))
    dune = Impact(terms=terms_of(CLIENTS[DUNE], CATALOG.tier_of(DUNE), NOON), joined=NOON, onset=NOON)
    assert [due(one, NOON) for one in (silent, nobody, dune)] == [None, None, None]


def test_the_next_update_is_due_at_the_contracts_cadence() -> None:
    assert next_update(told()) is None
    assert next_update(told(TOLD)) == after(minutes=2)
    assert next_update(told(TOLD, UPDATED)) == after(minutes=3)
    assert next_update(told(TOLD, recovered=NOON)) is None
    cobalt = replace(told(TOLD), terms=terms_of(CLIENTS[COBALT], CATALOG.tier_of(COBALT), NOON))
    assert next_update(cobalt) is None


def test_news_is_what_the_client_may_know_and_did_not_when_it_was_last_written_to() -> None:
    same = due(told(TOLD, facts=LATE), after(minutes=2))
    assert same is not None
    assert (same.why, same.by) == (Why.NO_NEWS, after(minutes=2))
    other = due(told(TOLD), after(minutes=2))
    assert other is not None
    assert (other.why, other.facts) == (Why.NEWS, LATE)


def test_what_clients_do_not_notice_and_what_another_one_does_is_no_news() -> None:
    alerts = {**ALERTS, "slow_burn/erp": "burns", "failure_ratio/erp/boreal": "fails"}
    assert outlook(replace(INCIDENT, alerts=alerts), NOON).facts(ACME) == LATE


# Stages.


def test_a_stage_that_somebody_says_is_told_at_once_and_once() -> None:
    found = replace(INCIDENT, course=BY_WORD)
    assert stage_due(told(TOLD), NOON, found) is FOUND
    assert stage_due(told(TOLD, FOUND), after(minutes=1), found) is None
    watched = replace(found, course=replace(BY_WORD, monitoring=NOON, monitoring_by="alba"))
    assert stage_due(told(TOLD), NOON, watched) is WATCHED, "what was overtaken is not told"
    assert stage_due(told(TOLD, FOUND, WATCHED), after(minutes=2), watched) is None


def test_a_stage_that_the_data_show_is_told_once_it_has_lasted() -> None:
    found = replace(INCIDENT, course=Course(identified=after(seconds=10)))
    assert stage_due(told(TOLD), after(seconds=10) + SETTLED - SECOND, found) is None
    assert stage_due(told(TOLD), after(seconds=10) + SETTLED, found) is FOUND
    answers = replace(INCIDENT, answered=after(seconds=20))
    assert stage_due(told(TOLD), after(seconds=20) + SETTLED, answers) is WATCHED


def test_mitigated_is_monitored() -> None:
    assert stage_due(told(TOLD), NOON, replace(INCIDENT, mitigated=NOON, mitigated_by="alba")) is WATCHED


def test_who_was_told_that_it_is_watched_hears_when_it_fails_again_and_not_by_a_split() -> None:
    back = replace(INCIDENT, course=Course(relapsed=after(minutes=2)))
    assert stage_due(told(TOLD, WATCHED), after(minutes=2) + SETTLED, back) is TOLD
    assert stage_due(told(TOLD, FOUND), after(minutes=1, seconds=1), INCIDENT) is None, "a fresh incident knows less"


def test_an_update_between_a_relapse_and_word_of_it_does_not_swallow_that_it_is_back() -> None:
    back = replace(INCIDENT, course=Course(relapsed=after(minutes=1, seconds=30)))
    assert stage_due(told(TOLD, WATCHED, UPDATED), after(minutes=1, seconds=30) + SETTLED, back) is TOLD
    assert stage_due(told(TOLD, WATCHED, UPDATED, TOLD), after(minutes=3, seconds=1), back) is None, "once"


def test_what_fails_again_is_not_watched_any_more_although_somebody_had_mitigated_it() -> None:
    mitigated = replace(INCIDENT, mitigated=NOON, mitigated_by="alba")
    down = AlertsJoined(at=after(minutes=2), alerts={"availability/erp": "down"}, nodes=frozenset())
    again = advanced(mitigated, down)
    assert stage_due(told(TOLD, WATCHED), after(minutes=2) + SETTLED, again) is TOLD
    assert stage_due(told(TOLD), after(minutes=1), mitigated) is WATCHED


def test_who_joins_late_is_told_how_far_it_has_come_and_not_from_the_beginning() -> None:
    late = due(told(), after(minutes=30), replace(INCIDENT, course=BY_WORD))
    assert late is not None
    assert (late.stage, late.why) == (FOUND, Why.JOINED_LATE)


def test_the_end_of_one_incident_is_no_end_for_who_was_told_of_another_that_it_becomes_one_with() -> None:
    over, open_still = told(TOLD, ENDED, recovered=after(minutes=1)), told(TOLD)
    for merged in (both(over, open_still), both(open_still, over)):
        assert [stage for stage, _ in merged.queued] == [TOLD, TOLD]
        assert merged.owed
        assert stage_due(replace(merged, recovered=after(minutes=9)), after(minutes=9)) is ENDED
    assert not both(over, over).owed


def test_a_false_alarm_is_taken_back_for_everybody_who_was_told_and_for_nobody_else() -> None:
    false = replace(INCIDENT, resolved=NOON, resolved_by="alba", course=Course(false_alarm=True))
    assert stage_due(told(TOLD, FOUND, recovered=NOON), NOON, false) is RETRACTED
    assert stage_due(told(recovered=NOON), NOON, false) is None


@given(st.lists(st.tuples(st.integers(min_value=1, max_value=300), st.booleans()), max_size=20))
def test_however_a_client_is_hurt_and_recovers_its_notices_alternate(turns: list[tuple[int, bool]]) -> None:
    impact, at = FRESH, NOON
    for seconds, hurt in turns:
        at = at + seconds * MINUTE / 60
        impact = replace(impact, recovered=None if hurt else at)
        found = due(impact, at)
        if found is not None and found.why is not Why.NO_NEWS:
            impact = replace(impact, queued=(*impact.queued, (found.stage, at)), facts=found.facts)
        assert impact.owed == (impact.recovered is None), "written to while it is hurt, and not after"
    stages = [stage for stage, _ in impact.queued if stage is not UPDATED]
    assert stages == [(TOLD, ENDED)[number % 2] for number in range(len(stages))]
