"""Stories from YAML: shapes filled, names looked up in the configuration, instants read. Everything wrong at once."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from alerts.alert import IncidentId
from alerts.maintenance import Scope, Window, WindowId
from alerts.oncall import PersonId
from alerts.posting import SwapTurn, Wish
from monitor.load import Config, ConfigError
from monitor.load.document import read_document
from monitor.load.form import Form, filled, suggestion
from monitor.load.node import Loc, Node
from monitor.problem import Problem
from monitor.replay.acts_form import ActForm
from monitor.replay.form import (
    MissedForm,
    OverrideForm,
    ReportForm,
    SilenceForm,
    SlownessForm,
    SpanForm,
    StopForm,
    StoryForm,
    SwapForm,
    TrafficForm,
    TroubleForm,
    TurnForm,
    WindowForm,
)
from monitor.replay.story import (
    FOREVER,
    Act,
    Habit,
    Missed,
    Overriding,
    Reporting,
    Silencing,
    Slowness,
    Span,
    Stop,
    Story,
    Swapping,
    Traffic,
    Trouble,
)
from monitor.replay.when import Frame, instant
from probes.catalog import ClientId, FlowId, SystemId
from probes.failure import FailureClass
from probes.heartbeat import HeartbeatId

CATCHES_UP = timedelta(minutes=5)
"""Within what time that arrives which has waited, where a story does not say."""

LONGEST = timedelta(days=40)

F = TypeVar("F", bound=Form)
V = TypeVar("V")


def read_story(file: Path, config: Config) -> Story:
    """Return the story of a file, or the one that stands in a rule test.

    Raises:
        ConfigError: it cannot be used; every problem comes with it, with its line.
    """
    document = read_document(file)
    problems = list(document.problems)
    root = document.root
    node = root and (root.child("story") or root)
    story = story_of(node, config, problems) if node is not None and not problems else None
    if story is None or problems:
        raise ConfigError(f"{file} holds no story that can be played", sorted(problems))
    return story


def story_of(node: Node, config: Config, problems: list[Problem]) -> Story | None:
    """Return the story that a node holds; None where it holds none, with what is wrong added to the problems."""
    form, misfits = filled(StoryForm, node)
    problems.extend(misfits)
    if form is None:
        return None
    reader = Reader(node, Frame(zone=form.zone), problems, config)
    start = reader.at(form.start, ("from",))
    if start is None:
        return None
    reader.frame = Frame(zone=form.zone, start=start)
    end = reader.span(form, ()).end
    if not start < end <= start + LONGEST:
        problems.append(node.problem(f"must end after its start and within {LONGEST.days} days; write until or for"))
        return None
    return reader.story(form, start, end)


@dataclass(slots=True)
class Instants:
    """Reads the instants that stand below a node."""

    node: Node
    frame: Frame
    problems: list[Problem]

    def at(self, text: str, loc: Loc) -> datetime | None:
        """Return an instant, None where the text is none."""
        try:
            return instant(text, self.frame)
        except ValueError as error:
            self.problems.append(self.node.problem(str(error), loc))
            return None


@dataclass(slots=True)
class Reader(Instants):
    """Reads the parts of one story."""

    config: Config

    def span(self, form: SpanForm, loc: Loc) -> Span:
        """Return from when to when something is so, from the story's start where nothing is written."""
        first = self.frame.start or FOREVER
        start = first if form.start is None else self.at(form.start, (*loc, "from")) or first
        end = FOREVER
        if form.until is not None:
            end = self.at(form.until, (*loc, "until")) or FOREVER
        elif form.lasts is not None:
            end = start + form.lasts
        if end <= start:
            self.problems.append(self.node.problem("ends before it begins; write a later instant", (*loc, "until")))
        return Span(start=start, end=end)

    def known(self, name: str, names: Collection[str], loc: Loc) -> str:
        """Return a name that the configuration should define."""
        if name not in names:
            message = f"{name} is not in the configuration; {suggestion(name, names)}"
            self.problems.append(self.node.problem(message, loc))
        return name

    def story(self, form: StoryForm, start: datetime, end: datetime) -> Story | None:
        """Return the story, None where there is anything wrong with it."""
        before = len(self.problems)
        people = self.config.roster.people
        for name in form.people:
            self.known(name, people, ("people", name))
        found = Story(
            title=form.title,
            zone=form.zone,
            start=start,
            end=end,
            traffic=self._each("traffic", form.traffic, self._traffic),
            failing=self._each("failing", form.failing, self._trouble),
            slow=self._each("slow", form.slow, self._slowness),
            stopped=self._each("stopped", form.stopped, self._stop),
            missed=self._each("missed", form.missed, self._missed),
            acts=self._each("acts", form.acts, self._act),
            reported=self._each("reported", form.reported, self._report),
            silences=self._each("silences", form.silences, self._silence),
            windows=self._each("maintenance", form.maintenance, self._window),
            overrides=self._each("overrides", form.overrides, self._override),
            swaps=self._each("swaps", form.swaps, self._swap),
            habits=tuple(Habit(person=name, acknowledges=one.acknowledges) for name, one in form.people.items()),
        )
        return found if len(self.problems) == before else None

    def _each(self, key: str, forms: list[F], read: Callable[[F, Loc], V]) -> tuple[V, ...]:
        return tuple(read(form, (key, number)) for number, form in enumerate(forms))

    def _clients(self, written: Sequence[str], loc: Loc) -> tuple[ClientId, ...]:
        return tuple(map(ClientId, self._names(written, self.config.catalog.clients, (*loc, "clients"))))

    def _traffic(self, form: TrafficForm, loc: Loc) -> Traffic:
        catalog = self.config.catalog
        flow = FlowId(self.known(form.flow, catalog.flows, (*loc, "flow")))
        clients = () if form.clients is None else self._clients(form.clients, loc)
        if form.clients is None and flow in catalog.flows:
            clients = tuple(client.id for client in catalog.clients_on(catalog.flows[flow]))
        return Traffic(flow=flow, clients=clients, span=self.span(form, loc), every=form.every, takes=form.takes)

    def _trouble(self, form: TroubleForm, loc: Loc) -> Trouble:
        return Trouble(
            system=SystemId(self.known(form.system, self.config.catalog.systems, (*loc, "system"))),
            span=self.span(form, loc),
            # What a status page declares, its connector reads as an error inside a good answer.
            failure=form.fails or FailureClass.BUSINESS,
            share=form.share,
            catches_up=form.catches_up_in or CATCHES_UP,
        )

    def _slowness(self, form: SlownessForm, loc: Loc) -> Slowness:
        system = SystemId(self.known(form.system, self.config.catalog.systems, (*loc, "system")))
        return Slowness(system=system, span=self.span(form, loc), takes=form.takes)

    def _stop(self, form: StopForm, loc: Loc) -> Stop:
        return Stop(
            flow=FlowId(self.known(form.flow, self.config.catalog.flows, (*loc, "flow"))),
            span=self.span(form, loc),
            catches_up=form.catches_up_in or CATCHES_UP,
            clients=frozenset(self._clients(form.clients, loc)),
        )

    def _missed(self, form: MissedForm, loc: Loc) -> Missed:
        heartbeat = HeartbeatId(self.known(form.heartbeat, self.config.heartbeats, (*loc, "heartbeat")))
        return Missed(heartbeat=heartbeat, span=self.span(form, loc), says=form.says)

    def _act(self, form: ActForm, loc: Loc) -> Act:
        catalog, at = self.config.catalog, self.at(form.at, (*loc, "at")) or FOREVER
        if form.to is not None:
            self._person(form.to, (*loc, "to"))
        if form.tier is not None:
            self.known(form.tier, catalog.tiers, (*loc, "tier"))
        until = None if form.until is None else self.at(form.until, (*loc, "until"))
        return Act(
            at=at,
            by=form.by,
            does=form.does,
            incident=None if form.incident is None else IncidentId(form.incident),
            why=form.why,
            until=until if form.lasts is None else at + form.lasts,
            since=None if form.since is None else self.at(form.since, (*loc, "since")),
            order=form.order(),
            clients=self._clients(form.clients, loc),
            cause=form.cause,
        )

    def _override(self, form: OverrideForm, loc: Loc) -> Overriding:
        span = self.span(form, loc)
        wish = Wish(
            schedule=self._schedule(form.schedule, loc),
            start=span.start,
            end=span.end,
            person=None if form.person is None else self._person(form.person, (*loc, "person")),
            instead_of=None if form.instead_of is None else self._person(form.instead_of, (*loc, "instead_of")),
            by=form.by,
            why=form.why,
        )
        return Overriding(at=self._posted(form.posted, loc), wish=wish)

    def _swap(self, form: SwapForm, loc: Loc) -> Swapping:
        one, other = self._each("turns", form.turns, lambda turn, at: self._turn(turn, (*loc, *at)))
        schedule = self._schedule(form.schedule, loc)
        return Swapping(
            at=self._posted(form.posted, loc), schedule=schedule, turns=(one, other), by=form.by, why=form.why
        )

    def _turn(self, form: TurnForm, loc: Loc) -> SwapTurn:
        span = self.span(form, loc)
        return SwapTurn(person=self._person(form.person, (*loc, "person")), start=span.start, end=span.end)

    def _posted(self, text: str | None, loc: Loc) -> datetime:
        start = self.frame.start or FOREVER
        return start if text is None else max(start, self.at(text, (*loc, "posted")) or start)

    def _person(self, name: str, loc: Loc) -> PersonId:
        return PersonId(self.known(name, self.config.roster.people, loc))

    def _schedule(self, name: str, loc: Loc) -> str:
        return self.known(name, self.config.roster.schedules, (*loc, "schedule"))

    def _report(self, form: ReportForm, loc: Loc) -> Reporting:
        span = self.span(form, loc)
        return Reporting(labels=form.labels, annotations=form.annotations, span=span, every=form.every)

    def _silence(self, form: SilenceForm, loc: Loc) -> Silencing:
        return Silencing(by=form.by, span=self.span(form, loc), matchers=tuple(form.matchers), why=form.why)

    def _window(self, form: WindowForm, loc: Loc) -> Window:
        span, catalog = self.span(form, loc), self.config.catalog
        return Window(
            id=WindowId(""),
            title=form.title,
            party=form.party,
            scope=Scope(
                systems=frozenset(map(SystemId, self._names(form.systems, catalog.systems, (*loc, "systems")))),
                flows=frozenset(map(FlowId, self._names(form.flows, catalog.flows, (*loc, "flows")))),
                clients=frozenset(map(ClientId, self._names(form.clients, catalog.clients, (*loc, "clients")))),
            ),
            zone=self.frame.zone,
            starts=span.start,
            ends=span.end,
            mutes=form.mutes,
            excluded=form.excluded,
            by="story",
        )

    def _names(self, written: Sequence[str], names: Collection[str], loc: Loc) -> Iterator[str]:
        for number, name in enumerate(written):
            yield self.known(name, names, (*loc, number))
