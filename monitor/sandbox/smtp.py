"""The inbox's mail server: every mail is taken, whoever it is for, and put beside the messages that came over HTTP."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from monitor.sandbox.inbox import LARGEST, Carrier, Inbox, Letter


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    content = part.get_payload(decode=True) if part is not None else b""
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def letter(content: bytes, recipient: str) -> Letter:
    """Return a mail as the inbox keeps it; its box is what stands before the recipient's @."""
    mail = message_from_bytes(content, policy=policy.default)
    return Letter(
        box=recipient.partition("@")[0],
        kind=Carrier.SMTP,
        subject=str(mail.get("Subject", "")),
        body=_text(mail).replace("\r\n", "\n"),
        key=str(mail.get("X-Idempotency-Key", mail.get("Idempotency-Key", ""))),
        to=str(mail.get("To", recipient)),
    )


class Postman:
    """Puts mails into the inbox, one for each recipient."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail and return the answer to its sender."""
        del server, session
        for recipient in envelope.rcpt_tos:
            self._inbox.take(letter(envelope.original_content or b"", recipient))
        return "250 Taken"


async def serve_mail(inbox: Inbox, host: str = "127.0.0.1", port: int = 0) -> tuple[asyncio.Server, str]:
    """Start a mail server on loopback in the running loop; return it and its `host:port`. Port 0 is any free one."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Postman(inbox), hostname="sandbox", data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop),
        host,
        port,
    )
    bound_host, bound_port = server.sockets[0].getsockname()[:2]
    return server, f"{bound_host}:{bound_port}"
