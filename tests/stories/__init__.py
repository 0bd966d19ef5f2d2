"""Whole days in virtual time: the real application against the sandbox, told as stories."""
