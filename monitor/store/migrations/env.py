"""What Alembic runs to apply revisions: on the connection that it was handed, in that connection's transaction."""

from alembic import context

from monitor.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
