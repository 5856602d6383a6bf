#include "librestore/load.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "libcore/archive/chunk.h"
#include "libcore/archive/entry_kind.h"
#include "libcore/archive/members.h"
#include "libcore/archive/verify.h"
#include "libcore/base/bounded_queue.h"
#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/base/worker_group.h"
#include "libcore/catalog/contents.h"
#include "librestore/copy_text.h"
#include "librestore/embedded_sql.h"
#include "librestore/extension_members.h"
#include "librestore/planner_statistics.h"
#include "librestore/run_steps.h"
#include "librestore/sessions.h"

namespace belay::restore {
namespace {

using Chunk = archive::Reader::Chunk;

QualifiedName loaded_relation(const archive::DataItem& item) {
  return item.load_root.name.empty() ? QualifiedName{item.schema, item.name} : item.load_root;
}

// What came of the chunks of one item.
struct Tally {
  ContentDigest digest;
  std::uint64_t bytes = 0;
  std::size_t chunks = 0;
};

// The members of a chunk's data that the server did not take may be damaged data: invalid text,
// violated constraints.
bool may_come_from_damage(const Error& error) {
  return error.kind() == ErrorKind::sql && (error.sqlstate_is("22") || error.sqlstate_is("23"));
}

// The session's default role, so that RESET ROLE comes back to it.
pg::ConnectTarget as_role(pg::ConnectTarget target, const std::string& role) {
  if (role.empty()) return target;
  std::string setting = "-c role=";
  for (const char c : role) {
    if (c == ' ' || c == '\\' || c == '\t') setting += '\\';
    setting += c;
  }
  const std::string* options = target.find("options");
  target.set("options", options ? *options + ' ' + setting : setting);
  return target;
}

class Load {
 public:
  Load(archive::Reader& reader, Plan plan, const pg::ConnectTarget& target, const Options& options,
       Environment& environment)
      : reader_(reader),
        contents_(reader.contents()),
        plan_(std::move(plan)),
        target_(as_role(target, options.role)),
        options_(options),
        one_transaction_(static_cast<bool>(options.exists)),
        environment_(environment),
        connect_([this] { return connect(); }),
        main_(connect()),
        tallies_(contents_.items.size()),
        run_as_(contents_.items.size()) {
    warnings_ = plan_.warnings;
  }

  Loaded run() {
    const auto started = environment_.clock.steady();
    if (one_transaction_) main_.run("BEGIN");
    create_schema();
    move_rows();
    check_tallies();
    finish_schema();
    Loaded loaded = result(started);
    if (one_transaction_) commit();
    return loaded;
  }

 private:
  pg::Connection connect() {
    pg::ConnectOptions options;
    options.kind = pg::SessionKind::load;
    options.application_name = "belay restore";
    options.cancellation = &environment_.cancellation;
    pg::Connection connection = pg::Connection::connect(target_, options);
    set_monetary_locale(connection);
    return connection;
  }

  // Amounts of money are text in the locale of the source.
  void set_monetary_locale(pg::Connection& connection) {
    const std::string& locale = contents_.database.lc_monetary;
    if (locale.empty()) return;
    try {
      connection.query("SELECT pg_catalog.set_config('lc_monetary', $1, false)", {locale});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::sql) throw;
      std::lock_guard lock(mutex_);
      if (std::exchange(warned_of_money_, true)) return;
      warnings_.push_back("lc_monetary " + locale + " is not known here: " + error.cause());
    }
  }

  void commit() {
    environment_.cancellation.check();
    try {
      main_.run("COMMIT");
    } catch (Error& error) {
      if (main_.alive()) throw;
      throw error.as(ErrorKind::restore_failed)
          .cause("the connection was lost at COMMIT: all of it was committed, or nothing")
          .next(kLostAtCommit);
    }
  }

  void stage(std::string_view name, std::uint64_t items, std::uint64_t bytes = 0) {
    environment_.cancellation.check();
    environment_.progress.stage(name, items, bytes);
  }

  void run_batches(std::span<const Plan::Step> steps) {
    run_in_batches(main_, contents_, steps, one_transaction_ ? Batch::part : Batch::transaction,
                   environment_.progress);
    statements_ += steps.size();
  }

  // Rows are never added to rows that are there.
  void refuse_filled_tables() {
    for (const archive::DataItem& item : contents_.items) {
      if (item.kind != archive::DataKind::table || !is_wanted(item.number)) continue;
      if (plan_.entries[static_cast<std::size_t>(item.entry) - 1]) continue;
      const std::string name = quote_name({item.schema, item.name});
      if (!main_.query("SELECT EXISTS (SELECT FROM ONLY " + name + ")").boolean(0, 0)) continue;
      throw Error(ErrorKind::target_exists, "the table has rows already")
          .object(archive::title_of(item))
          .next("TRUNCATE " + quote_name_pretty({item.schema, item.name}) +
                ", if these rows may go");
    }
  }

  void create_schema() {
    if (one_transaction_) refuse_filled_tables();
    stage("create schema", plan_.pre_data.size());
    const std::size_t extensions = steps_of_extensions(contents_, plan_.pre_data);
    run_batches(std::span(plan_.pre_data).first(extensions));
    if (extensions > 0) run_batches(free_members(main_, contents_, plan_));
    skip_family_members(main_, contents_, plan_.pre_data);
    run_batches(std::span(plan_.pre_data).subspan(extensions));
    if (main_.parameter("is_superuser") != "on") return;
    // Owners load their tables with the rights that they had. A superuser loses nothing by it; any
    // other login role might, and grants last.
    const auto later = std::stable_partition(
        plan_.privileges.begin(), plan_.privileges.end(), [&](const Plan::Step& step) {
          const auto& entry = contents_.entries[static_cast<std::size_t>(step.entry)];
          return entry.section == archive::Section::pre_data && !entry.last;
        });
    const std::vector<Plan::Step> early(plan_.privileges.begin(), later);
    plan_.privileges.erase(plan_.privileges.begin(), later);
    run_batches(early);
    choose_authority();
  }

  // Under which role each table is loaded; empty: as the login role, where the owner could not.
  void choose_authority() {
    if (!options_.run_as_owner || options_.no_owner) return;
    std::vector<std::string> owners, schemas, names;
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < contents_.items.size(); ++i) {
      const archive::DataItem& item = contents_.items[i];
      if (!plan_.items[i] || item.kind != archive::DataKind::table) continue;
      asked.push_back(i);
      const QualifiedName relation = loaded_relation(item);
      owners.push_back(item.owner);
      schemas.push_back(relation.schema);
      names.push_back(relation.name);
    }
    const pg::Result rights =
        main_.query(sql_for(main_, "load_authority"),
                    {text_array(owners), text_array(schemas), text_array(names)});
    for (std::size_t row = 0; row < asked.size(); ++row) {
      const archive::DataItem& item = contents_.items[asked[row]];
      if (item.owner != main_.user() && rights.boolean(static_cast<int>(row), 0))
        run_as_[asked[row]] = item.owner;
    }
  }

  void move_rows() {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < contents_.items.size(); ++i) {
      if (plan_.items[i]) bytes += contents_.items[i].estimated_bytes;
    }
    stage("load", contents_.items.size(), bytes);
    if (one_transaction_) {
      move_rows_alone();
    } else {
      move_rows_beside();
    }
    std::sort(ends_.begin(), ends_.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
  }

  void move_rows_alone() {
    try {
      while (std::optional<archive::Reader::Event> event = reader_.next()) {
        environment_.cancellation.check();
        if (auto* end = std::get_if<archive::DataEnd>(&*event)) {
          ends_.push_back(std::move(*end));
        } else if (is_wanted(std::get<Chunk>(*event).number)) {
          load_chunk(main_, std::get<Chunk>(*event));
        }
      }
    } catch (const Error& error) {
      if (may_come_from_damage(error)) read_to_the_end();
      throw;
    }
  }

  bool is_wanted(int item) const { return plan_.items[static_cast<std::size_t>(item) - 1]; }

  // An extension's tables have foreign keys already, and their rows an order that these allow.
  // Statistics wait in the session that takes them in.
  bool is_for_main(int number) const {
    const archive::DataItem& item = contents_.items[static_cast<std::size_t>(number) - 1];
    if (item.entry == 0) return item.kind == archive::DataKind::planner_statistics;
    return archive::is_of_extension(contents_.entries[static_cast<std::size_t>(item.entry) - 1]);
  }

  void move_rows_beside() {
    BoundedQueue<Chunk> queue(static_cast<std::size_t>(std::max(options_.jobs, 1)));
    Sessions sessions;
    WorkerGroup workers([&] {
      queue.close();
      sessions.cancel_all();
    });
    for (int i = 0; i < options_.jobs && !options_.schema_only; ++i)
      workers.start([&] { work(queue, sessions); });
    try {
      read_into(queue);
    } catch (const std::exception&) {
      workers.fail(std::current_exception());
    }
    try {
      workers.join();
    } catch (const Error& error) {
      if (may_come_from_damage(error)) read_to_the_end();
      throw;
    }
  }

  void read_into(BoundedQueue<Chunk>& queue) {
    while (std::optional<archive::Reader::Event> event = reader_.next()) {
      environment_.cancellation.check();
      if (auto* end = std::get_if<archive::DataEnd>(&*event)) {
        ends_.push_back(std::move(*end));
      } else if (!is_wanted(std::get<Chunk>(*event).number)) {
        continue;
      } else if (is_for_main(std::get<Chunk>(*event).number)) {
        load_chunk(main_, std::get<Chunk>(*event));
      } else if (!queue.push(std::move(std::get<Chunk>(*event)))) {
        return;  // a worker failed
      }
    }
    queue.finish();
  }

  // Throws if the archive is damaged.
  void read_to_the_end() {
    while (reader_.next()) environment_.cancellation.check();
  }

  void work(BoundedQueue<Chunk>& queue, Sessions& sessions) {
    std::optional<pg::Connection> connection;
    std::optional<Sessions::Entry> entered;
    while (const std::optional<Chunk> chunk = queue.pop()) {
      if (!connection) {
        connection.emplace(connect());
        entered.emplace(sessions, *connection);
      }
      load_chunk(*connection, *chunk);
    }
  }

  void load_chunk(pg::Connection& connection, const Chunk& chunk) {
    const archive::DataItem& item = contents_.items[static_cast<std::size_t>(chunk.number - 1)];
    try {
      switch (item.kind) {
        case archive::DataKind::table:
          load_rows(connection, chunk, item);
          break;
        case archive::DataKind::sequence_states:
          note_sequence_states(chunk, item);
          load_through(connection, chunk, item, "sequence_states", "belay_sequence_states");
          break;
        case archive::DataKind::large_objects:
          load_through(connection, chunk, item, "large_object_pieces", "belay_large_object_pieces");
          break;
        case archive::DataKind::planner_statistics:
          if (!std::exchange(statistics_came_, true)) make_statistics_table(main_);
          copy(main_, chunk, item, sql_for(main_, "copy_planner_statistics"));
          break;
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::damaged && error.object().empty())
        throw Error(error).object(chunk.ref.name);
      if (error.kind() != ErrorKind::sql) throw;
      throw failed_at(error, archive::title_of(item));
    }
  }

  void load_rows(pg::Connection& connection, const Chunk& chunk, const archive::DataItem& item) {
    const ActingAs acting(connection, run_as_[static_cast<std::size_t>(item.number - 1)]);
    copy(connection, chunk, item,
         catalog::copy_in_statement(loaded_relation(item), item.columns,
                                    item.format == archive::CopyFormat::binary));
  }

  // Rows that mean a call of a function go through a temporary table, chunk by chunk.
  void load_through(pg::Connection& connection, const Chunk& chunk, const archive::DataItem& item,
                    const std::string& name, const std::string& table) {
    if (!one_transaction_) connection.run("BEGIN");
    try {
      connection.query(sql_for(connection, "create_" + name) + " ON COMMIT DROP");
      copy(connection, chunk, item, "COPY pg_temp." + table + " FROM STDIN");
      if (item.kind == archive::DataKind::sequence_states) keep_states(connection);
      connection.query(sql_for(connection, "apply_" + name));
      connection.query("DROP TABLE pg_temp." + table);
      if (!one_transaction_) connection.run("COMMIT");
    } catch (...) {
      try {
        if (!one_transaction_ && connection.alive()) connection.run("ROLLBACK");
      } catch (const std::exception&) {
        // The first failure is the one to tell.
      }
      throw;
    }
  }

  void keep_states(pg::Connection& connection) {
    if (!plan_.sequences) return;
    std::vector<std::string> schemas, names;
    for (const QualifiedName& name : *plan_.sequences) {
      schemas.push_back(name.schema);
      names.push_back(name.name);
    }
    connection.query(sql_for(connection, "keep_sequence_states"),
                     {text_array(schemas), text_array(names)});
  }

  void copy(pg::Connection& connection, const Chunk& chunk, const archive::DataItem& item,
            const std::string& sql) {
    Tally tally;
    pg::CopyIn in = connection.copy_in(sql, item.encoding);
    tally.digest = archive::digest_chunk(
        chunk.bytes, item, [&](std::string_view piece) { in.write(piece); }, &tally.bytes);
    const std::uint64_t taken = in.finish();
    if (taken != tally.digest.rows) {
      throw Error(ErrorKind::restore_failed, "the server did not take every row")
          .object(archive::title_of(item))
          .cause(std::to_string(taken) + " of " + std::to_string(tally.digest.rows));
    }
    environment_.progress.advance(archive::title_of(item), 0, tally.bytes);
    std::lock_guard lock(mutex_);
    Tally& sum = tallies_[static_cast<std::size_t>(item.number - 1)];
    sum.digest += tally.digest;
    sum.bytes += tally.bytes;
    ++sum.chunks;
  }

  void note_sequence_states(const Chunk& chunk, const archive::DataItem& item) {
    archive::RowScanner scanner(item.format, [&](std::string_view row) {
      const std::vector<std::optional<std::string>> fields = copy_fields(row);
      if (fields.size() != 4) {
        throw Error(ErrorKind::damaged, "a sequence's state does not have four fields")
            .object(chunk.ref.name);
      }
      const QualifiedName name{fields[0].value_or(""), fields[1].value_or("")};
      if (plan_.sequences && !plan_.sequences->contains(name)) return;
      std::lock_guard lock(mutex_);
      sequences_[name] = fields[2].value_or("") + "," + fields[3].value_or("");
    });
    archive::decode_chunk(chunk.bytes, item.compression,
                          [&](std::string_view piece) { scanner.feed(piece); });
    scanner.finish();
  }

  // Every end came and the archive holds: what was loaded must be what the ends say.
  void check_tallies() {
    for (const archive::DataEnd& end : ends_) {
      const std::size_t i = static_cast<std::size_t>(end.number - 1);
      if (!plan_.items[i]) continue;
      const Tally& tally = tallies_.at(i);
      if (tally.digest == end.stored && tally.bytes == end.bytes &&
          tally.chunks == end.chunks.size())
        continue;
      throw Error(ErrorKind::damaged, "the rows are not those that were written")
          .object(archive::title_of(contents_.items[i]))
          .cause("expected " + std::to_string(end.stored.rows) + " rows, digest " +
                 end.stored.hex() + "; found " + std::to_string(tally.digest.rows) +
                 " rows, digest " + tally.digest.hex());
    }
  }

  void finish_schema() {
    stage("build indexes and constraints", plan_.post_data.size());
    skip_what_scripts_made(main_, contents_, plan_.post_data);
    settle_roles(main_, contents_, plan_.post_data);
    run_post_data(main_, connect_, one_transaction_ ? 1 : options_.jobs, contents_, plan_.post_data,
                  environment_);
    stage("grant privileges", plan_.privileges.size());
    run_batches(plan_.privileges);
    stage("refresh", plan_.last.size());
    settle_roles(main_, contents_, plan_.last);
    run_one_by_one(main_, contents_, plan_.last, environment_.progress);
    if (statistics_came_) take_in_statistics();  // while the login role owns the database
    for (Plan::Step& step : plan_.database)
      step.sql = with_database_name(step.sql, main_.database());
    run_batches(plan_.database);
    statements_ += plan_.post_data.size() + plan_.last.size();
  }

  void take_in_statistics() {
    stage("take in statistics", 0);
    const bool as_owners = options_.run_as_owner && main_.parameter("is_superuser") == "on";
    statistics_ = restore::take_in_statistics(
        main_, {reader_.header().source.server_version, as_owners, one_transaction_}, environment_);
    warnings_.insert(warnings_.end(), statistics_->refused.begin(), statistics_->refused.end());
  }

  Loaded result(std::chrono::steady_clock::time_point started) {
    Loaded loaded;
    Summary& summary = loaded.summary;
    summary.header = reader_.header();
    summary.manifest = reader_.manifest();
    summary.database = main_.database();
    summary.sha256 = reader_.sha256();
    summary.size = reader_.size();
    summary.statements = statements_;
    summary.sequences = sequences_.size();
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
      if (!plan_.items[i]) continue;
      summary.bytes += tallies_[i].bytes;
      if (contents_.items[i].kind != archive::DataKind::table) continue;
      ++summary.tables;
      summary.rows += tallies_[i].digest.rows;
    }
    for (std::size_t i = 0; i < plan_.entries.size(); ++i) {
      if (plan_.entries[i] && contents_.entries[i].kind == "large object") ++summary.large_objects;
    }
    summary.whole = options_.selection.everything() && !options_.schema_only && options_.pre_data &&
                    options_.post_data;
    summary.left_out = plan_.left_out;
    summary.statistics = statistics_;
    summary.warnings = warnings_;
    for (std::string& notice : main_.take_notices()) summary.warnings.push_back(std::move(notice));
    summary.seconds = std::chrono::duration<double>(environment_.clock.steady() - started).count();
    loaded.ends = std::move(ends_);
    loaded.sequences = std::move(sequences_);
    return loaded;
  }

  archive::Reader& reader_;
  const archive::Contents& contents_;
  Plan plan_;
  const pg::ConnectTarget target_;
  const Options options_;
  const bool one_transaction_;
  Environment& environment_;
  std::mutex mutex_;
  bool warned_of_money_ = false;       // guarded by mutex_
  std::vector<std::string> warnings_;  // guarded by mutex_
  const Connect connect_;
  pg::Connection main_;
  std::uint64_t statements_ = 0;
  bool statistics_came_ = false;
  std::optional<PlannerStatistics> statistics_;
  std::vector<archive::DataEnd> ends_;
  std::vector<Tally> tallies_;                      // guarded by mutex_ while workers run
  std::map<QualifiedName, std::string> sequences_;  // guarded by mutex_ while workers run
  std::vector<std::string> run_as_;                 // by item; set before workers start
};

}  // namespace

Loaded load(archive::Reader& reader, Plan plan, const pg::ConnectTarget& target,
            const Options& options, Environment& environment) {
  return Load(reader, std::move(plan), target, options, environment).run();
}

}  // namespace belay::restore
