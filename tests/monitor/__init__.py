"""Tests of the room that runs everything."""
