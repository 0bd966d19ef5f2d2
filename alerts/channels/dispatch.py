"""The way out: chooses by an address's scheme who speaks to the receiver, an adapter of ours or Apprise.

Ours speak to receivers that have a life of their own, and where a message must be made as Apprise cannot make it. All
others are Apprise's. Either way a send ends within its kind's deadline, raises nothing, and is never tried again here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from apprise import NotifyBase
from apprise.plugins.slack import NotifySlack
from apprise.plugins.workflows import NotifyWorkflows

from alerts.channel_kind import kind_of, scheme_of
from alerts.channels import slack, teams, verdict
from alerts.channels.apprise import DEADLINES, SCHEMES, AppriseChannels
from alerts.channels.errand import ANSWERED, UNFRANKED, Errand, Franking
from alerts.channels.handover import MAIL, service_of
from alerts.channels.mail import Mail
from alerts.channels.opsgenie import Opsgenie
from alerts.channels.pagerduty import PagerDuty
from alerts.channels.relays import Relays
from alerts.channels.slack import Slack
from alerts.channels.teams import Teams
from alerts.channels.verdict import Verdict
from alerts.channels.web import Web
from alerts.channels.webhook import Webhook
from alerts.conversation import Conversation, thread_of
from alerts.message import ChannelKind, Claim, Delivery, Message, MessageKind
from probes.catalog import SecretRef

Send = Callable[[Errand], Awaitable[Verdict]]


@dataclass(slots=True, kw_only=True)
class Enclosed:
    """What the application adds to messages when they are sent, so that no link that opens something is ever stored.

    `answer` is where the reader of a page acknowledges, `known` the thread that a receiver keeps, `frank` how mails are
    marked and signed. Each may be replaced while channels are in use.
    """

    answer: Callable[[Message], str] = lambda _: ""
    known: Callable[[SecretRef, str], Conversation | None] = lambda _, __: None
    frank: Callable[[Message], Franking] = lambda _: Franking()


@dataclass(slots=True, kw_only=True)
class Channels:
    """Every way out. `now` reads the clock; `allow_private` and what is enclosed may change while it is in use.

    The adapters stand open, so that a test can put receivers of its own where services have one address for everybody.
    """

    now: Callable[[], datetime]
    allow_private: bool = False
    schemes: frozenset[str] = SCHEMES
    deadlines: Mapping[MessageKind, timedelta] = field(default_factory=lambda: DEADLINES)
    enclosed: Enclosed = field(default_factory=Enclosed)
    web: Web = field(init=False)
    relays: Relays = field(init=False)
    pagerduty: PagerDuty = field(init=False)
    opsgenie: Opsgenie = field(init=False)
    slack: Slack = field(init=False)
    _apprise: AppriseChannels = field(init=False)
    _ours: Mapping[str, Send] = field(init=False)

    def __post_init__(self) -> None:
        self._apprise = AppriseChannels(now=self.now, schemes=self.schemes, deadlines=self.deadlines)
        self.web = Web(now=self.now, allow_private=lambda: self.allow_private)
        self.relays = Relays(allow_private=lambda: self.allow_private)
        self.pagerduty, self.opsgenie = PagerDuty(web=self.web), Opsgenie(web=self.web)
        self.slack = Slack(web=self.web)
        self._ours = self._adapters()

    def _adapters(self) -> Mapping[str, Send]:
        mail, webhook, workflow = Mail(relays=self.relays), Webhook(web=self.web), Teams(web=self.web)
        return {
            "json": webhook.send,
            "jsons": webhook.send,
            "mailto": mail.send,
            "mailtos": mail.send,
            "opsgenie": self.opsgenie.send,
            "pagerduty": self.pagerduty.send,
            "slack": self.slack.send,
            "workflow": workflow.send,
            "workflows": workflow.send,
        }

    def warm_up(self) -> None:
        """Load the services that are allowed and switch the others off. Blocks for about a second: off the loop."""
        self._apprise.warm_up()

    async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
        """Return how the attempt ended, within its kind's deadline."""
        scheme = scheme_of(address) or ""
        if not _may_leave(claim.message, kind_of(scheme)):
            return verdict.KIND_NOT_ALLOWED.delivery(claim, started, self.now())
        adapter = self._ours.get(scheme) if scheme in self.schemes else None
        try:
            errand = self._errand(claim, address) if adapter is not None else None
            if adapter is None or errand is None:
                return await self._by_apprise(claim, address, started)
            found = await adapter(errand)
        except Exception as error:  # noqa: BLE001 - an adapter may meet anything, and a message may not be lost by it
            found = verdict.failed_inside(error)
        return found.delivery(claim, started, self.now())

    async def _by_apprise(self, claim: Claim, address: str, started: datetime) -> Delivery:
        self._apprise.allow_private, self._apprise.deadlines = self.allow_private, self.deadlines
        answer = self.enclosed.answer(claim.message)
        if answer:
            body = f"{claim.message.body}\n{ANSWERED}: {answer}"
            claim = replace(claim, message=replace(claim.message, body=body))
        return await self._apprise.send(claim, address, started)

    def _errand(self, claim: Claim, address: str) -> Errand | None:
        """Return the errand of an adapter of ours, None where the address asks for what only Apprise does."""
        # Mail reads its addresses itself, and remembers them: thousands are due at once.
        mails = scheme_of(address) in MAIL
        service = None if mails else service_of(address)
        if not mails and (service is None or not _is_ours(service)):
            return None
        message = claim.message
        return Errand(
            message=message,
            channel=claim.channel,
            address=address,
            service=service,
            deadline=self.deadlines[message.kind],
            answer=self.enclosed.answer(message),
            franking=self.enclosed.frank(message) if mails else UNFRANKED,
            known=self.enclosed.known(claim.channel, thread_of(message)),
        )

    async def aclose(self) -> None:
        """Close every connection that is kept."""
        await self.relays.aclose()
        await self.web.aclose()


def _may_leave(message: Message, kind: ChannelKind) -> bool:
    """Return whether a message may go over a kind of channel; what can wait rings no pager if another way is left."""
    waits = message.kind is MessageKind.NOTE and not message.acknowledged_by
    if waits and kind is ChannelKind.PAGING and len(message.channels) > 1:
        return False
    return not message.kinds or kind in message.kinds


def _is_ours(service: NotifyBase) -> bool:
    if isinstance(service, NotifySlack):
        return slack.speaks(service)
    return teams.speaks(service) if isinstance(service, NotifyWorkflows) else True
