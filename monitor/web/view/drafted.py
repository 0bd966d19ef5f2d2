"""What was done to drafts of notices, and what somebody said of a stage, in the sentences of an incident's timeline."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alerts.course import StageSaid
from alerts.notice_draft import DraftMove, DraftMoved
from monitor.web.measure import count
from monitor.web.view.health import Tone
from monitor.web.view.names import Names

Telling = tuple[Tone, str, Iterable[str]]

WORDS: Mapping[DraftMove, tuple[Tone, str]] = {
    DraftMove.MADE: (Tone.WARN, "waits for somebody"),
    DraftMove.WIDENED: (Tone.WARN, "takes in further clients"),
    DraftMove.EDITED: (Tone.CALM, "was written anew"),
    DraftMove.APPROVED: (Tone.GOOD, "was approved"),
    DraftMove.SENT: (Tone.GOOD, "was sent"),
    DraftMove.REFUSED: (Tone.WARN, "was refused"),
    DraftMove.DIED: (Tone.CALM, "was overtaken"),
    DraftMove.TOO_LATE: (Tone.WARN, "was approved too late, and not sent"),
}


def _draft_moved(event: DraftMoved, names: Names) -> Telling:
    del names
    tone, what = WORDS[event.move]
    by, why = f" by {event.by}" if event.by else "", f": {event.why}" if event.why else ""
    return tone, f"Draft {event.draft} ('{event.stage}' to {count(event.clients, 'client')}) {what}{by}{why}", ()


def _stage_said(event: StageSaid, names: Names) -> Telling:
    del names
    return Tone.WARN, f"{str(event.stage).capitalize()}, says {event.by}{f': {event.why}' if event.why else ''}", ()


TELLERS: Mapping[str, Callable[[Any, Names], Telling]] = {"draft_moved": _draft_moved, "stage_said": _stage_said}
