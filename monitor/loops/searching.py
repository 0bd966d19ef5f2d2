"""Compares both ends of a flow around records that went missing: who loses one has often lost others with it.

What a comparison does not find is suspected, and looked up by itself before it is called missing. It costs no more than
so many requests, all of them routine ones.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from monitor.comparing import Budget, Found, Reader, Span, compare, reader_of
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.loops.quotas import Counted, Quotas
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Situation
from probes.adapters.http import Transport
from probes.adapters.look import Instruments
from probes.adapters.oauth import Tokens
from probes.book import Book
from probes.catalog import End, Flow, FlowId
from probes.latency import longest_usual
from probes.reconcile import Candidate, Sample, suspected, wanted
from probes.tracked import Ending, Tracked

REQUESTS = 60
"""Requests that one comparison may cost."""

AROUND = timedelta(minutes=3)
"""How much before and after a missing record both ends are compared."""

LONGEST = timedelta(hours=6)

log = structlog.get_logger("tierwatch")


class Searching:
    """Compares what somebody suspects."""

    def __init__(self, desk: Desk, driver: Driver, transport: Transport, secrets: Secrets, quotas: Quotas) -> None:
        self._desk = desk
        self._driver = driver
        self._transport = transport
        self._secrets = secrets
        self._quotas = quotas
        self._under_way: set[FlowId] = set()
        self.tokens: Tokens | None = None

    @property
    def _situation(self) -> Situation:
        return self._desk.situation

    def suspect(self, flow: Flow, missing: Iterable[Tracked]) -> None:
        """Begin to compare the ends of a flow around missing records, unless that was done lately."""
        created, now = sorted(one.created for one in missing), self._driver.clock.now()
        sample = self._situation.samples.get(flow.id) or Sample(flow=flow.id)
        if created and flow.id not in self._under_way and wanted(sample, now):
            self._under_way.add(flow.id)
            self._driver.spawn(self._search(flow, max(created[0], created[-1] - LONGEST), created[-1]))

    async def _search(self, flow: Flow, first: datetime, last: datetime) -> None:
        try:
            found = await self._found(flow, first - AROUND, last + AROUND)
        except ConfigError as error:
            log.warning("both ends cannot be compared", flow=flow.id, reason=str(error))
        else:
            # A pass that records a look-up at this moment would put its own sample over this one.
            await self._desk.between_passes(lambda: self._note(flow, found))
        finally:
            self._under_way.discard(flow.id)

    async def _found(self, flow: Flow, start: datetime, end: datetime) -> Found:
        situation, now, budget = self._situation, self._driver.clock.now(), Budget(REQUESTS)
        usual = longest_usual((situation.books.get(flow.id) or Book(flow.id)).pace)
        span = Span(start=start, end=end, young=now - usual, usual=usual)
        readers = self._reader(flow.source, budget), self._reader(flow.destination, budget)
        return await compare(situation.config.catalog, flow, span, readers, budget)

    def _reader(self, end: End, budget: Budget) -> Reader:
        catalog, clock = self._situation.config.catalog, self._driver.clock
        counted = Counted(self._transport, self._quotas, end.system)
        tools = Instruments(
            transport=counted,
            take=budget.taking(counted.take),
            now=clock.now,
            sleep_until=clock.sleep_until,
            tokens=self.tokens,
            heard=counted.heard,
        )
        return reader_of(catalog, end, self._secrets.of(catalog.systems[end.system]), tools, budget)

    def _note(self, flow: Flow, found: Found) -> None:
        samples, sentence = self._situation.samples, found.sentence
        absent = {
            one.key: Candidate(created=found.created[one.key], client=found.clients.get(one.key))
            for one in found.differences
            if one.ending is Ending.MISSING and one.key in found.created
        }
        known = samples.get(flow.id) or Sample(flow=flow.id)
        samples[flow.id] = suspected(known, absent, sentence, self._driver.clock.now())
        log.warning("both ends were compared", flow=flow.id, result=sentence)
