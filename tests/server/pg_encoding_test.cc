// Names and rows in databases that are not UTF-8.
#include "libcore/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

using namespace belay;
using pg::Connection;
using pg::CopyIn;
using pg::CopyOut;
using testing::ScratchDatabase;

TEST_CASE("in a LATIN1 database names are UTF-8 and rows are the database's bytes") {
  const ScratchDatabase database("ENCODING 'LATIN1' LOCALE 'C'");
  Connection connection = database.connect();
  CHECK(connection.server_encoding() == "LATIN1");
  connection.run(
      "CREATE TABLE public.\"Größe\" (s text); "
      "INSERT INTO public.\"Größe\" VALUES ('größer')");
  {
    CopyOut copy = connection.copy_out("COPY public.\"Größe\" TO STDOUT", false, "LATIN1");
    CHECK(copy.next() == "gr\xf6\xdf\x65r\n");
    CHECK_FALSE(copy.next().has_value());
  }
  CHECK(connection.parameter("client_encoding") == "UTF8");
  {
    CopyIn copy = connection.copy_in("COPY public.\"Größe\" FROM STDIN", "LATIN1");
    copy.write("\xe9t\xe9\n");
    CHECK(copy.finish() == 1);
  }
  CHECK(connection.run("SELECT s FROM public.\"Größe\" ORDER BY s DESC").text(0, 0) == "été");

  // Dropped in the middle, and failed: the session's encoding is back either way.
  {
    CopyOut copy = connection.copy_out(
        "COPY (SELECT s, generate_series(1, 10000000) FROM public.\"Größe\") TO STDOUT", false,
        "LATIN1");
    CHECK(copy.next().has_value());
  }
  CHECK(connection.parameter("client_encoding") == "UTF8");
  CHECK_THROWS_AS(connection.copy_out("COPY public.nope TO STDOUT", false, "LATIN1"), Error);
  CHECK(connection.parameter("client_encoding") == "UTF8");
  connection.run("BEGIN");
  CHECK_THROWS_AS(connection.copy_out("COPY public.nope TO STDOUT", false, "LATIN1"), Error);
  connection.run("ROLLBACK");
  CHECK(connection.parameter("client_encoding") == "UTF8");
  CHECK(connection.run("SELECT 'ü'::text").text(0, 0) == "ü");
}

TEST_CASE("in an SQL_ASCII database names and rows are bytes") {
  const ScratchDatabase database("ENCODING 'SQL_ASCII' LOCALE 'C'");
  Connection connection = database.connect();
  CHECK(connection.server_encoding() == "SQL_ASCII");
  CHECK(connection.parameter("client_encoding") == "SQL_ASCII");
  connection.run(
      "CREATE TABLE public.\"t\xe9\" (s text); "
      "INSERT INTO public.\"t\xe9\" VALUES ('\xff\xfe')");
  CHECK(connection.query("SELECT relname FROM pg_catalog.pg_class WHERE relname = $1", {"t\xe9"})
            .text(0, 0) == "t\xe9");
  CopyOut copy = connection.copy_out("COPY public.\"t\xe9\" TO STDOUT", false);
  CHECK(copy.next() == "\xff\xfe\n");
  CHECK_FALSE(copy.next().has_value());
}
