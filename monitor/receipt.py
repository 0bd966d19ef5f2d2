"""How a webhook can end: what is answered to it, and the words that it is counted by."""

from dataclasses import dataclass

from probes.webhook import Refusal

STORED = "stored"
REPEATED = "repeated"
CUT_OFF = "cut_off"
"""Its sender hung up before its end."""

RESULTS = (STORED, REPEATED, CUT_OFF, *(refusal.value for refusal in Refusal))


class Unprepared(Exception):  # noqa: N818 - it names what is the matter
    """We cannot tell whether a webhook is the vendor's: our own secret is not to be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is answered to a webhook that was taken, in the vendor's own way."""

    status: int
    text: str
