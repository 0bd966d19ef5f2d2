"""Adds to a look what no answer of the vendor's tells: when the credential ends, and a certificate that nobody trusts.

What follows from either is `alerts.upkeep`'s to say.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from probes.adapters.oauth import Tokens
from probes.catalog import System
from probes.certificate import Certificate
from probes.expiry import own_expiry
from probes.failure import FailureClass
from probes.observation import Observation

Shown = Callable[[str], Awaitable[Certificate | None]]
"""Reads the certificates that the peer at an address shows, trusting nobody and sending nothing."""


class Inspecting:
    """Completes looks. Without `shown`, the certificate of a peer that is not trusted stays unknown."""

    def __init__(self) -> None:
        self.shown: Shown | None = None

    async def inspected(
        self, observation: Observation, system: System, secret: str | None, tokens: Tokens | None
    ) -> Observation:
        """Return a look with when its credential ends, and with the certificate for whose sake it failed."""
        refresh = tokens.ends(system.id) if tokens is not None else None
        expires = _earliest(own_expiry(secret), refresh)
        certificate = observation.certificate
        if observation.failure is FailureClass.TLS and certificate is None and self.shown is not None:
            certificate = await self.shown(system.base_url)
        if expires is None and certificate is observation.certificate:
            return observation
        return replace(observation, expires=expires, certificate=certificate)


def _earliest(*ends: datetime | None) -> datetime | None:
    return min((end for end in ends if end is not None), default=None)
