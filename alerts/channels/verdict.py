"""How an attempt ended, in fixed words: made of status codes and exceptions, never of an answer's or an address's text.

Pure. `rejected` means that the channel surely did not take the message, `unknown` that it may have.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from alerts.message import Claim, Delivery, DeliveryState, Handle
from alerts.reason import ReasonClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state of an attempt, its reason in words and as a class, and whether trying again is hopeless.

    `retry_after` is for how long the receiver sent us away, `handle` what it called the message that it took.
    """

    state: DeliveryState
    reason: str
    why: ReasonClass
    permanent: bool = False
    retry_after: timedelta | None = None
    handle: Handle | None = None

    def delivery(self, claim: Claim, started: datetime, ended: datetime) -> Delivery:
        """Return the attempt that this verdict ends."""
        return Delivery(
            key=claim.message.key,
            attempt=claim.attempt,
            channel=claim.channel,
            state=self.state,
            reason=self.reason,
            started=started,
            ended=ended,
            permanent=self.permanent,
            why=self.why,
            retry_after=self.retry_after,
            handle=self.handle,
        )


def _rejected(reason: str, why: ReasonClass, *, permanent: bool = False) -> Verdict:
    return Verdict(state=DeliveryState.REJECTED, reason=reason, why=why, permanent=permanent)


def _unknown(reason: str, why: ReasonClass) -> Verdict:
    return Verdict(state=DeliveryState.UNKNOWN, reason=reason, why=why)


ACCEPTED = Verdict(state=DeliveryState.ACCEPTED, reason="accepted", why=ReasonClass.ACCEPTED)
REFUSED = _rejected("refused", ReasonClass.REFUSED)
UNREACHABLE = _rejected("unreachable", ReasonClass.UNREACHABLE)
UNTRUSTED = _rejected("unreachable: no trusted TLS connection", ReasonClass.UNTRUSTED)
SECRET_NOT_FOUND = _rejected("secret not found", ReasonClass.MISCONFIGURED)
BUSY = _rejected("busy with earlier messages that it has not answered", ReasonClass.BUSY)
CIRCUIT_OPEN = _rejected("left alone for a while, for it kept failing", ReasonClass.CIRCUIT_OPEN)
UNPARSABLE = _rejected("unparsable address", ReasonClass.MISCONFIGURED, permanent=True)
SCHEME_NOT_ALLOWED = _rejected("scheme not allowed", ReasonClass.MISCONFIGURED, permanent=True)
KIND_NOT_ALLOWED = _rejected(
    "a kind of channel that is not allowed where the reader is", ReasonClass.MISCONFIGURED, permanent=True
)
PRIVATE = _rejected("private destination", ReasonClass.MISCONFIGURED, permanent=True)
BROKEN = _unknown("the connection broke before an answer", ReasonClass.BROKEN)

# A wrong credential is mended while we try again, and a busy channel recovers: neither is a refusal for good.
PASSING_HTTP = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.CONFLICT,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
# A proxy's time-outs: what stands behind it may have taken the message.
UNCERTAIN_HTTP = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT})
# RFC 4954: authentication is asked for, too weak, wrong, or not encrypted.
PASSING_SMTP = frozenset({530, 534, 535, 538})
UNAUTHORIZED_HTTP = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED})
CLOSING = 421
"""RFC 5321: the server shuts the channel; it says nothing of this mail."""

WORST_HTTP, WORST_SMTP = range(400, 500), range(500, 600)


def no_answer(deadline: timedelta) -> Verdict:
    """Return the verdict on a channel that was silent for as long as we wait."""
    return _unknown(f"no answer within {deadline.total_seconds():g} s", ReasonClass.NO_ANSWER)


def not_connected(patience: timedelta) -> Verdict:
    """Return the verdict on a channel to which no connection could be made for as long as we try."""
    return _rejected(f"unreachable: no connection within {patience.total_seconds():g} s", ReasonClass.UNREACHABLE)


def failed_inside(error: BaseException) -> Verdict:
    """Return the verdict on an attempt that a fault of ours or of the library ended; the error's text may be secret."""
    return _unknown(f"internal error: {type(error).__name__}", ReasonClass.INTERNAL)


def of_status(code: int, retry_after: timedelta | None = None) -> Verdict:
    """Return what an HTTP status other than success says, and for how long it sends us away."""
    if code in UNCERTAIN_HTTP:
        return _unknown(f"refused ({code})", ReasonClass.NO_ANSWER)
    permanent = code in WORST_HTTP and code not in PASSING_HTTP
    return replace(_rejected(f"refused ({code})", _class_of_status(code), permanent=permanent), retry_after=retry_after)


def _class_of_status(code: int) -> ReasonClass:
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        return ReasonClass.THROTTLED
    if code in UNAUTHORIZED_HTTP:
        return ReasonClass.UNAUTHORIZED
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ReasonClass.UNAVAILABLE
    return ReasonClass.DEFERRED if code in PASSING_HTTP else ReasonClass.REFUSED


def of_reply(code: int) -> Verdict:
    """Return what an SMTP reply other than success says."""
    permanent = code in WORST_SMTP and code not in PASSING_SMTP
    return _rejected(f"refused ({code})", _class_of_reply(code), permanent=permanent)


def _class_of_reply(code: int) -> ReasonClass:
    if code in PASSING_SMTP:
        return ReasonClass.UNAUTHORIZED
    if code == CLOSING:
        return ReasonClass.UNAVAILABLE
    return ReasonClass.REFUSED if code in WORST_SMTP else ReasonClass.DEFERRED


def of_error(error: BaseException, deadline: timedelta) -> Verdict:
    """Return what an exception between us and the channel says, judged by its chain of causes.

    A time-out counts as an unknown outcome even where it happened while connecting: the two cannot be told apart.
    """
    chain = tuple(_chain(error))
    for cause in chain:
        code = _reply(cause)
        if code is not None:
            return of_reply(code)
    if is_distrust(error):
        return UNTRUSTED
    if any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in chain):
        return UNREACHABLE
    if any(isinstance(cause, TimeoutError) for cause in chain):
        return no_answer(deadline)
    return BROKEN


def is_distrust(error: BaseException) -> bool:
    """Return whether no trusted TLS connection came about, by an error's chain of causes."""
    return any(isinstance(cause, ssl.SSLError | ssl.CertificateError) for cause in _chain(error))


def _reply(error: BaseException) -> int | None:
    """Return the SMTP reply code that an error carries."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=None)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
