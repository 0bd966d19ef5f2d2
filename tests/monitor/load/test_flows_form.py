"""How a flow is written: with two ends as ever, or over several hops; and what both ends are to say alike."""

from typing import Any

import pytest
from pydantic import ValidationError

from monitor.load.flows_form import FlowForm
from probes.comparison import Compared, Comparison

HOPS = [
    {"to": "billing.invoices", "match": {"id": "metadata.deal"}},
    {"to": "gateway.payments", "match": {"id": "metadata.invoice"}, "compare": ["amount"]},
    {"to": "erp.postings", "match": {"id": "payment"}},
]


def test_a_flow_with_two_ends_is_itself_and_no_hop() -> None:
    form = FlowForm.model_validate(
        {"source": "billing.invoices", "destination": "erp.invoices", "match": {"id": "external_id"}}
    )
    (flow,) = form.flows("invoices")
    assert (flow.id, flow.hop, flow.compare) == ("invoices", None, ())
    assert (flow.source.field, flow.destination.field, flow.enters) == ("id", "external_id", "billing")


def test_a_flow_over_three_hops_is_three_flows_named_after_their_systems() -> None:
    hops = FlowForm.model_validate({"source": "crm.deals", "hops": HOPS}).flows("orders")
    assert [one.id for one in hops] == ["orders.crm-billing", "orders.billing-gateway", "orders.gateway-erp"]
    assert [one.hop.before if one.hop else None for one in hops] == [None, hops[0].id, hops[1].id]
    assert [(one.hop.number, one.hop.last) for one in hops if one.hop] == [(1, False), (2, False), (3, True)]
    assert {one.enters for one in hops} == {"crm"}
    assert [one.compare for one in hops] == [(), (Comparison(name="amount", compared=Compared.AMOUNT),), ()]
    assert (hops[1].source.field, hops[1].destination.field) == ("id", "metadata.invoice")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"source": "a.b"}, "has no destination; add it, or write the way over several systems under hops"),
        ({"source": "a.b", "hops": []}, "has no hop"),
        ({"source": "a.b", "hops": HOPS, "match": {"a": "b"}}, "take destination, match and compare away"),
        ({"source": "a.b", "hops": HOPS, "mode": "batch"}, "does not say when a run is to be over"),
        (
            {"source": "a.x", "hops": [{"to": "b.x", "match": {"i": "i"}}, {"to": "a.x", "match": {"i": "i"}}] * 2},
            "goes the way a-b twice",
        ),
    ],
)
def test_a_way_that_makes_no_sense_is_refused_with_what_to_do(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FlowForm.model_validate(written)


def compared(*written: object) -> tuple[Comparison, ...]:
    ends = {"source": "billing.invoices", "destination": "erp.invoices", "match": {"id": "external_id"}}
    return FlowForm.model_validate({**ends, "compare": list(written)}).compare


def test_what_is_compared_is_money_by_its_name_and_fields_in_pairs_with_words_for_one_meaning() -> None:
    words = {"paid": "settled", "posted": "settled"}
    assert compared("amount", "currency", {"status": "document.state", "words": words}) == (
        Comparison(name="amount", compared=Compared.AMOUNT),
        Comparison(name="currency", compared=Compared.CURRENCY),
        Comparison(name="status", source="status", destination="document.state", words=words),
    )


@pytest.mark.parametrize("written", ["total", 5, {}, {"a": "b", "c": "d"}, {"a": 5}, {"a": "b", "words": ["x"]}])
def test_what_cannot_be_compared_is_refused_with_an_example(written: object) -> None:
    with pytest.raises(ValidationError, match=r"write it like \[amount, currency, \{status: state"):
        compared(written)


def test_nothing_is_compared_twice() -> None:
    with pytest.raises(ValidationError, match="write each once"):
        compared("amount", "amount")
