"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

Written so that it may run twice: ask before making something, and say what may be lost.

    if not table_exists("songs"):
        op.create_table("songs", ...)
    if not column_exists("songs", "title"):
        op.add_column("songs", sa.Column("title", sa.Text))
    if not index_exists("songs_title"):
        op.create_index("songs_title", "songs", ["title"])
    drop_column("songs", "notes")                      # refuses while a row has a value there
    drop_table("sketches", may_lose=True)              # its rows may go
    require_none("SELECT count(*) FROM songs WHERE title IS NULL", "title must not be null")
"""
import os
import sys

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from belay_checks import (  # noqa: E402,F401
    column_exists,
    concurrently,
    drop_column,
    drop_invalid_index,
    drop_table,
    index_exists,
    require_none,
    table_exists,
)

# revision identifiers, used by Alembic.
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
