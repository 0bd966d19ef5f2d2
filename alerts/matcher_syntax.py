"""Reads matchers as Alertmanager does: in its newer form (UTF-8), in its classic one, or in whichever applies.

`Mode.FALLBACK` is Alertmanager's default. An input that only the classic form knows is read by that; where both know it
and differ, the classic one counts, for it is what was meant when it was written; where neither knows it, the classic
form's complaint is given.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from alerts.matcher import Matcher, MatcherError, Operator, matcher
from alerts.matcher_quoting import SPACES, BadQuotes, is_reserved, unquoted

_CLASSIC = re.compile(
    r"^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*(.*?)[\t\n\f\r ]*\Z", re.DOTALL
)
_BLANK = "".join(SPACES)

Read = TypeVar("Read")


class Mode(StrEnum):
    """Which form is read; named as the feature flags of Alertmanager."""

    FALLBACK = "fallback"
    UTF8 = "utf8-strict-mode"
    CLASSIC = "classic-mode"


class Kind(StrEnum):
    """What a token of the newer form is."""

    OPEN = "{"
    CLOSE = "}"
    COMMA = ","
    OPERATOR = "operator"
    QUOTED = "quoted"
    WORD = "word"
    END = "end of input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token, and where it stands."""

    kind: Kind
    text: str
    place: int


_OPERATOR = re.compile(r"=~|=|!=|!~")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
TEXTS = (Kind.QUOTED, Kind.WORD)


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        if text[place] in SPACES:
            place += 1
            continue
        token = _token(text, place)
        yield token
        place += len(token.text)
    yield Token(kind=Kind.END, text="", place=place)


def _token(text: str, place: int) -> Token:
    character = text[place]
    if character in "{},":
        return Token(kind=Kind(character), text=character, place=place)
    for kind, pattern in ((Kind.OPERATOR, _OPERATOR), (Kind.QUOTED, _QUOTED)):
        found = pattern.match(text, place)
        if found is not None:
            return Token(kind=kind, text=found.group(), place=place)
    if is_reserved(character):
        raise MatcherError(f"{place}:{place + 1}: {character}: invalid input")
    end = next((n for n in range(place, len(text)) if is_reserved(text[n])), len(text))
    return Token(kind=Kind.WORD, text=text[place:end], place=place)


class _Reading:
    """The tokens of an input, of which one is always seen ahead; what is not expected is complained about in place."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self.ahead = next(self._tokens)

    def take(self, *kinds: Kind, wanted: str) -> Token:
        """Return the next token, which must be of one of these kinds."""
        token = self.ahead
        if token.kind not in kinds:
            raise MatcherError(f"{token.place}:{token.place + len(token.text)}: {token.text or token.kind}: {wanted}")
        if token.kind is not Kind.END:
            self.ahead = next(self._tokens)
        return token

    def text(self, *, wanted: str) -> str:
        """Return a name or a value, without its quotes."""
        token = self.take(*TEXTS, wanted=wanted)
        if token.kind is Kind.WORD:
            return token.text
        try:
            return unquoted(token.text)
        except BadQuotes as error:
            raise MatcherError(f"{token.place}:{token.place + len(token.text)}: {token.text}: {error}") from None


def utf8_matchers(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of an input in the newer form.

    Raises:
        MatcherError: it is not in that form.
    """
    reading = _Reading(text)
    found: list[Matcher] = []
    opened = reading.ahead.kind is Kind.OPEN
    if opened:
        reading.take(Kind.OPEN, wanted="expected an opening brace")
    while reading.ahead.kind in TEXTS or (not found and reading.ahead.kind not in (Kind.END, Kind.CLOSE)):
        found.append(_matcher(reading))
        if reading.ahead.kind is not Kind.COMMA:
            break
        reading.take(Kind.COMMA, wanted="expected a comma")
    if opened:
        reading.take(Kind.CLOSE, wanted="expected close brace")
    reading.take(Kind.END, wanted="expected a comma, a closing brace that was opened, or the end of input")
    return tuple(found)


def _matcher(reading: _Reading) -> Matcher:
    name = reading.text(wanted="expected label name")
    operator = reading.take(Kind.OPERATOR, wanted="expected an operator such as '=', '!=', '=~' or '!~'")
    value = reading.text(wanted="expected label value")
    return matcher(name, Operator(operator.text), value)


def utf8_matcher(text: str) -> Matcher:
    """Return the one matcher of an input in the newer form; MatcherError where it holds none, or several."""
    found = utf8_matchers(text)
    if len(found) != 1:
        raise MatcherError(f"expected 1 matcher, found {len(found)}")
    return found[0]


def classic_matcher(text: str) -> Matcher:
    """Return the matcher of an input in the classic form.

    Raises:
        MatcherError: it is not in that form.
    """
    found = _CLASSIC.match(text)
    if found is None:
        raise MatcherError(f"bad matcher format: {text}")
    name, operator, raw = found.groups()
    return matcher(name, Operator(operator), _classic_value(raw))


def _classic_value(raw: str) -> str:
    inner, closed = raw.removeprefix('"'), not raw.startswith('"')
    value, place = [], 0
    while place < len(inner):
        character, following = inner[place], inner[place + 1 : place + 2]
        if character == "\\" and following:
            value.append({"n": "\n", '"': '"', "\\": "\\"}.get(following, "\\" + following))
            place += 2
            continue
        if character == '"' and (closed or following):
            raise MatcherError(f"matcher value contains unescaped double quote: {raw}")
        closed = closed or character == '"'
        value += [] if character == '"' else [character]
        place += 1
    if not closed:
        raise MatcherError(f"matcher value contains unescaped double quote: {raw}")
    return "".join(value)


def classic_matchers(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of an input in the classic form; MatcherError where one is not in it."""
    inside = text.removeprefix("{").removesuffix("}")
    return tuple(classic_matcher(one) for one in _split(inside))


def _split(text: str) -> Iterator[str]:
    """Yield what stands between commas outside of quotes, without an empty end."""
    inside = escape = False
    begin = 0
    for place, character in enumerate(text):
        if character == ",":
            if not inside:
                yield text[begin:place]
                begin = place + 1
            continue
        if character == '"' and not escape:
            inside = not inside
        escape = character == "\\" and not escape
    if last := text[begin:].strip(_BLANK):
        yield last


def parse_matchers(text: str, mode: Mode = Mode.FALLBACK) -> tuple[Matcher, ...]:
    """Return the matchers that an input holds, perhaps between braces; () for an empty one.

    Raises:
        MatcherError: it cannot be read in this mode.
    """
    if mode is Mode.FALLBACK:
        return _fallen_back(text, utf8_matchers, classic_matchers)
    return utf8_matchers(text) if mode is Mode.UTF8 else classic_matchers(text)


def parse_matcher(text: str, mode: Mode = Mode.FALLBACK) -> Matcher:
    """Return the one matcher that an input holds, without braces.

    Raises:
        MatcherError: it cannot be read in this mode.
    """
    if mode is Mode.CLASSIC:
        return classic_matcher(text)
    if text.startswith("{") or text.endswith("}"):
        raise MatcherError(f"unexpected open or close brace: {text}")
    return utf8_matcher(text) if mode is Mode.UTF8 else _fallen_back(text, utf8_matcher, classic_matcher)


def _fallen_back(text: str, newer: Callable[[str], Read], classic: Callable[[str], Read]) -> Read:
    try:
        return classic(text)
    except MatcherError as error:
        try:
            return newer(text)
        except MatcherError:
            raise error from None
