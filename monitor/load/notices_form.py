"""The shape of how a tier's clients are told, and of the communications team, as written in YAML, and their values.

Whether the names in them are defined is for `references`.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from alerts.communications import Communications
from alerts.course import RANKS
from alerts.message import Stage
from monitor.load.fields import one_of
from monitor.load.form import Form
from monitor.load.people_form import Target, target
from probes.catalog import NoticePolicy
from probes.consent import Consent, Named, NamedKind

STAGES = (*RANKS, Stage.UPDATE, Stage.RESOLVED, Stage.RETRACTED)
ALWAYS = "always"
POLICIES = [str(policy) for policy in NoticePolicy]


def _four_eyes(value: object) -> list[str]:
    words = [value] if isinstance(value, str) else value
    if words == [ALWAYS]:
        return [ALWAYS]
    if isinstance(words, list) and all(word in set(STAGES) for word in words):
        return [str(word) for word in words]
    raise ValueError(f"must be {ALWAYS}, or a list of stages: {', '.join(STAGES)}")


Several = list[Annotated[Target, BeforeValidator(target)]]
FourEyes = Annotated[
    list[str],
    BeforeValidator(_four_eyes),
    WithJsonSchema(
        {"anyOf": [{"const": ALWAYS}, {"type": "array", "items": {"enum": [str(stage) for stage in STAGES]}}]}
    ),
]


class NoticesForm(Form):
    """How a tier's clients are told: a word, or that word with who consents."""

    policy: Annotated[NoticePolicy, one_of(NoticePolicy)] = NoticePolicy.AUTOMATIC
    approvers: Several = Field(default_factory=list)
    four_eyes: FourEyes = Field(default_factory=list)

    def consent(self) -> Consent:
        """Return who approves the notices."""
        return Consent(
            approvers=named(self.approvers),
            four_eyes=frozenset(self.four_eyes) - {ALWAYS},
            always=ALWAYS in self.four_eyes,
        )


def _worded(value: object) -> object:
    if isinstance(value, dict | NoticesForm):
        return value
    if not isinstance(value, str) or value not in POLICIES:
        raise ValueError(f"must be one of {', '.join(POLICIES)}")
    return {"policy": value}


Notices = Annotated[NoticesForm, BeforeValidator(_worded)]


class CommunicationsForm(Form):
    """To whom drafts of notices, refusals and objections go."""

    team: Several = Field(default_factory=list)

    def communications(self) -> Communications:
        """Return the team."""
        return Communications(team=named(self.team))


def named(targets: Iterable[Target]) -> tuple[Named, ...]:
    """Return people and schedules by name."""
    return tuple(Named(kind=NamedKind(one.kind), name=one.name) for one in targets)


def listed(targets: Iterable[Target], key: str) -> Iterator[tuple[Target, tuple[str, int]]]:
    """Yield targets, each with where it stands."""
    yield from ((one, (key, number)) for number, one in enumerate(targets))
