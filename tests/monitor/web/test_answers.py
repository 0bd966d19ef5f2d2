"""A page's link shows what it does, does it by POST alone, and explains itself where it is used, old or not ours."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from alerts.alert import IncidentId
from alerts.oncall import PersonId
from alerts.timeline import Acknowledged
from monitor.web.access import Keys
from monitor.web.answers import LASTS, answer_link, answer_of
from tests.monitor.web import town
from tests.monitor.web.office import TOKEN, MemoryOffice

ALBA = town.PEOPLE[0].id


def link(office: MemoryOffice, person: PersonId = ALBA) -> str:
    """Return the path of a person's link."""
    return answer_link(office.doors, office.keys, town.FIRST, person, town.NOW).removeprefix(office.doors.address)


def taken(office: MemoryOffice) -> list[str]:
    """Return who acknowledged, in order."""
    return [entry.event.by for entry in office.store.timelines[town.FIRST] if isinstance(entry.event, Acknowledged)]


async def test_looking_at_a_link_changes_nothing_and_says_what_it_does(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    before = office.version
    for _ in range(3):
        shown = await stranger.get(link(office))
    assert shown.status_code == 200
    assert f"Take INC-7 as {ALBA}?" in shown.text
    assert 'method="post"' in shown.text
    assert "set-cookie" not in shown.headers
    assert (taken(office), office.version) == ([], before)


async def test_posting_takes_the_incident_without_signing_in(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    done = await stranger.post(link(office))
    assert done.status_code == 200
    assert f"{ALBA} has INC-7." in done.text
    assert taken(office) == [ALBA]
    again = await stranger.post(link(office))
    assert again.status_code == 410
    assert "has done its work" in again.text
    assert taken(office) == [ALBA]


async def test_who_comes_second_is_told_who_has_it_and_may_take_it_over(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    await stranger.post(link(office))
    other = town.PEOPLE[1].id
    assert f"{ALBA} has it since" in (await stranger.get(link(office, other))).text
    await stranger.post(link(office, other))
    assert taken(office) == [ALBA, other]


async def test_a_link_that_is_over_says_why_and_does_nothing(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    old = link(office)
    office.at = town.NOW + LASTS
    assert "has expired" in (await stranger.post(old)).text
    office.at = town.NOW + timedelta(minutes=5)
    await office.resolve(town.FIRST, "ops", "mended")
    over = await stranger.post(link(office))
    assert (over.status_code, "INC-7 is over" in over.text) == (410, True)
    assert taken(office) == []


@pytest.mark.parametrize("token", ["", "x", "WyJJTkMtNyIsImFsYmEiLDFd.AAAA", "%00", "a" * 5_000])
async def test_what_we_did_not_sign_opens_nothing(
    office: MemoryOffice, stranger: httpx.AsyncClient, token: str
) -> None:
    for answer in (await stranger.get(f"/answer/{token}"), await stranger.post(f"/answer/{token}")):
        assert answer.status_code in {404, 405}
    assert taken(office) == []


def test_another_access_token_makes_every_link_void(office: MemoryOffice) -> None:
    token = link(office).rpartition("/")[2]
    assert answer_of(office.keys, token) is not None
    assert answer_of(Keys(TOKEN[::-1]), token) is None


async def test_no_other_key_is_needed_and_none_helps(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    assert (await program.post("/answer/x")).status_code == 404
    assert (await program.post(link(office))).status_code == 200


async def test_a_link_of_an_incident_that_became_part_of_another_does_not_say_that_it_is_over(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    known = office.situation.incidents[town.FIRST]
    merged = replace(known, merged=IncidentId("INC-8"), resolved=town.NOW)
    office.situation.incidents[town.FIRST] = merged
    shown = await stranger.get(link(office))
    assert (shown.status_code, "is part of INC-8 now" in shown.text, "is over" in shown.text) == (410, True, False)
