#!/usr/bin/python3
"""Checks that the columns which the services need are there. Exit status 0: they may start."""
import sys

import psycopg2

NEEDED = {("users", "name"), ("songs", "title"), ("sketches", "id"), ("generations", "id")}

with psycopg2.connect("dbname=music") as connection, connection.cursor() as cursor:
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'studio'"
    )
    missing = sorted(NEEDED - set(cursor.fetchall()))
for table, column in missing:
    print(f"verify_schema: studio.{table}.{column} is missing")
print(f"verify_schema: {len(NEEDED) - len(missing)} of {len(NEEDED)} columns are there")
sys.exit(1 if missing else 0)
