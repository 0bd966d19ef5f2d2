"""Hostile names and words reach the one recipient they are for, as they are, and nobody else."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.channels.apprise import AppriseChannels
from alerts.message import Claim, DeliveryState, MessageKind
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.receivers import HttpReceiver, MailReceiver

HOSTILE = (
    *("acme corp", "acme,globex", "client:7", "always", "all", "3:acme:9", "ACME", "7"),
    *("a\r\nBcc: eve@example.com", "a\nTo: eve@example.com", "x\x00y", "'; --", "${HOME}", "{title}", "%(x)s", "%s%n"),
    *("json://127.0.0.1:1/", "mailto://eve@example.com", "<script>", "\\n", ":smile:", "\ud800", "@everyone", " ", ""),
)
words = st.sampled_from(HOSTILE) | st.text(max_size=60)
own_server = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def notice(client: str, subject: str, body: str) -> Claim:
    """Return a claimed notice whose every word is somebody else's."""
    key = f"INC-7/notice/{client}/1"
    return claim(kind=MessageKind.NOTICE, client=client, recipient=client, key=key, subject=subject, body=body)


@own_server
@given(client=words, subject=words, body=words)
async def test_a_webhook_gets_one_message_and_no_other_does(
    channels: AppriseChannels, receiver: HttpReceiver, client: str, subject: str, body: str
) -> None:
    receiver.requests.clear()
    delivery = await channels.send(notice(client, subject, body), receiver.address("/acme", "?+X-For=acme"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    (request,) = receiver.requests
    assert (request.path, request.headers["x-for"]) == ("/acme", "acme")
    assert set(json.loads(request.body)) == {"version", "title", "message", "attachments", "type"}
    assert json.loads(request.body)["attachments"] == []


@own_server
@given(client=words, subject=words, body=words)
async def test_a_mail_goes_to_one_recipient_whatever_it_says(
    channels: AppriseChannels, mailbox: MailReceiver, client: str, subject: str, body: str
) -> None:
    mailbox.mails.clear()
    delivery = await channels.send(notice(client, subject, body), mailbox.address("acme@example.com"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    ((recipients, mail),) = mailbox.mails
    assert recipients == ("acme@example.com",)
    assert [str(mail["To"]), mail["Cc"], mail["Bcc"]] == ["acme@example.com", None, None]
    assert len(mail.get_all("Subject") or []) == 1
