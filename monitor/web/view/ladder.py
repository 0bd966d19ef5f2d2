"""The ladder of an escalation for its readers: who was paged and who will be, when, in whose zone, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.incident import Incident
from alerts.ladder import Rung, RungState, ladder
from alerts.oncall import Board
from alerts.timeline import Event
from alerts.wording import local
from monitor.web.view.health import Tone
from monitor.web.view.stepping import REASONS

SIGNS = {RungState.DONE: "✓", RungState.NEXT: "▸", RungState.LATER: "○"}
WORDS = {RungState.DONE: "paged", RungState.NEXT: "next", RungState.LATER: "then"}
LENGTHS = ((30, "30 minutes"), (60, "1 hour"), (120, "2 hours"), (240, "4 hours"), (720, "12 hours"))
"""For how long somebody may take an incident or pause its escalation by a click, in minutes."""

TONES = {RungState.DONE: Tone.GOOD, RungState.NEXT: Tone.WARN, RungState.LATER: Tone.CALM}


@dataclass(frozen=True, slots=True, kw_only=True)
class RungView:
    """One rung; `there` is its instant on the clocks of those whom it reaches."""

    at: datetime
    who: str
    why: str
    word: str
    sign: str
    tone: Tone
    there: tuple[str, ...]
    coming: bool


def rungs(incident: Incident, events: Iterable[Event], board: Board, now: datetime) -> tuple[RungView, ...]:
    """Return the ladder of an incident, those who were paged first."""
    return tuple(_view(rung) for rung in ladder(incident, events, board, now))


def _view(rung: Rung) -> RungView:
    return RungView(
        at=rung.at,
        who=", ".join(rung.people),
        why=REASONS[rung.reason],
        word=WORDS[rung.state],
        sign=SIGNS[rung.state],
        tone=TONES[rung.state],
        there=tuple(local(rung.at, zone) for zone in rung.zones),
        coming=rung.state is not RungState.DONE,
    )
