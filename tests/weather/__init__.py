"""Bad weather: what Tierwatch is promised to survive, each promise told by a test."""
