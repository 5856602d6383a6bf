"""Clients that reconnect in a loop while a database is swapped: swap_clients.py DATABASE OLD NEW.

Each reads the mark of the database it reached, three times in one session, again and again. Prints
"ready" when every one has seen OLD, and ends when every one has seen NEW. Exit status 1 if one saw
anything else, saw OLD after NEW, saw both in one session, or met more than two errors.
"""
import sys
import threading
import time

import psycopg2

CLIENTS = 50
MOST_ERRORS = 2
database, old, new = sys.argv[1:4]
deadline = time.monotonic() + 60


class Client(threading.Thread):
    def __init__(self):
        super().__init__()
        self.seen = {old: 0, new: 0}
        self.errors = []
        self.wrong = None

    def session(self):
        connection = psycopg2.connect(dbname=database, connect_timeout=30)
        try:
            connection.autocommit = True
            cursor = connection.cursor()
            marks = []
            for _ in range(3):
                cursor.execute("select mark from public.which")
                marks.append(cursor.fetchone()[0])
                time.sleep(0.01)
        finally:
            connection.close()
        mark = marks[0]
        if len(set(marks)) != 1 or mark not in self.seen or (mark == old and self.seen[new]):
            self.wrong = "saw %s after %s" % (marks, self.seen)
            return
        self.seen[mark] += 1

    def run(self):
        while not self.wrong and self.seen[new] < 3 and time.monotonic() < deadline:
            try:
                self.session()
            except psycopg2.Error as error:
                self.errors.append(str(error).strip().split("\n")[0])
            time.sleep(0.02)


clients = [Client() for _ in range(CLIENTS)]
for client in clients:
    client.start()
while time.monotonic() < deadline and not all(client.seen[old] for client in clients):
    time.sleep(0.02)
print("ready", flush=True)
for client in clients:
    client.join()

counts = [len(client.errors) for client in clients]
print("clients: %d, errors: %d, most of one: %d, sessions: %d old, %d new" % (
    CLIENTS, sum(counts), max(counts),
    sum(client.seen[old] for client in clients), sum(client.seen[new] for client in clients)))
kinds = {}
for client in clients:
    for error in client.errors:
        kinds[error] = kinds.get(error, 0) + 1
for error, count in sorted(kinds.items()):
    print("  %d: %s" % (count, error))
for client in clients:
    if client.wrong:
        sys.exit("a client " + client.wrong)
    if len(client.errors) > MOST_ERRORS:
        sys.exit("a client met %d errors: %s" % (len(client.errors), client.errors))
    if client.seen[new] < 3:
        sys.exit("a client did not reach the new database in time")
