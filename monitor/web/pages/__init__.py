"""The pages, one file per question; each only asks the views and names a template."""

from monitor.web.pages import clients, entrance, incidents, paper, present, telling, watched

PAGES = (
    present.router,
    incidents.router,
    clients.router,
    watched.router,
    telling.router,
    paper.router,
    entrance.router,
)
