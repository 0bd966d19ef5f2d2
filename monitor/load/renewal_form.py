"""How long before an end somebody is to renew something, as it is written in YAML."""

from datetime import UTC, date, datetime, time

from monitor.load.fields import Duration
from monitor.load.form import Form
from probes.catalog import Renewal


class RenewalForm(Form):
    """How long before its end a credential or a certificate is a ticket."""

    credential: Duration = Renewal().credential
    certificate: Duration = Renewal().certificate

    def renewal(self, expires: date | None) -> Renewal:
        """Return the renewal; a credential that ends on a day is good until that day begins, in UTC."""
        ends = None if expires is None else datetime.combine(expires, time(), UTC)
        return Renewal(credential_expires=ends, credential=self.credential, certificate=self.certificate)
