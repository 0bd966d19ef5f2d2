"""Values to JSON text and back, by pydantic: the rooms' dataclasses go in and equal ones come out.

Nothing here knows a table. A value that gains a field with a default still reads what was stored before.
"""

import json
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from alerts.alert import Alert
from alerts.canary import Canary
from alerts.contact_mark import ContactMark
from alerts.conversation import Conversation
from alerts.dunning import DunningHold
from alerts.exclusion import Exclusion
from alerts.foretold import Foretold
from alerts.handover import Handed
from alerts.maintenance import Window
from alerts.message import Message
from alerts.notice_draft import NoticeDraft
from alerts.override import Override
from alerts.page_key import PageKey
from alerts.published import CalendarLink, Published
from alerts.rota import Rota
from alerts.silence import Silence
from alerts.timeline import Event
from monitor.store.failure import StoreUnreadable
from monitor.store.tables import storable
from probes.access import Token
from probes.announced import Announcement, Reception
from probes.budget import Balance
from probes.cursor import Cursor
from probes.feed import Feed, Habit
from probes.heartbeat import Runs
from probes.latency import Pace
from probes.reconcile import Sample
from probes.sli import Indicator
from probes.tracked import Tracked
from probes.upkeep import Upkeep

T = TypeVar("T")


class Unreadable(StoreUnreadable):
    """A stored text that is no value of its kind; the message holds neither."""


class Codec(Generic[T]):
    """Writes and reads the values of one kind."""

    def __init__(self, kind: Any) -> None:  # noqa: ANN401 - a union has no type that a signature could name
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def text(self, value: T) -> str:
        """Return a value as JSON; lone surrogates, which JSON text cannot hold, become question marks."""
        try:
            return self._adapter.dump_json(value).decode()
        except PydanticSerializationError:
            return storable(json.dumps(self._adapter.dump_python(value, mode="json"), ensure_ascii=False))

    def value(self, text: str) -> T:
        """Return the value that was written.

        Raises:
            Unreadable: the text holds no such value.
        """
        try:
            return self._adapter.validate_json(text)
        except ValidationError as error:
            # The cause would carry what was stored into a log.
            raise Unreadable(f"{error.error_count()} fields do not fit {error.title}") from None


EVENT: Codec[Event] = Codec(Annotated[Event, Field(discriminator="kind")])
ALERT: Codec[Alert] = Codec(Alert)
INDICATOR: Codec[Indicator] = Codec(Indicator)
CURSOR: Codec[Cursor] = Codec(Cursor)
BALANCE: Codec[Balance] = Codec(Balance)
SAMPLE: Codec[Sample] = Codec(Sample)
TRACKED: Codec[Tracked] = Codec(Tracked)
PACE: Codec[Pace] = Codec(Pace)
MESSAGE: Codec[Message] = Codec(Message)
RUNS: Codec[Runs] = Codec(Runs)
UPKEEP: Codec[Upkeep] = Codec(Upkeep)
FEED: Codec[Feed] = Codec(Feed)
HABIT: Codec[Habit] = Codec(Habit)
RECEPTION: Codec[Reception] = Codec(Reception)
ANNOUNCEMENT: Codec[Announcement] = Codec(Announcement)
SILENCE: Codec[Silence] = Codec(Silence)
NOTICE_DRAFT: Codec[NoticeDraft] = Codec(NoticeDraft)
EXCLUSION: Codec[Exclusion] = Codec(Exclusion)
CONTACT_MARK: Codec[ContactMark] = Codec(ContactMark)
CONVERSATION: Codec[Conversation] = Codec(Conversation)
CANARY: Codec[Canary] = Codec(Canary)
WINDOW: Codec[Window] = Codec(Window)
DUNNING: Codec[DunningHold] = Codec(DunningHold)
FORETOLD: Codec[Foretold] = Codec(Foretold)
OVERRIDE: Codec[Override] = Codec(Override)
ROTA: Codec[Rota] = Codec(Rota)
HANDED: Codec[Handed] = Codec(Handed)
PUBLISHED: Codec[Published] = Codec(Published)
PAGE_KEY: Codec[PageKey] = Codec(PageKey)
CALENDAR_LINK: Codec[CalendarLink] = Codec(CalendarLink)
TOKEN: Codec[Token] = Codec(Token)
