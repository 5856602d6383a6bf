// The command after --, and what of it may be written down.
#include "migrate/command.h"
#include "tests/support/catch.h"

namespace {

using namespace belay::migrate;
using Words = std::vector<std::string>;

TEST_CASE("the forms of Alembic's command line") {
  const ToolCommand plain = parse_command({"alembic", "upgrade", "head"});
  CHECK(plain.tool == Tool::alembic);
  CHECK(plain.action == AlembicAction::upgrade);
  CHECK(plain.revisions == Words{"head"});

  const ToolCommand rich = parse_command({"/usr/bin/python3.11", "-m", "alembic", "-c", "a.ini",
                                          "--name=other", "-xtenant=1", "upgrade", "--sql", "+1"});
  CHECK(rich.tool == Tool::alembic);
  CHECK(rich.configs == Words{"a.ini"});
  CHECK(rich.section == "other");
  CHECK(rich.x == Words{"tenant=1"});
  CHECK(rich.sql);
  CHECK(rich.revisions == Words{"+1"});

  CHECK(parse_command({"python", "/venv/bin/alembic", "downgrade", "-1"}).revisions == Words{"-1"});
  CHECK(parse_command({"alembic", "stamp", "a", "b"}).revisions == Words{"a", "b"});
  CHECK(parse_command({"alembic", "check"}).action == AlembicAction::other);
  CHECK(parse_command({"alembic", "upgrade"}).action == AlembicAction::other);
  CHECK(parse_command({"alembic"}).action == AlembicAction::other);
}

TEST_CASE("everything else is an unknown tool") {
  for (const Words& argv :
       {Words{}, Words{"sh", "-c", "alembic upgrade head"},
        Words{"poetry", "run", "alembic", "upgrade", "head"},
        Words{"python", "manage.py", "migrate"}, Words{"pythonic", "-m", "alembic"}}) {
    CHECK(parse_command(argv).tool == Tool::unknown);
  }
}

TEST_CASE("secrets are masked") {
  CHECK(without_secrets({"alembic", "-x", "url=postgresql://u:p@w@h/d?x=1", "--password", "p",
                         "--db-password=p", "TOKEN=p", "upgrade"}) ==
        Words{"alembic", "-x", "url=postgresql://u:***@h/d?x=1", "--password", "***",
              "--db-password=***", "TOKEN=***", "upgrade"});
  // Wherever a word holds one.
  CHECK(
      without_secrets({"-d", "host=h password=p dbname=d", "postgresql://h/d?user=u&password=p&x=1",
                       "{\"Password\": \"p p\", \"user\": \"u\"}", "password = 'p p' user=u"}) ==
      Words{"-d", "host=h password=*** dbname=d", "postgresql://h/d?user=u&password=***&x=1",
            "{\"Password\": \"***\", \"user\": \"u\"}", "password =***"});
  CHECK(without_secrets({"sh", "-c",
                         "export A=1; PGPASSWORD=p alembic -x url=postgresql://u:p@h/d && "
                         "psql 'postgresql://u:p/q@h/d' postgres://u@h/d"}) ==
        Words{"sh", "-c",
              "export A=1; PGPASSWORD=*** alembic -x url=postgresql://u:***@h/d && "
              "psql 'postgresql://u:***@h/d' postgres://u@h/d"});
  CHECK(without_secrets({"host=h password='p"}) == Words{"host=h password='***"});
  CHECK(without_secrets({"postgresql://h/d@e"}) == Words{"postgresql://h/d@e"});
}

}  // namespace
