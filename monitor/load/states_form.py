"""The shape of a contract's states as they are written in YAML: what the contract is from which day on."""

from typing import Annotated

from pydantic import Field

from monitor.load.acceptance import Day
from monitor.load.fields import Text, one_of
from monitor.load.form import Form
from probes.contract_state import ContractState, DatedState


class StateForm(Form):
    """A state from the beginning of a day on, on the client's clock; without one, it has always been so."""

    state: Annotated[ContractState, one_of(ContractState)]
    begins: Day | None = Field(default=None, alias="from")
    note: Text | None = None

    def dated(self) -> DatedState:
        """Return the state."""
        return DatedState(state=self.state, since=self.begins, note=self.note or "")
