"""The shape of what a vendor promises of its own system, as it is written in YAML, and its value."""

from monitor.load.fields import Duration, Fraction
from monitor.load.form import Form
from probes.conduct import VendorPromise


class VendorPromiseForm(Form):
    """What a vendor promises of its own system. Ours cannot be better than that."""

    availability: Fraction | None = None
    response: Duration | None = None
    repair: Duration | None = None

    def promise(self) -> VendorPromise:
        """Return the promise."""
        return VendorPromise(**dict(self))
