"""One message on its way to one address, with what an adapter may need for it, and what every adapter is.

An adapter speaks to one kind of receiver: it classifies and never retries.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from apprise import NotifyBase

from alerts.channels import text
from alerts.channels.dkim import Signer
from alerts.channels.mail_text import NO_POSTMARKS, Postmarks
from alerts.channels.verdict import ACCEPTED, Verdict
from alerts.conversation import Conversation, thread_of
from alerts.message import DeliveryState, Handle, Message, MessageKind
from probes.catalog import SecretRef

ANSWERED = "Take it, without signing in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Franking:
    """What is added to a mail by whom it is for: marks for its reader, the mailbox to which it comes back, a signature.

    Without `returns` it comes back to its sender.
    """

    marks: Postmarks = NO_POSTMARKS
    returns: str = field(repr=False, default="")
    signer: Signer | None = None


UNFRANKED = Franking()


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A message for an address. The address is a secret, and so are the links that only its reader may have.

    `service` is the address as Apprise reads it. `answer` is where its reader acknowledges, empty where there is
    nothing to acknowledge. `known` is the thread that the receiver keeps already.
    """

    message: Message
    channel: SecretRef
    address: str = field(repr=False)
    service: NotifyBase | None = field(repr=False, default=None)
    deadline: timedelta
    answer: str = field(repr=False, default="")
    franking: Franking = UNFRANKED
    known: Conversation | None = field(repr=False, default=None)

    @property
    def thread(self) -> str:
        """The thread that the message belongs to."""
        return thread_of(self.message)

    @property
    def subject(self) -> str:
        """The subject on one line, harmless."""
        return text.one_line(self.message.subject) or self.message.kind.value

    @property
    def body(self) -> str:
        """What it says, harmless; the link by which its reader acknowledges stands last, where a cut keeps it."""
        said = text.harmless(self.message.body).strip() or self.subject
        return f"{said}\n{ANSWERED}: {self.answer}" if self.answer else said

    @property
    def link(self) -> str:
        """The first web address in the text, where more is to be read."""
        return text.first_link(self.message.body)

    def with_answer(self) -> Message:
        """Return the message with the link in its text."""
        return replace(self.message, body=self.body) if self.answer else self.message

    @property
    def ends(self) -> bool:
        """Whether it is the last word of its thread."""
        return self.message.stage.closes

    @property
    def rings(self) -> bool:
        """Whether it is to wake somebody: a page, and neither the end nor word of an acknowledgement."""
        return self.message.kind is MessageKind.PAGE and not self.ends and not self.message.acknowledged_by


def named(alert: str, errand: Errand) -> tuple[str, Handle]:
    """Return the key by which a receiver knows an alert of ours, and as what it is kept.

    Once a receiver was told that somebody has it, a further event of that key makes no sound there: a page that comes
    after that gets a key of its own.
    """
    known = errand.known
    if known is None:
        return alert, Handle(name=alert)
    key = known.handle or alert
    if errand.rings and known.acknowledged:
        key = f"{alert}-{len(known.earlier) + 2}"
    return key, Handle(name=key)


async def told(errand: Errand, alert: str, tell: Callable[[str], Awaitable[Verdict]]) -> Verdict:
    """Return how a message fared with a receiver that knows alerts by keys; what was begun there is kept under its key.

    An end is told under each key that was ever used, the latest last; what is not taken stops the rest.
    """
    key, handle = named(alert, errand)
    earlier = errand.known.earlier if errand.known is not None and errand.ends else ()
    found = ACCEPTED
    for one in (*earlier, key):
        found = await tell(one)
        if found.state is not DeliveryState.ACCEPTED:
            return found
    return replace(found, handle=handle) if errand.thread else found
