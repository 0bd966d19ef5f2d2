"""Tests of what asks the vendors, against real sockets and real ASGI applications."""
