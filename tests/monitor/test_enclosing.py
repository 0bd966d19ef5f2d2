"""What leaves with a message is made for its one reader, of the configuration and the key that are in force."""

from dataclasses import replace

import pytest

from alerts.message import Message, MessageKind, Stage
from alerts.postal import Postal, Signature
from monitor.enclosing import Enclosing
from monitor.secrets import Secrets
from monitor.situation import Situation
from monitor.web.access import Doors, Keys
from monitor.web.answers import answer_of
from monitor.web.readers import reader_of
from probes.catalog import SecretRef
from tests.monitor.test_aftermath import PAGE
from tests.monitor.web import town
from tests.monitor.web.office import TOKEN, with_incident

KEYS = Keys(TOKEN)
OUTSIDE = Doors(host="127.0.0.1", port=8080, external="https://watch.example.com")
POSTAL = Postal(bounces="bounces.example.com", unsubscribe="unsubscribe@example.com", list_id="notices.example.com")


@pytest.fixture
def situation() -> Situation:
    """Return a situation in which mails are marked."""
    known = with_incident().situation
    known.config = replace(known.config, mail=POSTAL)
    return known


def enclosing(situation: Situation, doors: Doors = OUTSIDE, **secrets: str) -> Enclosing:
    """Return what encloses."""
    return Enclosing(lambda: situation, doors, KEYS, Secrets(secrets))


def notice(situation: Situation) -> Message:
    """Return a notice to the first contact of a client."""
    client = next(one for one in situation.config.catalog.clients.values() if one.contacts)
    return replace(PAGE, kind=MessageKind.NOTICE, client=client.id, recipient=client.contacts[0].name)


def test_a_page_has_the_link_of_its_own_reader(situation: Situation) -> None:
    link = enclosing(situation).answer(PAGE)
    assert link.startswith("https://watch.example.com/answer/")
    answer = answer_of(KEYS, link.rpartition("/")[2])
    assert answer is not None
    assert (answer.incident, answer.person) == (town.FIRST, "madrid-1")
    assert enclosing(situation).answer(PAGE) == link


def test_nothing_else_has_one(situation: Situation) -> None:
    others = (
        replace(PAGE, stage=Stage.RESOLVED),
        replace(PAGE, kind=MessageKind.NOTE),
        replace(PAGE, incident=None),
        replace(PAGE, recipient="nobody"),
        notice(situation),
    )
    assert [enclosing(situation).answer(one) for one in others] == [""] * 5


def test_a_notice_lets_its_reader_go_over_https_alone(situation: Situation) -> None:
    marks = enclosing(situation).frank(notice(situation)).marks
    found = reader_of(situation, KEYS, marks.unsubscribe.rpartition("/")[2])
    assert found is not None
    assert found.client.id == notice(situation).client
    assert (marks.unsubscribe_mail, marks.list_id) == ("unsubscribe@example.com", "notices.example.com")
    plain = enclosing(situation, Doors(host="127.0.0.1", port=8080)).frank(notice(situation)).marks
    assert (plain.unsubscribe, plain.unsubscribe_mail) == ("", "unsubscribe@example.com")


def test_a_notice_comes_back_to_a_mailbox_of_its_own_and_a_page_to_its_sender(situation: Situation) -> None:
    franking = enclosing(situation).frank(notice(situation))
    assert franking.returns.endswith("@bounces.example.com")
    page = enclosing(situation).frank(PAGE)
    assert (page.returns, page.marks.unsubscribe, page.marks.list_id) == ("", "", "")


def test_the_key_is_looked_up_when_it_is_needed_and_one_that_is_missing_signs_nothing(situation: Situation) -> None:
    signature = Signature(domain="example.com", selector="tierwatch", key=SecretRef("env:DKIM"))
    situation.config = replace(situation.config, mail=replace(POSTAL, signature=signature))
    signer = enclosing(situation, DKIM="a key").frank(PAGE).signer
    assert signer is not None
    assert (signer.domain, signer.key) == ("example.com", "a key")
    assert "a key" not in repr(signer)
    assert enclosing(situation).frank(PAGE).signer is None
