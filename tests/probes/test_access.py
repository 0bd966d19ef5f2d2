"""OAuth 2 tokens: when they are renewed, what asks for them, and what an answer grants."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.access import Token, read_token, seed_of, token_ask
from probes.answer import Answer, Failure
from probes.auth import Auth, AuthKind, ClientAuth
from probes.connector import RefusalKind
from probes.failure import FailureClass

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CREDENTIALS = Auth(kind=AuthKind.OAUTH2_CLIENT_CREDENTIALS, token_url="/token", lifetime=timedelta(minutes=20))
REFRESH = Auth(kind=AuthKind.OAUTH2_REFRESH, token_url="/token", client_auth=ClientAuth.BODY, rotates=True)
SECRETS = {"client_id": "id", "client_secret": "p:w", "refresh_token": "first"}
SEED = seed_of(SECRETS)


def token(life: timedelta, refresh: str = "") -> Token:
    return Token(access="a", issued=NOW, expires=NOW + life, seed=SEED, refresh=refresh)


def answered(body: object, status: int = 200) -> Answer:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers={}, body=written, answered=NOW)


@pytest.mark.parametrize(("life", "used_for"), [(60, 55), (30, 25), (10, 8), (1, 0.8)])
def test_a_token_is_renewed_before_its_end(life: float, used_for: float) -> None:
    one = token(timedelta(minutes=life))
    assert one.fresh(NOW + timedelta(minutes=used_for, seconds=-1))
    assert not one.fresh(NOW + timedelta(minutes=used_for))


def test_client_credentials_are_asked_for_with_basic_authentication() -> None:
    ask = token_ask(Auth(kind=AuthKind.OAUTH2_CLIENT_CREDENTIALS, scope="read all"), SECRETS, None)
    assert parse_qs(ask.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["read all"]}
    assert b64decode(ask.headers["Authorization"].removeprefix("Basic ")) == b"id:p%3Aw"


def test_a_refresh_uses_the_last_refresh_token_and_the_first_one_only_at_first() -> None:
    for known, refresh in ((None, "first"), (token(timedelta(hours=1)), "first"), (token(timedelta(), "next"), "next")):
        ask = token_ask(REFRESH, SECRETS, known)
        assert parse_qs(ask.content.decode()) == {
            "grant_type": ["refresh_token"],
            "refresh_token": [refresh],
            "client_id": ["id"],
            "client_secret": ["p:w"],
        }
        assert "Authorization" not in ask.headers


@pytest.mark.parametrize(
    ("told", "life"),
    [
        (1800, timedelta(minutes=30)),
        ("1800", timedelta(minutes=30)),
        (None, timedelta(minutes=20)),
        (0, timedelta(minutes=20)),
        (-5, timedelta(minutes=20)),
        (True, timedelta(minutes=20)),
        ("soon", timedelta(minutes=20)),
        (10**30, timedelta(days=366)),
    ],
)
def test_a_granted_token_lives_as_long_as_it_is_told_or_else_declared(told: object, life: timedelta) -> None:
    granted = read_token(CREDENTIALS, SEED, None, answered({"access_token": "new", "expires_in": told}))
    assert isinstance(granted, Token)
    assert (granted.access, granted.issued, granted.expires) == ("new", NOW, NOW + life)


def test_a_rotated_refresh_token_takes_the_place_of_the_last_and_otherwise_that_one_is_kept() -> None:
    known = token(timedelta(), "second")
    for body, refresh in (({"refresh_token": "third"}, "third"), ({}, "second"), ({"refresh_token": ""}, "second")):
        granted = read_token(REFRESH, SEED, known, answered({"access_token": "new", **body}))
        assert isinstance(granted, Token)
        assert granted.refresh == refresh


@pytest.mark.parametrize(
    ("status", "body", "failure", "told"),
    [
        (400, {"error": "invalid_grant"}, FailureClass.AUTH, "connect the system again"),
        (401, {"error": "invalid_client"}, FailureClass.AUTH, "client id or secret"),
        (403, b"", FailureClass.AUTH, "answered 403"),
        (400, {"error": "sk_live_secret"}, FailureClass.REQUEST, "answered 400"),
        (429, b"", FailureClass.THROTTLED, "answered 429"),
        (503, b"<html>", FailureClass.SERVER, "answered 503"),
        (200, b"<html>", FailureClass.SCHEMA, "no access_token"),
        (200, {"access_token": ["a"]}, FailureClass.SCHEMA, "no access_token"),
        (302, b"", FailureClass.REQUEST, "answered 302"),
    ],
)
def test_why_no_token_is_granted_is_told_without_a_word_of_the_answer(
    status: int, body: object, failure: FailureClass, told: str
) -> None:
    refused = read_token(CREDENTIALS, SEED, None, answered(body, status))
    assert isinstance(refused, Failure)
    assert refused.failure is failure
    assert told in refused.reason
    assert "sk_live" not in refused.reason


@given(st.binary(max_size=40), st.integers(100, 599))
def test_whatever_a_token_endpoint_sends_is_a_token_or_a_failure(body: bytes, status: int) -> None:
    assert isinstance(read_token(REFRESH, SEED, None, answered(body, status)), Token | Failure)


def test_another_credential_has_another_seed_and_a_token_shows_nothing() -> None:
    assert seed_of(SECRETS) == seed_of(dict(reversed(SECRETS.items())))
    assert seed_of(SECRETS) != seed_of({**SECRETS, "refresh_token": "second"})
    one = repr(token(timedelta(hours=1), "next"))
    assert "access" not in one
    assert "next" not in one


def lived(body: dict[str, object], known: Token | None = None, life: timedelta | None = None) -> datetime | None:
    result = read_token(replace(REFRESH, refresh_lifetime=life), SEED, known, answered({"access_token": "a", **body}))
    assert isinstance(result, Token)
    return result.refresh_expires


def test_a_refresh_token_ends_as_the_vendor_says_or_as_its_kind_does() -> None:
    hundred_days = 100 * timedelta(days=1)
    assert lived({"refresh_token": "b", "x_refresh_token_expires_in": 8_640_000}) == NOW + hundred_days
    assert lived({"refresh_token": "b"}, life=timedelta(days=60)) == NOW + timedelta(days=60)
    assert lived({"refresh_token": "b"}) is None


def test_a_refresh_token_that_stays_keeps_its_end() -> None:
    kept = replace(token(timedelta(), "b"), refresh_expires=NOW + timedelta(days=3))
    assert lived({}, kept, timedelta(days=60)) == NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("invalid_grant", RefusalKind.REVOKED),
        ("invalid_scope", RefusalKind.MISSING_SCOPE),
        ("unauthorized_client", None),
    ],
)
def test_why_a_token_is_refused_is_known_by_the_vendors_word(word: str, kind: RefusalKind | None) -> None:
    result = read_token(REFRESH, SEED, None, answered({"error": word}, 400))
    assert isinstance(result, Failure)
    assert (result.failure, result.refusal) == (FailureClass.AUTH, kind)
