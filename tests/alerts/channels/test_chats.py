"""Slack keeps one thread per incident and Teams one title; nobody's name can mention or format anything there."""

import json
from dataclasses import replace

import pytest

from alerts.channels.dispatch import Enclosed
from alerts.channels.errand import Errand
from alerts.channels.handover import service_of
from alerts.channels.slack import escaped
from alerts.channels.teams import _message, _url
from alerts.message import DeliveryState, MessageKind, Stage
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.services import service
from tests.alerts.channels.test_alerting import AGAIN, ENDED, PAGE, TAKEN, Remembering
from tests.alerts.channels.ways import SLACK_BOT, SLACK_HOOK, ways

POSTED = {"ok": True, "channel": "C0123", "ts": "1700000000.000100"}


async def test_a_thread_is_kept_its_head_says_how_it_stands_and_a_page_rings_in_the_channel() -> None:
    async with service() as far, ways(far.address) as out:
        receiver = Remembering(out, SLACK_BOT)
        far.answer(200, POSTED)
        await receiver.tell(PAGE)
        for one in (TAKEN, AGAIN, ENDED):
            far.answer(200, POSTED)
            far.answer(200, {"ok": False, "error": "cant_update_message"})
            await receiver.tell(one)
    calls = [(asked.path.rpartition("/")[2], asked.told) for asked in far.asked]
    assert [name for name, _ in calls] == ["chat.postMessage", *["chat.postMessage", "chat.update"] * 3]
    first, taken, _, again, head, *_ = (told for _, told in calls)
    assert "thread_ts" not in first
    assert (taken["thread_ts"], taken["reply_broadcast"]) == (POSTED["ts"], False)
    assert again["reply_broadcast"] is True
    assert (head["ts"], head["channel"]) == (POSTED["ts"], "C0123")
    assert {asked.headers["authorization"] for asked in far.asked} == {
        "Bearer xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d"
    }
    assert not receiver.known


async def test_a_thread_that_somebody_deleted_is_begun_anew() -> None:
    async with service() as far, ways(far.address) as out:
        receiver = Remembering(out, SLACK_BOT)
        far.answer(200, POSTED)
        await receiver.tell(PAGE)
        far.answer(200, {"ok": False, "error": "thread_not_found"})
        far.answer(200, {**POSTED, "ts": "2"})
        await receiver.tell(AGAIN)
    assert receiver.known["INC-7"].handle == "2"


@pytest.mark.parametrize(
    ("status", "body", "reason", "state", "permanent"),
    [
        (200, {"ok": False, "error": "channel_not_found"}, "refused (channel_not_found)", DeliveryState.REJECTED, True),
        (200, {"ok": False, "error": "invalid_auth"}, "refused (invalid_auth)", DeliveryState.REJECTED, False),
        (200, {"ok": False, "error": "see xoxb-secret !"}, "refused", DeliveryState.REJECTED, False),
        (200, {"ok": False, "error": "internal_error"}, "refused (internal_error)", DeliveryState.UNKNOWN, False),
        (200, None, "the connection broke before an answer", DeliveryState.UNKNOWN, False),
        (429, {"ok": False, "error": "ratelimited"}, "refused (429)", DeliveryState.REJECTED, False),
    ],
)
async def test_an_error_of_slacks_is_told_by_its_name(
    status: int, body: object, reason: str, state: DeliveryState, *, permanent: bool
) -> None:
    async with service() as far, ways(far.address) as out:
        far.answer(status, body)
        delivery = await out.send(PAGE, SLACK_BOT, NOW)
    assert (delivery.state, delivery.reason, delivery.permanent) == (state, reason, permanent)


HOSTILE = "<!channel> <@U1> @here *bold* <https://evil.example|your bank> & \u202e"


async def test_no_name_mentions_anybody_in_slack() -> None:
    hostile = replace(PAGE, message=replace(PAGE.message, subject=HOSTILE, body=HOSTILE))
    async with service() as far, ways(far.address) as out:
        far.answer(200, POSTED)
        await out.send(hostile, SLACK_BOT, NOW)
        await out.send(hostile, SLACK_HOOK, NOW)
    for asked in far.asked:
        said = asked.told
        assert said["mrkdwn"] is False
        assert not set("<>") & set(said["text"])
        assert "\u202e" not in said["text"]
        assert "@here" not in said["text"]
    assert far.asked[1].path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


def test_what_is_escaped_is_shown_as_it_was() -> None:
    assert escaped("a < b & c > d") == "a &lt; b &amp; c &gt; d"


async def test_long_texts_are_cut_and_keep_the_last_link() -> None:
    long = replace(
        PAGE, message=replace(PAGE.message, body="word " * 10_000 + "https://tierwatch.example.com/incidents/INC-7")
    )
    async with service() as far, ways(far.address) as out:
        far.answer(200, POSTED)
        await out.send(long, SLACK_BOT, NOW)
    said = far.asked[0].told["text"]
    assert len(said) < 4_000
    assert said.endswith("https://tierwatch.example.com/incidents/INC-7")


def test_a_card_for_teams_has_no_markup_and_says_where_to_take_it() -> None:
    # A workflow's address is always https: its card is made here and looked at, its sending is the webhook's.
    address = "workflows://prod-1.logic.azure.com:443/643e69f83c8944/sig?pa=yes&route=12"
    hostile = replace(
        claim().message, subject="[x](https://evil.example)", body=f"{HOSTILE}\n**b** <at>all</at>\n" * 200
    )
    known = service_of(address)
    errand = Errand(
        message=hostile,
        channel=PAGE.channel,
        address=address,
        service=known,
        deadline=NOW - NOW,
        answer="https://t/answer/a",
    )
    card = json.loads(json.dumps(_message(errand)))["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert next(action["url"] for action in card["actions"]) == "https://t/answer/a"
    assert len(json.dumps(card).encode()) < 28_000
    assert "entities" not in card["msteams"]
    assert known is not None
    assert _url(known) == (  # type: ignore[arg-type]
        "https://prod-1.logic.azure.com:443/powerautomate/automations/direct/cu/12/workflows/643e69f83c8944"
        "/triggers/manual/paths/invoke"
    )


async def test_notices_of_two_clients_in_one_channel_are_two_threads() -> None:
    async with service() as far, ways(far.address) as out:
        seen: list[str] = []
        out.enclosed = Enclosed(known=lambda _, thread: seen.append(thread))
        for client in ("acme", "globex"):
            far.answer(200, POSTED)
            await out.send(claim(kind=MessageKind.NOTICE, client=client, stage=Stage.UPDATE), SLACK_BOT, NOW)
    assert len(set(seen)) == 2
