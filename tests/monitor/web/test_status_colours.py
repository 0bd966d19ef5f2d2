"""The colours of clients' pages and of evidence, light and dark: their contrast by WCAG 2.2, from the properties."""

import re
from importlib.resources import files

import pytest

TEXT, SHAPE = 4.5, 3.0
"""What WCAG AA asks of text, and of shapes that carry meaning."""

STATES = ("good", "bad", "warn", "blind", "calm")
ON_STATUS = {
    **{(ink, ground): TEXT for ink in ("ink", "quiet", "accent") for ground in ("ground", "surface")},
    **{(state, f"{state}-wash"): TEXT for state in STATES},
    **{(bar, "surface"): SHAPE for bar in ("good", "bad", "warn", "blind", "edge", "accent")},
}
ON_PAPER = {(ink, "paper"): TEXT for ink in ("ink", "quiet", "good", "bad", "warn")}


def schemes(sheet: str) -> list[dict[str, str]]:
    """Return the colours of a style sheet by their names: in the light, and in the dark where it knows that."""
    text = (files("monitor.web") / "static" / sheet).read_text(encoding="utf-8")
    found = [
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    ]
    light, *dark = found
    return [light, *({**light, **one} for one in dark)]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_of_black_on_white_is_the_largest() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < TEXT


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_what_clients_read_has_the_contrast_that_aa_asks_for(scheme: int) -> None:
    colours = schemes("status.css")[scheme]
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in ON_STATUS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < ON_STATUS[pair]} == {}


def test_evidence_can_be_read_on_paper() -> None:
    colours = {**schemes("evidence.css")[0], "paper": "#ffffff"}
    assert [pair for pair, least in ON_PAPER.items() if contrast(colours[pair[0]], colours[pair[1]]) < least] == []
