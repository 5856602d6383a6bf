"""Checks for Alembic revisions: what is there already, and what an operation would destroy.

Copy this file beside env.py. A revision imports it by way of script.py.mako. Nothing is written here but to
the log of Alembic; a check that fails raises an error before the operation, so the transaction of the
revision ends as if it had not begun.
"""
from contextlib import contextmanager
import logging

import sqlalchemy as sa
from alembic import context, op

log = logging.getLogger("alembic.runtime.migration")


class WouldDestroy(Exception):
    """The operation would take data along that nobody has said may go."""


def _first(query, **values):
    """The first column of the first row; None in a script (--sql), where there is nobody to ask."""
    if context.is_offline_mode():
        return None
    return op.get_bind().execute(sa.text(query), values).scalar()


def _relation(name, schema):
    """NAME or SCHEMA.NAME as to_regclass() takes it, quoted."""
    quote = op.get_context().dialect.identifier_preparer.quote
    return (quote(schema) + "." if schema else "") + quote(name)


def table_exists(table, schema=None):
    """A table, partitioned or not, on the search_path or in `schema`."""
    return bool(
        _first(
            "SELECT relkind IN ('r', 'p', 'f') FROM pg_catalog.pg_class"
            " WHERE oid = pg_catalog.to_regclass(:name)",
            name=_relation(table, schema),
        )
    )


def column_exists(table, column, schema=None):
    return bool(
        _first(
            "SELECT true FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(:name)"
            " AND attname = :column AND attnum > 0 AND NOT attisdropped",
            name=_relation(table, schema),
            column=column,
        )
    )


def index_exists(index, schema=None):
    """An index that can be used: one that CREATE INDEX CONCURRENTLY has left invalid does not count."""
    return bool(
        _first(
            "SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(:name)",
            name=_relation(index, schema),
        )
    )


def drop_invalid_index(index, schema=None):
    """What a CREATE INDEX CONCURRENTLY that failed has left; nothing if there is none."""
    left = _first(
        "SELECT NOT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(:name)",
        name=_relation(index, schema),
    )
    if left:
        op.execute("DROP INDEX " + _relation(index, schema))


def row_count(table, schema=None):
    """How many rows the table holds; 0 if there is no such table."""
    if not table_exists(table, schema):
        return 0
    return _first("SELECT count(*) FROM " + _relation(table, schema))


def value_count(table, column, schema=None):
    """How many rows have a value in the column; 0 if there is no such column."""
    if not column_exists(table, column, schema):
        return 0
    quote = op.get_context().dialect.identifier_preparer.quote
    return _first("SELECT count({}) FROM {}".format(quote(column), _relation(table, schema)))


def _refuse(what, count, unit):
    raise WouldDestroy("{} would take {} {} along; may_lose=True says that they may go".format(what, count, unit))


def drop_table(table, schema=None, may_lose=False):
    """DROP TABLE, if it is there. With rows in it only where `may_lose` says so."""
    rows = row_count(table, schema)
    if rows and not may_lose:
        _refuse("dropping table " + _relation(table, schema), rows, "rows")
    if context.is_offline_mode() or table_exists(table, schema):
        log.info("dropping table %s with %s rows", table, rows)
        op.drop_table(table, schema=schema)


def drop_column(table, column, schema=None, may_lose=False):
    """ALTER TABLE DROP COLUMN, if it is there. With values in it only where `may_lose` says so."""
    values = value_count(table, column, schema)
    if values and not may_lose:
        _refuse("dropping column {} of {}".format(column, _relation(table, schema)), values, "values")
    if context.is_offline_mode() or column_exists(table, column, schema):
        log.info("dropping column %s of %s with %s values", column, table, values)
        op.drop_column(table, column, schema=schema)


def require_none(query, why):
    """Before a constraint: `query` counts the rows that it would refuse. More than none is an error."""
    count = _first(query)
    if count:
        raise WouldDestroy("{}: {} rows".format(why, count))


@contextmanager
def concurrently():
    """For CREATE INDEX CONCURRENTLY. Commits what came before it: let it be alone in its revision."""
    with op.get_context().autocommit_block():
        yield
