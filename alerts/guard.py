"""One rule that cannot be judged takes no other with it: what it had found stands, and that it failed is an alert.

Why it failed is our own fault, and what it watches is not judged meanwhile: so somebody is paged.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import ParamSpec

from alerts.alert import AlertKey, AlertKind, Move, Reason
from alerts.evaluate import About, Verdict
from alerts.weigh import Assessment, Before

Asked = ParamSpec("Asked")


@lru_cache(maxsize=4096)
def _about(rule: str, subject: str) -> About:
    name = f"{rule}.{subject}"
    return About(key=AlertKey(kind=AlertKind.UNJUDGED, subject=name), nodes=frozenset({f"rule:{name}"}))


class Guard:
    """Judges one rule after the other, each by itself, of one system or flow."""

    def __init__(self, assessment: Assessment, subject: str, now: datetime) -> None:
        """Begin with nothing judged."""
        self._assessment = assessment
        self._subject = subject
        self._now = now

    def __call__(self, rule: str, judge: Callable[Asked, None], *args: Asked.args, **kwargs: Asked.kwargs) -> None:
        """Judge a rule; an error in it is an alert, which ends when the rule is judged again."""
        about = _about(rule, self._subject)
        try:
            judge(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other rules must be judged all the same
            text = f"{rule} of {self._subject} cannot be judged ({type(error).__name__}): what it watches is unguarded"
            verdict = Verdict(move=Move.CONFIRM, explanation=text, onset=self._now, reason=Reason.JUDGING_FAILED)
            self._assessment.move(about, verdict, self._now)
            return
        if self._assessment.known(about) is not None:
            self._assessment.move(about, Verdict(move=Move.CLEAR, cleared=self._now), self._now)


def still_judged(before: Before, key: AlertKey) -> bool:
    """Return whether what a rule could not be judged of is still configured."""
    subject = key.subject.partition(".")[2]
    return subject in before.catalog.systems or subject in before.catalog.flows
