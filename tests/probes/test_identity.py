"""Who a record is about: spellings come together by rules, and nothing that two clients claim is given to one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.identity import (
    MOST_STRANGERS,
    WITH_TEXT,
    Claim,
    Rule,
    RuleKind,
    Stranger,
    changes,
    crosswalk,
    met,
    normalised,
)

CHARACTERS = "01aA ßc_-"
TEXTS = st.text(CHARACTERS, min_size=1, max_size=4)
RULES = st.lists(
    st.one_of(
        st.builds(Rule, kind=st.sampled_from([kind for kind in RuleKind if kind not in WITH_TEXT])),
        st.builds(Rule, kind=st.sampled_from(sorted(WITH_TEXT)), text=TEXTS),
    ),
    max_size=4,
)


def rule(kind: RuleKind, text: str = "") -> Rule:
    return Rule(kind=kind, text=text)


def claim(client: str, identifier: str, system: str = "erp") -> Claim[str, str]:
    return Claim(system=system, identifier=identifier, client=client)


CLAIMS = st.lists(st.builds(claim, st.sampled_from("abcd"), TEXTS), max_size=12)


@pytest.mark.parametrize(
    ("rules", "written", "compared"),
    [
        ([], " AC-0042 ", " AC-0042 "),
        ([rule(RuleKind.TRIM)], " AC-0042\t", "AC-0042"),
        ([rule(RuleKind.CASE_FOLD)], "Straße", "strasse"),
        ([rule(RuleKind.DIGITS)], "ES B-12.345.678 ²", "12345678"),
        ([rule(RuleKind.STRIP_ZEROS)], "000420", "420"),
        ([rule(RuleKind.STRIP_ZEROS)], "000", "0"),
        ([rule(RuleKind.STRIP_PREFIX, "AC-")], "AC-AC-1", "AC-1"),
        ([rule(RuleKind.STRIP_PREFIX, "AC-")], "1", "1"),
        ([rule(RuleKind.STRIP_SUFFIX, "/live")], "1/live", "1"),
        ([rule(RuleKind.REMOVE, " .-")], "12.345-6 7", "1234567"),
        ([rule(RuleKind.TRIM), rule(RuleKind.STRIP_PREFIX, "AC-"), rule(RuleKind.STRIP_ZEROS)], " AC-0042", "42"),
        ([rule(RuleKind.STRIP_ZEROS), rule(RuleKind.STRIP_PREFIX, "AC-")], "AC-0042", "0042"),
        ([rule(RuleKind.DIGITS), rule(RuleKind.STRIP_ZEROS)], "none", ""),
    ],
)
def test_an_identifier_is_compared_after_its_rules_in_their_order(
    rules: Sequence[Rule], written: str, compared: str
) -> None:
    assert normalised(written, rules) == compared


def test_a_client_may_have_several_identifiers_and_one_in_several_spellings() -> None:
    known = crosswalk([claim("a", "1"), claim("a", "2"), claim("a", "01")], {"erp": [rule(RuleKind.STRIP_ZEROS)]})
    assert known.owners == {("erp", "1"): "a", ("erp", "2"): "a"}
    assert known.disputed == {}


def test_what_two_clients_claim_once_it_is_normalised_is_nobodys() -> None:
    known = crosswalk([claim("a", "X1"), claim("b", "x1"), claim("b", "x2")], {"erp": [rule(RuleKind.CASE_FOLD)]})
    assert known.owners == {("erp", "x2"): "b"}
    assert known.disputed == {("erp", "x1"): ("a", "b")}


def test_rules_are_those_of_the_system_alone() -> None:
    claims = [claim("a", "X1"), claim("b", "x1"), claim("a", "X1", "crm"), claim("b", "x1", "crm")]
    known = crosswalk(claims, {"erp": [rule(RuleKind.CASE_FOLD)]})
    assert known.owners == {("crm", "X1"): "a", ("crm", "x1"): "b"}


def test_a_claim_of_which_nothing_is_left_is_void_and_not_everybodys() -> None:
    known = crosswalk([claim("a", "none")], {"erp": [rule(RuleKind.DIGITS)]})
    assert (known.owners, known.disputed, known.void) == ({}, {}, (claim("a", "none"),))


@given(RULES, CLAIMS)
def test_normalisation_never_gives_one_client_what_another_one_claims_as_well(
    rules: list[Rule], claims: list[Claim[str, str]]
) -> None:
    known = crosswalk(claims, {"erp": rules})
    for one in claims:
        key = (one.system, normalised(one.identifier, rules))
        if one in known.void:
            assert key not in known.owners
        else:
            assert known.owners.get(key) == one.client or one.client in known.disputed[key]
            assert (key in known.owners) != (key in known.disputed)


@given(CLAIMS, RULES)
def test_whose_an_identifier_is_does_not_depend_on_the_order_of_the_claims(
    claims: list[Claim[str, str]], rules: list[Rule]
) -> None:
    assert crosswalk(claims, {"erp": rules}).owners == crosswalk(claims[::-1], {"erp": rules}).owners


@given(RULES, TEXTS)
def test_no_identifier_and_no_rule_raises_or_makes_it_longer_but_case_folding(rules: list[Rule], written: str) -> None:
    folded = any(one.kind is RuleKind.CASE_FOLD for one in rules)
    assert len(normalised(written, rules)) <= len(written.casefold() if folded else written)


NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_strangers_are_counted_and_the_one_seen_last_stands_in_front() -> None:
    known = met((), {"cus_8": 2, "": 1}, NOON)
    known = met(known, {"cus_9": 1}, NOON + MINUTE)
    known = met(known, {"cus_8": 3}, NOON + 2 * MINUTE)
    assert [(one.identifier, one.records, one.first, one.last) for one in known] == [
        ("cus_8", 5, NOON, NOON + 2 * MINUTE),
        ("cus_9", 1, NOON + MINUTE, NOON + MINUTE),
        ("", 1, NOON, NOON),
    ]


@given(st.lists(st.dictionaries(st.text("01", min_size=1, max_size=7), st.integers(1, 3), max_size=40), max_size=8))
def test_however_many_strangers_come_the_last_ones_are_kept_and_no_more(looks: list[dict[str, int]]) -> None:
    known: tuple[Stranger, ...] = ()
    for minute, look in enumerate(looks):
        known = met(known, look, NOON + minute * MINUTE)
        assert set(look) <= {one.identifier for one in known}
        assert len(known) <= MOST_STRANGERS
        assert [one.last for one in known] == sorted((one.last for one in known), reverse=True)


def test_an_identifier_of_any_length_is_kept_short() -> None:
    (one,) = met((), {"x" * 10_000: 1, "x" * 20_000: 1}, NOON)
    assert (len(one.identifier), one.records) == (200, 2)


def test_what_changed_hands_between_two_crosswalks_is_told_in_words() -> None:
    before = crosswalk([claim("a", "1"), claim("a", "2"), claim("a", "3"), claim("b", "4")], {})
    after = crosswalk([claim("b", "1"), claim("a", "3"), claim("b", "4"), claim("c", "5")], {})
    assert [str(one) for one in changes(before, after)] == [
        "erp: 1 is b, not a",
        "erp: 2 is no longer a",
        "erp: 5 is c",
    ]


@given(CLAIMS, CLAIMS)
def test_the_changes_told_are_all_that_there_are(earlier: list[Claim[str, str]], later: list[Claim[str, str]]) -> None:
    before, after = crosswalk(earlier, {}), crosswalk(later, {})
    told, replayed = changes(before, after), dict(before.owners)
    for one in told:
        assert one.before != one.after
        assert replayed.pop((one.system, one.identifier), None) == one.before
        if one.after is not None:
            replayed[one.system, one.identifier] = one.after
    assert replayed == after.owners
