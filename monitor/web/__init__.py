"""The web side: pages for people, a REST API, and what machines ask (health, readiness, metrics).

It shows and passes on; it decides nothing. `site.create` makes the application, `office.Office` is what it needs.
"""
