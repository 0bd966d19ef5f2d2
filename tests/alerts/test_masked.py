"""Addresses as they may be shown: their kind, of a mail a part of its recipient, and never a secret."""

import pytest

from alerts.channel_kind import scheme_of
from alerts.channels.apprise import SCHEMES
from alerts.masked import NOT_FOUND, masked
from alerts.message import ChannelKind


@pytest.mark.parametrize(
    ("address", "scheme"),
    [("JSON://x", "json"), ("  mailto://x", "mailto"), ("secret", None), ("a:b", None), ("", None)],
)
def test_a_scheme_is_read_and_nothing_else(address: str, scheme: str | None) -> None:
    assert scheme_of(address) == scheme


@pytest.mark.parametrize("address", ["xoxb-hunter2", "mailto:ana@example.com", "https//ana:hunter2@example.com", ""])
def test_of_what_is_no_address_nothing_is_shown(address: str) -> None:
    assert masked(address) == NOT_FOUND


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mailto://desk:hunter2@example.com", "d•••@e•••.com"),
        ("mailtos://relay.example.net?from=us@example.org&to=ana@acme.example", "a•••@a•••.example"),
        ("mailtos://user@example.org", "u•••@e•••.org"),
        ("mailto://[", "mailto •••"),
        ("json://ana:hunter2@hooks.example.com/path?+Key=word", "json •••"),
        ("tgram://123456:hunter2/-100", "tgram •••"),
    ],
)
def test_a_mail_shows_a_part_of_its_recipient_and_all_else_only_its_kind(address: str, shown: str) -> None:
    assert masked(address).shown == shown


def test_every_kind_of_address_that_may_be_configured_has_a_kind_of_channel() -> None:
    without = {scheme for scheme in SCHEMES if masked(f"{scheme}://x").kind is ChannelKind.OTHER}
    assert without == set()
