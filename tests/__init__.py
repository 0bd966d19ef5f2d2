"""The tests; their folders mirror the rooms, and stories play whole days."""
