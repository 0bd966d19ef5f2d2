"""Whatever a file holds, loading it tells problems and never raises."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

from monitor.load import Grade, load
from monitor.load.sections import KEYS
from tests.examples import examples

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[3] / "monitor" / "example" / "files"
WORDS = (
    *KEYS,
    *("id", "name", "tier", "channels", "env:A", "person:a", "schedule:a", "rotations", "steps", "page", "wait", "5m"),
    *("connector", "base_url", "quota", "overrides", "resources", "source", "a.b", "match", "handover", "Mon 09:00"),
    *("objectives", "sla", "identifiers", "contacts", "people", "weight", "escalation", "from", "https://a.example"),
    *("./connectors/erp.yaml", "../../../../etc/passwd", "\0", "/", "stripe"),
)
words = st.sampled_from(WORDS) | st.text(max_size=5)
scalars = words | st.none() | st.booleans() | st.integers() | st.floats()
shapes = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6))
sections = st.dictionaries(st.sampled_from(KEYS), shapes, min_size=1)
LENIENT = settings(
    max_examples=examples(50, quick=8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def judged(file: Path) -> None:
    loaded = load(file, now=NOW, secrets=True)
    assert (loaded.config is None) == bool(loaded.errors)
    assert all(problem.grade is Grade.ERROR for problem in loaded.errors)
    assert list(loaded.errors) == sorted(set(loaded.errors))


@LENIENT
@given(
    content=st.binary(max_size=300) | st.text(alphabet="ab:-[]{},&*!|>%@`\"'#<\n \t?~012.\\xU\u2028").map(str.encode)
)
def test_any_bytes_give_problems_and_no_exception(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.yaml"
    file.write_bytes(content)
    judged(file)


@LENIENT
@given(content=sections | shapes)
def test_any_yaml_gives_problems_and_no_exception(tmp_path: Path, content: object) -> None:
    file, text = tmp_path / "any.yaml", StringIO()
    YAML(typ="safe").dump(content, text)
    file.write_text(text.getvalue(), encoding="utf-8", errors="replace")
    judged(file)


@LENIENT
@given(data=st.data())
def test_the_example_with_any_piece_replaced_gives_problems_and_no_exception(
    tmp_path: Path, data: st.DataObject
) -> None:
    whole = "\n".join(file.read_text(encoding="utf-8") for file in sorted(EXAMPLE.glob("*.yaml")))
    whole = whole.replace("./connectors/", f"{EXAMPLE}/connectors/")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    file = tmp_path / "any.yaml"
    file.write_text(whole[:start] + data.draw(words) + whole[end:], encoding="utf-8", errors="replace")
    judged(file)
