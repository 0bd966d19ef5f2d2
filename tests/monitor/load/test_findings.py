"""What a right configuration still does not achieve is found, and never stops a start."""

from datetime import datetime
from pathlib import Path

import pytest

from monitor.load.address import objection_to
from monitor.problem import reported_again
from tests.monitor.load.written import NOW, PARTS, found, loaded

PUBLIC = {
    "ACME_DESK": "json://hooks.example.com/acme",
    "ANA_PAGER": "mailto://ana:x@example.com",
    "BEN_PAGER": "json://8.8.8.8",
}


def changed(part: str, old: str, new: str) -> str:
    assert old in PARTS[part]
    return PARTS[part].replace(old, new)


def test_nothing_is_found_where_everything_is_well(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize("people", ["[]", "[{people: [], handover: '09:00', every: 1d, timezone: UTC}]"])
def test_a_schedule_with_nobody_is_severe(tmp_path: Path, people: str) -> None:
    assert found(tmp_path, schedules=f"schedules: {{week: {{rotations: {people}}}}}")[-1] == (
        "severe schedules.yaml:1: schedules.week: has nobody on call now, so its pages go to the catch-all; "
        "add people to its rotations"
    )


@pytest.mark.parametrize(("now", "count"), [(NOW, 0), (NOW.replace(year=2025), 1)])
def test_turns_that_begin_in_the_future_are_found_until_they_have_begun(
    tmp_path: Path, now: datetime, count: int
) -> None:
    schedules = changed("schedules", "timezone: Europe/Madrid", "timezone: UTC, from: 2026-01-07")
    said = found(tmp_path, now=now, schedules=schedules)
    assert len(said) == count
    assert all("schedules.week.rotations[0].from: lies in the future (2026-01-07)" in line for line in said)


@pytest.mark.parametrize(("said", "count"), [("true", 1), ("false", 0)])
def test_an_intake_that_is_open_to_anybody_is_severe(tmp_path: Path, said: str, count: int) -> None:
    assert found(tmp_path, intake=f"intake: {{open: {said}}}") == count * [
        (
            "severe intake.yaml:1: intake.open: lets anybody who reaches Tierwatch open incidents and page people; "
            "write a token instead"
        )
    ]


def test_a_promised_notice_needs_a_contact_and_a_policy_that_tells(tmp_path: Path) -> None:
    clients = "clients:\n  - {id: acme, name: Acme, tier: gold, identifiers: {billing: cus_1, erp: x}}\n"
    assert found(tmp_path, clients=clients) == [
        "severe clients.yaml:2: clients[0].contacts: is empty, and tier gold promises a first notice; add a contact"
    ]
    assert found(tmp_path, clients=clients, tiers=PARTS["tiers"] + "    notices: none\n") == [
        (
            "severe tiers.yaml:8: tiers.gold.sla.first_notice: is promised, and notices: none tells nobody; "
            "write notices: automatic or take the promise away"
        )
    ]


def test_a_first_step_that_waits_as_long_as_the_promise_is_found(tmp_path: Path) -> None:
    said = found(tmp_path, escalations=changed("escalations", "wait: 3m", "wait: 15m"))
    assert said == [
        (
            "minor tiers.yaml:8: tiers.gold.sla.acknowledge: is over when the second step of all pages (after 15m); "
            "shorten the first step's wait"
        )
    ]


def test_parts_that_nothing_uses_are_found(tmp_path: Path) -> None:
    tiers = PARTS["tiers"] + "  silver: {weight: 10, escalation: all}\n"
    systems = PARTS["systems"] + '  old: {connector: ./connectors/one.yaml, base_url: "https://old.example"}\n'
    people = PARTS["people"].replace("catch_all", "  - {id: cyd, channels: [env:CYD]}\ncatch_all")
    said = found(tmp_path, tiers=tiers, systems=systems, people=people)
    assert said == [
        "minor people.yaml:4: people[2]: this person is never paged; use it or take it away",
        "minor systems.yaml:4: systems.old: no client and no flow depends on this system; use it or take it away",
        "minor tiers.yaml:10: tiers.silver: no client is in this tier; use it or take it away",
    ]


def test_a_system_that_is_the_status_page_of_another_is_in_use(tmp_path: Path) -> None:
    line = 'base_url: "https://erp.example"'
    page = '  page: {connector: statuspage, base_url: "https://status.example"}\n'
    systems = changed("systems", line, f"{line}, status_page: page") + page
    assert found(tmp_path, systems=systems) == []


def test_a_configuration_that_watches_nothing_says_so(tmp_path: Path) -> None:
    clients = "clients:\n  - {id: acme, name: Acme, tier: gold, contacts: [{name: Desk, channel: env:ACME_DESK}]}\n"
    said = found(tmp_path, systems="systems:", flows="flows:", clients=clients)
    assert any("severe" in line and "systems: is empty, so nothing is watched" in line for line in said)
    assert any("clients[0].identifiers: has no identifier in any system" in line for line in said)


def test_a_target_that_the_looks_cannot_show_is_found(tmp_path: Path) -> None:
    short = changed("tiers", "target: 99.9%, window: 30d", "target: 99.999%, window: 1d")
    said = found(tmp_path, tiers=short)
    assert len(said) == 2
    assert said[0].startswith("severe tiers.yaml:5: tiers.gold.objectives.availability.target: 99.999% cannot be shown")
    assert "it takes 299,572 looks" in said[0]


def test_a_target_of_all_looks_can_never_be_shown(tmp_path: Path) -> None:
    said = found(tmp_path, tiers=changed("tiers", "target: 99.9%", "target: 100%"))
    assert "100% can be kept but never be shown" in said[0]


def test_a_burn_rate_that_not_even_a_total_outage_reaches_is_found(tmp_path: Path) -> None:
    said = found(tmp_path, tiers=changed("tiers", "target: 99.9%", "target: 90%"))
    assert said == [
        (
            "minor tiers.yaml:5: tiers.gold.objectives.availability.target: if every look failed, this would burn its "
            "budget 10 times too fast, so these rules never fire: 14.4 times over 1h; promise more than 93.06% for "
            "them to work"
        )
    ]


TIGHT = "rate: 10/h, accepted: {reason: trial, by: ana, until: 2026-03-02}"


def test_a_contract_that_a_quota_cannot_honour_is_severe_and_says_which_number_to_change(tmp_path: Path) -> None:
    said = found(tmp_path, systems=changed("systems", "rate: 10/s, burst: 20", "rate: 10/h"))
    place = "systems.yaml:3: systems.erp.quota"
    assert (
        f"severe {place}: cannot honour tiers.gold.objectives.sync_latency.within (5m): its looks come every 10m43s, "
        "and one at least every 2m30s is needed; have 4.8 times its limit (quota.rate), or promise at least 22m"
    ) in said
    assert {line.partition(" (")[0] for line in said if line.startswith("severe")} == {
        f"severe {place}: cannot honour tiers.gold.objectives.sync_latency.within",
        f"severe {place}: cannot honour tiers.gold.objectives.failure_ratio.over",
    }
    assert sum(line.startswith(f"minor {place}: its looks need 0.02 requests/s") for line in said) == 1


def test_a_share_of_a_limit_is_raised_as_long_as_production_keeps_its_part(tmp_path: Path) -> None:
    few = "resources: {invoices: {path: /invoices, client_paths: [customer]}}\nlimits: [{limit: 5000, period: 1d}]"

    def shared(share: str) -> list[str]:
        systems = changed("systems", "share: 20%", f"share: {share}").replace(
            "rate: 10/s, burst: 20", f"share: {share}"
        )
        return [line for line in found(tmp_path, systems=systems, connector=few) if "cannot honour" in line]

    assert all("; raise quota.share to 18%, or promise at least 16m" in line for line in shared("5%"))
    assert len(shared("5%")) == 2
    assert shared("18%") == []
    assert all("times its limit (quota.rate), or promise" in line for line in shared("0.5%, production: 90%"))


def test_an_interval_that_cannot_honour_a_contract_is_severe_and_says_which_number_to_change(tmp_path: Path) -> None:
    said = found(tmp_path, systems=changed("systems", "burst: 20}}", "burst: 20}, every: 3m}"))
    assert said == [
        (
            "severe systems.yaml:3: systems.erp.every: cannot honour tiers.gold.objectives.sync_latency.within (5m): "
            "its looks come every 3m, and one at least every 2m30s is needed; write every: 2m30s, or promise at least "
            "6m"
        )
    ]


@pytest.mark.parametrize(
    ("now", "grade", "says"),
    [
        (NOW.replace(hour=23), "accepted", "promise at least 22m (accepted by ana until 2026-03-02: trial)"),
        (NOW.replace(day=3), "severe", "22m (this was accepted by ana until 2026-03-02: trial; it has ended)"),
    ],
)
def test_what_the_owner_accepts_stays_visible_and_is_reported_again_when_that_ends(
    tmp_path: Path, now: datetime, grade: str, says: str
) -> None:
    said = found(tmp_path, now=now, systems=changed("systems", "rate: 10/s, burst: 20", TIGHT))
    assert any(line.startswith(f"{grade} systems.yaml:3: systems.erp.quota: cannot honour") for line in said)
    assert any(line.endswith(says) for line in said)


def test_while_it_runs_an_acceptance_that_ends_is_reported_again(tmp_path: Path) -> None:
    findings = loaded(tmp_path, systems=changed("systems", "rate: 10/s, burst: 20", TIGHT)).findings
    assert {problem.grade for problem in findings} == {"accepted"}
    assert reported_again(findings, NOW.replace(hour=23)) == findings
    ended = reported_again(findings, NOW.replace(day=3))
    assert {problem.grade for problem in ended} == {"severe", "minor"}
    assert all(problem.message.endswith("; this acceptance has ended") for problem in ended)
    assert reported_again(ended, NOW.replace(day=4)) == ended


def test_a_target_that_cannot_be_shown_may_be_accepted(tmp_path: Path) -> None:
    accepted = "target: 99.999%, window: 1d, accepted: {reason: old contract, by: ana, until: 2026-12-31}"
    said = found(tmp_path, tiers=changed("tiers", "target: 99.9%, window: 30d", accepted))
    assert [line.partition(" ")[0] for line in said] == ["accepted", "accepted"]


def test_promises_that_nothing_measures_are_found_at_the_client(tmp_path: Path) -> None:
    connector = "resources: {invoices: {path: /invoices, client_paths: [customer]}}\nlimits: [{rate: 100/s}]"
    said = found(tmp_path, connector=connector, flows="flows:")
    assert said == [
        (
            "minor clients.yaml:2: clients[0].identifiers: is promised a failure ratio by tier gold, and no system "
            "that knows it tells of failures; add an identifier, or `failed` to a connector's resource"
        ),
        (
            "minor clients.yaml:2: clients[0].identifiers: is promised sync latency by tier gold, and no flow begins "
            "in a system that knows it; add an identifier or a flow"
        ),
    ]


def test_a_credential_that_would_travel_unencrypted_is_found_except_on_this_machine(tmp_path: Path) -> None:
    plain = changed("systems", 'base_url: "https://erp.example"', 'base_url: "http://erp.example", credential: env:ERP')
    assert found(tmp_path, systems=plain) == [
        (
            "minor systems.yaml:3: systems.erp.base_url: sends the credential unencrypted; "
            "write https:// if the system speaks it"
        )
    ]
    assert found(tmp_path, systems=plain.replace("http://erp.example", "http://127.0.0.1:80")) == []


def test_secrets_that_are_missing_are_severe_and_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PUBLIC:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACME_DESK", PUBLIC["ACME_DESK"])
    people = changed("people", "channels: [env:BEN_PAGER]", "channels: [env:BEN_PAGER, env:ANA_PAGER]")
    said = found(tmp_path, secrets=True, people=people)
    assert said == [
        (
            "severe people.yaml:2: people[0].channels[0]: env:ANA_PAGER is not set; "
            "set this variable in the environment of the process"
        ),
        (
            "severe people.yaml:2: people[0].channels[1]: file:ana-mail cannot be read (No such file or directory); "
            "write the secret into this file"
        ),
        (
            "severe people.yaml:3: people[1].channels[0]: env:BEN_PAGER is not set; "
            "set this variable in the environment of the process"
        ),
    ]


def test_a_private_destination_is_severe_unless_allowed_and_never_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, address in PUBLIC.items():
        monkeypatch.setenv(name, address)
    monkeypatch.setenv("ANA_PAGER", "json://10.1.2.3/hunter2")
    (tmp_path / "ana-mail").write_text("mailto://ana:hunter2@example.com\n")
    said = found(tmp_path, secrets=True)
    assert said == [
        (
            "severe people.yaml:2: people[0].channels[0]: leads to a private address; "
            "set settings: {allow_private_destinations: true} or name a public one"
        )
    ]
    allowing = PARTS["people"] + "settings: {allow_private_destinations: true}\n"
    assert found(tmp_path, secrets=True, people=allowing) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("json://127.0.0.1:8080/x", "leads to a private address"),
        ("json://[::1]/x", "leads to a private address"),
        ("json://localhost/x", "leads to a private address"),
        ("json://169.254.169.254/latest", "leads to a private address"),
        ("json://[::ffff:10.0.0.1]/x", "leads to a private address"),
        ("mailto://ana:hunter2@example.com?smtp=192.168.0.1", "leads to a private address"),
        ("slack://hunter2", "holds no address as slack:// takes it"),
        ("json://[broken", "holds no address as json:// takes it"),
        ("hunter2", "does not hold an address"),
        ("https://hunter2.example.com/", "holds an address of a kind that is not allowed"),
        ("exec://hunter2", "holds an address of a kind that is not allowed"),
        ("json://8.8.8.8/x", ""),
        ("json://hooks.example.com/hunter2", ""),
        ("mailto://ana:hunter2@example.com", ""),
    ],
)
def test_an_address_that_tells_nobody_is_objected_to_and_never_repeated(address: str, said: str) -> None:
    objection = objection_to(address, allow_private=False)
    assert objection.startswith(said)
    assert bool(objection) == bool(said)
    assert "hunter2" not in objection


def test_an_address_on_this_machine_may_be_allowed() -> None:
    assert objection_to("json://127.0.0.1:8080/x", allow_private=True) == ""


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-01", "severe systems.yaml:2: systems.billing.credential_expires: has passed"),
        ("2026-03-20", "minor systems.yaml:2: systems.billing.credential_expires: is less than 30d ahead"),
        ("2027-01-01", ""),
    ],
)
def test_a_credential_that_ends_soon_or_has_ended_is_found(tmp_path: Path, day: str, said: str) -> None:
    systems = changed("systems", "  billing: {", f"  billing: {{credential_expires: {day}, ")
    lines = found(tmp_path, systems=systems)
    assert [line[: len(said)] for line in lines] == ([said] if said else [])
