"""What a request for alerts or silences asks for, read from its address as Alertmanager 0.25 reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from alerts.matcher import Matcher, MatcherError, fits
from alerts.matcher_syntax import classic_matcher
from monitor.web.alertmanager.answers import Wrong, given

TRUE = frozenset({"true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"})
"""What go-openapi takes for true; everything else is false, and an empty value is as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which alerts are asked for. `receiver` is an expression that fits a receiver's whole name, "" for all."""

    matchers: tuple[Matcher, ...] = ()
    active: bool = True
    silenced: bool = True
    inhibited: bool = True
    receiver: str = ""

    def received_by(self, receiver: str) -> bool:
        """Return whether what this receiver gets is asked for."""
        return not self.receiver or fits(self.receiver, receiver)


def matchers_of(parameters: Mapping[str, list[str]]) -> tuple[Matcher, ...]:
    """Return the matchers of a request's filters.

    Raises:
        Wrong: one cannot be read.
    """
    try:
        return tuple(classic_matcher(text) for text in parameters.get("filter", ()))
    except MatcherError as error:
        raise Wrong(given(str(error), 400)) from None


def query_of(parameters: Mapping[str, list[str]]) -> Query:
    """Return what a request for alerts asks for.

    Raises:
        Wrong: its filters or its receiver cannot be read.
    """
    receiver = parameters.get("receiver", [""])[-1]
    matchers = matchers_of(parameters)
    try:
        fits(receiver, "")
    except MatcherError as error:
        raise Wrong(given(f"failed to parse receiver param: {error}", 400)) from None
    return Query(
        matchers=matchers,
        active=_true(parameters, "active"),
        silenced=_true(parameters, "silenced"),
        inhibited=_true(parameters, "inhibited"),
        receiver=receiver,
    )


def _true(parameters: Mapping[str, list[str]], name: str) -> bool:
    value = parameters.get(name, [""])[-1]
    return not value or value.lower() in TRUE


def parameters_of(query: bytes) -> Mapping[str, list[str]]:
    """Return the parameters of a query string, empty ones included."""
    return parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}
