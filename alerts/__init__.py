"""Decide: from indicators to alerts, from alerts to incidents, and who is told what and when.

Stands on `probes`. Flat files here are pure; the channels below them touch the outside world.
"""
