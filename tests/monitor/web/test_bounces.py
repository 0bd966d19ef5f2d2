"""A mail that came back marks its contact, tells the owner of the account once, and is cleared by somebody."""

import time
from dataclasses import replace

import httpx
import pytest

from alerts.channels.returned import report
from alerts.contact_mark import Fault
from alerts.oncall import PersonId
from alerts.postal import Postal
from monitor.contacting import UnknownContactError, clear, come_back
from monitor.web.readers import bounce_mailbox
from probes.catalog import SecretRef
from tests.monitor.web import town
from tests.monitor.web.conftest import form_token
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.test_readers import mark, reader

TOKEN = SecretRef("env:BOUNCES")
MINE = {"Authorization": f"Bearer {TOKEN}"}
DSN = """From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

alice@example.org does not exist.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; alice@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Return-Path: <{path}>
Subject: [INC-7] We are investigating

--b--
"""


def dsn(to: str = "", path: str = "", action: str = "failed", status: str = "5.1.1") -> bytes:
    """Return a report as a mail server sends it."""
    return DSN.format(to=to or "x@example.com", path=path, action=action, status=status).replace("\n", "\r\n").encode()


@pytest.fixture(autouse=True)
def configured(office: MemoryOffice) -> None:
    """Let reports be taken."""
    postal = Postal(bounces="bounces.example.com", bounce_token=TOKEN)
    office.situation.config = replace(office.situation.config, mail=postal)


def mailbox(office: MemoryOffice) -> str:
    """Return to where the mails of the first contact come back."""
    one = reader(office)
    return bounce_mailbox(office.keys, one.id, one.contacts[0].name, "bounces.example.com")


@pytest.mark.parametrize("where", ["to", "path"])
async def test_a_failure_for_good_marks_the_contact(
    office: MemoryOffice, stranger: httpx.AsyncClient, where: str
) -> None:
    content = dsn(to=mailbox(office)) if where == "to" else dsn(path=mailbox(office).upper())
    answer = await stranger.post("/in/bounce", content=content, headers=MINE)
    assert answer.status_code == 202
    known = mark(office)
    assert known is not None
    assert (known.fault, known.reason, known.failures) == (Fault.BOUNCED, "bounced (5.1.1)", 1)
    assert "alice" not in str(known)


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.4.7"), ("delivered", "2.0.0")])
async def test_what_does_not_last_marks_nobody(
    office: MemoryOffice, stranger: httpx.AsyncClient, action: str, status: str
) -> None:
    content = dsn(to=mailbox(office), action=action, status=status)
    assert (await stranger.post("/in/bounce", content=content, headers=MINE)).status_code == 202
    assert mark(office) is None


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guess"}, {"Authorization": f"Basic {TOKEN}"}])
async def test_only_who_knows_the_secret_may_report(
    office: MemoryOffice, stranger: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await stranger.post("/in/bounce", content=dsn(to=mailbox(office)), headers=headers)
    assert answer.status_code == 401
    assert mark(office) is None


async def test_a_report_of_no_mail_of_ours_marks_nobody(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    forged = "bounces+" + "0" * 40 + "@bounces.example.com"
    for content in (dsn(to=forged), dsn(), b"", b"\xff\x00", b"To: x\r\n\r\nhello"):
        assert (await stranger.post("/in/bounce", content=content, headers=MINE)).status_code == 422
    assert office.situation.contact_marks == {}


@pytest.mark.parametrize(
    "content",
    [b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"],
)
def test_a_broken_report_is_none(content: bytes) -> None:
    assert report(content) is None or not report(content).failed  # type: ignore[union-attr]


def test_the_owner_of_the_account_is_told_once_and_again_after_it_was_cleared(office: MemoryOffice) -> None:
    situation, client = office.situation, reader(office)
    owner = town.PEOPLE[1]
    roster = replace(situation.config.roster, accounts={client.id: owner})
    situation.config = replace(situation.config, roster=roster)
    name = client.contacts[0].name
    _, first = come_back(client.id, name, "bounced (5.1.1)", town.NOW)(situation)
    assert [(one.recipient, one.channels) for one in first.messages] == [(owner.id, owner.channels)]
    assert "bounced (5.1.1)" in first.messages[0].body
    situation.contact_marks.update({key: one for key, one in first.contact_marks.items() if one is not None})
    _, second = come_back(client.id, name, "bounced (5.1.1)", town.NOW)(situation)
    assert second.messages == ()
    cleared, changes = clear(client.id, name, "alba", town.NOW)(situation)
    assert (cleared.fault, changes.acts[0].actor) == (None, "alba")
    situation.contact_marks[cleared.key] = cleared
    assert len(come_back(client.id, name, "bounced", town.NOW)(situation)[1].messages) == 1
    with pytest.raises(UnknownContactError):
        clear(client.id, "nobody", "alba", town.NOW)(situation)


def test_without_an_owner_the_catch_all_is_told(office: MemoryOffice) -> None:
    client = reader(office)
    _, changes = come_back(client.id, client.contacts[0].name, "bounced", town.NOW)(office.situation)
    assert PersonId(changes.messages[0].recipient) == office.situation.config.roster.catch_all.id


async def test_the_clients_page_shows_the_mark_and_somebody_clears_it(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    client = reader(office)
    name = client.contacts[0].name
    await office.decide(come_back(client.id, name, "bounced (5.1.1)", town.NOW))
    page = (await browser.get(f"/clients/{client.id}")).text
    assert "bounced (5.1.1)" in page
    assert "The address is right" in page
    form = {"csrf": form_token(page), "by": "madrid-1", "contact": name}
    done = await browser.post(f"/clients/{client.id}/contacts/clear", data=form)
    assert done.status_code == 303
    assert "The address is right" not in (await browser.get(f"/clients/{client.id}")).text
    await browser.post(f"/clients/{client.id}/contacts/narrow", data=form)
    known = mark(office)
    assert known is not None
    assert (known.cleared_by, known.narrowed_by) == ("madrid-1", "madrid-1")
    assert (await browser.post(f"/clients/{client.id}/contacts/clear", data=form | {"contact": "x"})).status_code == 404


async def test_programs_list_marks_and_decide_of_them(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    client = reader(office)
    name, there = client.contacts[0].name, f"/api/v1/clients/{client.id}/contacts"
    await office.decide(come_back(client.id, name, "bounced", town.NOW))
    (first, *_) = (await program.get(there)).json()["items"]
    assert (first["name"], first["fault"], first["failures"]) == (name, "bounced", 1)
    cleared = await program.post(f"{there}/clear", json={"by": "madrid-1", "contact": name})
    assert cleared.json()["fault"] is None
    assert (await program.post(f"{there}/erase", json={"by": "madrid-1", "contact": name})).status_code == 422
    assert (await program.get("/api/v1/clients/nobody/contacts")).status_code == 404


HEADERS_IN_HEADERS = "Content-Type: text/rfc822-headers\n\n" * 5_000
BOXES_IN_BOXES = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(300))


@pytest.mark.parametrize("inside", [HEADERS_IN_HEADERS, BOXES_IN_BOXES + "x\n" * 50_000, "x\n" * 450_000])
def test_whoever_writes_to_the_mailbox_cannot_keep_us_busy(inside: str) -> None:
    mail = dsn().replace(b"Return-Path: <>", inside.replace("\n", "\r\n").encode())
    began = time.process_time()
    report(mail)
    report(inside.encode())
    assert time.process_time() - began < 3
