"""The quotas at work: every request takes from its system's balance, and every answer teaches something about it.

The arithmetic is `probes.budget`'s and `probes.feedback`'s; the balances lie in the situation, and the desk stores them
with the look that changed them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.situation import Situation
from probes.adapters.http import Call, Transport
from probes.answer import Answer, Failure, Page
from probes.budget import Balance, Grant, Purpose, Quota, effective, landed, rate, take
from probes.catalog import SystemId
from probes.failure import FailureClass
from probes.feedback import hastened, learn, slowed
from probes.observation import Observation

UNANSWERED = (FailureClass.TIMEOUT, FailureClass.CONNECT, FailureClass.DNS, FailureClass.TLS)
"""Without an answer nothing is said about the quota. A page that was read before our own ran out has said enough."""


class Quotas:
    """Takes from the balances, gives back what has landed, and learns from answers.

    `waited` hears how long each request was told to wait, 0 where it went at once.
    """

    def __init__(self, situation: Callable[[], Situation], waited: Callable[[str, timedelta], None]) -> None:
        self._situation = situation
        self._waited = waited

    def quota(self, system: SystemId) -> Quota:
        """Return a system's configured quota."""
        return self._situation().config.catalog.systems[system].quota

    def balance(self, system: SystemId) -> Balance:
        """Return what is known to be used of it."""
        return self._situation().balances.get(system, Balance())

    def sustained(self, system: SystemId) -> float:
        """Return how many requests per second it sustains, after all that its vendor has told us."""
        balance = self.balance(system)
        return rate(effective(self.quota(system), balance), balance.speed)

    def ahead(self, system: SystemId, purpose: Purpose, before: dict[SystemId, Balance], now: datetime) -> timedelta:
        """Return how long a request would wait after those that `before` has; without a wait it is added to them."""
        grant = take(self.quota(system), before.get(system, self.balance(system)), purpose, 1, now)
        before[system] = grant.balance
        return grant.wait

    def take(self, system: SystemId, purpose: Purpose, now: datetime) -> Grant:
        """Take one request."""
        grant = take(self.quota(system), self.balance(system), purpose, 1, now)
        self._situation().balances[system] = grant.balance
        self.told_to_wait(system, grant.wait)
        return grant

    def told_to_wait(self, system: SystemId, wait: timedelta) -> None:
        """Say how long a request has to wait."""
        self._waited(system, wait)

    def landed(self, system: SystemId, sent: datetime) -> None:
        """Note that the request that was granted at `sent` is no longer in flight."""
        self._situation().balances[system] = landed(self.balance(system), sent)

    def heard(self, system: SystemId, result: Page | Failure, at: datetime) -> None:
        """Note what one answer told of the vendor's limits, and whether it refused us, before anybody asks again."""
        if system not in self._situation().config.catalog.systems:
            return
        quota = self.quota(system)
        balance = learn(quota, self.balance(system), result.news, at)
        if isinstance(result, Failure) and result.failure is FailureClass.THROTTLED:
            balance = slowed(quota, balance, at)
        self._situation().balances[system] = balance

    def learned(self, observation: Observation) -> None:
        """Note what a whole look told: with a vendor that answered, another one may be faster."""
        system, at = observation.system, observation.answered
        quota = self.quota(system)
        balance = learn(quota, self.balance(system), observation.news, at)
        if observation.failure is FailureClass.THROTTLED:
            balance = slowed(quota, balance, at)
        elif observation.requests and observation.failure not in UNANSWERED:
            balance = hastened(quota, balance, at)
        self._situation().balances[system] = balance


class Counted:
    """A transport for one look at one system, whose requests are counted while they are in flight."""

    def __init__(self, transport: Transport, quotas: Quotas, system: SystemId) -> None:
        self._transport = transport
        self._quotas = quotas
        self._system = system
        self._granted: datetime | None = None

    def take(self, purpose: Purpose, now: datetime) -> Grant:
        """Take the next request from the quota."""
        grant = self._quotas.take(self._system, purpose, now)
        self._granted = now if grant.granted else None
        return grant

    def heard(self, result: Page | Failure, at: datetime) -> None:
        """Hear what an answer says of the quota."""
        self._quotas.heard(self._system, result, at)

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Send it. One that timed out stays in flight for a while: the vendor may still be at work on it."""
        granted, self._granted = self._granted, None
        result = await self._transport.send(call, now)
        ended = isinstance(result, Answer) or result.failure is not FailureClass.TIMEOUT
        if granted is not None and ended:
            self._quotas.landed(self._system, granted)
        return result
