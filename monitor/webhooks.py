"""Takes in what vendors post: finds the system and its secret, has the webhook opened, hands its events to the desk.

What is right about a signature is `probes.authentic`'s to say, what an event means the desk's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from monitor.desk import Desk
from monitor.problem import ConfigError
from monitor.receipt import CUT_OFF, REPEATED, STORED, Receipt, Unprepared
from monitor.secrets import Secrets
from monitor.situation import Situation
from probes.adapters.webhook import Envelope, Event, opened
from probes.catalog import System, SystemId, Webhooks
from probes.webhook import Posted, Refusal, Webhook

log = structlog.get_logger("tierwatch.webhooks")


class Intake:
    """The place where webhooks come in. `count` hears how each of them ended."""

    def __init__(self, desk: Desk, secrets: Secrets, count: Callable[[SystemId, str], None]) -> None:
        self._desk = desk
        self._secrets = secrets
        self._count = count

    @property
    def _situation(self) -> Situation:
        return self._desk.situation

    async def take(self, system: str, posted: Posted, now: datetime) -> Receipt | Refusal:
        """Return what is answered once a webhook is stored, or why it is refused; without a system it is forged.

        Raises:
            Unprepared: our own secret is not to be had.
            StoreUnwritable: it could not be stored.
        """
        known = self._situation.config.catalog.systems.get(SystemId(system))
        if known is None or known.webhooks is None or known.connector.webhook is None:
            return Refusal.FORGED
        events = self._opened(known, known.webhooks, known.connector.webhook, posted, now)
        if isinstance(events, Refusal):
            self._refused(known.id, events)
            return events
        new = await self._desk.told(known.id, events, now)
        self._count(known.id, STORED if new or not events else REPEATED)
        return Receipt(status=known.connector.webhook.status, text=known.connector.webhook.text)

    def cut_off(self, system: str) -> None:
        """Count a webhook whose sender hung up before its end."""
        known = self._situation.config.catalog.systems.get(SystemId(system))
        if known is not None and known.webhooks is not None:
            self._count(known.id, CUT_OFF)

    def _opened(
        self, system: System, webhooks: Webhooks, webhook: Webhook, posted: Posted, now: datetime
    ) -> tuple[Event, ...] | Refusal:
        try:
            secret = self._secrets.resolve(webhooks.secret)
            fields, skew = self._read_as(system)
            envelope = Envelope(system=system, webhook=webhook, secret=secret, fields=fields, skew=skew)
            return opened(envelope, posted, now)
        except ConfigError as error:
            reason = str(error)
        except ValueError:
            reason = f"{webhooks.secret} is not written as a key of {webhook.signature.key} is"
        log.error("webhooks cannot be verified", system=system.id, reason=reason)
        raise Unprepared("webhooks of this system cannot be verified at the moment; send it again")

    def _read_as(self, system: System) -> tuple[dict[str, tuple[str, ...]], timedelta]:
        """The fields that looks read of each resource, and how far the vendor's clock was off at the last of them."""
        sights = [sight for sight in self._situation.sights.values() if sight.probe.system == system.id]
        skews = [sight.last.correction for sight in sights if sight.last is not None]
        return {sight.probe.resource: sight.probe.fields for sight in sights}, next(iter(skews), timedelta())

    def _refused(self, system: SystemId, refusal: Refusal) -> None:
        self._situation.refused[system] += 1
        self._count(system, refusal)
        so_far = self._situation.refused[system]
        if so_far & (so_far - 1) == 0:
            # The first, second, fourth and so on: whoever sends many of them fills no log.
            log.warning("webhook refused", system=system, reason=str(refusal), so_far=so_far)
