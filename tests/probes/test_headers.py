"""Vendors' own rate-limit headers, each as its definition declares it, and everything that may stand in one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.budget import Allowance, QuotaNews
from probes.headers import quota_news
from probes.quota_headers import QuotaHeaders, ResetFormat

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
IN_30_S = NOW + timedelta(seconds=30)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EPOCH_30_S = int(IN_30_S.timestamp())
SALESFORCE = r"(?<!per-app-)api-usage=(?P<used>\d+)/(?P<limit>\d+)"


def pair(prefix: str, reset: ResetFormat) -> QuotaHeaders:
    return QuotaHeaders(
        limit=f"{prefix}-Limit", remaining=f"{prefix}-Remaining", reset=f"{prefix}-Reset", reset_format=reset
    )


def told(remaining: int, limit: int | None = None, reset: datetime | None = None) -> tuple[Allowance, ...]:
    return (Allowance(limit=limit, remaining=remaining, reset=reset),)


def trio(prefix: str, reset: object) -> dict[str, str]:
    return {f"{prefix}-limit": "1000", f"{prefix}-remaining": "163", f"{prefix}-reset": str(reset)}


VARIANTS = {
    "Recurly: epoch seconds": (
        [pair("X-RateLimit", ResetFormat.UNIX_S)],
        trio("x-ratelimit", EPOCH_30_S),
        told(163, 1000, IN_30_S),
    ),
    "Zuora, PagerDuty: delta seconds": (
        [pair("RateLimit", ResetFormat.DELTA_S)],
        trio("ratelimit", 30),
        told(163, 1000, IN_30_S),
    ),
    "Pennylane, Fathom: epoch seconds under the draft's name": (
        [pair("RateLimit", ResetFormat.UNIX_S)],
        trio("ratelimit", EPOCH_30_S),
        told(163, 1000, IN_30_S),
    ),
    "GoCardless: an HTTP date": (
        [pair("RateLimit", ResetFormat.HTTP_DATE)],
        trio("ratelimit", "Fri, 20 Nov 2026 09:30:30 GMT"),
        told(163, 1000, IN_30_S),
    ),
    "Exact Online: epoch milliseconds": (
        [
            QuotaHeaders(
                remaining="X-RateLimit-Minutely-Remaining",
                reset="X-RateLimit-Minutely-Reset",
                reset_format=ResetFormat.UNIX_MS,
            )
        ],
        {"x-ratelimit-minutely-remaining": "5", "x-ratelimit-minutely-reset": str(EPOCH_30_S * 1000)},
        told(5, None, IN_30_S),
    ),
    "GitHub: nothing left": (
        [pair("X-RateLimit", ResetFormat.UNIX_S)],
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(EPOCH_30_S)},
        told(0, None, IN_30_S),
    ),
    "OpenAI: a duration": (
        [
            QuotaHeaders(
                remaining="x-ratelimit-remaining-requests",
                reset="x-ratelimit-reset-requests",
                reset_format=ResetFormat.DURATION,
            )
        ],
        {"x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "6m0s"},
        told(59, None, NOW + timedelta(minutes=6)),
    ),
    "Salesforce: used of limit in one header": (
        [QuotaHeaders(combined="Sforce-Limit-Info", pattern=SALESFORCE, window=DAY)],
        {"sforce-limit-info": "api-usage=18/5000; per-app-api-usage=17/250(appName=x)"},
        (Allowance(limit=5000, remaining=4982, period=DAY),),
    ),
    "Salesforce: of the application too": (
        [
            QuotaHeaders(combined="Sforce-Limit-Info", pattern=SALESFORCE, window=DAY),
            QuotaHeaders(combined="Sforce-Limit-Info", pattern=r"per-app-api-usage=(?P<used>\d+)/(?P<limit>\d+)"),
        ],
        {"sforce-limit-info": "api-usage=6000/5000"},
        (Allowance(limit=5000, remaining=0, period=DAY),),
    ),
    "HubSpot: two windows, the daily one absent for some applications": (
        [
            QuotaHeaders(limit="X-HubSpot-RateLimit-Max", remaining="X-HubSpot-RateLimit-Remaining"),
            QuotaHeaders(
                limit="X-HubSpot-RateLimit-Daily", remaining="X-HubSpot-RateLimit-Daily-Remaining", window=DAY
            ),
        ],
        {"x-hubspot-ratelimit-max": "110", "x-hubspot-ratelimit-remaining": "109"},
        told(109, 110),
    ),
    "Xero: what is left of three limits that are not said": (
        [
            QuotaHeaders(remaining="X-MinLimit-Remaining", window=MINUTE),
            QuotaHeaders(remaining="X-DayLimit-Remaining", window=DAY),
            QuotaHeaders(remaining="X-AppMinLimit-Remaining", window=MINUTE),
        ],
        {"x-minlimit-remaining": "59", "x-daylimit-remaining": "4999", "x-appminlimit-remaining": "9999"},
        (
            Allowance(remaining=59, period=MINUTE),
            Allowance(remaining=4999, period=DAY),
            Allowance(remaining=9999, period=MINUTE),
        ),
    ),
    "Stripe: a reason, and nothing to count with": ([], {"stripe-rate-limited-reason": "global-rate"}, ()),
    "PayPal, Adyen: nothing": ([], {}, ()),
}


@pytest.mark.parametrize(("groups", "headers", "expected"), VARIANTS.values(), ids=VARIANTS)
def test_each_vendor_s_own_headers_are_read_as_declared(
    groups: list[QuotaHeaders], headers: dict[str, str], expected: tuple[Allowance, ...]
) -> None:
    assert quota_news(groups, headers, NOW) == QuotaNews(allowances=expected)


@pytest.mark.parametrize("retry_after", ["30", "30.0", "Fri, 20 Nov 2026 09:30:30 GMT"])
def test_chargebee_and_netsuite_say_only_when_to_come_back_in_seconds_or_by_a_date(retry_after: str) -> None:
    assert quota_news([], {"retry-after": retry_after}, NOW) == QuotaNews(not_before=IN_30_S)


def test_a_declared_name_is_never_read_by_the_draft_as_well() -> None:
    news = quota_news([pair("RateLimit", ResetFormat.UNIX_S)], trio("ratelimit", "soon"), NOW)
    assert news == QuotaNews(allowances=told(163, 1000), unread=1)


def test_a_vendor_that_declares_one_thing_and_sends_the_draft_s_fields_too_is_understood_in_both() -> None:
    headers = {"x-minlimit-remaining": "59", "ratelimit": '"day";r=4', "ratelimit-policy": '"day";q=5;w=86400'}
    news = quota_news([QuotaHeaders(remaining="X-MinLimit-Remaining")], headers, NOW)
    assert news.allowances == (Allowance(remaining=59), Allowance(limit=5, remaining=4, period=DAY))


def test_an_answer_out_of_a_cache_says_nothing() -> None:
    headers = {"age": "1", "ratelimit": '"default";r=0;t=30', "retry-after": "30"}
    assert quota_news([], headers, NOW) == QuotaNews()
    assert quota_news([], {**headers, "age": "0"}, NOW) != QuotaNews()


def test_headers_that_cannot_be_read_are_ignored_and_each_counted_once() -> None:
    groups = [QuotaHeaders(combined="Sforce-Limit-Info", pattern=SALESFORCE), pair("X", ResetFormat.UNIX_S)]
    headers = {
        "sforce-limit-info": "api-usage=lots",
        "x-limit": "-1",
        "x-remaining": "NaN",
        "x-reset": "6m0s",
        "retry-after": "soon",
        "ratelimit": "?",
    }
    assert quota_news(groups, headers, NOW) == QuotaNews(unread=6)


NAMES = ["retry-after", "date", "age", "x-limit", "x-remaining", "x-reset", "x-all", "ratelimit", "ratelimit-reset"]
PIECES = ["1", "9" * 20, "-", ".", "e", "s", "m", ";", "=", '"', ",", "Fri, 20 Nov 2026 09:30:30 GMT", "2026-11-20T09Z"]
VALUES = st.text(max_size=20) | st.lists(st.sampled_from(PIECES), max_size=5).map("".join) | st.integers().map(str)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.sampled_from(ResetFormat))
def test_no_header_raises(headers: dict[str, str], how: ResetFormat) -> None:
    combined = QuotaHeaders(combined="X-All", pattern="(?P<used>.*)/(?P<limit>.*)/?(?P<reset>.*)", reset_format=how)
    news = quota_news([pair("X", how), combined], headers, NOW)
    assert 0 <= news.unread <= len(headers)
    assert all(one.remaining is None or one.remaining >= 0 for one in news.allowances)
