"""A random schema as SQL, the same for the same seed: random_schema.py SEED MAJOR ROLE...

Objects of all kinds that belay carries, with hostile names, made in a random order that respects
only what they need; columns and objects that were dropped or renamed on the way.
"""
import random
import sys

STEMS = ["a", "plain", "Mixed Case", "select", 'quo"te', "apo'strophe", "back\\slash", "semi;colon", "ünïcode", "dol$1$lar",
         "per%cent", " lead", "tab\there", "order", "x" * 50, "--dash", "/*open", "$$", "new\nline", "日本", "E'x", "a.b", "{br,ace}"]
TYPES = ["int", "bigint", "text", "varchar(20)", "numeric(10,2)", "boolean", "timestamptz", "date", "jsonb", "uuid", "int[]", "text[]",
         "char(3)", "bytea", "interval", "float8", "bit(4)", "inet", "time(3)", "name"]
DEFAULTS = {"int": ["0", "1 + 1", "length('x''y')"], "text": ["'it''s'", "'a' || 'b'", "E'\\\\n'", "upper('q')"], "bigint": ["-5"],
            "boolean": ["true", "(NOT false)"], "timestamptz": ["now()", "CURRENT_TIMESTAMP"], "jsonb": ["'{\"a\": 1}'"], "date": ["CURRENT_DATE"],
            "numeric(10,2)": ["1.50", "round(2.345, 1)"], "varchar(20)": ["'v'"], "uuid": ["gen_random_uuid()"], "int[]": ["'{1,2}'", "ARRAY[1]"]}


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return ("E'" + text.replace("\\", "\\\\").replace("'", "''") + "'") if "\\" in text else "'" + text.replace("'", "''") + "'"


class Schema:
    def __init__(self, seed, major, roles):
        self.random = random.Random(seed)
        self.major, self.roles = major, roles
        self.count = 0
        self.nodes = []  # (SQL, numbers of the nodes that it needs)
        self.tables, self.keys = [], []  # (name, columns, node); those with a key of one integer column
        self.renames = []  # at the very end
        self.children = set()  # their inherited columns are renamed in the parent

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def name(self):
        self.count += 1
        return quote(self.pick(STEMS)[:40] + "_" + str(self.count))

    def add(self, sql, *needs):
        self.nodes.append((sql, needs))
        return len(self.nodes) - 1

    def in_schema(self):
        schema, node = self.pick(self.schemas)
        return schema + "." + self.name(), node

    def comment(self, kind, name, node):
        if self.chance(30):
            self.add(f"COMMENT ON {kind} {name} IS {literal('about ' + self.pick(STEMS))};", node)

    def owner(self, kind, name, node):
        if self.chance(25):
            self.add(f"ALTER {kind} {name} OWNER TO {quote(self.pick(self.roles))};", node)

    def grant(self, rights, kind, name, node):
        if self.chance(30):
            option = " WITH GRANT OPTION" if self.chance(30) else ""
            to = "PUBLIC" if not option and self.chance(30) else quote(self.pick(self.roles))
            self.add(f"GRANT {self.pick(rights)} ON {kind} {name} TO {to}{option};", node)
        if self.chance(10):
            self.add(f"REVOKE ALL ON {kind} {name} FROM PUBLIC;", node)

    def make_types(self):
        for _ in range(self.random.randrange(1, 4)):
            name, schema = self.in_schema()
            labels = ", ".join(literal(self.pick(STEMS)[:30] + str(i)) for i in range(self.random.randrange(1, 5)))
            node = self.add(f"CREATE TYPE {name} AS ENUM ({labels});", schema)
            if self.chance(50):
                node = self.add(f"ALTER TYPE {name} ADD VALUE 'late';", node)
            self.types.append((name, node))
            self.comment("TYPE", name, node)
            self.owner("TYPE", name, node)
            self.grant(["USAGE"], "TYPE", name, node)
        for _ in range(self.random.randrange(1, 4)):
            name, schema = self.in_schema()
            value = f" DEFAULT {self.pick(['1', '2 + 3'])}" if self.chance(50) else ""
            null = " NOT NULL" if self.chance(20) else ""
            node = self.add(f"CREATE DOMAIN {name} AS int{value}{null} CONSTRAINT {self.name()} CHECK (VALUE > -100);", schema)
            if self.chance(30):
                self.add(f"ALTER DOMAIN {name} ADD CONSTRAINT {self.name()} CHECK (VALUE < 1000) NOT VALID;", node)
            self.types.append((name, node))
            self.comment("DOMAIN", name, node)
            self.grant(["USAGE"], "DOMAIN", name, node)
        for _ in range(self.random.randrange(1, 3)):
            name, schema = self.in_schema()
            inner, needs = self.a_type()
            node = self.add(f"CREATE TYPE {name} AS ({self.name()} {inner}, gone int, {self.name()} text COLLATE \"C\");\n"
                            f"ALTER TYPE {name} DROP ATTRIBUTE gone;", schema, *needs)
            self.types.append((name, node))
            self.comment("TYPE", name, node)
        name, schema = self.in_schema()
        self.types.append((name, self.add(f"CREATE TYPE {name} AS RANGE (subtype = {self.pick(['int', 'float8', 'text'])});", schema)))
        name, schema = self.in_schema()
        self.add(f"CREATE COLLATION {name} (provider = libc, locale = 'C');", schema)

    def a_type(self):
        if self.types and self.chance(25):
            name, node = self.pick(self.types)
            return name, [node]
        return self.pick(TYPES), []

    def make_functions(self):
        for _ in range(self.random.randrange(1, 4)):
            name, schema = self.in_schema()
            words = self.pick(["IMMUTABLE", "STABLE STRICT", "VOLATILE COST 7", "IMMUTABLE LEAKPROOF PARALLEL SAFE", "SECURITY DEFINER SET search_path = pg_catalog, \"a b\""])
            body = self.pick(["SELECT $1 + 1", "SELECT $1 /* $$ '' \\ */ * 2"])
            node = self.add(f"CREATE FUNCTION {name}({self.name()} int, b int DEFAULT 3) RETURNS int LANGUAGE sql {words} AS {literal(body)};", schema)
            self.functions.append((name, node))
            self.comment("FUNCTION", f"{name}(int, int)", node)
            self.owner("FUNCTION", f"{name}(int, int)", node)
            self.grant(["EXECUTE"], "FUNCTION", f"{name}(int, int)", node)
            if self.chance(40):
                self.add(f"CREATE FUNCTION {name}(VARIADIC text[], OUT x int, OUT {self.name()} text) RETURNS SETOF record LANGUAGE plpgsql ROWS 5 AS 'BEGIN RETURN; END';", schema)
        name, schema = self.in_schema()
        self.trigger_function = (name, self.add(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $x$BEGIN RETURN NEW; END$x$;", schema))
        name, schema = self.in_schema()
        node = self.add(f"CREATE PROCEDURE {name}(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := 1; END';", schema)
        self.comment("PROCEDURE", f"{name}(int)", node)
        name, schema = self.in_schema()
        state, needs = self.pick(self.functions)
        self.add(f"CREATE AGGREGATE {name}(int) (sfunc = {state}, stype = int, initcond = '0');", schema, needs)
        if self.chance(50):
            schema_name, schema = self.pick(self.schemas)
            self.count += 1
            self.add(f"CREATE OPERATOR {schema_name}.{format(self.count, 'b').replace('0', '@').replace('1', '&')}# (leftarg = int, rightarg = int, function = {state});", schema, needs)
        if self.major >= 14 and self.chance(50):
            name, schema = self.in_schema()
            table = self.pick(self.tables) if self.tables else None
            if table:
                self.add(f"CREATE FUNCTION {name}() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM {table[0]}; END;", schema, table[2])

    def column(self, needs):
        kind, more = self.a_type()
        needs += more
        name = self.name()
        text = f"{name} {kind}"
        if kind in DEFAULTS and self.chance(40):
            text += f" DEFAULT {self.pick(DEFAULTS[kind])}"
        if kind == "text" and self.chance(20):
            text += ' COLLATE "C"'
        if self.chance(20):
            text += " NOT NULL"
        return name, kind, text

    def make_table(self):
        name, schema = self.in_schema()
        needs = [schema]
        columns = [self.column(needs) for _ in range(self.random.randrange(1, 7))]
        key = self.name() if self.chance(70) else None
        parts = [text for _, _, text in columns]
        if key:
            parts.insert(0, f"{key} int{self.pick(['', ' GENERATED ALWAYS AS IDENTITY', ' GENERATED BY DEFAULT AS IDENTITY (START 7 INCREMENT 3)'])} PRIMARY KEY")
            for column, kind, _ in columns:
                if kind == "varchar(20)" and self.chance(60):  # written otherwise when it is read again
                    parts.append(f"CONSTRAINT {self.name()} CHECK ({column} {self.pick(['', 'NOT '])}IN ('one', 'two'))")
            if self.functions and self.chance(30):
                function, node = self.pick(self.functions)
                needs.append(node)
                parts.append(f"CONSTRAINT {self.name()} CHECK ({function}({key}) > -1000)")
            if self.chance(30):
                parts.append(f"{self.name()} int GENERATED ALWAYS AS ({key} * 2) STORED")
        if self.chance(30):
            parts.insert(self.random.randrange(len(parts) + 1), '"gone" int DEFAULT 4')
            gone = f"\nALTER TABLE {name} DROP COLUMN gone;"
        else:
            gone = ""
        persistence = "UNLOGGED " if self.chance(10) else ""
        options = " WITH (fillfactor = 70, autovacuum_enabled = off)" if self.chance(20) else ""
        sql = f"CREATE {persistence}TABLE {name} ({', '.join(parts)}){options};{gone}"
        columns = [(column, kind) for column, kind, _ in columns]
        for i, (column, kind) in enumerate(columns):  # renamed right away
            if self.chance(20):
                renamed = self.name()
                sql += f"\nALTER TABLE {name} RENAME COLUMN {column} TO {renamed};"
                columns[i] = (renamed, kind)
        for column, kind in columns:
            if kind == "int" and self.chance(20):
                sql += f"\nALTER TABLE {name} ALTER COLUMN {column} TYPE bigint;"
            if kind in ("text", "jsonb") and self.chance(20):
                sql += f"\nALTER TABLE {name} ALTER COLUMN {column} SET STORAGE EXTERNAL;"
            if self.chance(10):
                sql += f"\nALTER TABLE {name} ALTER COLUMN {column} SET STATISTICS 50;"
        node = self.add(sql, *needs)
        table = (name, columns, node)
        self.tables.append(table)
        if key and not persistence:
            self.keys.append((name, key, node))
        self.comment("TABLE", name, node)
        for column, _ in columns:
            self.comment("COLUMN", f"{name}.{column}", node)
            if self.chance(8):
                self.add(f"GRANT SELECT ({column}) ON {name} TO {quote(self.pick(self.roles))};", node)
        self.owner("TABLE", name, node)
        self.grant(["SELECT", "INSERT, UPDATE", "ALL"], "TABLE", name, node)
        if key and self.chance(40):
            self.hang_inheritance(name, columns, node)
        return table

    def hang_inheritance(self, parent, columns, node):
        name, schema = self.in_schema()
        extra = self.name()
        child = self.add(f"CREATE TABLE {name} ({extra} text DEFAULT 'own', CONSTRAINT {self.name()} CHECK ({extra} <> '')) INHERITS ({parent});", node, schema)
        if self.chance(40):
            self.add(f"ALTER TABLE {parent} ADD COLUMN {self.name()} int;", child)
        self.tables.append((name, columns, child))
        self.children.add(name)

    def make_partitioned(self):
        name, schema = self.in_schema()
        key, other = self.name(), self.name()
        how = self.pick(["RANGE", "LIST", "HASH"])
        node = self.add(f"CREATE TABLE {name} ({key} int NOT NULL, {other} text, drop_me int) PARTITION BY {how} ({key});\nALTER TABLE {name} DROP COLUMN drop_me;", schema)
        bounds = {"RANGE": ["FROM (MINVALUE) TO (0)", "FROM (0) TO (10)"], "LIST": ["IN (1, 2)", "IN (NULL, 3)"],
                  "HASH": ["WITH (MODULUS 2, REMAINDER 0)", "WITH (MODULUS 2, REMAINDER 1)"]}[how]
        last = node
        for bound in bounds:
            part, schema = self.in_schema()
            if self.chance(50):
                last = self.add(f"CREATE TABLE {part} PARTITION OF {name} FOR VALUES {bound};", node, schema)
            else:  # other order of columns, attached later
                made = self.add(f"CREATE TABLE {part} ({other} text, x int, {key} int NOT NULL);\nALTER TABLE {part} DROP COLUMN x;", schema)
                last = self.add(f"ALTER TABLE {name} ATTACH PARTITION {part} FOR VALUES {bound};", node, made)
            if self.chance(40):
                self.add(f"CREATE INDEX {self.name()} ON {part} ({other});", last)
            self.comment("TABLE", part, last)
        if how != "HASH" and self.chance(40):
            part, schema = self.in_schema()
            self.add(f"CREATE TABLE {part} PARTITION OF {name} DEFAULT;", node, schema)
        if self.chance(60):
            self.add(f"CREATE INDEX {self.name()} ON {name} ({other}, {key});", node)
        if how != "LIST" and self.chance(60):
            self.add(f"ALTER TABLE {name} ADD CONSTRAINT {self.name()} PRIMARY KEY ({key});", last)
        function, needs = self.trigger_function
        if self.chance(50):
            self.add(f"CREATE TRIGGER {self.name()} AFTER INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION {function}();", node, needs)
        self.tables.append((name, [(other, "text")], node))

    def hang_on(self, table):
        name, columns, node = table
        for column, kind in columns:
            if self.chance(25) and kind in ("int", "bigint", "text", "varchar(20)", "date", "uuid", "timestamptz", "numeric(10,2)", "name", "char(3)"):
                what = self.pick([f"({column})", f"({column} DESC NULLS LAST)", f"({column}) WHERE {column} IS NOT NULL", f"({column}) WITH (fillfactor = 60)"])
                self.add(f"CREATE INDEX {self.name()} ON {name} {what};", node)
            if kind == "text" and self.chance(20):
                self.add(f"CREATE INDEX {self.name()} ON {name} (lower({column}), {column} text_pattern_ops);", node)
            if kind == "jsonb" and self.chance(40):
                self.add(f"CREATE INDEX {self.name()} ON {name} USING gin ({column});", node)
        if len(columns) > 1 and self.chance(30):
            statistics, schema = self.in_schema()
            wanted = [column for column, kind in columns if kind in ("int", "text", "date", "bigint", "boolean")][:3]
            if len(wanted) > 1:
                self.add(f"CREATE STATISTICS {statistics} (ndistinct, dependencies) ON {', '.join(wanted)} FROM {name};", node, schema)
        if self.chance(30):
            function, needs = self.trigger_function
            self.add(f"CREATE TRIGGER {self.name()} BEFORE UPDATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {function}();", node, needs)
        if self.chance(25):
            self.add(f"CREATE RULE {self.name()} AS ON DELETE TO {name} DO ALSO NOTHING;", node)
        if self.chance(25):
            self.add(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;", node)
            self.add(f"CREATE POLICY {self.name()} ON {name} {self.pick(['', 'AS RESTRICTIVE '])}{self.pick(['', 'FOR SELECT '])}TO {self.pick(['PUBLIC', quote(self.roles[0])])} USING ({self.pick(['true', 'current_user IS NOT NULL'])});", node)

    def make_foreign_keys(self):
        for _ in range(self.random.randrange(4)):
            if not self.keys:
                return
            name, key, node = self.pick(self.keys)
            other, other_key, needs = self.pick(self.keys)
            self.add(f"ALTER TABLE {name} ADD CONSTRAINT {self.name()} FOREIGN KEY ({key}) REFERENCES {other} ({other_key}){self.pick(['', ' ON DELETE CASCADE', ' DEFERRABLE INITIALLY DEFERRED', ' NOT VALID'])};", node, needs)

    def make_views(self):
        for _ in range(self.random.randrange(1, 5)):
            name, schema = self.in_schema()
            materialized = self.chance(25)  # over tables only: what it reads through a view, the view's owner must read
            table, columns, node = self.pick(self.tables if materialized else self.tables + self.views)
            column, kind = self.pick(columns)
            alias = self.name()
            unnamed = self.pick(["'x'", "NULL", "-1"])  # called otherwise when it is read again
            query = self.pick([f"SELECT {column} AS {alias} FROM {table}", f"SELECT t.{column} AS {alias}, count(*) AS n FROM {table} t GROUP BY 1",
                               f"WITH c AS (SELECT * FROM {table}) SELECT c.{column} AS {alias} FROM c", f"SELECT a.{column} AS {alias} FROM {table} a CROSS JOIN (VALUES (1), (2)) v(x) WHERE v.x > 1",
                               f"SELECT {column} AS {alias} FROM {table} WHERE EXISTS (SELECT {unnamed} FROM {table} o)"])
            options = " WITH (security_barrier = true)" if not materialized and self.chance(20) else ""
            made = self.add(f"CREATE {'MATERIALIZED ' if materialized else ''}VIEW {name}{options} AS {query}{' WITH NO DATA' if materialized and self.chance(30) else ''};", schema, node)
            self.views.append((name, [(alias, kind)], made))
            kind_word = "MATERIALIZED VIEW" if materialized else "VIEW"
            self.comment(kind_word, name, made)
            if not materialized:
                self.owner(kind_word, name, made)
            self.grant(["SELECT"], "TABLE", name, made)

    def make_others(self):
        for _ in range(self.random.randrange(3)):
            name, schema = self.in_schema()
            node = self.add(f"CREATE SEQUENCE {name} AS {self.pick(['int', 'bigint', 'smallint'])} INCREMENT {self.pick(['1', '-2'])} CACHE 3 {self.pick(['CYCLE', 'NO CYCLE'])};", schema)
            self.comment("SEQUENCE", name, node)
            self.grant(["USAGE", "SELECT"], "SEQUENCE", name, node)
        for _ in range(self.random.randrange(3)):
            schema, node = self.pick(self.schemas)
            self.add(f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote(self.pick(self.roles))} {self.pick(['', 'IN SCHEMA ' + schema])} GRANT {self.pick(['SELECT ON TABLES', 'USAGE ON SEQUENCES', 'EXECUTE ON FUNCTIONS'])} TO {quote(self.pick(self.roles))};", node)
        table, _, node = self.pick(self.tables)
        if self.chance(40):
            self.add(f"CREATE PUBLICATION {self.name()} FOR ALL TABLES;")
        if self.chance(30):
            name, schema = self.in_schema()
            self.add(f"CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = pg_catalog.simple, stopwords = english);", schema)
        if self.chance(30):
            name, schema = self.in_schema()
            self.add(f"CREATE TEXT SEARCH CONFIGURATION {name} (COPY = pg_catalog.english);", schema)
        if self.chance(30):
            name = self.name()
            node = self.add(f"CREATE FOREIGN DATA WRAPPER {name} OPTIONS (debug 'true''');")
            server = self.name()
            node = self.add(f"CREATE SERVER {server} TYPE 'x' FOREIGN DATA WRAPPER {name} OPTIONS (host 'h''1');", node)
            table, schema = self.in_schema()
            self.add(f"CREATE FOREIGN TABLE {table} ({self.name()} int OPTIONS (col 'x') NOT NULL) SERVER {server} OPTIONS (t 'y');", node, schema)
        if self.chance(50):
            self.add(f"DO $do$BEGIN PERFORM lo_create({100000 + self.random.randrange(1000)}); END$do$;")

    def make(self):
        self.schemas, self.types, self.functions, self.views = [("public", self.add(""))], [], [], []
        for _ in range(self.random.randrange(1, 4)):
            name = self.name()
            node = self.add(f"CREATE SCHEMA {name};")
            self.schemas.append((name, node))
            self.comment("SCHEMA", name, node)
            self.owner("SCHEMA", name, node)
            self.grant(["USAGE", "CREATE", "ALL"], "SCHEMA", name, node)
        self.make_types()
        self.make_functions()
        for _ in range(self.random.randrange(2, 7)):
            self.make_table()
        for _ in range(self.random.randrange(3)):
            self.make_partitioned()
        self.make_functions()
        self.make_views()
        for table in list(self.tables):
            self.hang_on(table)
        self.make_foreign_keys()
        self.make_others()
        for table, columns, _ in self.tables[:]:
            if self.chance(15) and columns and table not in self.children:
                column = self.pick(columns)[0]
                self.renames.append(f"ALTER TABLE {table} RENAME COLUMN {column} TO {self.name()};")
        for view, _, _ in self.views:
            if self.chance(15):
                self.renames.append(f"ALTER TABLE {view} RENAME TO {self.name()};")
        for function, _ in self.functions:
            if self.chance(15):
                self.renames.append(f"ALTER FUNCTION {function}(int, int) RENAME TO {self.name()};")
        if self.chance(30) and len(self.schemas) > 1:
            self.renames.append(f"ALTER SCHEMA {self.schemas[1][0]} RENAME TO {self.name()};")

    def script(self):
        done, waiting, text = set(), list(range(len(self.nodes))), []
        while waiting:
            ready = [n for n in waiting if all(need in done for need in self.nodes[n][1])]
            node = self.pick(ready)
            waiting.remove(node)
            done.add(node)
            text.append(self.nodes[node][0])
        return "\n".join(text + self.renames) + "\n"


def main():
    schema = Schema(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    schema.make()
    sys.stdout.buffer.write(schema.script().encode())


main()
