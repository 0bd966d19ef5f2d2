"""Debian's Alertmanager and ours side by side: the same requests, the same amtool, the same answers.

Alertmanager runs with the very configuration that ours says it has; what differs from run to run is masked.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real.asked import ASKED, HOUR, LABELLED, NOW, POSTED, SILENCED, silence
from tests.real.process import ANSWER, Served, eventually
from tests.real.reporting import REPORTERS, Pager, alertmanager, amtool, pager, reported_to, token_file

pytestmark = [pytest.mark.real("alertmanager", "amtool"), pytest.mark.integration]

ALERTS, SILENCES = "/api/v2/alerts", "/api/v2/silences"
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)")
WORDS = ("parsing ", "error parsing regexp", "invalid regular expression", "failed to parse receiver")
"""Where texts begin that only Go's own libraries word; the code counts."""


Pair = tuple[tuple[int, object], tuple[int, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """Debian's Alertmanager and ours, and how each is spoken to."""

    theirs: httpx.Client
    ours: httpx.Client
    served: Served
    token: Path
    box: Pager

    def amtool(self, *words: str, given: str = "") -> tuple[tuple[int, str], tuple[int, str]]:
        """Run amtool against both; return what each says, masked."""
        theirs = amtool(str(self.theirs.base_url).rstrip("/"), *words, given=given)
        ours = amtool(self.served.address, *words, token=self.token, given=given)
        return (theirs[0], masked(theirs[1])), (ours[0], masked(ours[1]))

    def asked(self, method: str, path: str, **how: Any) -> Pair:  # noqa: ANN401 - what httpx takes
        """Send the same request to both; return what each answers, masked."""
        return answer(self.theirs.request(method, path, **how)), answer(self.ours.request(method, path, **how))


def masked(text: str) -> str:
    """Return a text without what differs from run to run."""
    text = TIME.sub("TIME", UUID.sub("UUID", text))
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def answer(heard: httpx.Response) -> tuple[int, object]:
    """Return a status and a body, masked."""
    if not heard.content:
        return heard.status_code, None
    return heard.status_code, _masked(heard.json())


def _masked(value: Any) -> object:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        # `mutedBy` came with a later version.
        return {name: _masked(one) for name, one in value.items() if name != "mutedBy"}
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, str):
        word = next((word for word in WORDS if word in value), None)
        text = re.sub(r"\[(\w+),(\w+)\]", lambda found: "[" + ",".join(sorted(found.groups())) + "]", value)
        return masked(text) if word is None else "in the words of a library"
    return value


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("both")
    with pager() as box, reported_to(folder, box) as served:
        original = served.get("/api/v2/status").json()["config"]["original"]
        headers = {"Authorization": f"Bearer {served.token}"}
        with (
            alertmanager(folder / "theirs", original) as address,
            httpx.Client(base_url=address, trust_env=False, timeout=ANSWER) as theirs,
            httpx.Client(base_url=served.address, trust_env=False, timeout=ANSWER, headers=headers) as ours,
        ):
            yield Both(theirs=theirs, ours=ours, served=served, token=token_file(folder, served.token), box=box)


def test_the_same_posts_are_answered_alike(both: Both) -> None:
    for posted in POSTED:
        theirs, ours = both.asked("POST", ALERTS, json=posted)
        assert ours == theirs, posted
    for content in (b"", b"garbage"):
        theirs, ours = both.asked("POST", ALERTS, content=content, headers={"Content-Type": "application/json"})
        assert ours == theirs, content
    theirs, ours = both.asked("POST", ALERTS, content=b"[]", headers={"Content-Type": "text/plain"})
    assert ours == theirs


def test_the_same_questions_are_answered_alike(both: Both) -> None:
    both.asked("POST", ALERTS, json=LABELLED)
    one = silence(matchers=[{"name": "alertname", "value": "Disk.*", "isRegex": True}])
    theirs, ours = both.asked("POST", SILENCES, json=one)
    assert ours == theirs
    for question in ASKED:
        theirs, ours = both.asked("GET", f"{ALERTS}{question}")
        assert ours == theirs, question
    for question in ASKED:
        path = f"{ALERTS}/groups{question}" if question != "/" else f"{ALERTS}/groups/"
        theirs, ours = both.asked("GET", path)
        assert _in_order(ours) == _in_order(theirs), question
    for path in ("/api/v2/receivers", "/api/v2/nope", "/api/v2/", f"{SILENCES}?filter=bad", f"{SILENCES}?filter=a%3Db"):
        theirs, ours = both.asked("GET", path)
        assert ours == theirs, path
    for method, path in (("PUT", ALERTS), ("DELETE", ALERTS), ("POST", "/api/v2/status"), ("PATCH", SILENCES)):
        theirs, ours = both.asked(method, path)
        assert ours == theirs, path


def _in_order(found: tuple[int, object]) -> object:
    """Groups as they come; Alertmanager keeps no order within one, nor among those of one name and receiver."""
    status, groups = found
    if not isinstance(groups, list):
        return found
    ordered = [{**one, "alerts": sorted(one["alerts"], key=lambda two: str(two["fingerprint"]))} for one in groups]
    names = [(one["labels"], one["receiver"]) for one in ordered]
    return status, names, sorted(ordered, key=str)


def test_the_same_silences_are_refused_alike(both: Both) -> None:
    for said in SILENCED:
        theirs, ours = both.asked("POST", SILENCES, json=said)
        assert ours == theirs, said
    for path in ("nope", "11111111-1111-4111-8111-111111111111"):
        theirs, ours = both.asked("GET", f"/api/v2/silence/{path}")
        assert ours == theirs
    assert both.asked("DELETE", "/api/v2/silence/nope")[0] == both.asked("DELETE", "/api/v2/silence/nope")[1]


def test_a_silence_lives_alike(both: Both) -> None:
    lives = []
    for asked in (both.theirs, both.ours):
        first = asked.post(SILENCES, json=silence()).json()["silenceID"]
        longer = silence(id=first, endsAt=(NOW + 2 * HOUR).isoformat(), startsAt=_starts(asked, first))
        second = asked.post(SILENCES, json=longer).json()["silenceID"]
        other = silence(id=second, matchers=[{"name": "client", "value": "cobalt", "isRegex": False}])
        third = asked.post(SILENCES, json=other).json()["silenceID"]
        states = [asked.get(f"/api/v2/silence/{one}").json()["status"]["state"] for one in (first, third)]
        codes = [asked.delete(f"/api/v2/silence/{third}").status_code for _ in range(2)]
        again = asked.post(SILENCES, json=silence(id=third)).json()["silenceID"]
        lives.append((first == second, second == third, states, codes, again == third))
        asked.delete(f"/api/v2/silence/{again}")
    assert lives[0] == lives[1] == (True, False, ["expired", "active"], [200, 200], False)


def _starts(asked: httpx.Client, identity: str) -> str:
    return str(asked.get(f"/api/v2/silence/{identity}").json()["startsAt"])


def test_amtool_queries_and_adds_alerts_alike(both: Both) -> None:
    for words in (
        ("alert", "add", "alertname=Added", "client=acme", "--annotation=summary=by hand"),
        ("alert", "query", "alertname=Added", "-o", "json"),
        ("alert", "query", "alertname=Added", "-o", "extended"),
        ("alert", "query", "Added"),
        ("alert", "query", "alertname=~Add.*", "client!=acme"),
    ):
        theirs, ours = both.amtool(*words)
        assert ours[0] == theirs[0] == 0, words
        assert _same(ours[1]) == _same(theirs[1]), words
    assert "Added" in both.amtool("alert", "query", "alertname=Added")[1][1]


def _same(said: str) -> object:
    if not said.startswith("["):
        return said
    return _masked(json.loads(said))


def test_amtool_manages_silences_alike(both: Both) -> None:
    addresses = (str(both.theirs.base_url).rstrip("/"), None), (both.served.address, both.token)
    told = []
    for address, token in addresses:

        def run(*words: str, given: str = "", address: str = address, token: Path | None = token) -> tuple[int, str]:
            return amtool(address, *words, token=token, given=given)

        _, added = run("silence", "add", "client=amtool", "-c", "by hand", "-a", "ada", "-d", "2h")
        identity = added.strip()
        _, queried = run("silence", "query", "client=amtool", "-o", "json")
        _, updated = run("silence", "update", "-d", "3h", "-c", "longer", identity)
        _, simple = run("silence", "query", "-q", "client=amtool")
        expired, _ = run("silence", "expire", simple.strip())
        _, gone = run("silence", "query", "-q", "client=amtool")
        _, export = run("silence", "query", "--expired", "client=amtool", "-o", "json")
        imported, said = run("silence", "import", given=_renewed(queried))
        _, after = run("silence", "query", "-q", "client=amtool")
        run("silence", "expire", after.strip())
        told.append(
            (
                _masked(json.loads(queried)),
                masked(updated),
                masked(simple),
                expired,
                gone,
                len(json.loads(export)),
                imported,
                masked(said),
                masked(after),
            )
        )
    assert told[0] == told[1]
    assert told[1][3] == told[1][6] == 0


def _renewed(exported: str) -> str:
    """Return an export under ids that nobody has: amtool then imports them as new ones."""
    silences = json.loads(exported)
    for one in silences:
        one["id"] = "22222222-2222-4222-8222-222222222222"
    return json.dumps(silences)


def test_amtool_reads_our_configuration_and_our_routes(both: Both, tmp_path: Path) -> None:
    for words in (
        ("config", "routes", "show"),
        ("config", "routes", "test", "client=acme"),
        ("config", "routes", "test", "customer=cobalt"),
        ("config", "routes", "test", "tier=gold"),
        ("config", "routes", "test", "client=nobody"),
        ("config", "routes", "test", "--verify.receivers=second-line", "tier=gold"),
        ("config", "routes", "test", "--verify.receivers=first-line", "tier=gold"),
    ):
        theirs, ours = both.amtool(*words)
        assert ours == theirs, words
    assert both.amtool("config", "routes", "test", "tier=gold")[1][1].startswith("second-line")
    assert both.amtool("config", "show")[1][0] == 0
    status, said = both.amtool("cluster", "show")[1]
    assert (status, "disabled" in said) == (0, True)
    file = tmp_path / "ours.yml"
    file.write_text(both.ours.get("/api/v2/status").json()["config"]["original"], encoding="utf-8")
    assert amtool(both.served.address, "check-config", str(file))[0] == 0


def test_amtool_needs_the_token_for_what_changes_and_the_intakes_token_does_not_do(both: Both, tmp_path: Path) -> None:
    words = ("silence", "add", "client=acme", "-c", "x", "-a", "eve")
    assert amtool(both.served.address, *words)[0] != 0
    assert amtool(both.served.address, *words, token=token_file(tmp_path, REPORTERS))[0] != 0


def test_what_amtool_adds_is_an_incident_and_pages_whom_its_client_is_promised(both: Both) -> None:
    amtool(both.served.address, "alert", "add", "alertname=Paging", "customer=cobalt")
    found = eventually(
        lambda: [one for one in both.served.items("/api/v1/incidents") if "Paging" in one["headline"]], "an incident"
    )
    assert (found[0]["tier"], found[0]["clients_hurt"], found[0]["paged"]) == ("gold", 1, ["ben"])
    eventually(lambda: any("Paging" in one for one in both.box.subjects()), "the page")
