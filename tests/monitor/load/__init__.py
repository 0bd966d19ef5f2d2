"""Tests of what is loaded from configuration files."""
