// Which tables travel in binary, in which encoding, and that both formats give the rows back.
#include <algorithm>

#include "libcore/base/error.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/snapshot.h"
#include "tests/server/dump_archived.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

using namespace belay;
using namespace belay::testing;

namespace {

catalog::Table table_of_type(catalog::Oid type) {
  catalog::Table table;
  table.columns.resize(1);
  table.columns[0].type_oid = type;
  return table;
}

bool is_binary(pg::Connection& session, const catalog::TableFormats& formats,
               const std::string& type) {
  const catalog::Oid oid =
      session.query("SELECT $1::pg_catalog.regtype::pg_catalog.oid", {type}).oid(0, 0);
  return catalog::binary_is_safe(table_of_type(oid), formats);
}

// The rows of `name` in the archive, loaded into a new table and compared with the old one.
void check_comes_back(const ScratchDatabase& database, const Archived& archived,
                      const std::string& name) {
  pg::Connection session = database.connect(pg::SessionKind::load);
  const archive::DataItem& item = archived.item(name);
  const bool binary = item.format == archive::CopyFormat::binary;
  session.run("CREATE TABLE public.copy (LIKE public." + name + ")");
  {
    pg::CopyIn in = session.copy_in(
        catalog::copy_in_statement({"public", "copy"}, item.columns, binary), item.encoding);
    in.write(archived.rows.at(name));
    in.finish();
  }
  const pg::Result different =
      session.run("SELECT count(*) FROM (SELECT original::text FROM public." + name +
                  " original EXCEPT ALL SELECT loaded::text FROM public.copy loaded) x");
  CHECK(different.integer(0, 0) == 0);
  const pg::Result rows = session.run("SELECT count(*) FROM public.copy");
  CHECK(static_cast<std::uint64_t>(rows.integer(0, 0)) == archived.end(name).stored.rows);
  session.run("DROP TABLE public.copy");
}

}  // namespace

TEST_CASE("a type is binary only where its bytes are stable and hold no OID of this database") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TYPE public.mood AS ENUM ('sad', 'happy');"
      "CREATE DOMAIN public.positive AS int CHECK (VALUE > 0);"
      "CREATE DOMAIN public.more AS public.positive;"
      "CREATE DOMAIN public.moods AS public.mood[];"
      "CREATE DOMAIN public.feeling AS public.mood;"
      "CREATE DOMAIN public.numbers AS int[];"
      "CREATE TYPE public.pair AS (a int, b int);"
      "CREATE EXTENSION hstore SCHEMA public");
  const catalog::TableFormats formats = catalog::read_formats(session);
  for (const char* type : {"int",           "text",
                           "varchar",       "bpchar",
                           "name",          "bytea",
                           "numeric",       "jsonb",
                           "json",          "uuid",
                           "timestamptz",   "interval",
                           "inet",          "money",
                           "tsvector",      "int[]",
                           "text[]",        "uuid[]",
                           "tstzrange",     "tstzrange[]",
                           "public.mood",   "public.positive",
                           "public.more",   "public.feeling",
                           "public.numbers"}) {
    INFO(type);
    CHECK(is_binary(session, formats, type));
  }
  if (session.server_major() >= 14) CHECK(is_binary(session, formats, "datemultirange"));
  for (const char* type :
       {"regclass", "regtype", "regproc", "regprocedure", "regrole", "regnamespace", "regconfig",
        "regclass[]", "xml", "aclitem", "public.pair", "public.pair[]", "public.mood[]",
        "public.moods", "public.positive[]", "public.hstore", "public.hstore[]",
        "pg_catalog.pg_class"}) {
    INFO(type);
    CHECK_FALSE(is_binary(session, formats, type));
  }
}

TEST_CASE("every binary type comes back from the archive as it was") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TYPE public.mood AS ENUM ('sad', 'happy');"
      "CREATE TABLE public.t (a bool, b bytea, c \"char\", d name, e int2, f int8, g text, "
      "h bpchar(5), i float4, j float8, k numeric, l money, m date, n time, o timetz, p timestamp, "
      "q timestamptz, r interval, s uuid, t jsonb, u bit(3), v varbit, w inet, x macaddr, y point, "
      "z polygon, aa tsvector, ab tsquery, ac int4range, ad int[], ae text[], af public.mood, "
      "ag pg_lsn, ah path, ai circle, aj line, ak cidr, al macaddr8, am tstzrange[]);"
      "INSERT INTO public.t SELECT a % 2 = 0, decode('00ff0a09', 'hex'), 'x', 'n', a, -a, "
      "E'tab\\t new\\nline \\\\ \\u00e9', 'bp', 'NaN', 1e-300, 'NaN', '$12.34', 'infinity', "
      "'23:59:59.999999', '12:00+05:30', '-infinity', '2026-11-23 10:00+02', '1 mon -3 days', "
      "md5(a::text)::uuid, '{\"k\": [1, null]}', '101', '0', '::1/64', '08:00:2b:01:02:03', "
      "'(1,-0)', '((0,0),(1,1))', 'a:1A fat', 'a & !b', '(,5]', '[2:3]={1,2}', "
      "ARRAY['x', NULL, '{\"'], 'happy', '16/B374D848', '[(0,0),(1,1)]', '<(0,0),1>', '{1,2,3}', "
      "'10.0.0.0/8', '08:00:2b:01:02:03:04:05', ARRAY['[2026-01-01,)'::tstzrange] "
      "FROM generate_series(1, 50) a; INSERT INTO public.t SELECT");
  const Archived archived = archive_of(database.target());
  CHECK(archived.item("t").format == archive::CopyFormat::binary);
  check_comes_back(database, archived, "t");
}

TEST_CASE("names and rows of a LATIN1 and of a SQL_ASCII database keep their bytes") {
  const std::string encoding = GENERATE("LATIN1", "SQL_ASCII");
  ScratchDatabase database("ENCODING '" + encoding + "' LOCALE 'C'");
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.\"gr\u00fc\u00dfe\" (\"\u00e4\" text, n int);"
      "INSERT INTO public.\"gr\u00fc\u00dfe\" VALUES ('caf\u00e9', 1);"
      "CREATE SEQUENCE public.\"z\u00e4hler\"");
  dump::Options options;
  options.format = dump::FormatChoice::text;
  const Archived archived = archive_of(database.target(), options);
  const archive::DataItem& item = archived.item("gr\u00fc\u00dfe");
  CHECK(item.encoding == encoding);
  CHECK(item.columns == std::vector<std::string>{"\u00e4", "n"});
  const std::string stored = encoding == "LATIN1" ? "caf\xe9\t1\n" : "caf\u00e9\t1\n";
  CHECK(archived.rows.at("gr\u00fc\u00dfe") == stored);
  CHECK(archived.rows.count("(sequences)") == 1);
}

TEST_CASE("generated columns are in the full digest alone, in both formats") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run(
      "CREATE TABLE public.t (twice int GENERATED ALWAYS AS (a * 2) STORED, a int, b text);"
      "INSERT INTO public.t (a, b) SELECT i, repeat('x', i) FROM generate_series(1, 99) i;"
      "CREATE TABLE public.plain AS SELECT a, b FROM public.t;"
      "CREATE TABLE public.all_three AS SELECT a, b, twice FROM public.t");
  for (const dump::FormatChoice format : {dump::FormatChoice::text, dump::FormatChoice::binary}) {
    dump::Options options;
    options.format = format;
    const Archived archived = archive_of(database.target(), options);
    CHECK(archived.item("t").columns == std::vector<std::string>{"a", "b"});
    CHECK(archived.item("t").generated == std::vector<std::string>{"twice"});
    CHECK(archived.end("t").stored == archived.end("plain").stored);
    CHECK(archived.end("t").full == archived.end("all_three").stored);
    CHECK(archived.rows.at("t") == archived.rows.at("plain"));
  }
}

TEST_CASE("the digest of a table is the same in any compression and in any number of ranges") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  session.run("CREATE TABLE public.t AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i");
  pg::Connection reader = database.connect(pg::SessionKind::contents);
  SilentProgress progress;
  catalog::Table table = table_of_type(23);
  table.name = {"public", "t"};
  table.columns[0].name = "i";
  table.columns.push_back(table.columns[0]);
  table.columns[1].name = "md5";
  const auto digest = [&](const catalog::PageRange* range) {
    return catalog::digest_rows(reader, catalog::copy_out_statement(table, false, range), false,
                                "UTF8", progress, "t");
  };
  ContentDigest sum;
  for (const catalog::PageRange& range : {catalog::PageRange{0, 7}, {7, 20}, {20, 0}}) {
    const ContentDigest part = digest(&range);
    CHECK(part.rows > 0);
    sum += part;
  }
  CHECK(sum == digest(nullptr));
  CHECK(sum.rows == 5000);
  for (const archive::Compression compression :
       {archive::Compression::zstd, archive::Compression::gzip, archive::Compression::none}) {
    dump::Options options;
    options.format = dump::FormatChoice::text;
    options.compression = compression;
    CHECK(archive_of(database.target(), options).end("t").stored == sum);
  }
}

TEST_CASE("each of many large objects is read to its own end, holes and all") {
  ScratchDatabase database;
  pg::Connection session = database.connect();
  // Sizes around the borders of a piece, then many different small ones.
  session.run(
      "SELECT lo_from_bytea(70000 + n, decode(repeat('ab', size), 'hex')) FROM unnest(ARRAY[0, 1, "
      "262143, 262144, 262145, 524287, 524288, 524289]) WITH ORDINALITY AS x(size, n);"
      "SELECT lo_create(70009); SELECT lo_put(70009, 1000000, '\\x01');"
      "SELECT lo_from_bytea(80000 + n, decode(repeat('cd', n % 97), 'hex')) "
      "FROM generate_series(1, 2500) n");
  const Archived archived = archive_of(database.target());
  std::map<std::string, std::size_t> found;
  std::string_view rows = archived.rows.at("(large objects)");
  while (!rows.empty()) {
    const std::string_view row = rows.substr(0, rows.find('\n'));
    const std::size_t hex = row.find("\\\\x") + 3;
    found[std::string(row.substr(0, row.find('\t')))] += (row.size() - hex) / 2;
    rows.remove_prefix(row.size() + 1);
  }
  const pg::Result sizes = session.run(
      "SELECT oid, length(pg_catalog.lo_get(oid)) FROM pg_catalog.pg_largeobject_metadata");
  CHECK(found.size() == 2509);
  REQUIRE(sizes.rows() == 2509);
  int wrong = 0;
  for (int row = 0; row < sizes.rows(); ++row) {
    if (found[sizes.string(row, 0)] != static_cast<std::size_t>(sizes.integer(row, 1))) ++wrong;
  }
  CHECK(wrong == 0);
  session.run("SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata");
}
