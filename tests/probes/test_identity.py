"""Who a record is about: spellings come together by rules, and nothing that two clients claim is given to one."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.identity import WITH_TEXT, Claim, Rule, RuleKind, crosswalk, normalised

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
