"""Signatures of webhooks, as their vendors and the standards publish them, and everything that is not one."""

import hmac
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.authentic import refusal
from probes.webhook import Digest, Encoding, Posted, Refusal, Scheme, Signature, Stamp
from tests.probes.test_connectors import definition

NOW = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))
BODY = b'{"id":"evt_1","type":"charge.failed"}'
SHA512 = (
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
)
JEFE = b"what do ya want for nothing?"


def signed(key: str, text: bytes) -> str:
    """Return the HMAC-SHA256 of a text in hexadecimal digits."""
    return hmac.new(key.encode(), text, sha256).hexdigest()


def stripe(stamp: str = SECONDS, key: str = "whsec", body: bytes = BODY) -> Posted:
    """Return a webhook as the vendor signs it, for the first of two secrets."""
    right, other = signed(key, f"{stamp}.".encode() + body), signed("another", body)
    return Posted(
        url="https://x.example/in", headers={"stripe-signature": f"t={stamp},v1={other},v1={right}"}, body=body
    )


def how(vendor: str) -> Signature:
    webhook = definition(vendor).webhook
    assert webhook is not None
    return webhook.signature


@pytest.mark.parametrize(
    ("digest", "signature"),
    [
        (Digest.SHA1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (Digest.SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            Digest.SHA512,
            SHA512,
        ),
    ],
)
def test_the_examples_of_rfc_2202_and_rfc_4231_are_right(digest: Digest, signature: str) -> None:
    plain = Signature(scheme=Scheme.HMAC, header="X-Signature", digest=digest)
    posted = Posted(url="", headers={"x-signature": signature}, body=JEFE)
    assert refusal(plain, "Jefe", posted, (), NOW) is None
    assert refusal(plain, "jefe", posted, (), NOW) is Refusal.FORGED
    assert refusal(plain, "Jefe", replace(posted, body=JEFE + b" "), (), NOW) is Refusal.FORGED


def test_the_example_of_the_standard_webhooks_specification_is_right() -> None:
    standard = Signature(
        scheme=Scheme.HMAC,
        header="webhook-signature",
        encoding=Encoding.BASE64,
        key=Encoding.BASE64,
        separator=" ",
        prefix="v1,",
        signed="{header:webhook-id}.{timestamp}.{body}",
        stamp=Stamp(header="webhook-timestamp"),
    )
    posted = Posted(
        url="",
        headers={
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        body=b'{"test": 2432232314}',
    )
    at = datetime.fromtimestamp(1614265330, UTC)
    assert refusal(standard, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", posted, (), at) is None
    assert refusal(standard, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", posted, (), at + timedelta(minutes=6)) is (
        Refusal.STALE
    )
    with pytest.raises(ValueError, match=r".*"):
        refusal(standard, "whsec_not base64!", posted, (), at)


ADYEN_KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
ADYEN = {
    "additionalData": {"hmacSignature": "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},
    "amount": {"value": 1130, "currency": "EUR"},
    "pspReference": "7914073381342284",
    "eventCode": "AUTHORISATION",
    "merchantAccountCode": "TestMerchant",
    "merchantReference": "TestPayment-1407325143704",
    "success": "true",
}


def test_adyens_published_item_is_right_and_one_wrong_item_spoils_all_that_came_with_it() -> None:
    posted = Posted(url="", headers={}, body=b"")
    wrong = {**ADYEN, "amount": {"value": 1131, "currency": "EUR"}}
    assert refusal(how("adyen"), ADYEN_KEY, posted, [ADYEN], NOW) is None
    assert refusal(how("adyen"), ADYEN_KEY, posted, [ADYEN, wrong], NOW) is Refusal.FORGED
    assert refusal(how("adyen"), ADYEN_KEY, posted, [{**ADYEN, "additionalData": {}}], NOW) is Refusal.UNSIGNED
    assert refusal(how("adyen"), ADYEN_KEY, posted, [], NOW) is Refusal.UNSIGNED


def test_stripes_header_holds_a_timestamp_and_a_signature_for_each_secret_in_force() -> None:
    assert refusal(how("stripe"), "whsec", stripe(), (), NOW) is None
    assert refusal(how("stripe"), "whsec", stripe(), (), NOW + timedelta(minutes=5)) is None
    assert refusal(how("stripe"), "whsec", stripe(), (), NOW + timedelta(minutes=5, seconds=1)) is Refusal.STALE
    assert refusal(how("stripe"), "whsec", stripe(), (), NOW - timedelta(minutes=6)) is Refusal.STALE
    assert refusal(how("stripe"), "other", stripe(), (), NOW) is Refusal.FORGED
    older = stripe()
    moved = replace(older, headers={"stripe-signature": older.headers["stripe-signature"].replace(SECONDS, "1")})
    assert refusal(how("stripe"), "whsec", moved, (), NOW) is Refusal.FORGED, "the timestamp is signed too"


GOCARDLESS = (
    b'{"events":[{"id":"EV00BD05S5VM2T","created_at":"2018-07-05T09:13:51.404Z","resource_type":"subscriptions",'
    b'"action":"created","links":{"subscription":"SB0003JJQ2MR06"},"details":{"origin":"api",'
    b'"cause":"subscription_created","description":"Subscription created via the API."},"metadata":{}},'
    b'{"id":"EV00BD05TB8K63","created_at":"2018-07-05T09:13:56.893Z","resource_type":"mandates","action":"created",'
    b'"links":{"mandate":"MD000AMA19XGEC"},"details":{"origin":"api","cause":"mandate_created",'
    b'"description":"Mandate created via the API."},"metadata":{}}]}'
)


def test_gocardless_published_example_is_right() -> None:
    made = "2693754819d3e32d7e8fcb13c729631f316c6de8dc1cf634d6527f1c07276e7e"
    posted = Posted(url="", headers={"webhook-signature": made}, body=GOCARDLESS)
    assert refusal(how("gocardless"), "ED7D658C-D8EB-4941-948B-3973214F2D49", posted, (), NOW) is None


def test_recurlys_header_begins_with_milliseconds() -> None:
    stamp = f"{SECONDS}123"
    header = f"{stamp},{signed('old', b'')},{signed('key', f'{stamp}.'.encode() + BODY)}"
    posted = Posted(url="", headers={"recurly-signature": header}, body=BODY)
    assert refusal(how("recurly"), "key", posted, (), NOW) is None
    assert refusal(how("recurly"), "key", posted, (), NOW + timedelta(hours=1)) is Refusal.STALE


def test_hubspot_signs_the_address_that_it_posts_to() -> None:
    url, stamp = "https://watch.example.com/in/webhook/crm", f"{SECONDS}000"
    text = b"POST" + url.encode() + BODY + stamp.encode()
    made = b64encode(hmac.new(b"app", text, sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": stamp}
    posted = Posted(url=url, headers=headers, body=BODY)
    assert refusal(how("hubspot"), "app", posted, (), NOW) is None
    assert refusal(how("hubspot"), "app", replace(posted, url=url + "2"), (), NOW) is Refusal.FORGED


@pytest.mark.parametrize("vendor", ["xero", "razorpay"])
def test_a_body_signed_in_base64_or_in_digits(vendor: str) -> None:
    made = hmac.new(b"key", BODY, sha256).digest()
    written = b64encode(made).decode() if vendor == "xero" else made.hex()
    posted = Posted(url="", headers={f"x-{vendor}-signature": written}, body=BODY)
    assert refusal(how(vendor), "key", posted, (), NOW) is None
    assert refusal(how(vendor), "kez", posted, (), NOW) is Refusal.FORGED


def test_chargebee_shows_a_user_and_a_password_and_others_a_token() -> None:
    shown = f"Basic {b64encode(b'hook:secret').decode()}"
    posted = Posted(url="", headers={"authorization": shown, "x-key": "Token abc"}, body=BODY)
    assert refusal(how("chargebee"), "hook:secret", posted, (), NOW) is None
    assert refusal(how("chargebee"), "hook:other", posted, (), NOW) is Refusal.FORGED
    assert refusal(how("chargebee"), "hook:secret", replace(posted, headers={}), (), NOW) is Refusal.UNSIGNED
    token = Signature(scheme=Scheme.TOKEN, header="X-Key", prefix="Token ")
    assert refusal(token, "abc", posted, (), NOW) is None
    assert refusal(token, "abd", posted, (), NOW) is Refusal.FORGED


@pytest.mark.parametrize(
    "header", ["", "t=,v1=00", "t=now,v1=00", f"t={'9' * 16},v1=00", f"t={SECONDS}", "v1=00", f"t={SECONDS};v1=00"]
)
def test_what_lacks_a_part_is_unsigned(header: str) -> None:
    posted = Posted(url="", headers={"stripe-signature": header}, body=BODY)
    assert refusal(how("stripe"), "whsec", posted, (), NOW) is Refusal.UNSIGNED


@given(header=st.text(max_size=200), body=st.binary(max_size=200))
def test_whatever_is_sent_is_refused_and_raises_nothing(header: str, body: bytes) -> None:
    for vendor in ("stripe", "recurly", "xero", "chargebee"):
        name = (how(vendor).header or "authorization").lower()
        posted = Posted(url="https://x.example", headers={name: header}, body=body)
        assert refusal(how(vendor), "a secret that nobody knows", posted, (), NOW) is not None


def test_what_was_posted_shows_neither_body_nor_headers_where_it_is_printed() -> None:
    assert "v1=" not in repr(stripe())
    assert "evt_1" not in repr(stripe())
