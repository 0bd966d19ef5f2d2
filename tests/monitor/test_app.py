"""What a start finds or makes before anything runs: the access token, a place to listen, the demo's own folder."""

import select
import socket
import stat
from pathlib import Path

import pytest

from monitor.app import access_token, token_file
from monitor.demo import fresh
from monitor.problem import ConfigError
from monitor.remote import asked
from monitor.serve import bound
from monitor.settings import Listen, Settings
from monitor.store import AlreadyRunning, Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose data folder is empty."""
    return Settings(data=tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_token_is_made_once_and_nobody_else_may_read_it(settings: Settings) -> None:
    token = access_token(settings)
    assert (mode(token_file(settings)), access_token(settings)) == (0o600, token)


def test_a_token_that_others_could_read_is_theirs_no_longer(settings: Settings) -> None:
    access_token(settings)
    token_file(settings).chmod(0o644)
    access_token(settings)
    assert mode(token_file(settings)) == 0o600


@pytest.mark.parametrize("held", [b"", b"short\n", b"\xff" * 40])
def test_a_file_without_a_usable_token_is_named_with_what_to_do(settings: Settings, held: bytes) -> None:
    token_file(settings).write_bytes(held)
    with pytest.raises(ConfigError, match="token: holds no access token; delete the file"):
        access_token(settings)


def test_a_command_that_finds_no_token_says_where_the_demo_has_its_own(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=f"or to {settings.data}/demo for the demo"):
        asked(settings, "/api/v1/incidents/INC-1/acknowledge", {"by": "madrid-1"})


def test_a_command_that_finds_something_else_than_a_token_says_so(settings: Settings) -> None:
    token_file(settings).write_bytes(b"\xff" * 40)
    with pytest.raises(ConfigError, match="holds no access token"):
        asked(settings, "/api/v1/incidents/INC-1/acknowledge", {"by": "madrid-1"})


def test_a_host_that_is_not_found_is_said_in_words() -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on nowhere\.invalid:80: [A-Z][a-z]+ .*; set") as refusal:
        bound(Listen("nowhere.invalid", 80))
    assert "Unknown error" not in str(refusal.value)


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    with bound(Listen("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()):
        select.select([listening], [], [], 5)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_every_demo_begins_afresh(tmp_path: Path) -> None:
    (fresh(tmp_path) / "left over").touch()
    assert list(fresh(tmp_path).iterdir()) == []


def test_a_second_demo_leaves_the_first_ones_folder_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{fresh(tmp_path)}/tierwatch.db")
    with pytest.raises(AlreadyRunning, match="another Tierwatch"):
        fresh(tmp_path)
    assert (tmp_path / "demo" / "tierwatch.db").exists()
    store.close()


def test_a_demo_without_a_place_for_its_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot be used \(Not a directory\); set TIERWATCH_DATA"):
        fresh(tmp_path / "file")
