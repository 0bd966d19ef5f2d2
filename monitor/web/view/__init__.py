"""What pages and the API say, computed from the situation and `now`: plain values, without HTML and without I/O."""
