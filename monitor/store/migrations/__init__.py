"""The database's history as Alembic revisions, which ship with the package and are applied when a store is opened."""
