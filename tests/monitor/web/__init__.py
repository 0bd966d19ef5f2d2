"""Tests of the pages, the API and the door, against an office in memory."""
