"""The limits of endpoints as they are written: what is left out is as usual."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from alerts.channel_kind import SCHEMES
from alerts.endpoint import MAIL, Limits, usual
from alerts.message import ChannelKind
from monitor.load.delivery_form import DeliveryForm


def test_without_a_word_each_kind_has_its_usual_limits() -> None:
    known = DeliveryForm().limits()
    for kind, schemes in SCHEMES.items():
        assert {usual(scheme) for scheme in schemes & {"mailto", "slack", "json", "ntfy", "pagerduty"}} <= {known[kind]}


def test_what_is_written_counts_and_the_rest_stays() -> None:
    form = DeliveryForm.model_validate({"mail": {"per_second": 14}, "webhook": {"at_once": 4}})
    known = form.limits()
    assert known[ChannelKind.MAIL] == Limits(at_once=MAIL.at_once, burst=MAIL.burst, spacing=timedelta(seconds=1) / 14)
    assert known[ChannelKind.WEBHOOK].at_once == 4


@pytest.mark.parametrize("wrong", [{"at_once": 1}, {"per_second": 0}, {"burst": 0}, {"rate": 3}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        DeliveryForm.model_validate({"mail": wrong})
