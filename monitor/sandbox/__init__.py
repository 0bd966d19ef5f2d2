"""The sandbox: simulated vendors, and an inbox for what Tierwatch tells, as one process on loopback.

The demo runs against it and the tests use the same parts. It knows nothing of Tierwatch: it is the far side, and what
it does follows from a seed, a clock and the faults that are switched on.
"""
