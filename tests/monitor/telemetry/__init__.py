"""What is seen of Tierwatch from outside."""
