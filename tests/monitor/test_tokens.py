"""A rotating credential on a real store, over restarts and through a database that takes no writes."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.store import Store, StoreThread
from monitor.tokens import StoredTokens
from probes.adapters.oauth import Tokens
from probes.failure import FailureClass, Outcome
from tests.connectors.contract import Played, played


@asynccontextmanager
async def process(one: Played, folder: Path) -> AsyncIterator[Played]:
    """The vendor as one process of ours sees it, whose tokens are kept in a database."""
    store = Store(f"sqlite:///{folder}/tierwatch.db", timedelta(milliseconds=200))
    thread, tools = StoreThread(store), one.instruments
    assert tools.sleep_until is not None
    tokens = Tokens(tools.transport, StoredTokens(store, thread), one.clock.now, tools.sleep_until)
    try:
        yield replace(one, instruments=replace(tools, tokens=tokens))
    finally:
        thread.close()


async def test_a_rotated_refresh_token_outlives_the_process_that_got_it(tmp_path: Path) -> None:
    async with played("xero") as one:
        for _ in range(4):
            async with process(one, tmp_path) as running:
                assert (await running.look()).outcome is Outcome.GOOD
                one.clock.advance(minutes=29)
                assert (await running.look()).outcome is Outcome.GOOD
        assert one.vendor.issuer.granted == 5  # type: ignore[attr-defined]


async def test_a_process_that_starts_uses_the_living_token_of_the_last_one(tmp_path: Path) -> None:
    async with played("xero") as one:
        for _ in range(3):
            async with process(one, tmp_path) as running:
                assert (await running.look()).outcome is Outcome.GOOD
        assert one.vendor.issuer.granted == 1  # type: ignore[attr-defined]


async def test_while_the_database_takes_no_writes_no_refresh_token_is_spent(tmp_path: Path) -> None:
    async with played("xero") as one, process(one, tmp_path) as running:
        with closing(sqlite3.connect(tmp_path / "tierwatch.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = await running.look()
        assert (refused.outcome, refused.failure) == (Outcome.ERROR_OWN, FailureClass.OWN)
        assert refused.reason.startswith("the access tokens cannot be kept: another program holds the database's lock")
        assert one.vendor.issuer.granted == 0  # type: ignore[attr-defined]
        assert (await running.look()).outcome is Outcome.GOOD
