// alembic.ini as configparser reads it, and what env.py says without being run.
#include "libcore/base/error.h"
#include "migrate/alembic_config.h"
#include "migrate/env_script.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;
using namespace belay::migrate;
using Words = std::vector<std::string>;

TEST_CASE("values are filled in, from the section and from DEFAULT") {
  const AlembicConfig config(
      "# comment\n[DEFAULT]\nbase = /srv\n[alembic]\nScript_Location = %(here)s/m\n"
      "url: %(base)s/100%%\nlong = a\n  b\n\n; more\n[other]\nurl = x\n",
      "/etc/app");
  CHECK(config.value("alembic", "script_location") == "/etc/app/m");
  CHECK(config.value("alembic", "url") == "/srv/100%");
  CHECK(config.value("alembic", "long") == "a\nb");
  CHECK(config.value("other", "url") == "x");
  CHECK_FALSE(config.value("alembic", "none"));
  CHECK_FALSE(config.value("none", "url"));
}

TEST_CASE("what configparser refuses is refused") {
  for (const char* bad : {"a = %(b)s", "a = %x", "a = 5%", "a = %(a)s"}) {
    const AlembicConfig config(std::string("[alembic]\n") + bad + "\n", "/");
    CHECK_THROWS_AS(config.value("alembic", "a"), Error);
  }
  CHECK_THROWS_AS(AlembicConfig("a = b\n", "/"), Error);
  CHECK_THROWS_AS(AlembicConfig("[alembic]\nnonsense\n", "/"), Error);
}

TEST_CASE("an env.py as Alembic writes it uses the ini") {
  const EnvScript script = read_env_script(
      "# os.environ['NO']\n\"\"\"create_engine('postgresql://no')\"\"\"\n"
      "engine = engine_from_config(config.get_section(name), prefix='sqlalchemy.')\n"
      "context.configure(connection=c, target_metadata=None)\n");
  CHECK(script.uses_ini);
  CHECK_FALSE(script.sets_url);
  CHECK(script.variables.empty());
  CHECK(script.version_table == "alembic_version");
  CHECK(script.version_schema == "");
}

TEST_CASE("variables that name the database are found in every form") {
  const EnvScript script = read_env_script(
      "config.set_main_option('sqlalchemy.url', os.environ['A'] or os.environ.get(\"B\", '') or "
      "os.getenv('C'))\n");
  CHECK(script.sets_url);
  CHECK(script.variables == Words{"A", "B", "C"});
  CHECK(read_env_script("e = create_engine('postgresql://h/d')").literal_urls ==
        Words{"postgresql://h/d"});
  CHECK(read_env_script("url = f'postgresql://{host}/d'\n").literal_urls.empty());
  CHECK(read_env_script("x = context.get_x_argument(as_dictionary=True)").uses_x_arguments);
}

TEST_CASE("an imported engine says nothing, and a variable beside the ini is not the database") {
  const EnvScript elsewhere = read_env_script("from app.db import engine\nengine.connect()\n");
  CHECK_FALSE(elsewhere.uses_ini);
  CHECK_FALSE(elsewhere.sets_url);
  CHECK_FALSE(read_env_script("engine = engine_from_config(c)\nengine.connect()\n"
                              "os.environ['REPORTS_URL']")
                  .sets_url);
}

TEST_CASE("an address that something else than the variable may decide is unclear") {
  for (const char* text :
       {"os.environ['PGDATABASE'] = 'other'", "os.environ[name] = url",
        "os.environ.setdefault(\"DATABASE_URL\", url)", "os.environ.update(values)",
        "os.putenv('PGHOST', 'other')", "load_dotenv(override=True)",
        "create_engine(url, connect_args={'dbname': 'other'})", "create_engine(url, dbname=other)",
        "create_engine(make_url(url).set(database='other'))", "create_engine(url, creator=connect)",
        "create_engine(settings.database_url)", "create_async_engine(str(get_settings().url))",
        "config.set_main_option('sqlalchemy.url', settings.url)"}) {
    CAPTURE(text);
    CHECK(read_env_script(text).address_unclear);
  }
  for (const char* text :
       {"create_engine(os.environ['DATABASE_URL'])", "create_engine(url)", "load_dotenv()",
        "create_engine(environ.get('DATABASE_URL'))", "os.environ['TZ'] = 'UTC'",
        "if os.environ['DATABASE_URL'] == '': pass", "create_engine(url.replace('a', 'b'))",
        "config.set_main_option('sqlalchemy.url', os.environ['DATABASE_URL'])",
        "config.set_main_option('sqlalchemy.url', get_url())",
        "config.set_main_option('sqlalchemy.url', str(url))",
        "engine_from_config(config.get_section(config.config_ini_section), prefix='sqlalchemy.')",
        "create_engine(config.get_main_option('sqlalchemy.url'))"}) {
    CAPTURE(text);
    CHECK_FALSE(read_env_script(text).address_unclear);
  }
}

TEST_CASE("a hostile env.py is read, too") {
  const std::string long_word(1 << 20, 'a'), blanks(1 << 20, ' ');
  for (const std::string& text :
       {"x = '" + long_word + "'", long_word, "version_table" + blanks + "= 'v'",
        "set_section_option(" + std::string(1 << 20, '('), "'" + long_word, "\"\"\"" + long_word,
        "'postgresql://" + long_word + "'", std::string(1 << 20, '\\')}) {
    CHECK(read_env_script(text).literal_urls.empty());
  }
}

TEST_CASE("a literal that is only a part says nothing") {
  for (const char* text :
       {"create_engine('postgresql://' + host + '/d')",
        "create_engine('postgresql://%s/%s' % (h, d))",
        "create_engine('postgresql://h/{}'.format(d))", "create_engine('postgresql://h/' 'd')",
        "a = 'postgresql://h/d'\nb = 'postgresql://' + host"}) {
    CHECK(read_env_script(text).literal_urls.empty());
  }
  for (const char* value : {"'v' + x", "'v%s' % x", "'v'.upper()", "'v' 'w'", "('v')", "f'v'"}) {
    CHECK_FALSE(
        read_env_script(std::string("configure(version_table=") + value + ")").version_table);
  }
  CHECK(read_env_script("configure(version_table='a\"b')").version_table == "a\"b");
  CHECK(read_env_script("configure(version_table=\"it's\", x=1)").version_table == "it's");
  CHECK(read_env_script("version_table = 'v'\nconfigure(version_table='v')").version_table == "v");
}

TEST_CASE("the version table as env.py names it, if it does so literally") {
  const EnvScript named = read_env_script(
      "context.configure(version_table='v', version_table_schema=\"s\", connection=c)");
  CHECK(named.version_table == "v");
  CHECK(named.version_schema == "s");
  const EnvScript computed =
      read_env_script("context.configure(version_table=name, version_table_schema=tenant)");
  CHECK_FALSE(computed.version_table);
  CHECK_FALSE(computed.version_schema);
}

TEST_CASE("a loop over databases or schemas is several runs, one that waits is not") {
  const auto loops = [](const char* script) { return read_env_script(script).migrates_in_a_loop; };
  const std::string once =
      "with engine.connect() as connection:\n  context.configure(connection)\n";
  CHECK_FALSE(loops(once.c_str()));
  CHECK(loops("for name in names:\n\n  with x:\n    context.configure(a)\n"));
  CHECK(loops("async def one(c):\n  context.run_migrations()\nfor t in ['a']:\n  await one(t)\n"));
  CHECK(loops("def a():\n\tb()\ndef b():\n\tcontext.configure()\nfor t in tenants: \n\ta()\n"));
  CHECK_FALSE(loops("for attempt in range(9):\n  context.configure()\n"));
  CHECK_FALSE(loops("for name in names:\n  log(name)\ncontext.configure()\n"));
  CHECK_FALSE(loops("# for t in tenants:\n#   context.configure()\n"));
  CHECK_FALSE(loops("\"\"\"\nfor t in tenants:\n  context.configure()\n\"\"\"\n"));
  CHECK_FALSE(loops("def b():\n  context.configure()\nfor t in tenants:\n  bb()\n"));
}

}  // namespace
