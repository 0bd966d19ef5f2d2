"""OAuth 1.0: the standard's own example, and the same signatures as a library that we did not write."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlencode

from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client  # type: ignore[import-untyped]

from probes.signature import Keys, Signed, authorization, base_string

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEYS = Keys(consumer_key="ck", consumer_secret="c&s%", token="tk", token_secret="t s")
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def test_the_base_string_is_that_of_the_standards_example() -> None:
    request = Signed(method="post", url="http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b")
    protocol = [
        ("c2", ""),
        ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]
    assert base_string(request, protocol) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def said(header: str) -> dict[str, str]:
    kind, _, rest = header.partition(" ")
    assert kind == "OAuth"
    return {name: unquote(value.strip('"')) for name, _, value in (part.partition("=") for part in rest.split(", "))}


@given(st.dictionaries(words.filter(bool), words, max_size=4), st.sampled_from(["GET", "POST"]))
def test_a_library_that_we_did_not_write_signs_alike(query: dict[str, str], method: str) -> None:
    url = "https://1234567.suitetalk.example:8443/services/rest/query/v1/suiteql"
    ours = said(authorization(KEYS, "1234567", Signed(method=method, url=url, query=query), "n0nce", NOW))
    client = Client(
        "ck",
        client_secret="c&s%",
        resource_owner_key="tk",
        resource_owner_secret="t s",
        signature_method=SIGNATURE_HMAC_SHA256,
        realm="1234567",
        nonce="n0nce",
        timestamp=str(int(NOW.timestamp())),
    )
    _, headers, _ = client.sign(f"{url}?{urlencode(query)}" if query else url, http_method=method)
    assert ours == said(headers["Authorization"])
    assert parse_qsl(urlencode(query), keep_blank_values=True) == list(query.items())


def test_the_keys_show_no_secret() -> None:
    assert "c&s%" not in repr(KEYS)
    assert "tk" not in repr(KEYS)
