"""What is added to messages when they leave: links that open something for one reader, and how mails are marked.

Drawn from the process's own key at the moment of sending, so that nothing stored, shown or logged opens anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from alerts.channels.dispatch import Enclosed
from alerts.channels.dkim import Signer
from alerts.channels.errand import UNFRANKED, Franking
from alerts.channels.mail_text import Postmarks
from alerts.conversation import Conversation, conversation_key
from alerts.message import Message, MessageKind
from alerts.oncall import PersonId
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Situation
from monitor.web.access import Doors, Keys
from monitor.web.answers import answer_link
from monitor.web.readers import bounce_mailbox, reader_link
from probes.catalog import SecretRef


@dataclass(frozen=True, slots=True)
class Enclosing:
    """Makes what is enclosed, of the configuration that is in force."""

    situation: Callable[[], Situation]
    doors: Doors
    keys: Keys
    secrets: Secrets

    def enclosed(self) -> Enclosed:
        """Return it for the channels."""
        return Enclosed(answer=self.answer, known=self.known, frank=self.frank)

    def answer(self, message: Message) -> str:
        """Return where the reader of a page acknowledges, empty where it is no page or there is nothing to take."""
        wanted = message.kind is MessageKind.PAGE and not message.stage.closes
        person = PersonId(message.recipient)
        if not wanted or message.incident is None or person not in self.situation().config.roster.people:
            return ""
        return answer_link(self.doors, self.keys, message.incident, person, message.created)

    def known(self, channel: SecretRef, thread: str) -> Conversation | None:
        """Return the thread that a receiver keeps."""
        return self.situation().conversations.get(conversation_key(channel, thread)) if thread else None

    def frank(self, message: Message) -> Franking:
        """Return how a mail is marked: a notice for its reader, and each with our signature where there is a key."""
        postal = self.situation().config.mail
        signed = replace(UNFRANKED, signer=self._signer()) if postal.signature is not None else UNFRANKED
        if message.kind is not MessageKind.NOTICE or message.client is None:
            return signed
        reader = (message.client, message.recipient)
        marks = Postmarks(
            # A mail program posts there by itself, and RFC 8058 lets it do so over TLS only.
            unsubscribe=reader_link(self.doors, self.keys, *reader) if self.doors.secure else "",
            unsubscribe_mail=postal.unsubscribe,
            list_id=postal.list_id,
        )
        returns = bounce_mailbox(self.keys, *reader, postal.bounces) if postal.bounces else ""
        return replace(signed, marks=marks, returns=returns)

    def _signer(self) -> Signer | None:
        signature = self.situation().config.mail.signature
        if signature is None:
            return None
        try:
            key = self.secrets.resolve(signature.key)
        except ConfigError:
            # A finding says so; a mail that is not signed is better than none.
            return None
        return Signer(domain=signature.domain, selector=signature.selector, key=key)
