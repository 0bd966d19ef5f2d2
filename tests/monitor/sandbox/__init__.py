"""The sandbox's own tests: the far side has to be right before anything is tried against it."""
