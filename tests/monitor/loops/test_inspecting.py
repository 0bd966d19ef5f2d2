"""What is added to a look: when its credential ends, and the certificate for whose sake it failed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.loops.inspecting import Inspecting
from probes.certificate import Certificate
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from tests.alerts.test_upkeep import look
from tests.cast import BILLING, CATALOG, NOON
from tests.probes.test_expiry import token

SYSTEM = CATALOG.systems[BILLING]
SHOWN = Certificate(leaf=NOON, earliest=NOON, life=timedelta(days=90), trusted=False)
FAILED = replace(look(NOON), outcome=Outcome.BAD, failure=FailureClass.TLS)


class Asked:
    """Reads a certificate, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    async def __call__(self, address: str) -> Certificate | None:
        """Return one that has ended."""
        self.addresses.append(address)
        return SHOWN


async def inspected(observation: Observation, secret: str | None = None) -> tuple[Observation, list[str]]:
    inspecting = Inspecting()
    inspecting.shown = asked = Asked()
    return await inspecting.inspected(observation, SYSTEM, secret, None), asked.addresses


async def test_the_certificate_of_a_peer_is_read_beside_the_look_only_where_the_look_was_not_trusted() -> None:
    assert await inspected(FAILED) == (replace(FAILED, certificate=SHOWN), [SYSTEM.base_url])
    assert await inspected(look(NOON)) == (look(NOON), [])
    assert await inspected(replace(FAILED, failure=FailureClass.TIMEOUT)) == (
        replace(FAILED, failure=FailureClass.TIMEOUT),
        [],
    )


async def test_a_look_says_when_the_token_ends_that_it_was_made_with() -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    found, _ = await inspected(look(NOON), token({"exp": end.timestamp()}))
    assert found.expires == end


async def test_without_anything_to_add_a_look_is_left_as_it_is() -> None:
    one = look(NOON)
    assert await Inspecting().inspected(one, SYSTEM, "sk_live_1", None) is one
    assert await Inspecting().inspected(FAILED, SYSTEM, None, None) is FAILED
