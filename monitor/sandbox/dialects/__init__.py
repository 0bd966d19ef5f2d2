"""The sandbox in the words of real vendors: each file presents the same world as one vendor's API would.

Thin on purpose: paging, times, credentials, limits and refusals in a vendor's own form, for the connectors that ship.
They are mounted where they are asked for; the demo does without them.
"""
