"""What a token says of its own end."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.expiry import own_expiry

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def token(claims: object) -> str:
    """Return a JSON Web Token without a proper signature."""
    parts = ({"alg": "none"}, claims)
    return ".".join((*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2ln"))


def test_a_json_web_token_says_when_it_ends() -> None:
    assert own_expiry(token({"exp": NOON.timestamp(), "sub": "us"})) == NOON


@pytest.mark.parametrize("claims", [{}, [], {"exp": "soon"}, {"exp": True}, {"exp": 1e40}, {"exp": None}])
def test_a_token_that_says_nothing_readable_has_no_end(claims: object) -> None:
    assert own_expiry(token(claims)) is None


def test_a_system_without_a_credential_has_no_end() -> None:
    assert own_expiry(None) is None


@given(st.text() | st.lists(st.text(), min_size=3, max_size=3).map(".".join))
def test_no_secret_raises(secret: str) -> None:
    own_expiry(secret)
