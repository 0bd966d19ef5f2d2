"""How mails are marked and channels tried out, as it is read and as it is objected to."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.canary import Canaries
from alerts.postal import Postal, Signature
from probes.catalog import ClientId, SecretRef
from tests.monitor.load.written import PARTS, config, found, loaded

MAIL = """\
mail:
  bounces: Bounces.example.com
  bounce_token: env:BOUNCES
  unsubscribe: unsubscribe@example.com
  list_id: notices.example.com
  dkim: {domain: example.com, selector: tierwatch, key: env:DKIM}
canaries: {every: 6h, clients: 7d, broken_after: 30m}
"""


def test_everything_that_is_written_is_taken_over(tmp_path: Path) -> None:
    read = config(tmp_path, telling=MAIL)
    assert read.mail == Postal(
        bounces="bounces.example.com",
        bounce_token=SecretRef("env:BOUNCES"),
        unsubscribe="unsubscribe@example.com",
        list_id="notices.example.com",
        signature=Signature(domain="example.com", selector="tierwatch", key=SecretRef("env:DKIM")),
    )
    hours = timedelta(hours=1)
    assert read.canaries == Canaries(every=6 * hours, clients=168 * hours, broken_after=hours / 2)
    assert {"env:BOUNCES", "env:DKIM"} <= set(read.secrets)


def test_without_it_nothing_is_marked_and_nothing_tried_out(tmp_path: Path) -> None:
    read = config(tmp_path)
    assert (read.mail, read.canaries) == (Postal(), Canaries())


def test_a_client_has_an_owner_or_else_the_catch_all(tmp_path: Path) -> None:
    roster = config(tmp_path, clients=PARTS["clients"].replace("tier: gold", "tier: gold, owner: ana")).roster
    assert roster.owner_of(ClientId("acme")).id == "ana"
    assert config(tmp_path).roster.owner_of(ClientId("acme")).id == "ben"
    unknown = loaded(tmp_path, clients=PARTS["clients"].replace("tier: gold", "tier: gold, owner: eve"))
    assert ["owner" in str(one) for one in unknown.errors] == [True]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("mail: {bounces: localhost}", "must be a domain"),
        ("mail: {list_id: a b}", "must be a domain"),
        ("mail: {unsubscribe: nobody}", "must be a mail address"),
        ('mail: {unsubscribe: "a@example.com>\\r\\nBcc: b@example.com"}', "must be a mail address"),
        ("mail: {dkim: {domain: example.com, selector: 'a;b', key: env:K}}", "must be the name of a DKIM key"),
        ("mail: {dkim: {domain: example.com, key: env:K}}", "is missing"),
        ("canaries: {every: 1m}", "no more than every 5m"),
        ("canaries: {every: 60d}", "at least once a month"),
    ],
)
def test_what_does_not_fit_is_told_in_words(tmp_path: Path, text: str, complaint: str) -> None:
    errors = [str(one) for one in loaded(tmp_path, telling=text).errors]
    assert len(errors) == 1
    assert complaint in errors[0]


def test_a_key_that_signs_nothing_and_a_secret_that_can_be_guessed_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DKIM", "hunter2")
    monkeypatch.setenv("BOUNCES", "short")
    severe = [one for one in found(tmp_path, secrets=True, telling=MAIL) if "mail." in one]
    assert any("mail.dkim.key: is no RSA or Ed25519 key" in one for one in severe)
    assert any("mail.bounce_token: is a secret of fewer than" in one for one in severe)
    assert not any("hunter2" in one for one in severe)
