"""What is seen of Tierwatch from outside: metrics for Prometheus, spans for OpenTelemetry, logs.

It hears what was decided and reads what is known; it decides nothing and holds no secret and no name.
"""
