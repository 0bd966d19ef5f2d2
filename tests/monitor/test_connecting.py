"""The commands for who connects a system, as they are typed."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import main
from monitor.explain import Seen, told
from monitor.load import load
from monitor.recorded import recording_of
from monitor.sandbox.config import write
from monitor.store import Store
from probes.budget import Balance
from probes.plan import probes_of
from tests.connectors.contract import SHIPPED, played
from tests.monitor.load.written import NOW, written
from tests.monitor.sandbox.settable import START
from tests.monitor.sandbox.test_process import running

DEFINITIONS = Path(__file__).parent / "definitions"


def typed(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, words, env=environment)


@contextmanager
def watching(folder: Path) -> Iterator[dict[str, str]]:
    """A sandbox that runs, its configuration in a folder, and the secrets for it."""
    with running("--no-fault") as (_, addresses):
        yield dict(write(folder, addresses))


def test_the_connectors_that_ship_are_listed_with_what_they_need_and_tell() -> None:
    done = typed("connectors")
    assert done.exit_code == 0
    names = [line for line in done.output.splitlines() if not line.startswith(" ")]
    assert names == list(SHIPPED)
    assert "  credential oauth2_refresh, its refresh token rotates\n" in done.output
    assert "  limits     none are published; what is left is unknown\n" in done.output
    assert (
        "transactions: /v1/reporting/transactions (page, by creation, shown up to 3h late, read 3d back" in done.output
    )


@pytest.mark.parametrize(("words", "has"), [((), "tiers"), (("configuration",), "systems"), (("connector",), "auth")])
def test_a_schema_is_printed_as_json(words: tuple[str, ...], has: str) -> None:
    done = typed("schema", *words)
    assert done.exit_code == 0
    assert has in json.loads(done.output)["properties"]


def test_a_definition_is_checked_against_its_recorded_answers() -> None:
    done = typed("connector", "test", str(DEFINITIONS / "tills.yaml"))
    assert (done.exit_code, done.output) == (
        0,
        "ok: two pages of sales\nok: too many requests\n2 cases read as recorded.\n",
    )


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        (
            "param: from",
            "param: since",
            'request 1: query is {"limit": "2", "since": "2026-11-20T08:50:00Z"}, recorded',
        ),
        ("next_path: next", "next_path: cursor", "only 1 of 2 recorded requests were made"),
        ("whoami: /v1/me", "whoami: /me", 'request 1: path is "/me", recorded was "/v1/me"'),
        ("value: refused", "value: denied", "record 2: failed is false, expected was true"),
        ("client_paths: [customer.number]", "client_paths: []", 'record 1: client is null, expected was "12"'),
        ("created_path: at", "created_path: when", "the look is bad (sales[0]: no plausible iso8601 time at `when`"),
        ("whoami: /v1/me", "throttle_statuses: [503]\nwhoami: /v1/me", "the look is error_own (answered 429"),
        ("  sales:", "  orders:", "there is no resource sales; there are orders"),
    ],
)
def test_whatever_a_definition_has_wrong_is_told_by_the_case_that_it_fails(
    tmp_path: Path, wrong: str, right: str, told: str
) -> None:
    definition = tmp_path / "tills.yaml"
    text = (DEFINITIONS / "tills.yaml").read_text(encoding="utf-8")
    assert wrong in text
    definition.write_text(text.replace(wrong, right), encoding="utf-8")
    shutil.copy(DEFINITIONS / "tills.answers.yaml", tmp_path)
    done = typed("connector", "test", str(definition))
    assert done.exit_code == 1
    assert told in done.output
    assert "1 of 2 cases not as recorded." in done.output


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("tills.yaml", "auth: {kind: oauth}", "tills.yaml:1: auth.kind: must be one of"),
        ("tills.answers.yaml", "cases: []", "tills.answers.yaml:1: cases: must not be empty"),
        ("tills.answers.yaml", "cases: [", "tills.answers.yaml:1: is not YAML"),
        ("tills.answers.yaml", None, "tills.answers.yaml: cannot be read (No such file or directory)"),
        (
            "tills.answers.yaml",
            "cases: [{title: a, now: today, exchanges: []}]",
            "cases[0].now: must be an instant with its offset, in quotes; write it like 2026-11-20T09:00:00Z",
        ),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(tmp_path: Path, file: str, text: str | None, told: str) -> None:
    for source in DEFINITIONS.iterdir():
        shutil.copy(source, tmp_path)
    (tmp_path / file).unlink()
    if text is not None:
        (tmp_path / file).write_text(text, encoding="utf-8")
    done = typed("connector", "test", str(tmp_path / "tills.yaml"))
    assert done.exit_code == 2
    assert told in done.output


def test_recorded_answers_stand_beside_the_definition() -> None:
    assert recording_of(Path("mine/shop.v2.yaml")) == Path("mine/shop.v2.answers.yaml")


def test_one_real_look_is_explained_with_its_requests_records_and_what_they_fold_to(tmp_path: Path) -> None:
    with watching(tmp_path) as secrets:
        done = typed("probe", "gateway", "--explain", "--config", str(tmp_path), **secrets)
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[0] == "probe gateway.payments: good"
    assert any(line.startswith("    1. GET /gateway/v2/payments: 200, ") and line.endswith("bytes") for line in lines)
    assert any(line.startswith("       created_since = ") for line in lines)
    assert any(line.startswith("  vendor   says ") for line in lines)
    assert any(line.startswith("  folds to harbour-line: failure ratio ") for line in lines)
    assert not any(secret in done.output for name, secret in secrets.items() if "GATEWAY" in name)


def test_a_look_at_an_end_of_a_flow_tells_what_it_saw_for_it(tmp_path: Path) -> None:
    with watching(tmp_path) as secrets:
        done = typed("probe", "erp.invoices", "--explain", "--config", str(tmp_path), **secrets)
    assert "records seen at its destination, matched by external_id" in done.output
    assert ", external_id = in_" in done.output


def test_without_explain_a_look_is_told_in_a_few_lines(tmp_path: Path) -> None:
    with watching(tmp_path) as secrets:
        done = typed("probe", "billing.charges", "--config", str(tmp_path), **secrets)
    assert done.exit_code == 0
    assert "GET" not in done.output
    assert "    harbour-line: " in done.output


def test_a_refused_look_ends_with_status_1_and_says_why(tmp_path: Path) -> None:
    with watching(tmp_path) as secrets:
        wrong = secrets | {"SANDBOX_ERP_KEY": "hunter2"}
        done = typed("probe", "erp", "--explain", "--config", str(tmp_path), **wrong)
    assert done.exit_code == 1
    assert done.output.startswith("probe erp.invoices: error_own (answered 401 Unauthorized)\n")
    assert "hunter2" not in done.output


def test_a_probe_that_there_is_not_is_an_error_that_names_those_there_are(tmp_path: Path) -> None:
    done = typed("probe", "crm", "--config", str(written(tmp_path)))
    assert done.exit_code == 2
    assert "no probe crm; there are billing.invoices, erp.invoices" in done.output


ROTATING = """\
systems:
  books:
    connector: xero
    base_url: http://127.0.0.1:9
    values: {tenant: t}
    credential: {client_id: env:ID, client_secret: env:KEY, refresh_token: env:REFRESH}
people: [{id: ana, channels: [env:ANA]}]
catch_all: person:ana
"""


def test_a_rotated_token_is_not_renewed_beside_the_process_that_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(ROTATING, encoding="utf-8")
    running_store = Store(f"sqlite:///{tmp_path}/tierwatch.db")
    try:
        secrets = {"ID": "id", "KEY": "key", "REFRESH": "refresh", "TIERWATCH_DATA": str(tmp_path)}
        done = typed("probe", "books", "--config", str(tmp_path / "x.yaml"), **secrets)
    finally:
        running_store.close()
    assert done.exit_code == 2
    assert "Tierwatch runs and keeps the tokens of books" in done.output


async def test_what_a_vendor_shows_late_is_told_and_not_blamed(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        ROTATING.replace("connector: xero", "connector: paypal")
        .replace("    values: {tenant: t}\n", "")
        .replace(", refresh_token: env:REFRESH", ""),
        encoding="utf-8",
    )
    config = load(tmp_path / "x.yaml", now=NOW, secrets=False).config
    assert config is not None
    async with played("paypal") as one:
        observation = await one.look("transactions", START)
    (probe,) = probes_of(config.catalog)
    lines = list(told(config, probe, Seen(observation=observation, balance=Balance()), fully=True))
    assert "  lag      the vendor may take 3h to show a record; no sync is blamed for it" in lines
    assert sum("unknown client mrc-" in line for line in lines) == 10
    assert any(line.startswith("    and ") for line in lines)
