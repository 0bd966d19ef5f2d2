"""Tests of the room that says what people do."""
