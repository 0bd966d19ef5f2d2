"""What is read from a right configuration: every value of every part."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from alerts.escalation import Policy, Step
from alerts.oncall import Person, PersonId, Rotation, Schedule
from monitor.load import load
from probes.budget import Quota, Window
from probes.catalog import Client, ClientId, Contact, End, Flow, FlowId, NoticePolicy, SecretRef, SystemId, Tier, TierId
from probes.conduct import ClockStart, Sla
from probes.connector import Op, PageKind, Predicate
from probes.objectives import Availability, FailureRatio, Objectives, SyncLatency
from tests.monitor.load.written import NOW, PARTS, config, loaded, written

ACME, GOLD, BILLING, ERP = ClientId("acme"), TierId("gold"), SystemId("billing"), SystemId("erp")


def test_a_tier_is_read_with_its_objectives_promises_and_defaults(tmp_path: Path) -> None:
    assert config(tmp_path).catalog.tiers[GOLD] == Tier(
        id=GOLD,
        weight=40,
        objectives=Objectives(
            availability=Availability(target=0.999, window=timedelta(days=30)),
            sync_latency=SyncLatency(within=timedelta(minutes=5), target=0.99, over=timedelta(minutes=50)),
            failure_ratio=FailureRatio(below=0.02, over=timedelta(minutes=15)),
        ),
        sla=Sla(
            acknowledge=timedelta(minutes=15),
            first_notice=timedelta(minutes=30),
            update_every=timedelta(hours=1),
            repair=timedelta(hours=4),
            starts=ClockStart.ONSET,
        ),
        escalation="all",
        notices=NoticePolicy.AUTOMATIC,
    )


@pytest.mark.parametrize(("within", "over"), [("20s", "15m"), ("90s", "15m"), ("2m", "20m")])
def test_sync_latency_is_judged_over_ten_promises_and_at_least_a_quarter_of_an_hour(
    tmp_path: Path, within: str, over: str
) -> None:
    short = config(tmp_path, tiers=PARTS["tiers"].replace("within: 5m", f"within: {within}"))
    spelled = config(tmp_path, tiers=PARTS["tiers"].replace("within: 5m", f"within: {within}, over: {over}"))
    assert short.catalog.tiers == spelled.catalog.tiers


def test_a_client_is_read_with_its_identifiers_as_text(tmp_path: Path) -> None:
    assert config(tmp_path).catalog.clients == {
        ACME: Client(
            id=ACME,
            name="Acme",
            tier=GOLD,
            timezone="UTC",
            locale="en",
            identifiers={BILLING: ("cus_1",), ERP: ("0042",)},
            contacts=(Contact(name="Desk", channel=SecretRef("env:ACME_DESK")),),
        )
    }


def test_norway_and_other_words_that_look_like_truth_values_are_text(tmp_path: Path) -> None:
    clients = "clients:\n  - {id: NO, name: on, tier: gold, locale: nb-NO, identifiers: {billing: Yes}, contacts: []}\n"
    client = config(tmp_path, clients="%YAML 1.1\n---\n" + clients).catalog.clients[ClientId("NO")]
    assert (client.name, client.locale, client.identifiers) == ("on", "nb-NO", {BILLING: ("Yes",)})


def test_a_system_takes_a_share_of_its_connectors_limits_or_the_rates_of_its_own(tmp_path: Path) -> None:
    systems = config(tmp_path).catalog.systems
    limits = (
        Window(limit=100, period=timedelta(seconds=1), burst=150),
        Window(limit=1_000_000, period=timedelta(days=1)),
    )
    assert systems[BILLING].base_url == "https://billing.example/api"
    assert systems[BILLING].quota == Quota(windows=limits, share=0.2, production=0.5)
    own = Window(limit=10, period=timedelta(seconds=1), burst=20)
    assert systems[ERP].quota == Quota(windows=(own,), share=1.0)


BOTH = (Window(limit=100, period=timedelta(seconds=1), burst=150),) * 2


@pytest.mark.parametrize(
    ("written_as", "quota"),
    [
        ("", Quota(windows=BOTH, share=0.2, production=0.5)),
        ("{share: 75%}", Quota(windows=BOTH, share=0.75, production=0.25)),
        ("{production: 90%, concurrent: 5}", Quota(windows=BOTH, share=0.2, production=0.9, concurrent=5)),
        (
            "{rate: 500000/month, production: 25%}",
            Quota(windows=(Window(limit=500_000, period=timedelta(days=31)),), production=0.25),
        ),
        ("{rate: 600/min, reserve: 0%}", Quota(windows=(Window(limit=600, period=timedelta(minutes=1)),), reserve=0)),
        (
            "{rates: [5000/day, {rate: 100/10s, burst: 3}], share: 50%, reserve: 0.1}",
            Quota(
                windows=(
                    Window(limit=5000, period=timedelta(days=1)),
                    Window(limit=100, period=timedelta(seconds=10), burst=3),
                ),
                share=0.5,
                reserve=0.1,
            ),
        ),
    ],
)
def test_quotas_may_be_left_out_or_be_one_rate_or_several(tmp_path: Path, written_as: str, quota: Quota) -> None:
    connector = "resources: {invoices: {path: /i}}\nlimits: [{rate: 100/s, burst: 150}, {rate: 100/s, burst: 150}]"
    key = f", quota: {written_as}" if written_as else ""
    systems = f'systems: {{erp: {{connector: ./connectors/one.yaml, base_url: "https://a.example"{key}}}}}'
    clients = "clients: [{id: acme, name: Acme, tier: gold, identifiers: {erp: x}}]"
    read = config(tmp_path, connector=connector, systems=systems, clients=clients, flows="flows:")
    assert read.catalog.systems[ERP].quota == quota


def test_a_flow_is_read_with_the_fields_that_match(tmp_path: Path) -> None:
    assert config(tmp_path).catalog.flows == {
        FlowId("sync"): Flow(
            id=FlowId("sync"),
            source=End(system=BILLING, resource="invoices", field="id"),
            destination=End(system=ERP, resource="invoices", field="external.id"),
        )
    }


def test_a_policy_carries_its_schedules_their_people_and_the_catch_all(tmp_path: Path) -> None:
    channels = (SecretRef("env:ANA_PAGER"), SecretRef(f"file:{tmp_path}/ana-mail"))
    ana = Person(id=PersonId("ana"), timezone="Europe/Madrid", channels=channels)
    ben = Person(id=PersonId("ben"), timezone="UTC", channels=(SecretRef("env:BEN_PAGER"),))
    rotation = Rotation(
        people=(ana.id, ben.id),
        timezone="Europe/Madrid",
        handover=time(9),
        weekday=2,
        anchor="2024-01-03",
        weeks=1,
    )
    week = Schedule(name="week", rotations=(rotation,))
    roster = config(tmp_path).roster
    assert roster.catch_all == ben
    assert roster.schedules == {"week": week}
    assert roster.policies == {
        "all": Policy(
            name="all",
            steps=(Step(schedule=week, wait=timedelta(minutes=3)), Step(person=ben)),
            people=(ana, ben),
            catch_all=ben,
        )
    }


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ('handover: "Mon 09:00", every: 2w', (time(9), 0, "2024-01-01", 2, 0)),
        ('handover: "sun 23:30"', (time(23, 30), 6, "2024-01-07", 1, 0)),
        ('handover: "Mon 09:00", from: 2026-01-05', (time(9), 0, "2026-01-05", 1, 0)),
        ('handover: "09:00", every: 1d', (time(9), None, "2024-01-01", 0, 1)),
        ('handover: "09:00", every: 3d, from: 2025-12-31', (time(9), None, "2025-12-31", 0, 3)),
        ('handover: "Tue 09:00", every: 14d', (time(9), 1, "2024-01-02", 2, 0)),
    ],
)
def test_turns_are_read_in_weeks_or_days_from_a_fixed_date(
    tmp_path: Path, turn: str, expected: tuple[time, int | None, str, int, int]
) -> None:
    schedules = f"schedules: {{week: {{rotations: [{{people: [ana], timezone: UTC, {turn}}}]}}}}"
    (rotation,) = config(tmp_path, schedules=schedules).roster.schedules["week"].rotations
    read = (rotation.handover, rotation.weekday, rotation.anchor, rotation.weeks, rotation.days)
    assert read == expected
    assert rotation.weekday in (None, date.fromisoformat(rotation.anchor).weekday())


def test_overrides_are_merged_over_a_shipped_definition_and_null_takes_away(tmp_path: Path) -> None:
    systems = """\
systems:
  billing:
    connector: stripe
    base_url: "https://billing.example"
    credential: env:BILLING_KEY
    overrides:
      resources:
        charges: null
        invoices: {since: {param: "created[gt]"}, failed: [{path: status, op: in, value: [void, 3]}]}
      headers: {Stripe-Version: "2024-06-20"}
  erp: {connector: ./connectors/one.yaml, base_url: "https://erp.example"}
"""
    connector = config(tmp_path, systems=systems).catalog.systems[BILLING].connector
    invoices = connector.resources["invoices"]
    assert "charges" not in connector.resources
    assert invoices.since is not None
    assert (invoices.since.param, invoices.since.overlap) == ("created[gt]", timedelta(minutes=5))
    assert invoices.failed == (Predicate(path="status", op=Op.IN, value=("void", 3)),)
    assert invoices.pagination.kind is PageKind.LAST_ID
    assert connector.headers == {"Stripe-Version": "2024-06-20"}


def test_a_connectors_path_is_seen_from_the_file_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path.parent)
    result = load(Path(tmp_path.name), now=NOW, secrets=False)
    assert result.errors == ()
    assert result.config is not None
    assert result.config.catalog.systems[ERP].connector.name == "one"


def test_one_file_with_everything_reads_as_the_same_configuration(tmp_path: Path) -> None:
    apart = config(tmp_path)
    (tmp_path / "all.yml").write_text("".join(PARTS.values()), encoding="utf-8")
    together = load(tmp_path / "all.yml", now=NOW, secrets=False).config
    assert together is not None
    assert (together.catalog, together.roster) == (apart.catalog, apart.roster)
    assert together.sources == (tmp_path / "all.yml",)
    assert [file.stem for file in apart.sources] == sorted(PARTS)


def test_anchors_and_merge_keys_repeat_what_was_written_once(tmp_path: Path) -> None:
    tiers = PARTS["tiers"].replace("gold:", "gold: &gold") + "  silver: {<<: *gold, weight: 10}\n"
    read = config(tmp_path, tiers=tiers).catalog.tiers
    assert read[TierId("silver")].sla == read[GOLD].sla
    assert (read[TierId("silver")].weight, read[GOLD].weight) == (10, 40)


def test_every_reference_to_a_secret_is_listed_once(tmp_path: Path) -> None:
    names = ("env:ACME_DESK", "env:ANA_PAGER", f"file:{tmp_path}/ana-mail", "env:BEN_PAGER")
    assert config(tmp_path).secrets == names


def test_private_destinations_are_allowed_only_explicitly(tmp_path: Path) -> None:
    allowing = PARTS["people"] + "settings: {allow_private_destinations: true}\n"
    assert not config(tmp_path).allow_private_destinations
    assert config(tmp_path, people=allowing).allow_private_destinations


def test_a_configuration_with_errors_is_none_at_all(tmp_path: Path) -> None:
    result = loaded(tmp_path, people=PARTS["people"].replace("person:ben", "person:bob"))
    assert result.config is None
    assert result.findings == ()
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in result.errors] == [
        "people.yaml:4: catch_all: bob is not defined; correct the name or define it under people (known are: ana, ben)"
    ]
