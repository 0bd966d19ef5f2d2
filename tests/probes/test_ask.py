"""What is asked: where since and until stand, and the next page of each kind of paging."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from probes.ask import Ask, first_ask, next_ask, sendable
from probes.connector import PageKind, Pagination, Place, Resource, Since, TimeFormat
from tests.probes.definitions import PAYMENTS, VENDOR, paged_by, row

FROM, TO = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)
ROWS = [row("p1"), row("p2")]


def asked(**changed: Any) -> Ask:  # noqa: ANN401 - a Resource's fields
    return first_ask(VENDOR, replace(PAYMENTS, **changed), FROM, TO)


def bounded(place: Place, param: str, until_param: str = "") -> Since:
    return Since(place=place, param=param, until_param=until_param, format=TimeFormat.ISO8601)


def after(resource: Resource, body: object, rows: list[Any] = ROWS) -> Ask | str | None:
    return next_ask(resource, first_ask(VENDOR, resource, FROM, TO), body, rows)


def test_bounds_stand_in_the_query_under_their_names() -> None:
    ask = asked(since=bounded(Place.QUERY, "start_date", "end_date"))
    assert ask.query == {"limit": "2", "start_date": "2026-11-20T09:00:00Z", "end_date": "2026-11-20T10:00:00Z"}


def test_an_upper_bound_without_a_name_is_not_sent() -> None:
    assert asked(since=bounded(Place.QUERY, "from")).query == {"limit": "2", "from": "2026-11-20T09:00:00Z"}


def test_since_stands_in_a_header_beside_the_resources_own() -> None:
    ask = asked(headers={"Prefer": "x"}, since=bounded(Place.HEADER, "If-Modified-Since"))
    assert ask.headers == {"Prefer": "x", "If-Modified-Since": "2026-11-20T09:00:00Z"}
    assert ask.query == {"limit": "2"}


def test_since_stands_deep_in_the_json_body_and_the_definition_stays_as_it_was() -> None:
    body = {"groups": [{"filters": [{"name": "modified", "value": ""}, {"name": "kept"}]}], "limit": 100}
    ask = asked(body=body, since=bounded(Place.JSON, "groups.0.filters.0.value"))
    filters = [{"name": "modified", "value": "2026-11-20T09:00:00Z"}, {"name": "kept"}]
    assert ask.body == {"groups": [{"filters": filters}], "limit": 100}
    assert body["groups"] == [{"filters": [{"name": "modified", "value": ""}, {"name": "kept"}]}]


def test_bounds_take_the_place_of_their_marks_in_every_text() -> None:
    query = {"q": "SELECT id WHERE changed >= {since} AND changed < {until}"}
    ask = asked(query=query, body={"list": ["{since}", 1]}, since=Since(place=Place.TEXT, format=TimeFormat.UNIX_S))
    assert ask.query == {"q": "SELECT id WHERE changed >= 1795165200 AND changed < 1795168800"}
    assert ask.body == {"list": ["1795165200", 1]}


def test_whoami_is_asked_with_its_query() -> None:
    vendor = replace(VENDOR, whoami_query={"limit": "1"})
    assert first_ask(vendor, None, FROM) == Ask(path="/v1/me", query={"limit": "1"})


def test_a_token_may_go_into_the_json_body() -> None:
    paging = Pagination(kind=PageKind.TOKEN, place=Place.JSON, param="page.after", next_path="next")
    following = after(replace(paged_by(paging), body={"limit": 2}), {"next": 17})
    assert isinstance(following, Ask)
    assert following.body == {"limit": 2, "page": {"after": "17"}}


def test_the_last_id_is_that_of_the_record_in_the_row() -> None:
    wrapped = replace(PAYMENTS, item_path="payment")
    following = after(wrapped, {"more": True}, [{"payment": one} for one in ROWS])
    assert isinstance(following, Ask)
    assert following.query["after"] == "p2"


def test_a_next_address_keeps_the_headers_and_takes_the_place_of_query_and_body() -> None:
    by_address = replace(paged_by(Pagination(kind=PageKind.NEXT_URL, next_path="next")), headers={"Prefer": "x"})
    assert after(by_address, {"next": "/p?2"}) == Ask(path="/p?2", headers={"Prefer": "x"}, given=True)


@pytest.mark.parametrize(
    ("paging", "body", "count", "expected"),
    [
        (Pagination(kind=PageKind.PAGE, param="page", start=1, total_path="pages"), {"pages": 2}, 2, "2"),
        (Pagination(kind=PageKind.PAGE, param="page", start=1, total_path="pages"), {"pages": 1}, 2, None),
        (Pagination(kind=PageKind.PAGE, param="page", start=1, total_path="pages"), {}, 1, "2"),
        (Pagination(kind=PageKind.PAGE, param="page", start=1), {}, 0, None),
        (Pagination(kind=PageKind.PAGE, param="page", start=1, size=2), {}, 1, None),
        (Pagination(kind=PageKind.OFFSET, param="skip", size=2), {}, 2, "2"),
        (Pagination(kind=PageKind.OFFSET, param="skip", size=2), {}, 1, None),
        (Pagination(kind=PageKind.OFFSET, param="skip", more_path="more"), {"more": True}, 2, "2"),
        (Pagination(kind=PageKind.OFFSET, param="skip", more_path="more"), {"more": True}, 0, None),
        (Pagination(kind=PageKind.OFFSET, param="skip", more_path="more"), {"more": False}, 2, None),
    ],
)
def test_counted_pages_end_where_the_vendor_says_or_a_page_is_not_full(
    paging: Pagination, body: object, count: int, expected: str | None
) -> None:
    following = after(paged_by(paging), body, ROWS[:count])
    if expected is None:
        assert following is None
    else:
        assert isinstance(following, Ask)
        assert following.query[paging.param] == expected


def test_counted_pages_begin_where_they_are_said_to_and_count_on() -> None:
    resource = paged_by(Pagination(kind=PageKind.PAGE, param="page", start=1))
    ask: Any = first_ask(VENDOR, resource, FROM)
    for page in ("1", "2", "3"):
        assert ask.query["page"] == page
        ask = next_ask(resource, ask, {}, ROWS)


def test_a_position_in_a_text_is_counted_on_and_written_when_it_is_sent() -> None:
    paging = Pagination(kind=PageKind.IN_QUERY_OFFSET, start=1, size=2)
    resource = replace(paged_by(paging), query={"query": "FROM Invoice STARTPOSITION {position} MAXRESULTS 2"})
    ask = first_ask(VENDOR, resource, FROM)
    assert sendable(ask).query == {"query": "FROM Invoice STARTPOSITION 1 MAXRESULTS 2", **_since(ask)}
    following = next_ask(resource, ask, {}, ROWS)
    assert isinstance(following, Ask)
    assert sendable(following).query["query"] == "FROM Invoice STARTPOSITION 3 MAXRESULTS 2"
    assert next_ask(resource, following, {}, ROWS[:1]) is None


def _since(ask: Ask) -> dict[str, str]:
    return {"created[gte]": ask.query["created[gte]"]}


def test_more_that_is_neither_true_nor_false_is_a_flaw_and_no_next_page() -> None:
    paging = Pagination(kind=PageKind.OFFSET, param="skip", more_path="more")
    assert after(paged_by(paging), {"more": "yes"}) == "neither true nor false at `more`"
