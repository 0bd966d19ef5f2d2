"""Readers choose what they are sent by the key in an address, with one click as RFC 8058 has it."""

from urllib.parse import urlsplit

import httpx
import pytest

from alerts.contact_mark import ContactMark
from alerts.message import Stage
from monitor.web.access import Doors
from monitor.web.readers import bounce_mailbox, reader_key, reader_link, reader_of, returned_to
from probes.catalog import Client, ClientId
from tests.monitor.web.conftest import visitor
from tests.monitor.web.office import MemoryOffice

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def reader(office: MemoryOffice) -> Client:
    """Return the first client that has a contact."""
    return next(one for one in office.situation.config.catalog.clients.values() if one.contacts)


def path(office: MemoryOffice) -> str:
    """Return the path of its contact's address."""
    one = reader(office)
    return urlsplit(reader_link(office.doors, office.keys, one.id, one.contacts[0].name)).path


def mark(office: MemoryOffice) -> ContactMark | None:
    """Return what is marked of its contact."""
    one = reader(office)
    return office.situation.contact_marks.get(f"{one.id}/{one.contacts[0].name}")


@pytest.mark.answers("louislam/uptime-kuma#916")
async def test_looking_at_the_page_changes_nothing(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    before = office.version
    shown = await stranger.get(path(office))
    assert shown.status_code == 200
    assert "every notice" in shown.text
    assert "What your contract owes you" in shown.text
    assert (office.version, mark(office)) == (before, None)


async def test_one_click_is_done_at_once_without_cookie_redirect_or_question(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    for _ in range(2):
        done = await stranger.post(path(office), content=ONE_CLICK, headers=FORM)
        assert done.status_code == 200
        assert not done.history
        assert "set-cookie" not in done.headers
        assert "location" not in done.headers
    known = mark(office)
    assert known is not None
    assert known.narrowed == office.at
    assert known.withholds(Stage.MONITORING)
    assert not known.withholds(Stage.INVESTIGATING)
    assert [act.action for act in office.store.done] == ["narrow"]


async def test_one_click_may_come_as_multipart_too(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    done = await stranger.post(path(office), files={"List-Unsubscribe": (None, "One-Click")})
    assert done.status_code == 200
    assert mark(office) is not None


@pytest.mark.parametrize(
    "body",
    ["", "List-Unsubscribe=Yes", "list-unsubscribe=One-Click", f"{ONE_CLICK}&x=1", f"{ONE_CLICK}&{ONE_CLICK}", "a=b"],
)
async def test_anything_else_is_no_click(office: MemoryOffice, stranger: httpx.AsyncClient, body: str) -> None:
    assert (await stranger.post(path(office), content=body, headers=FORM)).status_code == 422
    assert mark(office) is None


async def test_a_reader_may_have_everything_again(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    chosen = await stranger.post(path(office), data={"choice": "owed"})
    assert "no more</strong>" in chosen.text
    again = await stranger.post(path(office), data={"choice": "all"})
    assert "every notice" in again.text
    known = mark(office)
    assert known is not None
    assert known.narrowed is None


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_key_tells_nothing(office: MemoryOffice, stranger: httpx.AsyncClient, method: str) -> None:
    answer = await stranger.request(method, "/subscription/" + "0" * 40, content=ONE_CLICK, headers=FORM)
    assert answer.status_code == 404
    assert not any(one.name in answer.text for one in office.situation.config.catalog.clients.values())


async def test_it_needs_no_key_where_everything_else_does(office: MemoryOffice) -> None:
    office.doors = Doors(host="0.0.0.0", port=8080, external="https://watch.example.com")  # noqa: S104 - it is never opened
    async with visitor(office) as outside:
        assert (await outside.get("/")).status_code == 401
        assert (await outside.get(path(office))).status_code == 200
        assert (await outside.post(path(office), content=ONE_CLICK, headers=FORM)).status_code == 200


def test_keys_tell_contacts_apart_and_name_nobody(office: MemoryOffice) -> None:
    keys, situation = office.keys, office.situation
    clients = situation.config.catalog.clients.values()
    pairs = [(client.id, contact.name) for client in clients for contact in client.contacts]
    assert len({reader_key(keys, *pair) for pair in pairs}) == len(set(pairs))
    for client, contact in pairs[:3]:
        found = reader_of(situation, keys, reader_key(keys, client, contact))
        assert found is not None
        assert (found.client.id, found.contact.name) == (client, contact)
        mailbox = bounce_mailbox(keys, client, contact, "bounces.example.com")
        local = mailbox.partition("@")[0]
        assert len(local) <= 64
        assert client not in mailbox
        back = returned_to(situation, keys, local.partition("+")[2].upper())
        assert back is not None
        assert back.client.id == client
        assert reader_of(situation, keys, local.partition("+")[2]) is None
    assert ClientId("nobody") not in {client for client, _ in pairs}
