"""What Tierwatch costs and how soon it tells: measured by `make bench`, with a goal for each.

Nothing here judges whether it is right; that is for the tests. A goal that is missed is said, and fails nothing.
"""
