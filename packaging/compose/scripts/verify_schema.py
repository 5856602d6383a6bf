"""Exit status 0: what the services need is there."""
import os
import sys

import psycopg2

NEEDED = {("accounts", "id"), ("accounts", "name")}

with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
    cursor.execute("SELECT table_name, column_name FROM information_schema.columns")
    missing = NEEDED - set(cursor.fetchall())
for table, column in sorted(missing):
    print(f"{table}.{column} is missing")
sys.exit(1 if missing else 0)
