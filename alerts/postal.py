"""How mails to clients are marked beside what they say: where they come back to, how a reader is let go, who signs."""

from dataclasses import dataclass

from probes.catalog import SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The key with which mails of a domain are signed, and the name under which its public half is found."""

    domain: str
    selector: str
    key: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Postal:
    """What is configured of mail. `bounces` is the domain to whose mailboxes undelivered mails come back.

    `bounce_token` opens the door at which such reports are posted. `unsubscribe` is a mail address for those whose
    program cannot post, `list_id` names the notices as a list. All may be left out.
    """

    bounces: str = ""
    bounce_token: SecretRef | None = None
    unsubscribe: str = ""
    list_id: str = ""
    signature: Signature | None = None
