"""What of sensing touches the outside world: requests to the vendors."""
