"""What a story lets happen, in sentences with their instants: the part of a transcript that nobody decided."""

from collections.abc import Iterator
from datetime import datetime

from monitor.replay.story import FOREVER, Span, Story
from monitor.units import spelled
from probes.failure import FailureClass


def plot(story: Story) -> Iterator[tuple[datetime, str]]:
    """Yield what happens in the world of a story; what lies outside its time is left out."""
    for at, text in _all(story):
        if story.start <= at < story.end:
            yield at, text


def _all(story: Story) -> Iterator[tuple[datetime, str]]:
    for trouble in story.failing:
        share = "" if trouble.share == 1 else f" for {trouble.share:.0%} of the looks"
        begins = f"{trouble.system} {_fails(trouble.failure)}{share}"
        yield from _span(trouble.span, begins, f"{trouble.system} is back")
    for slow in story.slow:
        begins = f"{slow.system} takes {spelled(slow.takes)} to answer"
        yield from _span(slow.span, begins, f"{slow.system} answers as fast as before")
    for stop in story.stopped:
        whose = f" of {', '.join(sorted(stop.clients))}" if stop.clients else ""
        yield from _span(stop.span, f"nothing{whose} travels on {stop.flow}", f"{stop.flow} catches up")
    for one in story.reported:
        name = one.labels.get("alertname", "an alert")
        yield from _span(one.span, f"{name} is reported by others", f"{name} is reported to be over")
    for silence in story.silences:
        matchers = ", ".join(map(str, silence.matchers))
        why = f": {silence.why}" if silence.why else ""
        begins = f"{silence.by} silences {{{matchers}}}{why}"
        yield from _span(silence.span, begins, f"the silence of {{{matchers}}} ends")
    yield from _on_call(story)
    for window in story.windows:
        if window.starts is not None:
            span = Span(start=window.starts, end=window.ends or FOREVER)
            yield from _span(span, f"maintenance begins: {window.title}", f"maintenance is over: {window.title}")
    for missed in story.missed:
        begins = f"the runs of {missed.heartbeat} do not succeed"
        yield from _span(missed.span, begins, f"{missed.heartbeat} runs again")


def _on_call(story: Story) -> Iterator[tuple[datetime, str]]:
    for posted in story.overrides:
        wish, why = posted.wish, f": {posted.wish.why}" if posted.wish.why else ""
        who = f"{wish.person or 'nobody'} in {wish.schedule} instead of {wish.instead_of or 'everybody'}"
        begins, ends = f"the override begins that {wish.by} posted: {who}{why}", f"the override is over: {who}"
        yield from _span(Span(start=wish.start, end=wish.end), begins, ends)
    for swap in story.swaps:
        one, other = swap.turns
        yield swap.at, f"{swap.by} has turns in {swap.schedule} swapped between {one.person} and {other.person}"


def _fails(failure: FailureClass) -> str:
    return "declares an outage" if failure is FailureClass.BUSINESS else f"fails ({failure})"


def _span(span: Span, begins: str, ends: str) -> Iterator[tuple[datetime, str]]:
    yield span.start, begins
    if span.end != FOREVER:
        yield span.end, ends
