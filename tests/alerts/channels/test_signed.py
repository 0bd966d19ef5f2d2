"""Webhooks that are signed arrive at a real receiver, which verifies them by the standard and by nothing of ours."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import pytest

from alerts.channels.recording import RecordingChannel
from alerts.channels.signed import SignedWebhooks
from alerts.channels.web import Web
from alerts.message import Claim, DeliveryState, MessageKind
from alerts.signing import signing_key
from monitor.clock import SettableClock
from probes.catalog import SecretRef
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.receivers import HttpReceiver, Request

OLD, NEW = (f"whsec_{b64encode(bytes([number]) * 32).decode()}" for number in (1, 2))
SECRETS = {"env:OLD": OLD, "env:NEW": NEW, "env:BROKEN": "not base64"}
BODY = '{"type": "dunning.hold"}'


@dataclass(slots=True)
class Way:
    """The way out, on a clock of its own, with what went another way."""

    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    private: bool = True
    others: RecordingChannel = field(init=False)
    signed: SignedWebhooks = field(init=False)

    def __post_init__(self) -> None:
        self.others = RecordingChannel(now=self.clock.now, sleep_until=self.clock.sleep_until)
        web = Web(now=self.clock.now, allow_private=lambda: self.private)
        secret = lambda reference: SECRETS.get(reference, "")  # noqa: E731 - three words
        self.signed = SignedWebhooks(others=self.others, web=web, secret=secret, now=self.clock.now)

    async def send(self, one: Claim, address: str) -> tuple[DeliveryState, str]:
        """Return how an attempt ended."""
        delivery = await self.signed.send(one, address, self.clock.now())
        return delivery.state, delivery.reason


@pytest.fixture
async def way() -> AsyncIterator[Way]:
    """Yield a way out, whose connections are closed in the end."""
    made = Way()
    yield made
    await made.signed.web.aclose()


def call(*secrets: str, key: str = "dunning/acme/1/1/dunning.hold/desk#1") -> Claim:
    refs = tuple(SecretRef(one) for one in secrets or ("env:NEW",))
    return claim("env:DESK", kind=MessageKind.WEBHOOK, key=key, body=BODY, signed_with=refs)


def verified(request: Request, secret: str) -> bool:
    """Return whether a request is signed with a secret, as the receiving side of the standard says."""
    stamp, identity = request.headers["webhook-timestamp"], request.headers["webhook-id"]
    signed = f"{identity}.{stamp}.".encode() + request.body
    key = b64decode(secret.removeprefix("whsec_"))
    expected = b64encode(hmac.new(key, signed, sha256).digest()).decode()
    offered = [one.partition(",") for one in request.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(expected, text) for version, _, text in offered)


def url(receiver: HttpReceiver, path: str = "/ok") -> str:
    return receiver.address(path).replace("json://", "http://")


async def test_a_receiver_verifies_what_came_with_either_secret_while_one_is_changed(
    way: Way, receiver: HttpReceiver
) -> None:
    assert await way.send(call("env:NEW", "env:OLD"), url(receiver)) == (DeliveryState.ACCEPTED, "accepted")
    (request,) = receiver.asked("/ok")
    assert request.body == BODY.encode()
    assert verified(request, OLD)
    assert verified(request, NEW)
    assert not verified(request, f"whsec_{b64encode(b'x' * 32).decode()}")
    assert request.headers["content-type"] == "application/json"
    assert datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), tz=NOW.tzinfo) == NOW


async def test_every_attempt_has_the_same_id_and_its_own_instant(way: Way, receiver: HttpReceiver) -> None:
    await way.send(call(), url(receiver))
    await way.clock.set(NOW.replace(hour=10))
    await way.send(call(key="dunning/acme/1/1/dunning.hold/desk#2"), url(receiver))
    await way.send(call(key="dunning/acme/1/2/dunning.hold/desk#3"), url(receiver))
    first, again, other = receiver.asked("/ok")
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == first.headers["idempotency-key"]
    assert first.headers["webhook-id"] != other.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]
    assert verified(again, NEW)


async def test_what_is_refused_breaks_or_is_not_allowed_is_told_without_any_address(
    way: Way, receiver: HttpReceiver
) -> None:
    assert (await way.send(call(), url(receiver, "/503")))[0] is DeliveryState.REJECTED
    assert (await way.send(call(), url(receiver, "/silent-close")))[0] is DeliveryState.UNKNOWN
    assert (await way.send(call("env:GONE"), url(receiver)))[1] == "secret not found"
    assert (await way.send(call("env:BROKEN"), url(receiver)))[1] == "secret not found"
    way.private = False
    state, reason = await way.send(call(), url(receiver))
    assert (state, reason) == (DeliveryState.REJECTED, "private destination")
    assert (await way.send(call(), "nonsense"))[0] is not DeliveryState.ACCEPTED


async def test_everything_else_goes_the_other_ways(way: Way, receiver: HttpReceiver) -> None:
    await way.send(claim(), url(receiver))
    assert receiver.requests == []
    assert len(way.others.attempts) == 1


@pytest.mark.parametrize(
    ("secret", "fits"), [(OLD, True), (OLD.removeprefix("whsec_"), True), ("c2hvcnQ=", False), ("not base64", False)]
)
def test_a_secret_signs_where_it_is_base64_of_enough_bytes(secret: str, *, fits: bool) -> None:
    assert (signing_key(secret) is not None) is fits
