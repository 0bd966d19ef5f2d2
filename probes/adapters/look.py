"""One look: the pages of one list, read one after another, become one observation.

Every request first takes from the system's quota. Whatever a vendor does, the result is an observation with a reason,
and what was read before things went wrong is in it. When to look, and what follows, is decided elsewhere.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from probes.adapters.http import Call, Transport
from probes.adapters.oauth import Credential, Door, Tokens
from probes.adapters.signing import authorised, bearer_of, unsigned
from probes.answer import MOST_ROWS, Answer, Failure, Page, flawed, read
from probes.ask import Ask, first_ask, resumed, sendable
from probes.budget import NEVER, Grant, Purpose, QuotaNews
from probes.catalog import Probe, System
from probes.certificate import Certificate
from probes.connector import Resource
from probes.failure import FailureClass, Outcome, outcome_of
from probes.fingerprint import Sample
from probes.gap import Gap, Stop, unread
from probes.observation import Observation, Record, correction
from probes.window import Span, first_span, following, halved

HOPELESS = (FailureClass.REQUEST, FailureClass.SCHEMA, FailureClass.BUSINESS)
"""What a vendor says no to, or answers with something else, it will not answer better from the same position."""

Take = Callable[[Purpose, datetime], Grant]
"""Takes one request from the system's quota, or says how long to wait."""

Heard = Callable[[Page | Failure, datetime], None]
"""Hears at once what each answer says of the quota: the next request, whosever it is, must know of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to look at. `since` is in the vendor's clock, which the last look found to be off ours by `offset`.

    `gap` is what the last look left unread, to go on with. `secret` is the credential, `secrets` are the parts of one
    that has several. `timeout` is for one request, `deadline` for all together.
    """

    probe: Probe
    system: System
    secret: str | None = field(repr=False, default=None)
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    since: datetime | None = None
    offset: timedelta = timedelta()
    gap: Gap | None = None
    confirming: bool = False
    timeout: timedelta = timedelta(seconds=10)
    deadline: timedelta = timedelta(seconds=30)

    @property
    def resource(self) -> Resource | None:
        """The list that is looked at, None for a who-am-I. Raises KeyError where the connector has no such list."""
        return self.system.connector.resources[self.probe.resource] if self.probe.resource else None

    @property
    def credential(self) -> Credential:
        """What its requests are signed with."""
        system = self.system
        auth, base_url = system.connector.auth, system.base_url
        return Credential(owner=system.id, auth=auth, base_url=base_url, secret=self.secret, secrets=self.secrets)

    @property
    def purpose(self) -> Purpose:
        """What the look's requests are for."""
        return Purpose.CONFIRM if self.confirming else Purpose.ROUTINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What a look works with.

    `heard` learns what each answer says of the quota. With `sleep_until`, pages after the first wait for the quota as
    long as the deadline allows; without, they do not. `tokens` are needed for systems with OAuth 2.
    """

    transport: Transport
    take: Take
    now: Callable[[], datetime]
    sleep_until: Callable[[datetime], Awaitable[None]] | None = None
    tokens: Tokens | None = None
    heard: Heard = lambda _result, _at: None


Looks = Callable[[Look, Instruments], Awaitable[Observation]]
"""How looks come to be: over the network, or as somebody tells that they were."""


@dataclass(slots=True, kw_only=True)
class _Walk:
    """How far one look has come."""

    sent: datetime
    answered: datetime
    records: list[Record] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    flaws: list[str] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    url: str = ""
    waited: bool = False
    late: bool = False
    span: Span | None = None
    left: Ask | None = None
    news: QuotaNews = field(default_factory=QuotaNews)
    clock_offset: timedelta | None = None
    read_until: datetime | None = None
    samples: tuple[Sample, ...] = ()
    certificate: Certificate | None = None


async def look(request: Look, instruments: Instruments) -> Observation:
    """Return what one look saw; it is whole only if every page was read and every record was readable."""
    started = instruments.now()
    walk = _Walk(sent=started, answered=started)
    failure = await _walked(request, instruments, walk)
    if failure is None and walk.flaws:
        failure = _schema(flawed(walk.flaws))
    gap = _unread(request, walk, failure)
    reason, whole = failure.reason if failure else "", failure is None
    if walk.late and gap is not None and walk.asked:
        # Nothing is wrong with a vendor whose list takes more than one look.
        failure = None
    return Observation(
        probe=request.probe.id,
        system=request.system.id,
        resource=request.probe.resource,
        outcome=Outcome.GOOD if failure is None else outcome_of(failure.failure),
        sent=walk.sent,
        answered=walk.answered,
        failure=failure.failure if failure else None,
        reason=reason,
        records=tuple(walk.records),
        whole=whole,
        requests=len(walk.asked),
        clock_offset=walk.clock_offset,
        news=walk.news,
        confirming=request.confirming,
        read_until=walk.read_until,
        lag=request.resource.since.lag if request.resource and request.resource.since else timedelta(),
        gap=gap,
        began=request.gap.sent if request.gap else None,
        since=request.since - request.offset if request.since else None,
        refusal=failure.refusal if failure else None,
        samples=walk.samples,
        certificate=walk.certificate,
    )


def _unread(request: Look, walk: _Walk, failure: Failure | None) -> Gap | None:
    """What the next look is to go on with; None where everything was read, or nothing leads to the rest alone."""
    resource = request.resource
    if failure is None or failure.failure in HOPELESS or walk.flaws or walk.left is None or walk.span is None:
        return None
    if resource is None or resource.since is None:
        return None
    stop = Stop(left=walk.left, span=walk.span, read_until=walk.read_until, late=walk.late)
    return unread(resource, request.gap, stop, request.since, walk.sent)


async def _walked(request: Look, instruments: Instruments, walk: _Walk) -> Failure | None:
    """Read span after span until now, each in as many pieces as the vendor wants."""
    span = _first(request, walk)
    while True:
        walk.span = span
        failure = await _spanned(request, instruments, walk, span)
        if failure is not None and failure.too_large and (shorter := halved(span)) is not None:
            span = shorter
            continue
        if failure is not None:
            walk.read_until = _in_order(request.resource, walk) or walk.read_until
        if failure is not None or span.last:
            return failure
        walk.read_until, walk.known = span.end, set()
        span = following(span)


def _first(request: Look, walk: _Walk) -> Span:
    gap = request.gap
    if gap is None:
        return first_span(request.resource, request.since, walk.sent + request.offset)
    return Span(start=gap.start, latest=gap.until, width=gap.width)


def _opening(request: Look, walk: _Walk, span: Span) -> Ask:
    """The request that a span is begun with: for its first page, or for the one where the last look had to stop."""
    ask = first_ask(request.system.connector, request.resource, span.start, span.end)
    position = request.gap.position if request.gap is not None and not walk.asked else None
    return ask if position is None or request.resource is None else resumed(ask, request.resource, position)


async def _spanned(request: Look, instruments: Instruments, walk: _Walk, span: Span) -> Failure | None:
    """Read page after page of a span until the last one, or until something is wrong."""
    ask: Ask | None = _opening(request, walk, span)
    while ask is not None:
        walk.left = ask
        refused = _endless(request, walk, ask)
        if refused:
            return refused
        page = await _asked(request, instruments, walk, ask)
        if isinstance(page, Failure):
            return page
        if _seen_before(walk, page):
            return _schema(f"page {len(walk.asked)} repeats records of earlier pages only")
        walk.records += page.records
        walk.known |= {record.id for record in page.records}
        walk.flaws += page.flaws
        ask = page.next
    return None


def _endless(request: Look, walk: _Walk, ask: Ask) -> Failure | None:
    """A list that leads in a circle is the vendor's fault; one that is longer than we read says nothing about it."""
    if ask in walk.asked:
        return _schema(f"page {len(walk.asked)} leads back to an earlier page")
    resource = request.resource
    most = resource.pagination.max_pages if resource else 1
    if len(walk.asked) >= most or len(walk.records) + len(walk.flaws) > MOST_ROWS:
        reason = f"the list goes on after {len(walk.asked)} pages; narrow it, or raise pagination.max_pages"
        return Failure(failure=FailureClass.OWN, reason=reason)
    return None


def _in_order(resource: Resource | None, walk: _Walk) -> datetime | None:
    """Up to where a list that comes in order was read, in the vendor's clock; None for another, or one with flaws."""
    ordered = resource is not None and resource.since is not None and resource.since.oldest_first
    if not ordered or walk.flaws or not walk.records:
        return None
    return walk.records[-1].listed + correction(walk.clock_offset)


async def _permitted(request: Look, instruments: Instruments, walk: _Walk) -> Failure | None:
    """Take from the quota, waiting for it where the look has begun and time for the request itself is left."""
    while True:
        now = instruments.now()
        left = walk.sent + request.deadline - now
        if left <= (request.timeout if walk.waited else timedelta()):
            return _out_of_time(request, walk)
        grant = instruments.take(request.purpose, now)
        if grant.granted:
            return None
        if not walk.asked or instruments.sleep_until is None or grant.wait >= left - request.timeout:
            return _out_of_quota(grant)
        walk.waited = True
        await instruments.sleep_until(now + grant.wait)


def _out_of_time(request: Look, walk: _Walk) -> Failure:
    """Time that went by waiting for our quota is not the vendor's."""
    walk.late = not walk.waited
    failure = FailureClass.QUOTA if walk.waited else FailureClass.TIMEOUT
    cause = ", for the quota had to be waited for" if walk.waited else ""
    seconds = request.deadline.total_seconds()
    return Failure(failure=failure, reason=f"{len(walk.asked)} pages were read within {seconds:g} s, not all{cause}")


def _out_of_quota(grant: Grant) -> Failure:
    wait = "for ever" if grant.wait == NEVER else f"{grant.wait.total_seconds():.3g} s"
    return Failure(failure=FailureClass.QUOTA, reason=f"the quota does not allow this request yet: wait {wait}")


async def _asked(request: Look, instruments: Instruments, walk: _Walk, ask: Ask) -> Page | Failure:
    """Send one request and read its answer, noting what it says about clock and quota.

    It is signed before it takes from the quota: a token that must be renewed for it is a request of its own.
    """
    url = _address(request, walk, ask)
    if url is None:
        return _schema(f"the page after page {len(walk.asked)} lies on another origin: not followed")
    call = unsigned(request.system.connector, url, sendable(ask))
    signature = await _signature(request, instruments, call)
    if isinstance(signature, Failure):
        walk.answered = instruments.now()
        instruments.heard(signature, walk.answered)
        return signature
    if refused := await _permitted(request, instruments, walk):
        return refused
    walk.asked.append(ask)
    walk.url = url
    answer = await _answered(request, instruments, call, signature, walk)
    if isinstance(answer, Failure):
        walk.answered = instruments.now()
        return answer
    result = read(request.system.connector, request.resource, request.probe.fields, ask, answer)
    instruments.heard(result, answer.answered)
    return _noted(walk, answer, result)


async def _signature(request: Look, instruments: Instruments, call: Call) -> Mapping[str, str] | Failure:
    door = Door(take=lambda now: instruments.take(request.purpose, now), transport=instruments.transport)
    return await authorised(request.credential, call, instruments.tokens, door, instruments.now)


async def _answered(
    request: Look, instruments: Instruments, call: Call, signature: Mapping[str, str], walk: _Walk
) -> Answer | Failure:
    """Send. A refused access token is no longer used, but this request is not sent again with another."""
    left = walk.sent + request.deadline - instruments.now()
    signed = replace(call, headers={**call.headers, **signature}, deadline=min(request.timeout, left))
    answer = await instruments.transport.send(signed, instruments.now)
    if isinstance(answer, Answer) and answer.status == HTTPStatus.UNAUTHORIZED and instruments.tokens is not None:
        instruments.tokens.refused(request.system.id, bearer_of(signature))
    return answer


def _noted(walk: _Walk, answer: Answer, result: Page | Failure) -> Page | Failure:
    walk.answered = answer.answered
    walk.clock_offset = walk.clock_offset if result.clock_offset is None else result.clock_offset
    walk.samples = walk.samples or result.samples
    walk.certificate = answer.certificate or walk.certificate
    walk.news = replace(result.news, unread=walk.news.unread + result.news.unread)
    return result


def _address(request: Look, walk: _Walk, ask: Ask) -> str | None:
    """Where to send the request; None where a vendor's next page would take the credential to another origin."""
    base, resource = request.system.base_url, request.resource
    path = resource.path if ask.given and resource is not None else ask.path
    plain = f"{base.rstrip('/')}/{path.lstrip('/')}"
    if not ask.given:
        return plain
    try:
        url = urljoin(walk.url or plain, ask.path)
        return url if _origin(url) == _origin(base) else None
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str | None, int | None, bool]:
    """Scheme, host and port, and whether a user is named: a credential of the vendor's choosing is not to be sent."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, parts.username is not None


def _seen_before(walk: _Walk, page: Page) -> bool:
    """Whether a page brings nothing but records of earlier pages: a vendor that always has more."""
    return bool(page.records) and all(record.id in walk.known for record in page.records)


def _schema(reason: str) -> Failure:
    return Failure(failure=FailureClass.SCHEMA, reason=reason)
