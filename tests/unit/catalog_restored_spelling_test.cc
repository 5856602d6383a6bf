#include "libcore/catalog/restored_spelling.h"

#include "tests/support/catch.h"

using belay::catalog::spelt_as_restored;

namespace {

void check(const std::string& original, const std::string& copy) {
  CHECK(spelt_as_restored(original) == copy);
  CHECK(spelt_as_restored(copy) == copy);
}
void check_unchanged(const std::string& text) { check(text, text); }

}  // namespace

TEST_CASE("VALUES in FROM is spelt as a query of its own") {
  check(" SELECT 1\n   FROM (VALUES (1,2), (3,4)) v",
        " SELECT 1\n   FROM ( VALUES (1,2), (3,4)) v");
  check("SELECT 'it''s (VALUES (', \"(VALUES (\" FROM (VALUES (1)) v",
        "SELECT 'it''s (VALUES (', \"(VALUES (\" FROM ( VALUES (1)) v");
}

TEST_CASE("the cast of an array is one of each of its elements") {
  check(
      "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
      "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character "
      "varying)::text])))");
  check("((ARRAY['it''s, ]'::character varying(3), (b || E'\\\\['::text)])::s.\"T [] y\"[])",
        "(ARRAY[('it''s, ]'::character varying(3))::s.\"T [] y\", ((b || E'\\\\['::text))::s.\"T "
        "[] y\"])");
  check("(ARRAY[ARRAY[a, b], ARRAY[c, d]])::text[]",
        "ARRAY[ARRAY[(a)::text, (b)::text], ARRAY[(c)::text, (d)::text]]");
  check("(ARRAY[lower(a), (ARRAY[b])::text[]])::name[]",
        "ARRAY[(lower(a))::name, (ARRAY[(b)::text])::name]");
  check("(c::text = ANY (ARRAY['a'::character varying, NULL::character varying]::text[]))",
        "(c::text = ANY (ARRAY['a'::character varying::text, NULL::character varying::text]))");
  check_unchanged("ARRAY[]::text[]");
  check_unchanged("(ARRAY[a, b])::text");
  check_unchanged("(ARRAY[]::character varying[])::text[]");
  check_unchanged("x = ANY (ARRAY['(ARRAY[a])::text[]'::text])");
  check_unchanged("(ARRAY['never closed");
}

TEST_CASE("a column is not said to be called as it would be") {
  check("( SELECT 'x'::text AS text\n   FROM t)", "( SELECT 'x'::text\n   FROM t)");
  check("( SELECT NULL::text AS text)", "( SELECT NULL::text)");
  check(
      "(SELECT DISTINCT E'\\\\'::character varying(3) AS \"varchar\", '-1'::integer AS int4,\n"
      "    '{}'::s.\"My\"[] AS \"My\", '1'::name AS name)",
      "(SELECT DISTINCT E'\\\\'::character varying(3), '-1'::integer,\n"
      "    '{}'::s.\"My\"[], '1'::name)");
  check(
      "SELECT 1,\n    ( SELECT 'x'::text AS text\n FROM t) AS text, (SELECT (SELECT 'y'::name AS "
      "name) AS name)",
      "SELECT 1,\n    ( SELECT 'x'::text\n FROM t), (SELECT (SELECT 'y'::name))");
  check("( SELECT DISTINCT ON (a, b) 'x'::text AS text)", "( SELECT DISTINCT ON (a, b) 'x'::text)");
  check("RETURNING 'x'::text AS text", "RETURNING 'x'::text");
  check("SELECT a,\n 'x'::text AS \"text\" FROM t", "SELECT a,\n 'x'::text FROM t");
  check_unchanged("SELECT 'x'::text AS \"Text\", 'y'::text AS t, 'x'::s.text || 'y'::text AS text");
  check_unchanged("XMLELEMENT(NAME a, XMLATTRIBUTES('x'::text AS text))");
  check_unchanged("SELECT XMLFOREST('x'::text AS text, 'y'::text AS text) AS f");
  check_unchanged(
      "SELECT a FROM JSON_TABLE(j, '$' AS p PASSING 'x'::text AS text COLUMNS (b text))");
  check_unchanged("SELECT ( SELECT 'x'::text) AS q, ( SELECT a) AS text");
  check_unchanged("SELECT lower('x'::text) AS text");
}
