"""Hands one message to one destination through Apprise: the blocking part of a send, run in a thread of its own.

One Apprise object per destination and send, and no tags, so that nothing of one recipient can reach another. Retries,
pauses, redirects and splitting, which an address may ask Apprise for, are taken back: they are decided elsewhere.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

from apprise import Apprise, AppriseAsset, ContentLocation, NotifyBase, NotifyFormat, NotifyType, OverflowMode

from alerts.channel_kind import scheme_of
from alerts.channels import text, verdict
from alerts.channels.destination import host_of, leads_inside
from alerts.channels.verdict import Verdict
from alerts.channels.witness import Heard, listening
from alerts.message import Message

# Part of our deadline, so that a connection that is not made is known to be none before we stop waiting.
CONNECTING = 0.8
MAIL = frozenset({"mailto", "mailtos"})

ASSET = AppriseAsset(
    app_id="Tierwatch",
    app_desc="Tierwatch",
    app_url="",
    image_url_mask="",
    image_url_logo="",
    async_mode=False,
    service_timeout=0,
    http_redirects=False,
    secure_logging=True,
    interpret_emojis=False,
    pgp_autogen=False,
    allow_templates=False,
)

_HEADER_VALUE = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One message for one address, how long we wait for it, and what is allowed."""

    message: Message
    address: str
    deadline: timedelta
    schemes: frozenset[str]
    allow_private: bool

    def __repr__(self) -> str:
        """Return the message's key; the address is a secret."""
        return f"Handover({self.message.key!r})"


def service_of(address: str) -> NotifyBase | None:
    """Return what Apprise makes of an address, None where it can read none. Nothing of it reaches a log."""
    with listening():
        return Apprise.instantiate(address, asset=ASSET)


def hand_over(handover: Handover) -> Verdict:
    """Return how the attempt ended. Blocks until then, at most some seconds beyond the deadline; raises nothing."""
    with listening() as heard:
        try:
            return _hand_over(handover, heard)
        except Exception as error:  # noqa: BLE001 - a service may raise anything, and a message may not be lost by it
            return verdict.failed_inside(error)


def _hand_over(handover: Handover, heard: Heard) -> Verdict:
    scheme = scheme_of(handover.address)
    if scheme is None:
        return verdict.UNPARSABLE
    if scheme not in handover.schemes:
        return verdict.SCHEME_NOT_ALLOWED
    service = Apprise.instantiate(handover.address, asset=ASSET)
    if service is None:
        return verdict.UNPARSABLE
    objection = None if handover.allow_private else _objection(service)
    return objection or _notify(service, handover, heard)


def _objection(service: NotifyBase) -> Verdict | None:
    """Return why a destination must not be used, None where it may."""
    host = host_of(service)
    try:
        return verdict.PRIVATE if host is not None and leads_inside(host) else None
    except OSError:
        return verdict.UNREACHABLE


def _notify(service: NotifyBase, handover: Handover, heard: Heard) -> Verdict:
    _restrain(service, handover.deadline)
    _mark(service, handover.message, scheme_of(handover.address) or "")
    subject, body = words(service, handover.message)
    courier = Apprise(asset=ASSET, location=ContentLocation.HOSTED)
    courier.add(service)
    kind = NotifyType(handover.message.severity)
    result: object = courier.notify(body=body, title=subject, notify_type=kind, body_format=NotifyFormat.TEXT)
    if was_accepted(result):
        return verdict.ACCEPTED
    if heard.status is not None:
        return verdict.of_status(heard.status)
    return verdict.of_error(heard.error, handover.deadline) if heard.error else verdict.REFUSED


def was_accepted(result: object) -> bool:
    """Return whether the destination took the message, by Apprise's own attempts.

    Its overall status is a success for a destination marked optional that refused. Apprise 1.x returned a bool or None.
    """
    results = getattr(result, "results", None)
    if results is None:
        return result is True
    attempts = [attempt for one in results for attempt in one.attempts]
    return bool(attempts) and all(map(bool, attempts))


def _restrain(service: NotifyBase, deadline: timedelta) -> None:
    service.socket_connect_timeout = deadline.total_seconds() * CONNECTING
    service.socket_read_timeout = deadline.total_seconds()
    service.request_rate_per_sec = 0
    service.retry, service.wait, service.optional = 0, 0.0, False
    service.redirects = False
    # Our own cut comes first; this one is for what grows while it is escaped.
    service.overflow_mode = OverflowMode.TRUNCATE
    if hasattr(service, "discovery"):
        service.discovery = False


def _mark(service: NotifyBase, message: Message, scheme: str) -> None:
    """Give the destination the means to recognise a repetition."""
    key = header_value(message.key)
    if hasattr(service, "headers"):
        service.headers["X-Idempotency-Key" if scheme in MAIL else "Idempotency-Key"] = key
    elif scheme == "pagerduty" and hasattr(service, "action") and hasattr(service, "dedup"):
        # The page and the all-clear of one incident share its key, so that the second closes the first.
        service.action, service.dedup = "map", service.dedup or f"tierwatch-{message.incident or key}"
    elif scheme == "opsgenie" and hasattr(service, "action") and hasattr(service, "alias"):
        # Closing by alias is not in Apprise: a fresh object claims success and sends nothing. So all are new alerts.
        service.action, service.alias = "new", key


def header_value(key: str) -> str:
    """Return a message's key as a header can carry it."""
    return key if _HEADER_VALUE.fullmatch(key) else hashlib.sha256(key.encode(errors="replace")).hexdigest()


def words(service: NotifyBase, message: Message) -> tuple[str, str]:
    """Return the subject and the text of a message, harmless and cut to what a service shows."""
    room = text.Room(
        title=service.title_maxlen, body=service.body_maxlen, shared=bool(service.overflow_amalgamate_title)
    )
    body = text.harmless(message.body).strip() or text.one_line(message.subject) or message.kind.value
    return text.fitted(text.one_line(message.subject), body, room)
