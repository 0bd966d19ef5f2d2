"""The ends of certificates, held against what the cryptography library reads in the same bytes."""

from datetime import UTC, datetime, timedelta

import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import given
from hypothesis import strategies as st

from probes.certificate import certificate_of, validity

SECOND = timedelta(seconds=1)
AUTHORITY = trustme.CA()
BEGIN = datetime(1960, 1, 1, tzinfo=UTC)
instants = st.integers(0, 4_100_000_000).map(lambda seconds: BEGIN + seconds * SECOND)


def issued(begin: datetime, end: datetime) -> bytes:
    pem = AUTHORITY.issue_cert("localhost", not_before=begin, not_after=end).cert_chain_pems[0].bytes()
    return load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


WHOLE = issued(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@given(begin=instants, length=st.integers(1, 40_000))
def test_begin_and_end_are_those_that_were_issued_across_both_ways_of_writing_a_year(
    begin: datetime, length: int
) -> None:
    end = begin + timedelta(days=length)
    assert validity(issued(begin, end)) == (begin, end)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_tells_nothing(junk: bytes) -> None:
    assert validity(junk) is None


@given(st.data())
def test_a_broken_certificate_raises_nothing(data: st.DataObject) -> None:
    der = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    validity(bytes(der))


def test_the_earliest_of_a_chain_is_known_beside_the_leaf() -> None:
    leaf = WHOLE
    above = issued(datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    found = certificate_of((leaf, above))
    assert found is not None
    assert (found.leaf, found.earliest) == (datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    assert certificate_of(()) is None
    assert certificate_of((b"nothing", above)) is None
