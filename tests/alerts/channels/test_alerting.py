"""PagerDuty and Opsgenie are told when an incident begins, is acknowledged and ends, under one key."""

from dataclasses import replace

import pytest

from alerts.channels.dispatch import Channels, Enclosed
from alerts.conversation import Conversation, went_on
from alerts.message import Claim, DeliveryState, Message, MessageKind, Stage
from probes.catalog import SecretRef
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.services import Service, service
from tests.alerts.channels.ways import OPSGENIE, PAGERDUTY, ways

PAGE = claim()
TAKEN = claim(kind=MessageKind.NOTE, acknowledged_by="ada", key="INC-7/taken")
ENDED = claim(stage=Stage.RESOLVED, key="INC-7/page/resolved/ada")
AGAIN = claim(key="INC-7/page/ada/2")


class Remembering:
    """Keeps threads between messages as the application does."""

    def __init__(self, out: Channels, address: str) -> None:
        self.known: dict[str, Conversation] = {}
        self._out, self._address = out, address
        out.enclosed = Enclosed(known=self._find)

    def _find(self, _: str, thread: str) -> Conversation | None:
        return self.known.get(thread)

    async def tell(self, one: Claim) -> Message:
        """Send a message and keep what the receiver calls it."""
        one = replace(one, message=replace(one.message, client=None))
        delivery = await self._out.send(one, self._address, NOW)
        assert delivery.state is DeliveryState.ACCEPTED, delivery.reason
        if delivery.handle is not None:
            thread = "INC-7"
            went = went_on(self.known.get(thread), one.message, one.channel, delivery.handle, NOW)
            self.known.pop(thread, None)
            if went is not None:
                self.known[thread] = went
        return one.message


def actions(far: Service) -> list[tuple[str, str]]:
    """Return what PagerDuty was told, in order."""
    return [(asked.told["event_action"], asked.told["dedup_key"]) for asked in far.asked]


async def test_pagerduty_is_triggered_acknowledged_and_resolved_by_one_key() -> None:
    async with service() as far, ways(far.address) as out:
        receiver = Remembering(out, PAGERDUTY)
        for one in (PAGE, TAKEN, ENDED):
            await receiver.tell(one)
    key = "tierwatch-INC-7"
    assert actions(far) == [("trigger", key), ("acknowledge", key), ("resolve", key)]
    event = far.asked[0].told
    assert (event["routing_key"], event["payload"]["severity"]) == ("routingkey", "critical")
    assert event["payload"]["summary"] == PAGE.message.subject
    assert event["links"] == [{"href": "https://tierwatch.example.com/incidents/INC-7", "text": "The incident"}]
    assert {asked.path for asked in far.asked} == {"/us/enqueue"}


async def test_a_page_after_an_acknowledgement_rings_again_and_the_end_ends_both() -> None:
    async with service() as far, ways(far.address) as out:
        receiver = Remembering(out, PAGERDUTY)
        for one in (PAGE, TAKEN, AGAIN, ENDED):
            await receiver.tell(one)
    first, second = "tierwatch-INC-7", "tierwatch-INC-7-2"
    assert actions(far)[2:] == [("trigger", second), ("resolve", first), ("resolve", second)]
    assert not receiver.known


async def test_opsgenie_is_told_by_alias_in_its_own_region() -> None:
    async with service() as far, ways(far.address) as out:
        receiver = Remembering(out, f"{OPSGENIE}/#ops?region=eu")
        for one in (PAGE, TAKEN, ENDED):
            await receiver.tell(one)
    created, taken, closed = far.asked
    assert (created.path, created.headers["authorization"]) == ("/eu/alerts", "GenieKey apikey")
    assert created.told["alias"] == "tierwatch-INC-7"
    assert created.told["responders"] == [{"type": "team", "name": "ops"}]
    assert (taken.path, taken.query) == ("/eu/alerts/tierwatch-INC-7/acknowledge", "identifierType=alias")
    assert taken.told["user"] == "ada"
    assert closed.path == "/eu/alerts/tierwatch-INC-7/close"


@pytest.mark.parametrize("address", [PAGERDUTY, OPSGENIE])
@pytest.mark.parametrize(("status", "permanent"), [(400, True), (422, True), (429, False), (500, False), (401, False)])
async def test_a_refusal_is_told_by_its_status(address: str, status: int, *, permanent: bool) -> None:
    async with service() as far, ways(far.address) as out:
        far.answer(status, {"message": "the key routingkey is wrong"}, retry_after="3")
        delivery = await out.send(PAGE, address, NOW)
    assert (delivery.state, delivery.reason) == (DeliveryState.REJECTED, f"refused ({status})")
    assert (delivery.permanent, delivery.handle) == (permanent, None)
    assert delivery.retry_after is not None


async def test_an_alert_that_somebody_deleted_is_as_good_as_closed() -> None:
    async with service() as far, ways(far.address) as out:
        far.answer(404)
        assert (await out.send(ENDED, OPSGENIE, NOW)).state is DeliveryState.ACCEPTED


@pytest.mark.parametrize("address", [PAGERDUTY, OPSGENIE])
async def test_long_texts_are_cut_and_keep_the_link_by_which_the_page_is_taken(address: str) -> None:
    long = replace(PAGE, message=replace(PAGE.message, subject="s" * 9_000, body="b " * 60_000))
    async with service() as far, ways(far.address) as out:
        out.enclosed = Enclosed(answer=lambda _: "https://tierwatch.example.com/answer/abc")
        await out.send(long, address, NOW)
    told = far.asked[0].told
    summary, body = (
        (told["payload"]["summary"], told["payload"]["custom_details"]["message"])
        if address == PAGERDUTY
        else (told["message"], told["description"])
    )
    assert len(summary) <= (1024 if address == PAGERDUTY else 130)
    assert body.endswith("https://tierwatch.example.com/answer/abc")


@pytest.mark.parametrize("address", [PAGERDUTY, OPSGENIE])
async def test_a_trial_shows_that_the_key_is_right_and_wakes_nobody(address: str) -> None:
    trial = claim(kind=MessageKind.NOTE, key="canary/1", incident=None, trial=True, stage=Stage.UPDATE)
    async with service() as far, ways(far.address) as out:
        assert (await out.send(trial, address, NOW)).state is DeliveryState.ACCEPTED
        far.answer(403)
        assert (await out.send(trial, address, NOW)).reason == "refused (403)"
    first = far.asked[0]
    assert first.told.get("event_action") == "resolve" or first.path.endswith("/close")


async def test_what_can_wait_rings_no_pager_where_there_is_another_way() -> None:
    channels = (SecretRef("env:ADA_PAGER"), SecretRef("env:ADA_MAIL"))
    note = claim(kind=MessageKind.NOTE, key="draft/7/ada", channels=channels, incident=None, client=None)
    async with service() as far, ways(far.address) as out:
        kept = await out.send(note, PAGERDUTY, NOW)
        rung = await out.send(replace(note, message=replace(note.message, channels=channels[:1])), PAGERDUTY, NOW)
    assert kept.state is DeliveryState.REJECTED
    assert rung.state is DeliveryState.ACCEPTED
    assert len(far.asked) == 1
