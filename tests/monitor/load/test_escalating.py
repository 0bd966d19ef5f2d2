"""Escalations as they are written: what they come to, what leads nowhere, and what never happens."""

from datetime import time
from pathlib import Path

import pytest

from alerts.concern import Concern
from alerts.escalation import Policy, Target
from alerts.roster import Forecasting
from probes.catalog import SystemId, TierId
from tests.monitor.load.written import PARTS, config, found, loaded

OFFICE = '{from: "09:00", until: "18:00", timezone: Europe/Madrid}'
WEEKEND = '{days: [sat, sun], from: "00:00", until: "00:00", timezone: Europe/Madrid}'
ALL_WEEK = '{days: every, from: "00:00", until: "00:00", timezone: UTC}'
STEPS = "steps: [{page: schedule:week, wait: 3m}, {page: person:ben}]"


def policy(folder: Path, written: str) -> Policy:
    return config(folder, escalations=f"escalations: {{all: {written}}}").roster.policies["all"]


def with_systems(owner: str) -> str:
    return PARTS["systems"].replace('base_url: "https://erp.example",', f'base_url: "https://erp.example", {owner},')


def test_a_list_of_steps_is_a_policy_that_goes_through_them_once(tmp_path: Path) -> None:
    one = policy(tmp_path, "[{page: person:ben}]")
    assert (len(one.steps), one.repeat, one.until_acknowledged, one.hours, one.otherwise) == (1, 0, False, None, "")


@pytest.mark.parametrize(("repeat", "times", "endless"), [("3", 3, False), ("until-acknowledged", 0, True)])
def test_rounds_are_counted_or_have_no_end(tmp_path: Path, repeat: str, times: int, *, endless: bool) -> None:
    one = policy(tmp_path, f"{{{STEPS}, repeat: {repeat}}}")
    assert (one.repeat, one.until_acknowledged) == (times, endless)


def test_hours_are_named_by_what_they_are_and_kept_with_their_holidays(tmp_path: Path) -> None:
    one = policy(tmp_path, f"{{{STEPS}, within: {OFFICE[:-1]}, holidays: ES}}, otherwise: wait}}")
    assert one.hours is not None
    assert (one.hours.name, one.hours.zone, one.hours.country) == ("Mon-Fri 09:00-18:00", "Europe/Madrid", "ES")
    assert one.hours.week is not None
    assert (one.hours.week[0].opens, one.hours.week[0].closes) == (time(9), time(18))


def test_a_step_outside_its_hours_is_passed_over_waits_or_pages_somebody_else(tmp_path: Path) -> None:
    steps = ", ".join(
        f"{{page: person:ben, within: {OFFICE}{otherwise}}}"
        for otherwise in ("", ", otherwise: pass", ", otherwise: wait", ", otherwise: schedule:week")
    )
    found_steps = policy(tmp_path, f"[{steps}]").steps
    assert [step.waits for step in found_steps] == [False, False, True, False]
    assert [step.instead is not None for step in found_steps] == [False, False, False, True]


def test_a_policy_brings_the_people_who_are_paged_instead(tmp_path: Path) -> None:
    one = policy(tmp_path, f"[{{page: person:ben, within: {OFFICE}, otherwise: schedule:week}}]")
    assert {person.id for person in one.people} == {"ana", "ben"}


def test_a_tier_names_one_escalation_or_one_for_each_kind_of_failure(tmp_path: Path) -> None:
    escalations = "escalations: {all: [{page: schedule:week}], keys: [{page: person:ana}]}"
    tiers = PARTS["tiers"].replace("escalation: all", "escalation: {default: all, authentication: keys}")
    made = config(tmp_path, tiers=tiers, escalations=escalations)
    assert made.catalog.tiers[TierId("gold")].escalation == "all"
    assert made.roster.concerns[TierId("gold")] == {Concern.AUTHENTICATION: "keys"}
    assert found(tmp_path, tiers=tiers, escalations=escalations) == []


def test_a_system_names_the_owners_of_its_credential_and_its_data(tmp_path: Path) -> None:
    made = config(tmp_path, systems=with_systems("owner: {credential: person:ana, billing: schedule:week}"))
    owners = made.roster.owners[SystemId("erp")]
    assert owners[Concern.AUTHENTICATION] == Target(person=made.roster.people[owners[Concern.AUTHENTICATION].person.id])  # type: ignore[union-attr]
    assert owners[Concern.PAYMENTS].schedule is not None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", Forecasting()),
        ("    forecast: {above: 80%, although_acknowledged: true}\n", Forecasting(above=0.8, held=True)),
        ("    forecast: null\n", None),
    ],
)
def test_a_tier_says_when_a_step_is_brought_forward(tmp_path: Path, written: str, expected: Forecasting | None) -> None:
    made = config(tmp_path, tiers=PARTS["tiers"] + written)
    assert made.roster.forecasting[TierId("gold")] == expected


def test_names_that_lead_nowhere_are_errors_where_they_stand(tmp_path: Path) -> None:
    result = loaded(
        tmp_path,
        tiers=PARTS["tiers"].replace("escalation: all", "escalation: {default: all, data: billing-ops}"),
        systems=with_systems("owner: {data: person:zoe}"),
        escalations=(
            "escalations:\n"
            f"  all: {{{STEPS}, within: {OFFICE}, otherwise: nights}}\n"
            f"  one: {{{STEPS}, within: {OFFICE}, otherwise: two}}\n"
            f"  two: {{{STEPS}, within: {OFFICE}, otherwise: one}}\n"
            f"  three: {{steps: [{{page: person:ben, within: {OFFICE}, otherwise: person:yul}}]}}\n"
        ),
    )
    said = [str(problem).split(": ", 1)[1].split(";")[0] for problem in result.errors]
    assert said == [
        "escalations.all.otherwise: nights is not defined",
        "escalations.one.otherwise: leads back to this escalation",
        "escalations.two.otherwise: leads back to this escalation",
        "escalations.three.steps[0].otherwise: yul is not defined",
        "systems.erp.owner.data: zoe is not defined",
        "tiers.gold.escalation.data: billing-ops is not defined",
    ]


def test_a_variant_that_never_applies_is_found(tmp_path: Path) -> None:
    escalations = f"escalations: {{all: {{{STEPS}, within: {ALL_WEEK}, otherwise: day}}, day: [{{page: person:ana}}]}}"
    assert found(tmp_path, escalations=escalations) == [
        (
            "minor escalations.yaml:1: escalations.all.otherwise: never applies: "
            "the hours of this escalation are all week; "
            "take otherwise away"
        )
    ]


def test_a_step_that_is_never_reached_is_severe(tmp_path: Path) -> None:
    steps = f"[{{page: person:ana, wait: 3m}}, {{page: person:ben, within: {WEEKEND}}}]"
    said = found(tmp_path, escalations=f"escalations: {{all: {{steps: {steps}, within: {OFFICE}}}}}")
    assert [line.split(": ", 2)[1] for line in said if line.startswith("severe")] == ["escalations.all.steps[1].within"]
    assert "is never reached: this escalation waits for other hours" in said[0]


def test_a_step_whose_hours_are_all_week_needs_none(tmp_path: Path) -> None:
    said = found(
        tmp_path,
        escalations=f"escalations: {{all: [{{page: schedule:week, within: {ALL_WEEK}}}, {{page: person:ben}}]}}",
    )
    assert said == [
        (
            "minor escalations.yaml:1: escalations.all[0].within: never applies: the hours of this step are all week; "
            "take within away"
        )
    ]


def test_silence_at_night_and_a_promise_around_the_clock_do_not_go_together(tmp_path: Path) -> None:
    said = found(tmp_path, escalations=f"escalations: {{all: {{{STEPS}, within: {OFFICE}}}}}")
    assert said == [
        (
            "minor tiers.yaml:8: tiers.gold.sla.acknowledge: is promised, and all pages nobody outside "
            "Mon-Fri 09:00-18:00 Europe/Madrid; write otherwise: ESCALATION there, or promise it for those hours only"
        )
    ]


def test_rounds_without_end_and_hardly_any_wait_are_found(tmp_path: Path) -> None:
    said = found(
        tmp_path,
        escalations="escalations: {all: {steps: [{page: schedule:week, wait: 10s}], repeat: until-acknowledged}}",
    )
    assert said == [
        (
            "minor escalations.yaml:1: escalations.all.repeat: begins a round every 10s until somebody acknowledges; "
            "give the steps longer waits"
        )
    ]


def test_a_kind_of_failure_that_nobody_owns_beside_owned_ones_is_found(tmp_path: Path) -> None:
    said = found(tmp_path, systems=with_systems("owner: {billing: person:ana}"))
    assert [line.split(": ", 2)[1] for line in said] == ["systems.erp.owner.data"]
    tiers = PARTS["tiers"].replace("escalation: all", "escalation: {default: all, data: all}")
    assert found(tmp_path, tiers=tiers, systems=with_systems("owner: {billing: person:ana}")) == []


def test_who_is_paged_only_instead_or_as_an_owner_is_in_use(tmp_path: Path) -> None:
    second = f"{{page: person:ben, within: {OFFICE}, otherwise: person:cyd}}"
    escalations = f"escalations: {{all: [{{page: schedule:week}}, {second}]}}"
    people = PARTS["people"].replace("catch_all", "  - {id: cyd, channels: [env:CYD]}\ncatch_all")
    assert found(tmp_path, escalations=escalations, people=people) == []
