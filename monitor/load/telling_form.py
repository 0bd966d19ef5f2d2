"""The shape of how mails are marked, and of how channels are tried out, as written in YAML; and the values of them."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from alerts.canary import BROKEN_AFTER, Canaries
from alerts.postal import Postal, Signature
from monitor.load.fields import Duration, Secret
from monitor.load.form import Form

DOMAIN = re.compile(r"(?=.{4,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?P<domain>.+)")
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=31)


def _domain(value: object) -> str:
    if not isinstance(value, str) or not DOMAIN.fullmatch(value.lower()):
        raise ValueError("must be a domain; write it like bounces.example.com")
    return value.lower()


def _selector(value: object) -> str:
    if not isinstance(value, str) or not SELECTOR.fullmatch(value):
        raise ValueError("must be the name of a DKIM key; write it like tierwatch")
    return value


def _mailbox(value: object) -> str:
    found = MAILBOX.fullmatch(value) if isinstance(value, str) else None
    if found is None or not DOMAIN.fullmatch(found["domain"].lower()):
        raise ValueError("must be a mail address; write it like unsubscribe@example.com")
    return str(value)


def _interval(value: timedelta) -> timedelta:
    if not SHORTEST <= value <= LONGEST:
        raise ValueError("comes at least once a month, and no more than every 5m")
    return value


Domain = Annotated[str, BeforeValidator(_domain)]
Interval = Annotated[Duration, AfterValidator(_interval)]


class DkimForm(Form):
    """The key that signs the mails of a domain."""

    domain: Domain
    selector: Annotated[str, BeforeValidator(_selector)]
    key: Secret


class MailForm(Form):
    """How mails are marked beside what they say."""

    bounces: Domain | None = None
    bounce_token: Secret | None = None
    unsubscribe: Annotated[str, BeforeValidator(_mailbox)] | None = None
    list_id: Domain | None = None
    dkim: DkimForm | None = None

    def postal(self) -> Postal:
        """Return what is written as a value."""
        dkim = self.dkim
        return Postal(
            bounces=self.bounces or "",
            bounce_token=self.bounce_token,
            unsubscribe=self.unsubscribe or "",
            list_id=self.list_id or "",
            signature=Signature(domain=dkim.domain, selector=dkim.selector, key=dkim.key) if dkim is not None else None,
        )


class CanariesForm(Form):
    """How often channels are tried out."""

    every: Interval | None = None
    clients: Interval | None = None
    broken_after: Duration = BROKEN_AFTER

    def canaries(self) -> Canaries:
        """Return what is written as a value."""
        return Canaries(every=self.every, clients=self.clients, broken_after=self.broken_after)
