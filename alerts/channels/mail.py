"""The adapter for mail: an address of `mailto://` or `mailtos://` as a relay and a letterhead, a message as a letter.

Addresses are read as Apprise reads them, with its knowledge of providers. Each mailbox of an address gets a mail of its
own, so that no reader sees another.
"""

import asyncio
from dataclasses import dataclass, field, replace
from functools import lru_cache

import structlog
from apprise.plugins.email import NotifyEmail

from alerts.channels import verdict
from alerts.channels.dkim import UnusableKeyError
from alerts.channels.errand import Errand
from alerts.channels.handover import service_of
from alerts.channels.mail_text import Letterhead, written
from alerts.channels.relays import Letter, Relay, Relays, Security
from alerts.channels.verdict import Verdict
from alerts.message import DeliveryState

SECURITY = {"insecure": Security.NONE, "starttls": Security.STARTTLS, "ssl": Security.TLS}
KNOWN_ADDRESSES = 20_000
PLAIN = "no"
MOST_PARTLY = 10_000
"""So many messages are remembered of which some mailboxes have theirs and others do not."""

log = structlog.get_logger("tierwatch.mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A mailbox behind an address: by which relay, under which letterhead, who gets copies."""

    relay: Relay
    head: Letterhead
    copies: tuple[str, ...] = field(repr=False, default=())


@dataclass(slots=True, kw_only=True)
class Mail:
    """Sends mails, as an errand has them franked."""

    relays: Relays
    _blamed: bool = False
    _partly: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    async def send(self, errand: Errand) -> Verdict:
        """Return how the mails of a message fared: accepted where all were, else as the first that was not.

        A mailbox that has its mail gets no second one because another of the same address has not.
        """
        boxes = boxes_of(errand.address)
        if not boxes:
            return verdict.UNPARSABLE
        if len(boxes) == 1:
            return await self._one(errand, boxes[0])
        of = (errand.message.key, errand.channel)
        have = self._partly.pop(of, frozenset[str]())
        left = [box for box in boxes if box.head.to[1] not in have]
        ends = await asyncio.gather(*(self._one(errand, box) for box in left))
        failed = [one for one in ends if one.state is not DeliveryState.ACCEPTED]
        if not failed:
            return verdict.ACCEPTED
        took = (box for box, one in zip(left, ends, strict=True) if one.state is DeliveryState.ACCEPTED)
        self._note(of, have | {box.head.to[1] for box in took})
        # Of several mailboxes one may be refused for good: the others are no reason never to try that again.
        return replace(failed[0], permanent=False)

    async def _one(self, errand: Errand, box: Box) -> Verdict:
        try:
            letter = self._letter(errand, box)
        except ValueError:
            return verdict.UNPARSABLE
        return await self.relays.deliver(box.relay, errand.message.lane, letter, errand.deadline)

    def _note(self, of: tuple[str, str], have: frozenset[str]) -> None:
        self._partly[of] = have
        if len(self._partly) > MOST_PARTLY:
            del self._partly[next(iter(self._partly))]

    def _letter(self, errand: Errand, box: Box) -> Letter:
        franking = errand.franking
        content = written(errand.with_answer(), box.head, franking.marks)
        return Letter(
            sender=franking.returns or box.head.sender[1],
            recipients=(box.head.to[1], *box.copies),
            content=self._signed(content, errand, box.head.domain),
        )

    def _signed(self, content: bytes, errand: Errand, domain: str) -> bytes:
        """Sign where there is a key for the sender's domain; a key that cannot be used keeps no mail back."""
        signer = errand.franking.signer
        if signer is None or not signer.signs(domain):
            return content
        try:
            return signer.signed(content, errand.message.created)
        except UnusableKeyError as error:
            if not self._blamed:
                log.error("mails go out without a signature", reason=str(error))  # noqa: TRY400 - the reason says it all
            self._blamed = True
            return content


@lru_cache(maxsize=KNOWN_ADDRESSES)
def boxes_of(address: str) -> tuple[Box, ...]:
    """Return the mailboxes of an address, none where it cannot be read."""
    service = service_of(address)
    # What was to be encrypted is never sent in clear.
    if not isinstance(service, NotifyEmail) or service.pgp_mode != PLAIN:
        return ()
    relay = Relay(
        host=str(service.smtp_host).strip("[]"),
        port=int(service.port or 0),
        security=SECURITY[str(service.secure_mode)],
        user=str(service.user or ""),
        password=str(service.password or ""),
        trusting=not service.verify_certificate,
    )
    return tuple(
        Box(relay=relay, head=_head(service, str(name or ""), str(mailbox)), copies=_copies(service, str(mailbox)))
        for name, mailbox in service.targets
    )


def _head(service: NotifyEmail, name: str, mailbox: str) -> Letterhead:
    sender, from_mailbox = service.from_addr
    return Letterhead(
        sender=(str(sender or ""), str(from_mailbox)),
        to=(name, mailbox),
        cc=tuple(sorted(str(one) for one in service.cc if one != mailbox)),
        reply_to=tuple(sorted(map(str, service.reply_to))),
        headers={str(header): str(value) for header, value in service.headers.items()},
    )


def _copies(service: NotifyEmail, mailbox: str) -> tuple[str, ...]:
    return tuple(sorted({str(one) for one in (*service.cc, *service.bcc) if one != mailbox}))
