"""Tests of the lowest room: what is sensed, and when a vendor may be asked."""
