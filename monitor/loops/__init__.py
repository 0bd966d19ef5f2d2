"""The ticks: each does what is due at an instant and says when it next wants to be called.

They act; what should happen is decided by the rooms below and put on record by the desk.
"""
