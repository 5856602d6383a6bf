"""Meant to drop a column that nobody uses; and does."""
from alembic import op

revision = "2b"
down_revision = "1a"


def upgrade():
    op.execute("ALTER TABLE studio.songs DROP plays")


def downgrade():
    op.execute("ALTER TABLE studio.songs ADD plays integer NOT NULL DEFAULT 0")
