"""Tests of the store, each on both databases where both can fail it."""
