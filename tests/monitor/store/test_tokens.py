"""Tokens in the store, on both databases: kept, replaced, and renewed by one of many."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from monitor.store import Store
from monitor.store.tables import TOKENS
from probes.access import Token
from probes.catalog import SystemId
from tests.monitor.store.cast import MINUTE, NOON

BOOKS, CRM = SystemId("books"), SystemId("crm")
FIRST = Token(access="a1", issued=NOON, expires=NOON + 30 * MINUTE, seed="s", refresh="r1")


def test_a_token_is_kept_as_it_is_and_replaced(store: Store) -> None:
    assert store.token(BOOKS) is None
    store.keep_token(BOOKS, FIRST)
    store.keep_token(CRM, replace(FIRST, access="other"))
    assert store.token(BOOKS) == FIRST
    second = replace(FIRST, access="a2", refresh="r2")
    store.keep_token(BOOKS, second)
    assert store.token(BOOKS) == second


def test_a_token_survives_the_process(url: str) -> None:
    before = Store(url)
    before.keep_token(BOOKS, FIRST)
    before.close()
    after = Store(url)
    assert after.token(BOOKS) == FIRST
    after.close()


def test_one_claims_a_token_until_it_is_kept_or_the_claim_ends(store: Store) -> None:
    until = NOON + MINUTE
    assert store.claim_token(BOOKS, until, NOON)
    assert not store.claim_token(BOOKS, until, NOON + timedelta(seconds=59))
    assert store.claim_token(CRM, until, NOON)
    assert store.claim_token(BOOKS, until + MINUTE, until)
    store.keep_token(BOOKS, FIRST)
    assert store.claim_token(BOOKS, until, NOON)
    assert store.token(BOOKS) == FIRST
    store.keep_token(BOOKS, None)
    assert store.claim_token(BOOKS, until, NOON)
    assert store.token(BOOKS) == FIRST


def test_of_many_at_once_one_wins_the_claim(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(lambda _: store.claim_token(BOOKS, NOON + MINUTE, NOON), range(8)))
    assert won.count(True) == 1


def test_a_token_that_another_version_wrote_is_as_none(store: Store) -> None:
    with store._engines.writer.begin() as connection:
        connection.execute(TOKENS.insert().values(system=BOOKS, value='{"shape": "new"}'))
    assert store.token(BOOKS) is None
