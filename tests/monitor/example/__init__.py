"""Tests of the example configuration."""
