"""The pages, one file per question; each only asks the views and names a template."""

from monitor.web.pages import (
    client_keys,
    clients,
    entrance,
    escalating,
    evidence,
    incidents,
    oncall,
    orders,
    paper,
    present,
    promises,
    quiet,
    reports,
    telling,
    watched,
)

PAGES = (
    present.router,
    incidents.router,
    orders.router,
    escalating.router,
    promises.router,
    clients.router,
    client_keys.router,
    evidence.router,
    watched.router,
    telling.router,
    oncall.router,
    quiet.router,
    reports.router,
    paper.router,
    entrance.router,
)
