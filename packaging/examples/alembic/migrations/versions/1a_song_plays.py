"""Songs count how often they were played."""
from alembic import op

revision = "1a"
down_revision = None


def upgrade():
    op.execute("ALTER TABLE studio.songs ADD plays integer NOT NULL DEFAULT 0")


def downgrade():
    op.execute("ALTER TABLE studio.songs DROP plays")
