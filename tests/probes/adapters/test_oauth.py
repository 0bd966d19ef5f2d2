"""Tokens under use: one renewal for many looks, rotated tokens never lost, claims of other processes respected."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from probes.access import Token, seed_of
from probes.adapters.http import Call
from probes.adapters.oauth import Credential, Door, Tokens, TokensInMemory, TokensUnavailableError, token_url
from probes.answer import Answer, Failure
from probes.auth import Auth, AuthKind, ClientAuth
from probes.budget import Balance, Grant, Purpose, Quota, Window, take
from probes.catalog import SystemId
from probes.failure import FailureClass

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECRETS = {"client_id": "id", "client_secret": "pw", "refresh_token": "r0"}
BOOKS = Credential(
    owner=SystemId("books"),
    auth=Auth(
        kind=AuthKind.OAUTH2_REFRESH, token_url="https://id.example/token", client_auth=ClientAuth.BODY, rotates=True
    ),
    base_url="https://books.example/api",
    secrets=SECRETS,
)


@dataclass
class Hands:
    """A clock that is set by hand; sleeping sets it."""

    at: datetime = START

    def now(self) -> datetime:
        """Return the instant."""
        return self.at

    async def sleep_until(self, at: datetime) -> None:
        """Be there."""
        self.at = max(self.at, at)
        await asyncio.sleep(0)  # noqa: TID251 - lets the others run


@dataclass
class Issuer:
    """A token endpoint whose refresh tokens are each good for one use."""

    hands: Hands
    good: str = "r0"
    used: list[str] = field(default_factory=list)
    status: int = 200

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:  # noqa: ARG002 - the protocol's
        """Grant a token for the one good refresh token."""
        await asyncio.sleep(0)  # noqa: TID251 - a request takes its time
        assert (call.method, call.url) == ("POST", "https://id.example/token")
        given = parse_qs((call.content or b"").decode())["refresh_token"][0]
        self.used.append(given)
        if self.status != 200 or given != self.good:
            return self._answer(400 if self.status == 200 else self.status, {"error": "invalid_grant"})
        number = len(self.used)
        self.good = f"r{number}"
        return self._answer(200, {"access_token": f"a{number}", "refresh_token": self.good, "expires_in": 1800})

    def _answer(self, status: int, body: object) -> Answer:
        return Answer(status=status, headers={}, body=json.dumps(body).encode(), answered=self.hands.now())


@dataclass
class Shared(TokensInMemory):
    """A store that several processes share, and that can be out of order."""

    claimed_until: datetime | None = None
    down: set[str] = field(default_factory=set)
    tokens: dict[SystemId, Token] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin empty."""
        self._tokens = self.tokens

    async def token(self, owner: SystemId) -> Token | None:
        """Return the token that is kept."""
        self._works("token")
        return await super().token(owner)

    async def claim(self, owner: SystemId, until: datetime, now: datetime) -> bool:  # noqa: ARG002 - the protocol's
        """Claim it, unless somebody else has."""
        self._works("claim")
        if self.claimed_until is not None and now < self.claimed_until:
            return False
        self.claimed_until = until
        return True

    async def keep(self, owner: SystemId, token: Token | None) -> None:
        """End the claim and keep a token."""
        self._works("keep")
        self.claimed_until = None
        await super().keep(owner, token)

    def _works(self, what: str) -> None:
        if what in self.down:
            raise TokensUnavailableError("the disk is full")


@dataclass
class Stage:
    """A process with its issuer and its store."""

    hands: Hands = field(default_factory=Hands)
    store: Shared = field(default_factory=Shared)

    def __post_init__(self) -> None:
        """Build the parts on one clock."""
        self.issuer = Issuer(self.hands)
        self.tokens = self.process()

    def process(self) -> Tokens:
        """Return the tokens of another process on the same store."""
        return Tokens(self.issuer, self.store, self.hands.now, self.hands.sleep_until)


async def test_many_looks_at_once_renew_a_token_once() -> None:
    stage = Stage()
    got = await asyncio.gather(*(stage.tokens.access(BOOKS) for _ in range(20)))
    assert set(got) == {"a1"}
    assert stage.issuer.used == ["r0"]


async def test_a_token_is_used_until_shortly_before_its_end_and_then_renewed_with_the_rotated_one() -> None:
    stage = Stage()
    for minutes, access in ((0, "a1"), (24, "a1"), (26, "a2"), (49, "a2"), (52, "a3")):
        stage.hands.at = START + timedelta(minutes=minutes)
        assert await stage.tokens.access(BOOKS) == access
    assert stage.issuer.used == ["r0", "r1", "r2"]


async def test_a_process_that_starts_goes_on_with_what_the_last_one_kept() -> None:
    stage = Stage()
    await stage.tokens.access(BOOKS)
    assert await stage.process().access(BOOKS) == "a1"
    stage.hands.at += timedelta(hours=1)
    assert await stage.process().access(BOOKS) == "a2"
    assert stage.issuer.used == ["r0", "r1"]


async def test_the_end_of_the_refresh_token_is_known_and_moves_with_each_new_one() -> None:
    stage = Stage()
    books = replace(BOOKS, auth=replace(BOOKS.auth, refresh_lifetime=timedelta(days=60)))
    assert stage.tokens.ends(BOOKS.owner) is None
    await stage.tokens.access(books)
    assert stage.tokens.ends(BOOKS.owner) == START + timedelta(days=60)
    other = stage.process()
    await other.access(books)
    assert other.ends(BOOKS.owner) == START + timedelta(days=60)
    stage.hands.at += timedelta(hours=1)
    await stage.tokens.access(books)
    assert stage.tokens.ends(BOOKS.owner) == START + timedelta(days=60, hours=1)


async def test_two_processes_never_spend_one_refresh_token() -> None:
    stage = Stage()
    others = [stage.process() for _ in range(3)]
    got = await asyncio.gather(*(tokens.access(BOOKS) for tokens in (stage.tokens, *others)))
    assert set(got) == {"a1"}
    assert stage.issuer.used == ["r0"]


async def test_the_claim_of_a_process_that_died_ends_by_itself() -> None:
    stage = Stage(store=Shared(claimed_until=START + timedelta(seconds=10)))
    assert await stage.tokens.access(BOOKS) == "a1"
    assert stage.hands.at == START + timedelta(seconds=10)


async def test_a_claim_that_does_not_end_is_not_waited_for_for_ever() -> None:
    stage = Stage(store=Shared(claimed_until=START + timedelta(hours=1)))
    refused = await stage.tokens.access(BOOKS)
    assert isinstance(refused, Failure)
    assert (refused.failure, stage.issuer.used) == (FailureClass.OWN, [])
    assert stage.hands.at <= START + timedelta(seconds=20)


async def test_a_refused_token_is_renewed_before_its_next_use_but_not_while_it_is_new() -> None:
    stage = Stage()
    await stage.tokens.access(BOOKS)
    stage.tokens.refused(BOOKS.owner, "a1")
    assert await stage.tokens.access(BOOKS) == "a1"
    stage.hands.at += timedelta(minutes=2)
    assert await stage.tokens.access(BOOKS) == "a2"


async def test_another_configured_credential_begins_anew() -> None:
    stage = Stage()
    await stage.tokens.access(BOOKS)
    stage.issuer.good = "connected again"
    again = replace(BOOKS, secrets={**SECRETS, "refresh_token": "connected again"})
    assert await stage.tokens.access(again) == "a2"
    assert stage.issuer.used == ["r0", "connected again"]


async def test_a_refusal_is_told_and_the_claim_is_ended() -> None:
    stage = Stage()
    stage.issuer.status = 503
    refused = await stage.tokens.access(BOOKS)
    assert isinstance(refused, Failure)
    assert refused.failure is FailureClass.AUTH
    stage.issuer.status = 200
    assert await stage.tokens.access(BOOKS) == "a2"


async def test_without_its_store_nothing_is_renewed_for_a_rotated_token_would_be_lost() -> None:
    for down in ({"token"}, {"claim"}):
        stage = Stage(store=Shared(down=down))
        refused = await stage.tokens.access(BOOKS)
        assert isinstance(refused, Failure)
        assert refused.reason == "the access tokens cannot be kept: the disk is full"
        assert stage.issuer.used == []


async def test_a_rotated_token_that_could_not_be_stored_is_not_lost_while_the_process_lives() -> None:
    stage = Stage(store=Shared(down={"keep"}))
    assert await stage.tokens.access(BOOKS) == "a1"
    assert await stage.tokens.access(BOOKS) == "a1"
    stage.store.down = set()
    stage.hands.at += timedelta(hours=1)
    assert await stage.tokens.access(BOOKS) == "a2"
    assert stage.store.tokens[BOOKS.owner].refresh == "r2"
    assert stage.issuer.used == ["r0", "r1"]


def test_the_token_endpoint_is_a_whole_address_or_a_path_below_the_systems() -> None:
    assert token_url(BOOKS) == "https://id.example/token"
    below = replace(BOOKS, auth=replace(BOOKS.auth, token_url="/oauth/token"))
    assert token_url(below) == "https://books.example/api/oauth/token"


def test_a_credential_shows_nothing_and_its_seed_is_no_secret() -> None:
    assert "pw" not in repr(BOOKS)
    assert "r0" not in seed_of(SECRETS)


A_MINUTE, TWO_HOURS = (
    Quota(windows=(Window(limit=1, period=period, burst=1),), reserve=0)
    for period in (timedelta(minutes=1), timedelta(hours=2))
)


@dataclass
class Gate:
    """A quota of one request a minute."""

    quota: Quota = A_MINUTE
    balance: Balance = field(default_factory=Balance)

    def take(self, now: datetime) -> Grant:
        """Take one request."""
        grant = take(self.quota, self.balance, Purpose.ROUTINE, 1, now)
        self.balance = grant.balance
        return grant


async def test_a_renewal_takes_from_the_quota_and_waits_for_it_without_spending_the_refresh_token() -> None:
    stage, gate = Stage(), Gate()
    door = Door(take=gate.take, transport=stage.issuer)
    assert await stage.tokens.access(BOOKS, door) == "a1"
    assert await stage.tokens.access(BOOKS, door) == "a1"
    assert not gate.take(stage.hands.now()).granted
    stage.tokens.refused(BOOKS.owner, "a1")
    gate.quota = TWO_HOURS
    stage.hands.at += timedelta(minutes=5)
    gate.take(stage.hands.now())
    denied = await stage.tokens.access(BOOKS, door)
    assert isinstance(denied, Failure)
    assert (denied.failure, denied.reason) == (
        FailureClass.QUOTA,
        "the quota does not allow the request for an access token yet",
    )
    assert len(stage.issuer.used) == 1
    stage.hands.at += timedelta(hours=2)
    assert await stage.tokens.access(BOOKS, door) == "a2"
