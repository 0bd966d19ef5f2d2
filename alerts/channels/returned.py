"""Reads the report that a mail could not be delivered (RFC 3464), which mail servers send to the envelope's sender.

Anybody may send such a report: what it says of a contact counts only with the key of the mailbox that it was sent to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message as Mail
from email.parser import BytesHeaderParser
from itertools import islice

FAILED = "failed"
STATUSES = "message/delivery-status"
HEADERS = "text/rfc822-headers"
STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
MAILBOXES = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Return-Path")
MOST_PARTS = 50
MOST_MAILBOXES = 200
LONGEST_HEADER = 2_000
LONGEST_REPORT = 200_000
"""Bytes that are read: what a report says stands before the mail that it gives back."""

MOST_BOUNDARIES = 20
"""Each line is compared with every boundary around it, so a mail with thousands would keep us busy for minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report says: to which mailboxes it or its mail belongs, whether delivery failed for good, and its status.

    `status` is the enhanced status code of the failure, empty where it gives none.
    """

    mailboxes: tuple[str, ...]
    failed: bool
    status: str = ""


def report(content: bytes) -> Report | None:
    """Return what a mail reports, None where it is no report of a delivery."""
    content = content[:LONGEST_REPORT]
    if content.lower().count(b"boundary") > MOST_BOUNDARIES:
        return None
    try:
        mail = message_from_bytes(content)
        parts = list(_parts(mail))
        fields = [field for part in parts if part.get_content_type() == STATUSES for field in _fields(part)]
        if mail.get_content_type() != "multipart/report" or not fields:
            return None
        statuses = [_status(field) for field in fields if _failed(field)]
        mailboxes = tuple(islice(_mailboxes(parts), MOST_MAILBOXES))
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # The library raises any of these for mails that nobody would have written.
        return None
    return Report(mailboxes=mailboxes, failed=bool(statuses), status=next(filter(None, statuses), ""))


def _parts(mail: Mail) -> Iterator[Mail]:
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _fields(part: Mail) -> Iterator[Mail]:
    """The groups of fields of a status part: one of the mail, then one for each recipient."""
    payload = part.get_payload()
    yield from (group for group in payload if isinstance(group, Mail)) if isinstance(payload, list) else ()


def _failed(field: Mail) -> bool:
    found = STATUS.match(str(field.get("Status", "")))
    return str(field.get("Action", "")).strip().lower() == FAILED and (found is None or found[1] == "5")


def _status(field: Mail) -> str:
    found = STATUS.match(str(field.get("Status", "")))
    return f"{found[1]}.{found[2]}.{found[3]}" if found is not None else ""


def _mailboxes(parts: list[Mail]) -> Iterator[str]:
    for part in parts:
        yield from _named(part)
        if part.get_content_type() == HEADERS:
            # Headers hold no further mail: whoever sends one inside is not followed, for it could go on for ever.
            yield from _named(BytesHeaderParser().parsebytes(_raw(part)))


def _named(part: Mail) -> Iterator[str]:
    for name in MAILBOXES:
        yield from (str(value)[:LONGEST_HEADER] for value in part.get_all(name, ()))


def _raw(part: Mail) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
