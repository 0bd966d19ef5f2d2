"""Tierwatch as a real process among real parts that we did not write."""
