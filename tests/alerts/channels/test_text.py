"""Words are made harmless and cut to what fits, whatever they were."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.text import Room, fitted, harmless, one_line

LINK = "https://tierwatch.example.com/incidents/INC-7"


@pytest.mark.parametrize(
    "mention",
    [
        "@everyone",
        "@here",
        "@channel",
        "@all",
        "@room",
        "@HERE",
        "@**all**",
        "<!channel>",
        "<!here>",
        "<@U123>",
        "<@&9>",
    ],
)
def test_a_mention_of_a_group_is_broken_but_can_be_read(mention: str) -> None:
    told = harmless(f"Client {mention} is hurt")
    assert mention not in told
    assert told.replace("\u200b", "") == f"Client {mention} is hurt"


@pytest.mark.parametrize("text", ["ada@example.com", "1 < 2", "@hereford", "a <b> c", "naïve café 会社 👍🏽"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text(st.characters(codec=None)))
def test_no_control_character_or_surrogate_is_left(text: str) -> None:
    told = harmless(text)
    assert {unicodedata.category(char) for char in told if char not in "\n\t"}.isdisjoint({"Cc", "Cs"})
    assert not set(told) & set("\u202a\u202e\u2066\u2028\r\x00\x1b")
    told.encode()


@given(st.text(st.characters(codec=None)))
def test_a_subject_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)
    assert len(one_line(text).splitlines()) <= 1


def test_a_long_body_is_cut_and_keeps_its_last_link() -> None:
    room = Room(title=250, body=1000)
    subject, body = fitted("Late", "word " * 1000 + f"\n{LINK}\nDo not reply.", room)
    assert subject == "Late"
    assert len(body) <= 1000
    assert body.endswith(f" […]\n{LINK}")


def test_a_short_message_is_not_touched() -> None:
    assert fitted("Late", f"Text\n{LINK}", Room(title=250, body=1000)) == ("Late", f"Text\n{LINK}")


rooms = st.builds(
    Room,
    title=st.sampled_from([0, 60, 200, 250]),
    body=st.sampled_from([400, 1000, 2000]),
    shared=st.booleans(),
)


@given(st.text(max_size=600), st.text(max_size=3000), rooms)
def test_what_is_sent_always_fits_and_has_its_link(subject: str, body: str, room: Room) -> None:
    title, told = fitted(subject, f"{body}\n{LINK}", room)
    assert LINK in told
    assert len(told) <= room.body
    assert len(title) <= (room.title or room.body)
    together = room.title <= 0 or room.shared
    assert not together or len(title) + len(told) <= room.body
