"""What is known of receivers outlives the process: marks of contacts, threads, how channels were of late."""

from alerts.canary import Canary, heard
from alerts.contact_mark import Fault, failed, narrowed, unmarked
from alerts.conversation import Conversation
from monitor.changes import Changes
from monitor.store import Store
from probes.catalog import ClientId, Contact, SecretRef
from tests.monitor.store.cast import NOON

SLACK = SecretRef("env:ALBA_SLACK")
MARK = narrowed(unmarked(ClientId("acme"), Contact(name="Ops", channel=SecretRef("env:ACME"))), "the reader", NOON)
THREAD = Conversation(channel=SLACK, thread="INC-1", place="C1", handle="1.2", latest=NOON)
CANARY = heard(Canary(channel=SLACK), accepted=False, reason="refused (500)", now=NOON)


def test_marks_threads_and_canaries_survive_a_restart(store: Store) -> None:
    mark = failed(MARK, Fault.BOUNCED, "5.1.1", NOON)
    store.commit(Changes(contact_marks={mark.key: mark}, conversations={THREAD.key: THREAD}, canaries={SLACK: CANARY}))
    known = store.load(NOON)
    assert known.contact_marks == {"acme/Ops": mark}
    assert (known.conversations, known.canaries) == ({THREAD.key: THREAD}, {SLACK: CANARY})
