"""Replay: the whole decision core over a written or recorded history, in virtual time and without a network.

`story` is what happens in the world, `reading` makes it from YAML, `world` gives the looks that would have been seen,
`rehearsal` lets the real application live through it, `transcript` says what came of it.
"""
