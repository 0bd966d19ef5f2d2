"""The adapter for Slack: with a bot's token one thread per incident, whose head says how it stands; else a webhook.

https://docs.slack.dev/reference/methods/chat.postMessage and chat.update: errors come with status 200 and `ok: false`,
too many with 429 and `Retry-After`. Text is sent as text: no markup, and `<`, `>` and `&` written as entities, so that
nobody's name can mention anybody.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from apprise.plugins.slack import NotifySlack, SlackMode

from alerts.channels import text, verdict
from alerts.channels.errand import Errand
from alerts.channels.verdict import Verdict
from alerts.channels.web import Answered, Post, Web
from alerts.message import DeliveryState, Handle
from alerts.reason import ReasonClass

API, HOOKS, GOVERNMENT = "https://slack.com/api", "https://hooks.slack.com", "https://hooks.slack-gov.com"
ROOM = text.Room(title=250, body=3_500)
TARGET = re.compile(r"[+#@]?[A-Za-z0-9_-]{1,80}")
ERROR = re.compile(r"[a-z_]{1,40}")
HOPELESS = frozenset(
    {"channel_not_found", "is_archived", "msg_too_long", "no_text", "restricted_action", "user_not_found"}
)
"""Errors that a later attempt meets as well."""

LOST_THREADS = frozenset({"refused (message_not_found)", "refused (thread_not_found)"})
"""Why a reply failed whose thread somebody has deleted: a new one is begun."""

CLASSES = {
    "ratelimited": ReasonClass.THROTTLED,
    **dict.fromkeys(("invalid_auth", "not_authed", "account_inactive", "token_revoked"), ReasonClass.UNAUTHORIZED),
    **dict.fromkeys(("token_expired", "missing_scope", "not_in_channel"), ReasonClass.UNAUTHORIZED),
}
UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout"})


def speaks(service: NotifySlack) -> bool:
    """Return whether an address is one that is spoken to here; workflows, templates and mail addresses are not."""
    if service.template:
        return False
    if service.mode in {SlackMode.WEBHOOK, SlackMode.WEBHOOK_GOV}:
        return True
    return (
        service.mode == SlackMode.BOT
        and len(service.channels) == 1
        and bool(TARGET.fullmatch(str(service.channels[0])))
    )


@dataclass(slots=True, kw_only=True)
class Slack:
    """Speaks to Slack. `api`, `hooks` and `government` are where it is."""

    web: Web
    api: str = API
    hooks: str = HOOKS
    government: str = field(default=GOVERNMENT)

    async def send(self, errand: Errand) -> Verdict:
        """Return how the message fared; with a bot's token, its thread is kept."""
        service = errand.service
        if not isinstance(service, NotifySlack):
            return verdict.UNPARSABLE
        return await (self._bot(service, errand) if service.mode == SlackMode.BOT else self._hook(service, errand))

    async def _hook(self, service: NotifySlack, errand: Errand) -> Verdict:
        host = self.government if service.mode == SlackMode.WEBHOOK_GOV else self.hooks
        path = f"/services/{service.token_a}/{service.token_b}/{service.token_c}"
        channel = service.channels[0] if service.channels else None
        content = {**_text(errand), **({"channel": _target(str(channel))} if channel else {})}
        answer = await self.web.send(
            Post(
                url=f"{host}{path}",
                headers={"Content-Type": "application/json"},
                content=json.dumps(content).encode(),
                deadline=errand.deadline,
            )
        )
        return answer.verdict if isinstance(answer, Answered) else answer

    async def _bot(self, service: NotifySlack, errand: Errand) -> Verdict:
        known, thread = errand.known, errand.thread
        if known is None or not known.handle:
            said = {"channel": _target(str(service.channels[0])), **_text(errand)}
            return await self._said(service, errand, said, keeps=bool(thread))
        head = {"channel": known.place, "thread_ts": known.handle, "reply_broadcast": errand.rings}
        found = await self._said(service, errand, {**head, **_text(errand)}, keeps=False)
        if found.reason in LOST_THREADS:
            return await self._said(service, errand, {"channel": known.place, **_text(errand)}, keeps=True)
        if found.state is not DeliveryState.ACCEPTED:
            return found
        # The head is a summary of what has just been said: where it cannot be changed, nothing is lost.
        state = {"channel": known.place, "ts": known.handle, **_text(errand)}
        await self._call(service, errand, "chat.update", state)
        return replace(found, handle=Handle(place=known.place, name=known.handle))

    async def _said(
        self, service: NotifySlack, errand: Errand, content: Mapping[str, object], *, keeps: bool
    ) -> Verdict:
        answer = await self._call(service, errand, "chat.postMessage", content)
        if not isinstance(answer, Answered):
            return answer
        found = _of(answer)
        if found.state is not DeliveryState.ACCEPTED or not keeps:
            return found
        told = answer.told
        return replace(found, handle=Handle(place=str(told.get("channel", "")), name=str(told.get("ts", ""))))

    async def _call(
        self, service: NotifySlack, errand: Errand, method: str, content: Mapping[str, object]
    ) -> Answered | Verdict:
        return await self.web.send(
            Post(
                url=f"{self.api}/{method}",
                headers={
                    "Content-Type": "application/json; charset=utf-8",
                    "Authorization": f"Bearer {service.access_token}",
                },
                content=json.dumps({"unfurl_links": False, "unfurl_media": False, **content}).encode(),
                deadline=errand.deadline,
            )
        )


def _target(channel: str) -> str:
    """A channel as the API takes it: an id, or a name with its sign."""
    if channel.startswith("+"):
        return channel[1:]
    return channel if channel[:1] in "#@" else f"#{channel}"


def _text(errand: Errand) -> Mapping[str, object]:
    subject, body = text.fitted(errand.subject, errand.body, ROOM)
    return {"text": escaped(f"{subject}\n{body}"), "mrkdwn": False}


def escaped(said: str) -> str:
    """Return a text in which Slack finds no mention, no link with another face, and no command."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _of(answer: Answered) -> Verdict:
    """Return what an answer of the API says; of its words only the name of an error, as Slack has it, is told."""
    if answer.verdict.state is not DeliveryState.ACCEPTED:
        return answer.verdict
    told = answer.told
    if told.get("ok") is True:
        return verdict.ACCEPTED
    error = str(told.get("error", ""))
    named = f"refused ({error})" if ERROR.fullmatch(error) else "refused"
    if not told or error in UNCERTAIN:
        return replace(verdict.BROKEN, reason=named if told else verdict.BROKEN.reason)
    return Verdict(
        state=DeliveryState.REJECTED,
        reason=named,
        why=CLASSES.get(error, ReasonClass.REFUSED),
        permanent=error in HOPELESS,
        retry_after=answer.retry_after,
    )
