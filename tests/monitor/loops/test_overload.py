"""More looks than we manage: the plan stretches by tier, and goes back once we manage them again."""

from dataclasses import replace
from datetime import timedelta

from monitor.loops.looking import plan_looks
from monitor.loops.pacing import WINDOW, Pacing
from monitor.loops.quotas import Quotas
from monitor.situation import Situation
from probes.catalog import Client, ClientId, SystemId, Tier, TierId
from probes.plan import Want
from tests.monitor.loops.fleet import AMPLE, NOW, situation

TARGETS, HEAVY = 200, 10
MANAGED = 60
EVERY = timedelta(seconds=1)


def fleet() -> Situation:
    """Return two hundred systems wanted every second, ten of them a platinum client's."""
    here = situation(AMPLE)
    catalog = here.config.catalog
    (gold,), (system,), (acme,) = catalog.tiers.values(), catalog.systems.values(), catalog.clients.values()
    platinum = replace(gold, id=TierId("platinum"), weight=100 * gold.weight)
    one_list = replace(system.connector, resources={"payments": system.connector.resources["payments"]})
    system = replace(system, connector=one_list, every=EVERY)
    systems = {name: replace(system, id=name) for name in (SystemId(f"s{n}") for n in range(TARGETS))}
    clients = _clients(acme, platinum, list(systems))
    known = replace(catalog, tiers={gold.id: gold, platinum.id: platinum}, systems=systems, clients=clients)
    here.config = replace(here.config, catalog=known)
    plan_looks(here, 0, NOW)
    return here


def _clients(one: Client, platinum: Tier, systems: list[SystemId]) -> dict[ClientId, Client]:
    heavy = replace(one, id=ClientId("heavy"), tier=platinum.id, identifiers=dict.fromkeys(systems[:HEAVY], ("h",)))
    light = replace(one, id=ClientId("light"), identifiers=dict.fromkeys(systems[HEAVY:], ("l",)))
    return {client.id: client for client in (heavy, light)}


class Hand:
    """Counts looks for the plan, as a process would that manages so many a second."""

    def __init__(self) -> None:
        self.here = fleet()
        self.pacing = Pacing(Quotas(lambda: self.here, lambda _, __: None))
        self.now = NOW
        self.pacing.watch(self.here, 0, self.now)

    def manages(self, looks: float, windows: int, *, late: bool = True) -> None:
        """Let windows pass in which so many looks a second begin, late or not."""
        for _ in range(windows):
            for _ in range(round(looks * WINDOW.total_seconds())):
                self.pacing.begun(timedelta(seconds=1) if late else timedelta())
            self.now += WINDOW
            self.pacing.watch(self.here, 0, self.now)

    @property
    def wanted(self) -> float:
        """How many looks a second are planned."""
        return sum(EVERY / sight.interval for sight in self.here.sights.values())

    def intervals(self, *, heavy: bool) -> list[timedelta]:
        """Return those of the platinum client's targets, or of the others."""
        wants: list[Want] = [want for wants in self.here.wants.values() for want in wants]
        top = max(want.rank for want in wants)
        return [self.here.sights[want.probe.id].interval for want in wants if (want.rank == top) is heavy]


def test_what_is_planned_comes_down_to_what_is_managed_and_the_heavy_tier_gives_way_last() -> None:
    hand = Hand()
    assert hand.wanted == TARGETS
    hand.manages(MANAGED, 2)
    assert 0.85 * MANAGED < hand.wanted < MANAGED
    assert set(hand.intervals(heavy=True)) == {EVERY}
    assert min(hand.intervals(heavy=False)) > 3 * EVERY


def test_stretched_looks_say_that_it_is_our_own_doing() -> None:
    hand = Hand()
    hand.manages(MANAGED, 2)
    sights = hand.here.sights.values()
    assert {sight.bearable for sight in sights if sight.interval > EVERY} == {EVERY}
    assert {sight.bearable for sight in sights if sight.interval == EVERY} == {None}


def test_all_that_is_wanted_is_looked_at_again_once_it_is_managed() -> None:
    hand = Hand()
    hand.manages(MANAGED, 2)
    hand.manages(TARGETS, 40, late=False)
    assert hand.wanted == TARGETS
    assert all(sight.bearable is None for sight in hand.here.sights.values())


def test_a_reload_keeps_what_is_known_of_what_we_manage() -> None:
    hand = Hand()
    hand.manages(MANAGED, 2)
    plan_looks(hand.here, 0, hand.now)
    hand.manages(MANAGED, 1, late=False)
    assert hand.wanted < 1.1 * MANAGED


def test_a_pause_of_everything_is_no_overload() -> None:
    hand = Hand()
    for _ in range(3):
        for _ in range(TARGETS):
            hand.pacing.begun(timedelta(minutes=1))
        hand.now += timedelta(minutes=1)
        hand.pacing.watch(hand.here, 0, hand.now)
    assert hand.wanted == TARGETS
