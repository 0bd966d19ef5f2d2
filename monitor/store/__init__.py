"""What Tierwatch keeps: facts, decisions, intentions to tell, and what became of them, in SQLite or PostgreSQL.

It stores and answers; it decides nothing.
"""

from monitor.store.backup import BackupFailed, backup
from monitor.store.failure import AlreadyRunning, EntryExists, StoreUnreadable, StoreUnwritable
from monitor.store.prune import Retention
from monitor.store.reads import Outgoing
from monitor.store.state import Remembered
from monitor.store.store import Store
from monitor.store.thread import StoreThread

__all__ = [
    "AlreadyRunning",
    "BackupFailed",
    "EntryExists",
    "Outgoing",
    "Remembered",
    "Retention",
    "Store",
    "StoreThread",
    "StoreUnreadable",
    "StoreUnwritable",
    "backup",
]
