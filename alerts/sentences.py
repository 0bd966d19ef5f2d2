"""The sentences that notices are made of, in English; other languages translate them in their message catalogues.

Neutral by rule: what it means for the reader, no cause, nobody to blame, no system, no time of repair, and never
"outage" for what is a degradation. A mark such as `{began}` gives way to what is true for the one reader.
"""

from collections.abc import Iterator, Mapping

from alerts.alert import AlertKind
from alerts.message import Stage

SUBJECTS: Mapping[Stage, str] = {
    Stage.INVESTIGATING: "We are investigating a disturbance",
    Stage.IDENTIFIED: "Cause found: we are mending the disturbance",
    Stage.MONITORING: "A remedy is in place: we are watching the disturbance",
    Stage.UPDATE: "Update on the disturbance",
    Stage.RESOLVED: "Resolved: the disturbance is over",
    Stage.RETRACTED: "Retracted: there was no disturbance",
    Stage.SCHEDULED: "Maintenance is planned",
    Stage.REMINDER: "Reminder: maintenance is planned",
    Stage.MOVED: "The maintenance has been moved",
    Stage.IN_PROGRESS: "The maintenance has begun",
    Stage.COMPLETED: "The maintenance is completed",
    Stage.CANCELLED: "The maintenance is cancelled",
}

SYMPTOMS: Mapping[str, str] = {
    AlertKind.AVAILABILITY: "A service that your integration depends on is not answering as it should.",
    AlertKind.BURN_RATE: "A service that your integration depends on fails more often than agreed.",
    AlertKind.FAILURE_RATIO: "An unusual share of your transactions is failing.",
    AlertKind.PAYMENTS_FAILED: "More of your payments than agreed are failing.",
    AlertKind.HARD_DECLINES: "An unusual number of your customers' payments is being declined for good.",
    AlertKind.RECORDS_REJECTED: "Some of your records are not being accepted at their destination.",
    AlertKind.MANDATES_FAILED: "An unusual number of your customers' payment mandates is no longer valid.",
    AlertKind.PAYOUTS_FAILED: "Payouts to you are not being completed.",
    AlertKind.RETRIES_EXHAUSTED: "Some of your customers' payments have failed and will not be attempted again.",
    AlertKind.DUNNING_FAILED: "Reminders for some of your invoices have ended without a payment.",
    AlertKind.DISPUTES: "An unusual number of your payments is being disputed.",
    AlertKind.WEBHOOKS_FAILED: "Some event messages about your records are not being delivered.",
    AlertKind.SYNC_LATENCY: "Your {records} are reaching their destination later than agreed.",
    AlertKind.STAGNATION: "Your {records} are not reaching their destination at the moment.",
    AlertKind.BATCH_MISSED: "The scheduled run of your {records} has not taken place as agreed.",
    AlertKind.BATCH_LATE: "The scheduled run of your {records} has not been completed in time.",
    AlertKind.RECORDS_MISSING: "Some of your {records} have not reached their destination.",
    AlertKind.RECORDS_MISMATCHED: "Some of your {records} do not say the same at their source and their destination.",
    AlertKind.SLOW: "A service that your integration depends on is answering more slowly than agreed.",
    AlertKind.SILENCE: "We have received none of your records for longer than is usual.",
    AlertKind.HEARTBEAT: "A scheduled run that your integration depends on has not been completed as expected.",
}
"""What a reader is told of an alert, by its kind; of the others only that something is disturbed."""

DISTURBED = "A service that your integration depends on is disturbed."

RECORDS = ("records", "invoices", "payments", "payouts", "refunds", "orders", "customers", "subscriptions", "charges")
"""What flows are often called, and what that is called in other languages."""
OTHER_RECORDS = "records ({flow})"
"""Records of a flow with a name of its own."""

DOING: Mapping[Stage, str] = {
    Stage.INVESTIGATING: "We are working on it.",
    Stage.UPDATE: "We are still working on it.",
    Stage.IDENTIFIED: "We have found the cause and are working on the remedy.",
    Stage.MONITORING: "A remedy is in place. We are watching until everything has recovered.",
}
BEGAN = "It began on {began}."
JOINED = "It was known to us before it reached your service; this message sums up what is known."
NEXT_BY = "We will write again by {next_update}."
NEXT_CHANGE = "We will write again as soon as this has changed."
UNAFFECTED = "Not affected: {unaffected}"
WORKAROUND = "What you can do meanwhile: {workaround}"

OVER = "The disturbance has been over since {recovered}."
PROCESSED = "Everything that was held up has been processed, and none of it was lost."
FAILED = "What failed during this time is not repeated by itself."
CLOSED = "We closed this disturbance on {at}."
ANSWER = "Should anything still be missing on your side, please answer this message."
RETRACTED = "We told you of a disturbance that began on {began}. It was a false alarm: your service was not disturbed."
FALSE_ALARM = "We told you of a disturbance. It was a false alarm: your service was not disturbed."
NOTHING_TO_DO = "There is nothing for you to do."
APOLOGY = "We are sorry for the trouble."

PLANNED: Mapping[Stage, str] = {
    Stage.SCHEDULED: "Maintenance is planned from {start} until {end}.",
    Stage.REMINDER: "As announced, maintenance is planned from {start} until {end}.",
    Stage.MOVED: "The maintenance has been moved. It is now planned from {start} until {end}.",
    Stage.IN_PROGRESS: "The announced maintenance has begun. It is planned until {end}.",
    Stage.COMPLETED: "The announced maintenance was completed on {at}.",
    Stage.CANCELLED: "The maintenance that was planned from {start} until {end} will not take place.",
}
AFFECTS = "Meanwhile a service that your integration depends on may be disturbed."
WORK = "What is done: {work}"
SHORT_NOTICE = "This is shorter notice than we agreed with you, and we are sorry for that."
OVERRAN = "The maintenance that was planned until {end} is taking longer."
UNANNOUNCED = "Maintenance has begun. It is planned until {end}."
FORMERLY = "Before, it was planned from {former_start} until {former_end}."
NEXT_PLANNED: Mapping[Stage, str] = {
    Stage.SCHEDULED: "We will write again when it begins.",
    Stage.REMINDER: "We will write again when it begins.",
    Stage.MOVED: "We will write again when it begins.",
    Stage.IN_PROGRESS: "We will write again when it is over.",
}

DIGEST = "Summary: one message"
DIGEST_SEVERAL = "Summary: {count} messages"

PLURALS: Mapping[str, str] = {DIGEST: DIGEST_SEVERAL}
"""Sentences that depend on a number, with what they are for several."""

_SINGLE = (
    *(DISTURBED, *RECORDS, OTHER_RECORDS, BEGAN, JOINED, NEXT_BY, NEXT_CHANGE, UNAFFECTED, WORKAROUND, OVER),
    *(PROCESSED, FAILED, CLOSED, ANSWER, RETRACTED, FALSE_ALARM, NOTHING_TO_DO, APOLOGY, AFFECTS, WORK, FORMERLY),
    *(SHORT_NOTICE, OVERRAN, UNANNOUNCED),
)


def sentences() -> Iterator[str]:
    """Yield every sentence that a catalogue has to translate, each once; of plurals the one for one."""
    tables = (SUBJECTS, SYMPTOMS, DOING, PLANNED, NEXT_PLANNED)
    yield from dict.fromkeys((*(text for table in tables for text in table.values()), *_SINGLE, *PLURALS))
