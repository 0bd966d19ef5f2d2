"""Receivers that keep a thread of an incident hear who has it and that it is over; nobody else is told twice."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.alert import IncidentId
from alerts.conversation import Conversation, conversation_key, thread_of, went_on
from alerts.message import Handle, Lane, Message, MessageKind, Stage
from alerts.open_threads import told
from alerts.timeline import Acknowledged, Event, MergedInto, Resolved
from probes.catalog import ClientId, SecretRef

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
PAGER, SLACK = SecretRef("env:ADA_PAGER"), SecretRef("env:OPS_SLACK")
FIRST = IncidentId("INC-1")
PAGE = Message(
    key="INC-1/page/1/ada",
    kind=MessageKind.PAGE,
    lane=Lane.URGENT,
    stage=Stage.INVESTIGATING,
    recipient="ada",
    channels=(PAGER,),
    subject="It is down",
    body="Look",
    created=NOON,
    incident=FIRST,
)


def kept(channel: SecretRef, client: ClientId | None = None) -> Conversation:
    """Return a thread of the incident on a channel."""
    return Conversation(
        channel=channel,
        thread="INC-1",
        place="",
        handle="k",
        latest=NOON,
        recipient="ada",
        incident=FIRST,
        client=client,
    )


KNOWN = {one.key: one for one in (kept(PAGER), kept(SLACK))}


def test_an_acknowledgement_is_told_to_each_receiver_that_keeps_a_thread() -> None:
    said = told([(FIRST, Acknowledged(at=LATER, by="bruno"))], KNOWN, ())
    assert [(one.channels, one.acknowledged_by, one.stage.closes) for one in said] == [
        ((PAGER,), "bruno", False),
        ((SLACK,), "bruno", False),
    ]
    assert len({one.key for one in said}) == 2
    assert {thread_of(one) for one in said} == {"INC-1"}


def test_the_end_is_told_where_no_other_message_tells_it() -> None:
    end = Message(
        key="INC-1/page/resolved/ada",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.RESOLVED,
        recipient="ada",
        channels=(PAGER, SecretRef("env:ADA_MAIL")),
        subject="Resolved",
        body="",
        created=LATER,
        incident=FIRST,
    )
    said = told([(FIRST, Resolved(at=LATER, why="mended"))], KNOWN, (end,))
    assert [(one.channels, one.stage) for one in said] == [((SLACK,), Stage.RESOLVED)]
    merged = told([(FIRST, MergedInto(at=LATER, into=IncidentId("INC-2"), why="same"))], KNOWN, ())
    assert "part of INC-2, which goes on" in merged[0].body


@pytest.mark.parametrize("event", [Acknowledged(at=LATER, by="bruno"), Resolved(at=LATER, why="mended")])
def test_nobody_is_told_who_keeps_none_or_is_a_client(event: Event) -> None:
    assert told([(FIRST, event)], {}, ()) == ()
    assert told([(IncidentId("INC-9"), event)], KNOWN, ()) == ()
    client = kept(SLACK, ClientId("acme"))
    assert told([(FIRST, event)], {client.key: client}, ()) == ()


def test_a_thread_goes_on_under_the_names_that_the_receiver_gives_and_ends_with_the_end() -> None:
    first = went_on(None, PAGE, PAGER, Handle(name="a"), NOON)
    assert first is not None
    assert (first.key, first.handle, first.earlier) == (conversation_key(PAGER, "INC-1"), "a", ())
    second = went_on(first, PAGE, PAGER, Handle(name="b"), LATER)
    assert second is not None
    assert (second.handle, second.earlier) == ("b", ("a",))
    closing = Message(**{name: getattr(PAGE, name) for name in PAGE.__slots__} | {"stage": Stage.RESOLVED})
    assert went_on(second, closing, PAGER, Handle(name="b"), LATER) is None
