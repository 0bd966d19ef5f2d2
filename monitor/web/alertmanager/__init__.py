"""What Alertmanager's clients ask of us: its API v2, answered as Alertmanager answers it.

It stands beside the framework's routes, not in them: reports come by the thousand, and every answer's form is given.
"""
