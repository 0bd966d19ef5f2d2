"""Act: what people and steps do about an incident, and what is written about it afterwards.

Stands on `alerts` and `probes`. The runbooks themselves are the Markdown files beside this one.
"""
