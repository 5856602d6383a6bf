#include "tools/options.h"

#include <array>
#include <cstddef>

namespace belay::tools {
namespace {

template <typename... Verbs>
constexpr unsigned on(Verbs... verbs) {
  return ((1U << static_cast<unsigned>(verbs)) | ... | 0U);
}

constexpr unsigned kJournal = on(Verb::migrate, Verb::gate, Verb::rollback, Verb::rescue,
                                 Verb::runs, Verb::release, Verb::ready);
constexpr unsigned kGate = on(Verb::migrate, Verb::gate);
constexpr unsigned kServer = on(Verb::backup, Verb::verify, Verb::restore, Verb::schema,
                                Verb::compare, Verb::doctor, Verb::alembic, Verb::gc) |
                             kJournal;
constexpr unsigned kSelecting = on(Verb::backup, Verb::restore);
constexpr unsigned kStored = on(Verb::list, Verb::status, Verb::prune);
constexpr unsigned kEvery = kServer | kStored | on(Verb::inspect, Verb::export_);

constexpr std::array kVerbs = {
    VerbRow{Verb::backup, "backup", "dbbackup", "", 0, 0, "write an archive of a database",
            "Takes one consistent snapshot of the database, copies schema and rows over several "
            "connections into one archive, and reads the archive back. The archive goes into a "
            "repository (--repo) or to a file (-f); it gets its name only when it is complete.\n\n"
            "With several -d each database is backed up in turn; if one fails, the others still "
            "are, and the exit status is the first failure's.",
            "belay backup -d app --repo /var/backups/belay\n"
            "belay backup -d app -f app.belay --verify compared\n"
            "belay backup -d app -f - | ssh vault 'cat > app.belay'"},
    VerbRow{Verb::verify, "verify", "", "ARCHIVE|-", 1, 1, "prove that an archive can be restored",
            "readable: every byte is read, decompressed, parsed and counted, and every hash holds; "
            "no server is needed. compared: the archive is also restored into a scratch database, "
            "which is compared with what the backup recorded, and then dropped. The proof is "
            "written beside the archive as a receipt.",
            "belay verify app.belay\n"
            "belay verify app.belay --level compared -d postgres"},
    VerbRow{Verb::restore, "restore", "dbrestore", "ARCHIVE|-", 1, 1,
            "restore an archive, or a part of it, into a database",
            "--create loads into a database of a provisional name and renames it only when the "
            "whole archive has been read and everything holds. Any error of the server makes the "
            "restore fail, and nothing is left behind.\n\n"
            "--in-place writes into an existing database, in one transaction over one connection: "
            "an error leaves it as it was. Objects that are there already, and tables with rows, "
            "are refused, not replaced; existing schemas and extensions are used.\n\n"
            "A part is chosen with -n, -N, -t, -T and --section. What the chosen objects need to "
            "exist comes with them, without rows; what hangs on them but needs more (a foreign "
            "key to another table) is left out and named. From a file only the members that are "
            "needed are read.\n\n"
            "What ANALYZE gathered comes with the whole of an archive of server 18 or newer: plans "
            "are good at once. Where it did not come, the command that gathers it is told.",
            "belay restore app.belay -d app_copy --create\n"
            "belay restore - -d app_copy --create < app.belay\n"
            "belay restore app.belay -d app --in-place -t studio.songs"},
    VerbRow{Verb::schema, "schema", "dbschema_export", "[ARCHIVE | diff A B]", 0, 3,
            "write the schema of a database or an archive, or compare two",
            "The same schema gives the same bytes, whatever the OIDs and the order of creation. "
            "SQL for psql goes to the standard output unless -f names a file.\n\n"
            "diff compares two schemas, each a database (what -d takes), an archive, or an "
            "exported JSON file, and says object by object what was added, removed and changed. "
            "--check compares with an exported file, JSON or SQL, for CI. Exit status 0 the same, "
            "4 different, 5 not comparable: servers of different majors word the same object "
            "differently.",
            "belay schema -d app > schema.sql\n"
            "belay schema --check schema.sql -d app\n"
            "belay schema diff app.belay app"},
    VerbRow{Verb::compare, "compare", "", "A B", 2, 2, "compare contents, table by table",
            "A and B are archives or databases (what -d takes). Compares rows, sequence states, "
            "large objects and the schema's fingerprint. Of an archive, what it recorded is "
            "compared, without reading its rows again.",
            "belay compare app.belay app_copy\n"
            "belay compare app app_copy"},
    VerbRow{Verb::inspect, "inspect", "", "ARCHIVE", 1, 1,
            "show what is inside an archive, without a server",
            "Reads header, table of contents and manifest, checks their hashes, and says what the "
            "receipt proves. The rows are not read; that is what verify does.",
            "belay inspect app.belay"},
    VerbRow{Verb::export_, "export", "", "ARCHIVE", 1, 1, "write an archive as a script for psql",
            "Definitions, rows as COPY blocks, sequence states and large objects, for psql to run "
            "into an empty database. A name that ends with .gz or .zst is compressed. No server is "
            "needed; tables whose rows are in binary format are refused and named: such a backup "
            "is exported after restoring it, or taken with --format text.",
            "belay backup -d app -f app.belay --format text\n"
            "belay export app.belay -f app.sql.zst"},
    VerbRow{
        Verb::doctor, "doctor", "", "", 0, 0, "say what would stop a backup or a drill here",
        "Looks at the server, the role's rights, the objects in the database and the repository, "
        "changes nothing, and prints the exact GRANT or setting that mends what it finds.",
        "belay doctor -d app"},
    VerbRow{
        Verb::migrate, "migrate", "", "[--] COMMAND...", 1, 4096,
        "run a migration only on a backup that was proved by restoring it",
        "Nothing pending: nothing is done. Otherwise belay takes a snapshot, restores it into a "
        "scratch database and compares, and only then runs COMMAND, in a process group of its "
        "own. Afterwards it looks at what really happened: the revisions reached, the schema, "
        "and whether any write was committed. The exit status of COMMAND alone proves "
        "nothing.\n\n"
        "Alembic's commands are understood (alembic, python -m alembic); any other command "
        "always gets a snapshot, and is judged by schema and rows. A failed migration that "
        "changed the database is held: the same deploy does not run again before belay "
        "release.",
        "belay migrate --repo /var/lib/belay -- alembic upgrade head\n"
        "belay migrate -d app --gate require -- alembic upgrade head"},
    VerbRow{Verb::gate, "gate", "", "[--] [COMMAND...]", 0, 4096,
            "say what the gate would decide, and change nothing",
            "Checks what migrate would check before COMMAND, F0 to F10 (docs/gate.md), each with a "
            "verdict: pass, warn, fail, unknown. Takes no lock and no snapshot; an archive that "
            "would be relied on is read again, whole, as migrate would. Exit status 0 if the gate "
            "is open, or if migrate would open it by taking a snapshot; else the status with which "
            "migrate would refuse.",
            "belay gate -d app --repo /var/lib/belay\n"
            "belay gate --gate require -- alembic upgrade head"},
    VerbRow{Verb::rollback, "rollback", "", "[ARCHIVE]", 0, 1,
            "take a database back to the backup that a migration was run on",
            "Restores the archive of the last run (or of --run, or ARCHIVE) into a new database, "
            "compares it, and exchanges the names of the two databases in one transaction; owner, "
            "privileges, limits and settings of the database stay what they were. The failed "
            "database is kept, read-only, and rows that only it holds are counted. --undo "
            "exchanges the names again; --resume finishes what was killed on the way.",
            "belay rollback -d app --repo /var/lib/belay\n"
            "belay rollback -d app --undo"},
    VerbRow{Verb::runs, "runs", "", "", 0, 0, "list the migrations of a database",
            "What the journal in the repository says about this database, oldest first: when, from "
            "which revision to which, and what came of it.",
            "belay runs -d app --repo /var/backups/belay"},
    VerbRow{Verb::release, "release", "", "", 0, 0, "let a held migration run again",
            "Writes down who looked at a failed migration and why it may run again (--reason).",
            "belay release -d app --reason 'rows mended by hand'"},
    VerbRow{Verb::ready, "ready", "", "[--] [COMMAND...]", 0, 4096,
            "say whether services may start on this database",
            "Exit status 0 only if the database is at the revisions that COMMAND would reach "
            "(without one: alembic upgrade heads, of --alembic-config), no run is open, and "
            "nothing is held. Otherwise 18 held, 7 a migration is at work, 14 one was killed, 32 "
            "not at these revisions, 15 ahead of them. For any other tool the last run must have "
            "been a good one of that command. Takes no lock and starts no Python where the "
            "revision files are literal.",
            "belay ready --repo /var/lib/belay && exec gunicorn app\n"
            "belay ready --repo /var/lib/belay -- alembic upgrade head"},
    VerbRow{Verb::alembic, "alembic", "", "current|heads|stamp [REVISION]...", 1, 4096,
            "read and reset Alembic's version table without Python",
            "current lists every version table of the database with its revisions, found as the "
            "migrator's role and search_path find them. heads lists the heads of the project: "
            "--alembic-config, or alembic.ini in the working directory; Alembic itself is asked "
            "only where a revision file is not literal.\n\n"
            "stamp makes the version table hold exactly the revisions given (head, heads, base, "
            "ids whole or abbreviated, branch@head), in one transaction and under the lock of "
            "migrate, and prints what it held before. Alembic's own stamp does that when it purges "
            "first. "
            "Unknown revisions are refused unless --force is given; with it, and for base, no "
            "project is needed.",
            "belay alembic current -d app\n"
            "belay alembic stamp head\n"
            "belay alembic stamp --force -d app 1a2b3c4d5e6f"},
    VerbRow{
        Verb::rescue, "rescue", "", "", 0, 0,
        "write the rows of a table that only the failed database holds",
        "After a rollback: the rows whose primary key the database lacks now, read from the one "
        "that the rollback kept, as COPY writes them: CSV with a header, or text. They go to the "
        "standard output unless -f names a file; the command that loads them is told. Rows that "
        "are on both sides and differ are not among them.",
        "belay rescue --table orders -d app -f orders.csv"},
    VerbRow{
        Verb::gc, "gc", "", "", 0, 0, "drop what killed runs left and what is kept no longer",
        "On the server of the database that -d names: scratch databases of runs that were killed, "
        "and sealed copies whose time is over. Only what bears belay's own mark is dropped, and "
        "never while a run of belay works with it. With --failed also what rollbacks of this "
        "database kept; they can then not be undone any more. In the repository: temporary files "
        "of runs that were killed. What is left is named, with the reason.",
        "belay gc -d app --repo /var/lib/belay --dry-run"},
    VerbRow{Verb::list, "list", "", "", 0, 0, "list the archives of a repository",
            "One line for each archive, oldest first, with what its receipt proves.",
            "belay list --repo /var/backups/belay"},
    VerbRow{
        Verb::status, "status", "", "", 0, 0, "fail if the newest good backup is too old",
        "For each database in the repository, or those named with -d: the newest archive whose "
        "receipt proves at least --level must not be older than --max-age. For monitoring: exit "
        "status 0 or 6.",
        "belay status --repo /var/backups/belay --max-age 26h"},
    VerbRow{
        Verb::prune, "prune", "", "", 0, 0, "remove old archives from a repository",
        "Keeps what any of the --keep options keeps, and removes the others with their receipts. "
        "Days, weeks and months are those of UTC. Decides from the manifests, database by "
        "database; a file without a readable manifest is named and left alone. The newest "
        "archive with each level of proof is always kept, and so is the one that the last run of "
        "migrate, or one that is open or held, may have to be taken back to.",
        "belay prune --repo /var/backups/belay --keep-daily 7 --keep-weekly 4 --dry-run"},
};

constexpr std::array kOptions = {
    OptionRow{Option::dbname, 'd', "dbname", "DB", "",
              "database: a name, a conninfo string, or a URI (also postgresql+driver://)",
              (kServer & ~on(Verb::compare)) | kStored, true, true},
    OptionRow{Option::host, 'h', "host", "HOST", "", "server's host or socket directory (PGHOST)",
              kServer, false, false},
    OptionRow{Option::port, 'p', "port", "PORT", "", "server's port (PGPORT)", kServer, false,
              false},
    OptionRow{Option::username, 'U', "username", "ROLE", "", "role to connect as (PGUSER)", kServer,
              false, false},
    OptionRow{Option::no_password, 'w', "no-password", "", "", "never ask for a password", kServer,
              false, true},
    OptionRow{Option::password, 'W', "password", "", "", "ask for the password, on a terminal only",
              kServer, false, false},
    OptionRow{Option::wait_for_db, 0, "wait-for-db", "TIME", "0s",
              "keep trying to connect for that long", kServer, false, true},
    OptionRow{Option::repo, 0, "repo", "DIR", "", "the repository of archives",
              on(Verb::backup, Verb::verify, Verb::doctor, Verb::gc) | kStored | kJournal, false,
              true},
    OptionRow{Option::file, 'f', "file", "FILE", "", "write to this file; - is the standard output",
              on(Verb::backup, Verb::schema, Verb::export_, Verb::rescue), false, false},
    OptionRow{Option::create, 0, "create", "", "", "create the database that -d names",
              on(Verb::restore), false, false},
    OptionRow{Option::in_place, 0, "in-place", "", "",
              "write into the existing database that -d names, in one transaction",
              on(Verb::restore), false, false},
    OptionRow{Option::level, 0, "level", "readable|compared", "readable", "how much must be proved",
              on(Verb::verify, Verb::status), false, true},
    OptionRow{Option::verify, 0, "verify", "none|readable|compared", "readable",
              "proof to take of the finished archive; none writes no receipt", on(Verb::backup),
              false, true},
    OptionRow{
        Option::scratch, 0, "scratch", "WHERE", "same",
        "where a drill restores: same (the database's server), local (a private server made of "
        "this machine's programs), or a server as -d takes it",
        on(Verb::backup, Verb::verify, Verb::migrate), false, true},
    OptionRow{Option::drill_max_size, 0, "drill-max-size", "SIZE", "20GB",
              "refuse a drill that would load more than that into the database's own server",
              on(Verb::backup, Verb::verify, Verb::doctor, Verb::migrate, Verb::rollback), false,
              true},
    OptionRow{
        Option::sign_key, 0, "sign-key", "FILE", "",
        "sign receipts with this private key of Ed25519 (PEM); it must not lie in the repository",
        on(Verb::backup, Verb::verify, Verb::migrate), false, true},
    OptionRow{
        Option::trusted_key, 0, "trusted-key", "FILE", "",
        "rely only on archives whose receipt this public key's private half has signed; may be "
        "given several times",
        kGate, true, true},
    OptionRow{Option::keep_copy, 0, "keep-copy", "TIME", "0",
              "keep the drill's database that long as a sealed copy for a rollback (needs --repo)",
              on(Verb::backup, Verb::verify), false, false},
    OptionRow{Option::migrate_keep_copy, 0, "keep-copy", "TIME", "24h",
              "keep the drill's database that long as a sealed copy for a rollback; 0 drops it",
              on(Verb::migrate), false, true},
    OptionRow{
        Option::jobs, 'j', "jobs", "N", "2", "connections that move rows",
        on(Verb::backup, Verb::verify, Verb::restore, Verb::compare, Verb::migrate, Verb::rollback),
        false, true},
    OptionRow{Option::format, 0, "format", "auto|text|binary", "auto",
              "form of the rows; auto is binary wherever that is safe", on(Verb::backup), false,
              true},
    OptionRow{Option::schema_format, 0, "format", "sql|json", "sql", "form of the schema",
              on(Verb::schema), false, false},
    OptionRow{Option::rescue_format, 0, "format", "csv|text", "csv", "form of the rows",
              on(Verb::rescue), false, false},
    OptionRow{Option::check, 0, "check", "FILE", "",
              "compare with this exported schema, JSON or SQL, and write nothing",
              on(Verb::schema, Verb::migrate), false, false},
    OptionRow{Option::compress, 'Z', "compress", "METHOD", "zstd:1",
              "zstd[:1-19], gzip[:1-9] or none", on(Verb::backup), false, true},
    OptionRow{Option::schema_only, 's', "schema-only", "", "", "no rows",
              on(Verb::backup, Verb::restore, Verb::schema), false, false},
    OptionRow{Option::data_only, 'a', "data-only", "", "",
              "rows only, into tables that are there and empty", on(Verb::restore), false, false},
    OptionRow{Option::section, 0, "section", "SECTION", "",
              "only pre-data, data or post-data; may be given several times", on(Verb::restore),
              true, false},
    OptionRow{Option::schemas, 'n', "schema", "PATTERN", "",
              "only schemas that match (* and ?, as in psql), with all that is in them", kSelecting,
              true, false},
    OptionRow{Option::exclude_schemas, 'N', "exclude-schema", "PATTERN", "",
              "not the schemas that match", kSelecting, true, false},
    OptionRow{Option::tables, 't', "table", "PATTERN", "",
              "only tables, views and sequences that match, with all that hangs on them",
              kSelecting, true, false},
    OptionRow{Option::table, 0, "table", "TABLE", "",
              "the table, as NAME or SCHEMA.NAME (required)", on(Verb::rescue), false, false},
    OptionRow{Option::exclude_tables, 'T', "exclude-table", "PATTERN", "",
              "not the tables, views and sequences that match", kSelecting, true, false},
    OptionRow{Option::exclude_table_data, 0, "exclude-table-data", "PATTERN", "",
              "leave out the rows of matching tables (patterns as for -t); the archive says so",
              on(Verb::backup), true, true},
    OptionRow{Option::allow_unknown, 0, "allow-unknown", "", "",
              "leave out what belay cannot carry, and name it in the archive", on(Verb::backup),
              false, true},
    OptionRow{Option::no_owner, 'O', "no-owner", "", "", "objects belong to the login role",
              on(Verb::restore), false, true},
    OptionRow{Option::role, 0, "role", "ROLE", "", "become this role before creating anything",
              on(Verb::restore), false, true},
    OptionRow{Option::no_privileges, 'x', "no-privileges", "", "", "no GRANT and REVOKE",
              on(Verb::restore), false, true},
    OptionRow{Option::tablespace_map, 0, "tablespace-map", "OLD=NEW", "",
              "put into tablespace NEW what was in OLD; may be given several times",
              on(Verb::restore), true, true},
    OptionRow{Option::no_tablespaces, 0, "no-tablespaces", "", "",
              "put everything where the database is by default", on(Verb::restore), false, true},
    OptionRow{Option::roles, 0, "roles", "", "",
              "store what the roles are that the database names, and who is a member of which",
              on(Verb::backup), false, true},
    OptionRow{Option::role_passwords, 0, "role-passwords", "", "",
              "with --roles: the hashes of their passwords, too (needs a superuser)",
              on(Verb::backup), false, true},
    OptionRow{Option::create_roles, 0, "create-roles", "", "",
              "create the roles that the archive defines and the server lacks", on(Verb::restore),
              false, true},
    OptionRow{Option::env, 0, "env", "LABEL", "", "environment of the database, such as production",
              on(Verb::backup) | kJournal, false, true},
    OptionRow{Option::wait, 0, "wait", "TIME", "30s", "longest wait for a lock", on(Verb::backup),
              false, true},
    OptionRow{Option::max_age, 0, "max-age", "TIME", "26h", "oldest acceptable backup",
              on(Verb::status), false, true},
    OptionRow{Option::gate, 0, "gate", "snapshot|require|two-key|off", "snapshot",
              "take a snapshot and drill it; demand a fresh compared one; take one without a drill "
              "beside a compared one of the same schema, of the last 7 days; rely on nothing",
              kGate, false, true},
    OptionRow{Option::archive, 0, "archive", "ARCHIVE", "", "the archive to rely on", kGate, false,
              false},
    OptionRow{Option::accept_volatile, 0, "accept-volatile", "", "",
              "accept a repository that goes with the container, though a backup is required",
              kGate, false, true},
    OptionRow{Option::migrate_max_age, 0, "max-age", "TIME", "24h",
              "oldest acceptable backup, by the server's clock", kGate, false, true},
    OptionRow{Option::migrate_wait, 0, "wait", "TIME", "15m",
              "longest wait for another run or a backup",
              on(Verb::migrate, Verb::rollback, Verb::alembic), false, true},
    OptionRow{Option::timeout, 0, "timeout", "TIME", "", "stop the command after that",
              on(Verb::migrate), false, true},
    OptionRow{Option::verify_command, 0, "verify-command", "COMMAND", "",
              "must exit with 0 afterwards; split into words, no shell", on(Verb::migrate), false,
              true},
    OptionRow{Option::on_failure, 0, "on-failure", "hold|rollback-if-clean", "hold",
              "what follows a migration that failed and changed something: a person decides, or it "
              "is taken back at once if nobody else was connected",
              on(Verb::migrate), false, true},
    OptionRow{Option::writes_stopped, 0, "writes-stopped", "", "",
              "nobody else writes until the end, whoever is connected; the journal keeps that you "
              "said so",
              on(Verb::migrate), false, true},
    OptionRow{Option::events, 0, "events", "FILE|-", "",
              "write what happens as JSON, one object a line; the last one is the result",
              on(Verb::migrate), false, true},
    OptionRow{Option::result_file, 0, "result-file", "FILE", "",
              "write the object of --json there, whatever the result is", on(Verb::migrate), false,
              true},
    OptionRow{Option::termination_message, 0, "termination-message", "FILE", "",
              "write the last lines there; /dev/termination-log in Kubernetes", on(Verb::migrate),
              false, true},
    OptionRow{Option::alembic_config, 0, "alembic-config", "FILE", "",
              "alembic.ini, where the command does not name it",
              on(Verb::migrate, Verb::gate, Verb::ready, Verb::alembic), false, true},
    OptionRow{Option::version_table, 0, "version-table", "TABLE", "",
              "the version table, as NAME or SCHEMA.NAME",
              on(Verb::migrate, Verb::gate, Verb::ready, Verb::alembic), false, true},
    OptionRow{Option::tool, 0, "tool", "NAME", "",
              "whose tables say how far the database is, where the command does not show it: "
              "flyway, django, rails, dbmate, prisma, golang-migrate, liquibase, sqitch, none",
              on(Verb::migrate, Verb::gate, Verb::ready), false, true},
    OptionRow{Option::force, 0, "force", "", "", "take unknown revisions as they are written",
              on(Verb::alembic), false, false},
    OptionRow{Option::target_confirmed, 0, "target-confirmed", "", "",
              "-d is the command's database, though nothing shows it, or its server was moved",
              kGate, false, true},
    OptionRow{Option::reason, 0, "reason", "TEXT", "", "why (required)",
              on(Verb::release, Verb::migrate), false, false},
    OptionRow{Option::run, 0, "run", "RUN", "", "the run to take back", on(Verb::rollback), false,
              false},
    OptionRow{Option::undo, 0, "undo", "", "", "exchange the names again", on(Verb::rollback),
              false, false},
    OptionRow{Option::resume, 0, "resume", "", "", "finish what was killed on the way",
              on(Verb::rollback), false, false},
    OptionRow{Option::failed, 0, "failed", "", "",
              "also drop the databases that rollbacks of this database kept", on(Verb::gc), false,
              false},
    OptionRow{Option::keep_last, 0, "keep-last", "N", "", "keep the newest N", on(Verb::prune),
              false, true},
    OptionRow{Option::keep_within, 0, "keep-within", "TIME", "", "keep what is not older than that",
              on(Verb::prune), false, true},
    OptionRow{Option::keep_hourly, 0, "keep-hourly", "N", "",
              "keep the newest of each of the last N hours that have one", on(Verb::prune), false,
              true},
    OptionRow{Option::keep_daily, 0, "keep-daily", "N", "", "the same for days", on(Verb::prune),
              false, true},
    OptionRow{Option::keep_weekly, 0, "keep-weekly", "N", "", "the same for weeks, from Monday",
              on(Verb::prune), false, true},
    OptionRow{Option::keep_monthly, 0, "keep-monthly", "N", "", "the same for months",
              on(Verb::prune), false, true},
    OptionRow{Option::keep_yearly, 0, "keep-yearly", "N", "", "the same for years", on(Verb::prune),
              false, true},
    OptionRow{Option::dry_run, 0, "dry-run", "", "", "say what would be done, and change nothing",
              on(Verb::backup, Verb::prune, Verb::alembic, Verb::gc), false, false},
    OptionRow{Option::json, 0, "json", "", "", "print one JSON object instead of text", kEvery,
              false, true},
    OptionRow{Option::quiet, 'q', "quiet", "", "", "print nothing when all is well",
              on(Verb::backup, Verb::verify, Verb::restore, Verb::compare, Verb::status,
                 Verb::migrate, Verb::rollback, Verb::ready, Verb::alembic, Verb::gc, Verb::prune),
              false, true},
    OptionRow{Option::verbose, 'v', "verbose", "", "", "say more", kEvery, false, true},
    OptionRow{Option::config, 0, "config", "FILE", "",
              "configuration file (TOML): long options as keys, sections named after commands",
              kEvery, false, true},
    OptionRow{Option::help, 0, "help", "", "", "show this text", kEvery, false, false},
};

struct SpecialHelp {
  Verb verb;
  Option option;
  std::string_view help;
};
constexpr std::array kSpecialHelp = {
    SpecialHelp{Verb::backup, Option::dbname,
                "database: a name, a conninfo string, or a URI (also postgresql+driver://); may be "
                "given several times"},
    SpecialHelp{Verb::verify, Option::dbname,
                "any database on the server that runs the drill: a name, a conninfo string, or a "
                "URI; the scratch database is a new one"},
    SpecialHelp{Verb::restore, Option::dbname,
                "the database: a name, or a conninfo string or URI that names it"},
    SpecialHelp{Verb::verify, Option::repo, "the repository whose journal remembers a kept copy"},
    SpecialHelp{Verb::migrate, Option::check,
                "the schema must be this one afterwards (a file of belay schema)"},
    SpecialHelp{Verb::schema, Option::schema_only, "has no effect: there are never rows"},
    SpecialHelp{Verb::migrate, Option::reason, "why nothing is relied on (required by --gate off)"},
    SpecialHelp{Verb::list, Option::dbname, "only this database; may be given several times"},
    SpecialHelp{Verb::status, Option::dbname, "only this database; may be given several times"},
    SpecialHelp{Verb::prune, Option::dbname, "only this database; may be given several times"},
};

template <typename Rows, typename Key>
constexpr bool in_order(const Rows& rows, Key key, std::size_t size) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].*key) != i) return false;
  }
  return rows.size() == size;
}
static_assert(in_order(kVerbs, &VerbRow::verb, static_cast<std::size_t>(Verb::prune) + 1));
static_assert(in_order(kOptions, &OptionRow::option, static_cast<std::size_t>(Option::help) + 1));

// Two options of one verb with the same name or letter would shadow each other.
constexpr bool unambiguous() {
  for (const OptionRow& a : kOptions) {
    for (const OptionRow& b : kOptions) {
      if (a.option == b.option || (a.verbs & b.verbs) == 0) continue;
      if (a.name == b.name || (a.letter != 0 && a.letter == b.letter)) return false;
    }
  }
  return true;
}
static_assert(unambiguous());

constexpr std::array kForeignVariables = {
    VariableRow{"PGHOST, PGPORT, PGUSER, PGPASSWORD, PGPASSFILE, PGSSLMODE ...",
                "as libpq reads them; ~/.pgpass and service files work too"},
    VariableRow{"PGDATABASE, PGSERVICE", "the database if there is no -d"},
    VariableRow{"DATABASE_URL", "the database if there is neither -d nor one of those"},
};

}  // namespace

std::span<const VerbRow> verbs() { return kVerbs; }
std::span<const OptionRow> options() { return kOptions; }
const VerbRow& describe(Verb verb) { return kVerbs.at(static_cast<std::size_t>(verb)); }
const OptionRow& describe(Option option) { return kOptions.at(static_cast<std::size_t>(option)); }

bool takes(Verb verb, const OptionRow& option) {
  return (option.verbs & (1U << static_cast<unsigned>(verb))) != 0;
}

std::string_view help_of(Verb verb, const OptionRow& option) {
  for (const SpecialHelp& special : kSpecialHelp) {
    if (special.verb == verb && special.option == option.option) return special.help;
  }
  return option.help;
}

std::string variable_of(const OptionRow& option) {
  if (!option.from_environment) return "";
  std::string name = "BELAY_";
  for (const char c : option.name) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::span<const VariableRow> foreign_variables() { return kForeignVariables; }

}  // namespace belay::tools
