"""What each path of Alertmanager's API answers: alerts, groups, receivers, status."""

import json
from importlib.metadata import version
from itertools import groupby

from monitor.web.alertmanager.answers import Answer, given
from monitor.web.alertmanager.board import Board, Shown
from monitor.web.alertmanager.door import ALERTS, BASE, Asked, Routes
from monitor.web.alertmanager.query import parameters_of, query_of
from monitor.wire import SPEAKS, Reply


class Desk:
    """Answers what is asked of alerts, and of what we are."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def routes(self) -> Routes:
        """Return what answers each path."""
        return {
            ALERTS: {"GET": self.alerts, "POST": self.report},
            f"{ALERTS}/groups": {"GET": self.groups},
            f"{BASE}/receivers": {"GET": self.receivers},
            f"{BASE}/status": {"GET": self.status},
        }

    async def alerts(self, asked: Asked) -> Answer:
        """Return the alerts that a query asks for, sorted by their fingerprints."""
        query = query_of(parameters_of(asked.query))
        return _listed(self._board.shown(asked.office.situation, query, asked.office.now()))

    async def report(self, asked: Asked) -> Answer:
        """Take alerts in; they are stored when this answers."""
        reply = await asked.office.intake.take(asked.body, asked.office.now())
        return Answer() if reply is None else answered(reply)

    async def groups(self, asked: Asked) -> Answer:
        """Return the alerts by their rule's name and by the line of the route that leads them to a receiver."""
        query = query_of(parameters_of(asked.query))
        shown = self._board.shown(asked.office.situation, query, asked.office.now())
        ordered = sorted(shown, key=_group_of)
        groups = (
            _group(name, receiver, list(alerts)) for (name, receiver, _), alerts in groupby(ordered, key=_group_of)
        )
        return Answer(body=f"[{','.join(groups)}]\n".encode(errors="replace"))

    async def receivers(self, asked: Asked) -> Answer:
        """Return the receivers by name: our escalation policies."""
        return given([{"name": name} for name in self._board.route(asked.office.situation).receivers])

    async def status(self, asked: Asked) -> Answer:
        """Return what we are, and our routes as a configuration of Alertmanager."""
        situation = asked.office.situation
        return given(
            {
                "cluster": {"name": "tierwatch", "peers": [], "status": "disabled"},
                "config": {"original": self._board.original(situation)},
                "uptime": f"{situation.started.isoformat(timespec='milliseconds')[:-6]}Z",
                "versionInfo": {
                    "branch": "tierwatch",
                    "buildDate": "",
                    "buildUser": "",
                    "goVersion": "",
                    "revision": version("tierwatch"),
                    "version": SPEAKS,
                },
            }
        )


def answered(reply: Reply) -> Answer:
    """Return the answer that the reading of a body came to."""
    return given(reply.value, reply.status)


def _listed(shown: list[Shown]) -> Answer:
    return Answer(body=f"[{','.join([one.text for one in shown])}]\n".encode(errors="replace"))


def _group_of(one: Shown) -> tuple[str, str, int]:
    return one.name, one.receiver, one.line


def _group(name: str, receiver: str, alerts: list[Shown]) -> str:
    labels = {"alertname": name} if name else {}
    texts = ",".join(one.text for one in alerts)
    return f'{{"alerts":[{texts}],"labels":{json.dumps(labels)},"receiver":{{"name":{json.dumps(receiver)}}}}}'
