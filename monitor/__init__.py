"""Run: clock, settings, loops, store, web pages, metrics and the command line.

The roof: all of it is shell. Whatever is worth thinking about is decided in the rooms below.
"""
