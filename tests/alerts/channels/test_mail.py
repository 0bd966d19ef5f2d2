"""A mail has a name of its own, hangs from its incident's thread, lets its reader go, and is signed."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import dkim  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels.dispatch import Enclosed
from alerts.channels.dkim import Signer, UnusableKeyError
from alerts.channels.errand import Franking
from alerts.channels.mail import boxes_of
from alerts.channels.mail_text import Letterhead, Postmarks, written
from alerts.message import DeliveryState, Lane, MessageKind
from probes.catalog import ClientId
from tests.alerts.channels.cast import NOW, claim
from tests.alerts.channels.receivers import MailReceiver
from tests.alerts.channels.relay import relay
from tests.alerts.channels.services import service
from tests.alerts.channels.ways import ways

HEAD = Letterhead(sender=("Tierwatch", "tierwatch@example.com"), to=("", "ada@example.com"))
NOTICE = claim(kind=MessageKind.NOTICE, key="INC-7/notice/acme/1/1").message
MARKS = Postmarks(
    unsubscribe="https://tierwatch.example.com/subscription/abc",
    unsubscribe_mail="unsubscribe@example.com",
    list_id="notices.example.com",
)


def read(mail: bytes) -> EmailMessage:
    """Return a mail as a reader's program has it."""
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


@pytest.mark.answers("alexjustesen/speedtest-tracker#2680")
def test_a_mail_is_named_by_its_key_and_hangs_from_its_thread() -> None:
    first, again = written(NOTICE, HEAD), written(NOTICE, HEAD)
    later = read(written(replace(NOTICE, key="INC-7/notice/acme/2/1", created=NOW + timedelta(hours=1)), HEAD))
    mail = read(first)
    assert first == again
    assert mail["Message-ID"] != later["Message-ID"]
    assert mail["References"] == mail["In-Reply-To"] == later["References"]
    assert mail["References"].startswith("<thread-")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Date"].datetime == NOW


def test_clients_of_one_incident_share_no_thread() -> None:
    other = read(written(replace(NOTICE, client=ClientId("globex")), HEAD))
    assert other["References"] != read(written(NOTICE, HEAD))["References"]


def test_a_notice_lets_its_reader_go_and_a_page_does_not() -> None:
    notice = read(written(NOTICE, HEAD, MARKS))
    assert notice["List-Id"] == "<notices.example.com>"
    assert notice["List-Unsubscribe"] == f"<{MARKS.unsubscribe}>, <mailto:{MARKS.unsubscribe_mail}>"
    assert notice["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = read(written(claim().message, HEAD, MARKS))
    assert [name for name in page if name.startswith("List-")] == []


def test_html_stands_beside_the_text() -> None:
    mail = read(written(replace(NOTICE, body="Störung", html="<p>Störung &amp; mehr</p>"), HEAD))
    assert mail.get_content_type() == "multipart/alternative"
    shown = {part.get_content_type(): part.get_content().strip() for part in mail.iter_parts()}
    assert shown == {"text/plain": "Störung", "text/html": "<p>Störung &amp; mehr</p>"}


HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from("\r\n\t\0 :=?@<>\"'.\u2028\u202e漢é€"), st.characters(codec="utf-8"))
)


@settings(max_examples=60)
@given(subject=HOSTILE, body=HOSTILE, name=HOSTILE, key=HOSTILE, header=HOSTILE)
def test_no_text_begins_a_header_or_breaks_a_line(subject: str, body: str, name: str, key: str, header: str) -> None:
    head = replace(
        HEAD, to=(name, "ada@example.com"), headers={"X-Team": header, "Bcc": "eve@example.com", "X\r\nA": "b"}
    )
    mail = written(replace(NOTICE, subject=subject, body=body, html=body, key=key or "k"), head, MARKS)
    found = read(mail)
    expected = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"}
    expected |= {"X-Auto-Response-Suppress", "X-Idempotency-Key", "MIME-Version", "Content-Type", "X-Team", "List-Id"}
    expected |= {"List-Unsubscribe", "List-Unsubscribe-Post"} | ({"Content-Transfer-Encoding"} & set(found.keys()))
    assert set(found.keys()) == expected
    assert all(len(line) <= 998 for line in mail.split(b"\r\n"))
    assert b"\n" not in mail.replace(b"\r\n", b"")


RSA = generate_private_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()
RSA_PEM = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
ED25519_PEM = ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signer(key: str = RSA_PEM) -> Signer:
    """Return who signs for example.com."""
    return Signer(domain="example.com", selector="tierwatch", key=key)


def record(name: bytes, timeout: int = 5) -> bytes:
    """Return the public key, as it is found under its selector."""
    del timeout
    assert name == b"tierwatch._domainkey.example.com."
    public = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + b64encode(public)


@settings(max_examples=25)
@given(subject=HOSTILE, body=HOSTILE)
def test_a_signature_holds_whatever_a_mail_says(subject: str, body: str) -> None:
    mail = signer().signed(written(replace(NOTICE, subject=subject, body=body, html=body), HEAD, MARKS), NOW)
    assert dkim.verify(mail, dnsfunc=record)


def test_a_signature_covers_how_a_reader_is_let_go_and_nobody_can_add_a_sender() -> None:
    mail = signer().signed(written(NOTICE, HEAD, MARKS), NOW)
    signature = read(mail)["DKIM-Signature"]
    covered = signature.partition("h=")[2].partition(";")[0].replace(" ", "").split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "from", "subject"} <= set(covered)
    assert not dkim.verify(mail.replace(b"/subscription/abc", b"/subscription/abd"), dnsfunc=record)
    assert not dkim.verify(b"From: eve@example.com\r\n" + mail, dnsfunc=record)
    assert not dkim.verify(mail.replace(b"Acknowledge", b"Forget"), dnsfunc=record)


def test_an_ed25519_key_signs_too_and_what_is_no_key_says_so() -> None:
    assert b"a=ed25519-sha256" in signer(ED25519_PEM).signed(written(NOTICE, HEAD), NOW)
    with pytest.raises(UnusableKeyError, match="no private key") as refusal:
        signer("-----BEGIN hunter2").signed(written(NOTICE, HEAD), NOW)
    assert "hunter2" not in str(refusal.value)


async def test_mails_go_out_franked_signed_and_come_back_to_a_mailbox_of_their_own() -> None:
    franking = Franking(marks=MARKS, returns="bounces+abc@bounces.example.com", signer=signer())
    async with relay() as far, ways() as out:
        out.enclosed = Enclosed(frank=lambda _: franking)
        one = claim(kind=MessageKind.NOTICE)
        assert (await out.send(one, far.address(), NOW)).state is DeliveryState.ACCEPTED
    ((sender, recipient, content),) = far.mails
    assert sender.startswith("MAIL FROM:<bounces+abc@bounces.example.com>")
    assert recipient == "RCPT TO:<ada@example.com>"
    assert dkim.verify(content, dnsfunc=record)


async def test_a_mail_for_another_domain_is_not_signed_and_a_broken_key_keeps_none_back() -> None:
    async with relay() as far, ways() as out:
        for one in (replace(signer(), domain="example.org"), signer("broken")):
            franking = Franking(signer=one)
            out.enclosed = Enclosed(frank=lambda _, franking=franking: franking)  # type: ignore[misc]
            assert (await out.send(claim(), far.address(), NOW)).state is DeliveryState.ACCEPTED
    assert all(b"DKIM-Signature" not in content for _, _, content in far.mails)


@pytest.mark.answers("caronc/apprise#538")
async def test_each_mailbox_of_an_address_gets_a_mail_of_its_own(mailbox: MailReceiver) -> None:
    async with ways() as out:
        delivery = await out.send(claim(), mailbox.address("ada@example.com,bruno@example.com"), NOW)
    assert delivery.state is DeliveryState.ACCEPTED
    assert [(to, mail["To"]) for to, mail in mailbox.mails] == [
        (("ada@example.com",), "ada@example.com"),
        (("bruno@example.com",), "bruno@example.com"),
    ]


def test_an_address_is_read_as_apprise_reads_it_and_never_shown() -> None:
    (box,) = boxes_of("mailtos://tess:hunter2@gmail.com?to=ada@example.com&name=Watch")
    assert (box.relay.host, box.relay.port, box.relay.security.name) == ("smtp.gmail.com", 587, "STARTTLS")
    assert box.head.sender == ("Watch", "tess@gmail.com")
    assert "hunter2" not in repr(box)
    assert "ada" not in repr(box)
    assert boxes_of("mailto://127.0.0.1:25?from=a@example.com&to=b@example.com&pgp=encrypt") == ()
    assert boxes_of("mailto://") == ()


async def test_the_link_by_which_a_page_is_taken_is_in_the_mail_and_in_the_webhook(mailbox: MailReceiver) -> None:
    link = "https://tierwatch.example.com/answer/abc"
    async with ways() as out, service() as far:
        out.enclosed = Enclosed(answer=lambda message: link if message.kind is MessageKind.PAGE else "")
        await out.send(claim(), mailbox.address("ada@example.com"), NOW)
        await out.send(claim(), f"json://127.0.0.1:{far.port}/", NOW)
        await out.send(claim(kind=MessageKind.NOTICE), f"json://127.0.0.1:{far.port}/", NOW)
    assert link in mailbox.mails[0][1].get_content()  # type: ignore[attr-defined]
    page, notice = (json.loads(asked.body)["message"] for asked in far.asked)
    assert page.endswith(link)
    assert link not in notice
    assert claim().message.lane is Lane.URGENT
