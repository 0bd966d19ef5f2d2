"""Whose an identifier is: what the configuration says, what a file of clients adds, and where two claim the same."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.load import load
from probes.catalog import ClientId, SystemId
from probes.identity import RuleKind
from probes.plan import probes_of
from probes.status import Status
from tests.examples import examples
from tests.monitor.load.written import NOW, PARTS, config, found, loaded, written

BILLING, ERP = SystemId("billing"), SystemId("erp")
ACME, BEAM = ClientId("acme"), ClientId("beam")


def systems(identity: str) -> str:
    return PARTS["systems"].replace("rate: 10/s, burst: 20}}", f"rate: 10/s, burst: 20}}, identity: {identity}}}")


def clients(acme: str, beam: str) -> str:
    return f"""\
clients:
  - {{id: acme, name: Acme, tier: gold, identifiers: {acme}, contacts: [{{name: Desk, channel: env:ACME_DESK}}]}}
  - {{id: beam, name: Beam, tier: gold, identifiers: {beam}, contacts: [{{name: Desk, channel: env:BEAM_DESK}}]}}
"""


BOTH = clients('{billing: cus_1, erp: "0042"}', "{billing: cus_2, erp: [B-7, B-8]}")


def errors(folder: Path, **changed: str) -> list[str]:
    problems = load(written(folder, **changed), now=NOW, secrets=False).errors
    return [str(problem).replace(f"{folder}/", "") for problem in problems]


def test_a_client_may_have_several_identifiers_in_one_system(tmp_path: Path) -> None:
    catalog = config(tmp_path, clients=BOTH).catalog
    assert [catalog.client_in(ERP, name) for name in ("B-7", "B-8", "0042", "42")] == [BEAM, BEAM, ACME, None]


def test_rules_bring_spellings_together_in_their_system_only(tmp_path: Path) -> None:
    rules = "{normalise: [trim, case_fold, {strip_prefix: b-}, strip_zeros]}"
    catalog = config(tmp_path, clients=BOTH, systems=systems(rules)).catalog
    assert [catalog.client_in(ERP, name) for name in (" b-7", "8", "42", "9")] == [BEAM, BEAM, ACME, None]
    assert catalog.client_in(BILLING, "CUS_1") is None


def test_identifiers_that_are_one_once_normalised_are_an_error_that_names_both(tmp_path: Path) -> None:
    alike = clients('{billing: cus_1, erp: "0042"}', '{billing: cus_2, erp: [B-7, "42"]}')
    assert errors(tmp_path, clients=alike) == []
    assert errors(tmp_path, clients=alike, systems=systems("{normalise: [strip_zeros]}")) == [
        (
            "clients.yaml:3: clients[1].identifiers.erp[1]: acme has the same identifier in erp "
            "once both are normalised; a record must belong to one client"
        )
    ]


def test_an_identifier_of_which_nothing_would_be_left_is_an_error(tmp_path: Path) -> None:
    nothing = clients('{billing: cus_1, erp: "0042"}', "{billing: cus_2, erp: unknown}")
    assert errors(tmp_path, clients=nothing, systems=systems("{normalise: [digits]}")) == [
        (
            "clients.yaml:3: clients[1].identifiers.erp: has nothing left once it is normalised for erp; "
            "correct it or the system's rules"
        )
    ]


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (
            "{normalise: [upper]}",
            "normalise[0]: must be one of trim, case_fold, digits, strip_zeros, or {remove: TEXT},",
        ),
        ("{normalise: [strip_prefix]}", "normalise[0]: must be one of"),
        ('{normalise: [{remove: ""}]}', "normalise[0]: must be one of"),
        ("{normalise: [trim: x]}", "normalise[0]: must be one of"),
        ("{normalise: trim}", "normalise: must be a list"),
        ("{file: 7}", "file: must be the path of a CSV file; write it like"),
        ("{field: a b}", "field: must be the dotted path of a JSON value"),
        ("{columns: {id: x}}", "columns.id: is not known here"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, identity: str, said: str) -> None:
    (one,) = errors(tmp_path, systems=systems(identity))
    assert one.startswith(f"systems.yaml:3: systems.erp.identity.{said}")


@pytest.mark.parametrize("names", ["[]", '""', "[a, 7]", "7", '[a, ""]'])
def test_identifiers_are_texts_of_which_none_is_empty(tmp_path: Path, names: str) -> None:
    (one,) = errors(tmp_path, clients=clients("{billing: cus_1}", f"{{billing: cus_2, erp: {names}}}"))
    assert one.startswith("clients.yaml:3: clients[1].identifiers.erp: must ")


def test_a_file_of_clients_adds_identifiers(tmp_path: Path) -> None:
    (tmp_path / "erp.csv").write_text(
        '\ufeffname,"account",ours\n"Beam, Inc.",B-9, beam\n,,\nAcme,"00,43",acme\n', encoding="utf-8"
    )
    identity = systems("{file: ./erp.csv, columns: {identifier: account, client: ours}}")
    catalog = config(tmp_path, clients=BOTH, systems=identity).catalog
    assert catalog.clients[BEAM].identifiers[ERP] == ("B-7", "B-8", "B-9")
    assert [catalog.client_in(ERP, name) for name in ("B-7", "B-9", "00,43")] == [BEAM, BEAM, ACME]


def test_a_row_that_cannot_be_believed_is_a_finding_and_does_not_count(tmp_path: Path) -> None:
    rows = ["identifier,client", "0042,beam", "77,acme", "x,nobody", "077,beam", "B-7,beam", ",acme", "only", "0,acme"]
    (tmp_path / "erp.csv").write_text("\n".join(rows), encoding="utf-8")
    believed = systems("{file: erp.csv, normalise: [strip_zeros]}")
    assert found(tmp_path, clients=BOTH, systems=believed) == [
        "severe erp.csv:2: erp: acme has this identifier in the configuration; the row does not count",
        "minor erp.csv:4: erp: nobody is no client of the configuration; known are: acme, beam",
        (
            "severe erp.csv:5: erp: beam and acme (line 3) have the same identifier; "
            "it counts for neither until one of them is taken away"
        ),
        "minor erp.csv:7: erp: has no identifier, or no client; complete the row",
        "minor erp.csv:8: erp: has no identifier, or no client; complete the row",
    ]
    catalog = config(tmp_path, clients=BOTH, systems=believed).catalog
    assert [catalog.client_in(ERP, name) for name in ("42", "77", "x", "B-7", "00")] == [ACME, None, None, BEAM, ACME]


def test_of_a_file_that_is_wrong_all_over_only_the_first_rows_are_told(tmp_path: Path) -> None:
    rows = "".join(f"n{number},nobody\n" for number in range(1000))
    (tmp_path / "erp.csv").write_text(f"identifier,client\n{rows}0042,beam\n", encoding="utf-8")
    told = found(tmp_path, clients=BOTH, systems=systems("{file: erp.csv}"))
    assert len(told) == 21
    assert told[0] == "minor erp.csv: erp: 981 more rows do not count; mend those that are told first"
    assert told[-1].startswith("severe erp.csv:1002: erp: acme has this identifier")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "erp.csv: cannot be read (No such file or directory); check that it exists and its permissions"),
        (b"", "erp.csv:1: must name the column identifier once, between commas; or name yours: columns"),
        (b"identifier;client\n", "erp.csv:1: must name the column identifier once"),
        (b"identifier,client,client\n", "erp.csv:1: must name the column client once"),
        (b"identifier,client\na,acme\n\xff,acme\n", "erp.csv:3: is not UTF-8; save it in this encoding"),
        (b'identifier,client\n"a"b,acme\n', "erp.csv:2: is not CSV: "),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "erp.csv").write_bytes(content)
    (one,) = errors(tmp_path, systems=systems("{file: erp.csv}"))
    assert one.startswith(said)


def test_a_field_of_the_record_may_hold_our_own_client_id(tmp_path: Path) -> None:
    beam = clients('{billing: cus_1, erp: "0042"}', "{billing: cus_2}")
    catalog = config(tmp_path, clients=beam, systems=systems("{field: metadata.client}")).catalog
    assert [catalog.client_in(ERP, name) for name in ("acme", "beam", "0042", "cus_2")] == [ACME, BEAM, ACME, None]
    assert catalog.systems[ERP].connector.resources["invoices"].client_paths == ("metadata.client", "customer")
    assert catalog.systems[BILLING].connector.resources["invoices"].client_paths == ("customer",)


def test_where_a_field_holds_our_ids_no_other_client_may_be_called_so(tmp_path: Path) -> None:
    confusing = clients("{billing: cus_1, erp: beam}", "{billing: cus_2}")
    assert errors(tmp_path, clients=confusing) == []
    (one,) = errors(tmp_path, clients=confusing, systems=systems("{field: metadata.client}"))
    assert one.startswith("clients.yaml:2: clients[0].identifiers.erp: beam has the same identifier in erp; ")


def test_a_systems_words_for_how_clients_stand_are_read(tmp_path: Path) -> None:
    told = systems("{status: {resource: invoices, field: account.state, words: {engaged: active, 'on': active}}}")
    catalog = config(tmp_path, systems=told).catalog
    words = {"engaged": "active", "on": "active"}
    assert catalog.systems[ERP].identity.status == Status(resource="invoices", field="account.state", words=words)
    (probe,) = (probe for probe in probes_of(catalog) if probe.system == ERP)
    assert probe.fields == ("account.state", "external.id")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            "{resource: invoics, field: a, words: {b: c}}",
            "resource: erp has no resource invoics; did you mean invoices?",
        ),
        ("{resource: invoices, field: a}", "words: is missing; add it"),
        ("{resource: invoices, field: a, words: {}}", "words: must not be empty"),
        ("{resource: invoices, field: a, words: {b: 7}}", "words.b: must be text; put it in quotes"),
    ],
)
def test_a_status_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, status: str, said: str) -> None:
    (one,) = errors(tmp_path, systems=systems(f"{{status: {status}}}"))
    assert one == f"systems.yaml:3: systems.erp.identity.status.{said}"


NAMES = st.text("01aA-", min_size=1, max_size=3)
RULES = st.lists(st.sampled_from([str(kind) for kind in RuleKind][:4]), max_size=3)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(acme=NAMES, beam=NAMES, rules=RULES)
def test_two_clients_are_never_merged_in_silence(tmp_path: Path, acme: str, beam: str, rules: list[str]) -> None:
    known = clients(f'{{billing: cus_1, erp: "{acme}"}}', f'{{billing: cus_2, erp: "{beam}"}}')
    result = loaded(tmp_path, clients=known, systems=systems(f"{{normalise: [{', '.join(rules)}]}}"))
    if result.config is None:
        assert all(".identifiers.erp" in problem.path for problem in result.errors)
    else:
        catalog = result.config.catalog
        assert (catalog.client_in(ERP, acme), catalog.client_in(ERP, beam)) == (ACME, BEAM)
