"""Sense: who and what is watched, when it may be asked, what was seen and what it adds up to.

The lowest room. Flat files here are pure; the adapters below them touch the outside world.
"""
