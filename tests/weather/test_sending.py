"""Messages on their way to receivers that misbehave, and an outbox that is killed while it sends: real parts only.

Receivers and outbox are processes of their own. Eight kills in the suite, a hundred in full trials.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from threading import Event

import pytest

from alerts.message import DeliveryState, Lane, Message, MessageKind, MessageState
from alerts.reason import ReasonClass
from monitor.changes import Changes
from monitor.clock import SystemClock
from monitor.store import Store
from tests.alerts.channels.cast import claim
from tests.real.process import ROOT, eventually
from tests.real_parts import free_port
from tests.weather.sender import tell

FULL = os.environ.get("TIERWATCH_TRIALS") == "full"
KILLS = 100 if FULL else 8
IN_FLIGHT = 8
"""An endpoint's places: so many messages may be under way at once."""

server = get_context("forkserver")
server.set_forkserver_preload(["tests.weather.sender"])


class FarSide:
    """The receivers' process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert process.stdout is not None
        self.web, self.mail = process.stdout.readline().split()

    def log(self) -> list[tuple[str, str, str]]:
        """Return what came in: keys, what became of each, and in what words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return [tuple(one) for one in json.loads(self._process.stdout.readline())]

    def taken(self) -> Counter[str]:
        """Return how often each key was taken."""
        return Counter(key for key, end, _ in self.log() if end == "taken")


@contextmanager
def far_side() -> Iterator[FarSide]:
    """Run receivers until the end of the block."""
    pipe = subprocess.PIPE
    command = (sys.executable, "-m", "tests.weather.far_side")
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield FarSide(process)
        finally:
            process.kill()


def notice(name: str, key: str = "") -> Message:
    """Return a notice over a channel of that name."""
    one = claim(f"env:{name}", kind=MessageKind.NOTICE, key=key or name, recipient=name).message
    return replace(one, created=SystemClock().now())


def written(folder: Path, *messages: Message) -> None:
    """Write messages into a store that nobody works on."""
    store = Store(f"sqlite:///{folder}/post.db")
    store.commit(Changes(messages=messages))
    store.close()


def sender(folder: Path, addresses: Mapping[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a process of any context
    """Start an outbox."""
    process = server.Process(target=tell, args=(str(folder), dict(addresses)), daemon=True)
    process.start()
    return process


MISBEHAVING = ("ok", "hang", "late", "half", "500", "429")


@pytest.mark.real
@pytest.mark.answers(
    "caronc/apprise#538", "caronc/apprise#306", "caronc/apprise#1611", "caronc/apprise#244", "caronc/apprise#262"
)
def test_whatever_receivers_do_each_message_arrives_once_they_come_back_and_the_ledger_says_what_happened(
    tmp_path: Path,
) -> None:
    with far_side() as far:
        addresses = {f"WEB_{how}": f"json://127.0.0.1:{far.web}/{how}/" for how in MISBEHAVING}
        mails = {f"MAIL_{how}": f"{how}-1@example.com" for how in ("ok", "450", "550")}
        for name, to in mails.items():
            addresses[name] = f"mailto://127.0.0.1:{far.mail}?from=tierwatch@example.com&to={to}"
        written(tmp_path, *(notice(name, mails.get(name, "")) for name in addresses))
        process = sender(tmp_path, addresses)
        process.join(60)
        assert process.exitcode == 0
        log, taken = far.log(), far.taken()
    store = Store(f"sqlite:///{tmp_path}/post.db")
    rows = {one.message.key: one for one in store.messages()}
    attempts = store.attempts(list(rows))
    store.close()
    for name in (f"WEB_{how}" for how in MISBEHAVING):
        assert rows[name].state is MessageState.ACCEPTED
        assert [one.state for one in attempts[name]][-1] is DeliveryState.ACCEPTED
        assert len(attempts[name]) == sum(key == name for key, *_ in log), "as many attempts as came in there"
        assert taken[name] == 1 + (name in {"WEB_late", "WEB_half"}), "taken twice only where nobody could know"
    first = {name: tries[0].why for name, tries in attempts.items()}
    assert first["WEB_hang"] is first["WEB_late"] is ReasonClass.NO_ANSWER
    assert first["WEB_500"] is ReasonClass.UNAVAILABLE
    assert first["WEB_429"] is ReasonClass.THROTTLED
    again = [subject for key, _, subject in log if key == "WEB_late"]
    assert [subject.startswith("Possibly repeated: ") for subject in again] == [False, True]
    waited = attempts["WEB_429"][1].started - attempts["WEB_429"][0].ended
    assert waited.total_seconds() >= 1
    assert (rows[mails["MAIL_450"]].state, first[mails["MAIL_450"]]) == (MessageState.ACCEPTED, ReasonClass.DEFERRED)
    assert (rows[mails["MAIL_550"]].state, first[mails["MAIL_550"]]) == (MessageState.FAILED, ReasonClass.REFUSED)
    assert len(attempts[mails["MAIL_550"]]) == 1
    assert taken[mails["MAIL_ok"]] == taken[mails["MAIL_450"]] == 1


@pytest.mark.real
def test_a_dead_mail_server_is_left_alone_after_some_failures_and_costs_no_attempt_of_the_rest(tmp_path: Path) -> None:
    port = free_port()
    names = [f"DESK_{number}" for number in range(40)]
    addresses = {name: f"mailto://127.0.0.1:{port}?from=t@example.com&to={name}@example.com" for name in names}
    written(tmp_path, *(notice(name) for name in names))
    process = sender(tmp_path, addresses)
    Event().wait(6)
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    store = Store(f"sqlite:///{tmp_path}/post.db")
    attempts = store.deliveries(limit=1000)
    waiting = store.waiting(Lane.NORMAL)
    store.close()
    assert 0 < len(attempts) < len(names) // 2
    assert {one.why for one in attempts if one.state is DeliveryState.REJECTED} == {ReasonClass.UNREACHABLE}
    assert len(waiting) + sum(one.state is DeliveryState.SENDING for one in attempts) == len(names)


def in_flight(folder: Path) -> set[str]:
    """Return the messages of which a dead outbox left an attempt without an end."""
    with closing(sqlite3.connect(folder / "post.db")) as database:
        return {key for (key,) in database.execute("SELECT key FROM deliveries WHERE state = 'sending'")}


def mixed(far: FarSide, number: int) -> Mapping[str, tuple[str, str]]:
    """Return so many messages by their keys, with the name and the address of each channel: mails and webhooks."""
    mails = {
        f"m{one}@x.example": f"mailto://127.0.0.1:{far.mail}?from=t@example.com&to=m{one}@x.example"
        for one in range(0, number, 2)
    }
    webs = {f"w{one}": f"json://client{one % 8}:word@127.0.0.1:{far.web}/ok/" for one in range(1, number, 2)}
    both = {**mails, **webs}
    return {key: (f"C{place}", address) for place, (key, address) in enumerate(both.items())}


@pytest.mark.trials
@pytest.mark.real
@pytest.mark.answers("alexjustesen/speedtest-tracker#2663")
def test_killed_at_any_instant_of_a_send_it_repeats_only_what_was_in_flight_and_loses_nothing(
    tmp_path: Path,
) -> None:
    chance, died = random.Random(5), list[set[str]]()
    with far_side() as far:
        messages = mixed(far, KILLS * 16)
        addresses = dict(messages.values())
        written(tmp_path, *(notice(name, key) for key, (name, _) in messages.items()))
        for _ in range(KILLS):
            after = sum(far.taken().values()) + chance.randint(1, 4)
            process = sender(tmp_path, addresses)
            eventually(lambda after=after: sum(far.taken().values()) >= after, "messages arrive")  # type: ignore[misc]
            Event().wait(chance.uniform(0, 0.03))
            os.kill(process.pid, signal.SIGKILL)
            process.join(10)
            died.append(in_flight(tmp_path))
        process = sender(tmp_path, addresses)
        process.join(60)
        assert process.exitcode == 0
        taken = far.taken()
    assert taken.keys() == messages.keys(), "each arrived"
    assert max(map(len, died)) <= IN_FLIGHT + 8 * 2, "no more under way than the endpoints have places"
    for key, times in taken.items():
        assert times <= 1 + sum(key in left for left in died), "nothing comes twice that was not in flight at a kill"
    store = Store(f"sqlite:///{tmp_path}/post.db")
    attempts = store.attempts(list(messages))
    assert {one.state for one in store.messages(limit=10_000)} == {MessageState.ACCEPTED}
    store.close()
    for key, tries in attempts.items():
        assert [one.state for one in tries].count(DeliveryState.ACCEPTED) == 1
        assert taken[key] <= len(tries), "the ledger knows of every arrival"
        assert {one.why for one in tries[:-1]} <= {ReasonClass.DIED}
