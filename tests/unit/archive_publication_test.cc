// Whatever fails, and wherever: under the final name there is the old file, the new one, or none.
#include "libcore/archive/receipt.h"
#include "tests/support/catch.h"
#include "tests/support/memory_file_system.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

const Cancellation kNever;
const Path kDestination = "/backups/app.belay";

void publish(FileSystem& files) {
  Publication publication(files, kDestination, kNever);
  REQUIRE(publication.is_regular_file());
  Writer writer(publication.sink(), sample_header());
  writer.add_database(sample_database());
  writer.add_entry(sample_entry(1, "t1"));
  const DataItem item = sample_item(1, CopyFormat::text, Compression::zstd);
  writer.add_data_item(item);
  writer.end_toc();
  write_rows(writer, item, 2, 3);
  writer.finish(sample_manifest());
  publication.commit();
}

bool is_partial(const std::string& name) {
  return name.starts_with(".") && name.ends_with(".partial");
}

}  // namespace

TEST_CASE("a published archive is complete and alone") {
  MemoryFileSystem files;
  files.make_directories("/backups");
  publish(files);
  files.crash(MemoryFileSystem::UnsyncedNames::lost);  // nothing was left to be synced
  REQUIRE(files.list("/backups") == std::vector<std::string>{"app.belay"});
  REQUIRE(verify(files.content(kDestination)).rows == 6);
}

TEST_CASE("a failure at any operation leaves no incomplete archive") {
  MemoryFileSystem counted;
  counted.make_directories("/backups");
  const std::uint64_t before = counted.operations();
  publish(counted);
  const std::uint64_t operations = counted.operations() - before;
  REQUIRE(operations > 10);
  for (const bool replaces : {false, true}) {
    for (const auto fault : {MemoryFileSystem::Fault::once, MemoryFileSystem::Fault::forever}) {
      for (const auto names :
           {MemoryFileSystem::UnsyncedNames::lost, MemoryFileSystem::UnsyncedNames::kept}) {
        for (std::uint64_t at = 1; at <= operations; ++at) {
          MemoryFileSystem files;
          files.make_directories("/backups");
          const std::string old = replaces ? sample_archive() : "";
          if (replaces) files.put(kDestination, old);
          files.fail_at(at, fault);
          INFO("operation " << at << " of " << operations);
          REQUIRE(error_of([&] { publish(files); }).kind() == ErrorKind::io);
          if (fault == MemoryFileSystem::Fault::once) {  // the process lives and cleans up
            for (const std::string& name : files.list("/backups")) REQUIRE_FALSE(is_partial(name));
          }
          files.crash(names);
          for (const std::string& name : files.list("/backups")) {
            if (is_partial(name)) continue;
            REQUIRE(name == "app.belay");
            const std::string content = files.content(kDestination);
            if (content != old) REQUIRE(verify(content).rows == 6);
          }
          if (replaces) REQUIRE(files.status(kDestination).type == FileStatus::Type::regular);
        }
      }
    }
  }
}

TEST_CASE("a full disk leaves nothing behind") {
  for (const std::uint64_t capacity : {0, 511, 512, 3000, 6000}) {
    MemoryFileSystem files;
    files.make_directories("/backups");
    files.set_capacity(capacity);
    REQUIRE(error_of([&] { publish(files); }).kind() == ErrorKind::io);
    REQUIRE(files.list("/backups").empty());
  }
}

TEST_CASE("an archive that is not committed disappears") {
  MemoryFileSystem files;
  files.make_directories("/backups");
  files.put(kDestination, "old");
  {
    Publication publication(files, kDestination, kNever);
    publication.sink().write("new");
    REQUIRE(files.list("/backups").size() == 2);
    REQUIRE(is_partial(files.list("/backups").front()));
  }
  REQUIRE(files.list("/backups").size() == 1);
  REQUIRE(files.content(kDestination) == "old");
}

TEST_CASE("replacing an archive removes its receipt") {
  MemoryFileSystem files;
  files.put(kDestination, "old");
  files.put("/backups/app.belay.receipt.json", "receipt");
  files.put("/backups/app.receipt.json", "receipt");
  publish(files);
  REQUIRE(files.list("/backups") == std::vector<std::string>{"app.belay"});
}

TEST_CASE("long names are cut, directories refused") {
  MemoryFileSystem files;
  const Path destination = Path("/backups") / (std::string(249, 'n') + ".belay");
  files.make_directories("/backups");
  {
    Publication publication(files, destination, kNever);
    REQUIRE(files.list("/backups").front().size() <= 255);
    publication.commit();
  }
  REQUIRE(files.status(destination).type == FileStatus::Type::regular);
  REQUIRE(error_of([&] { Publication(files, "/backups", kNever); }).kind() == ErrorKind::usage);
}

TEST_CASE("receipts survive, and a flipped bit in them is found") {
  Receipt receipt;
  receipt.archive_sha256 = belay::sha256("archive");
  receipt.archive_size = 123;
  receipt.archive_id = sample_header().archive_id;
  receipt.level = Level::compared;
  receipt.verified_at = "2026-11-23T09:31:53.123456Z";
  receipt.verified_by = "belay test";
  receipt.source = sample_header().source;
  receipt.fingerprint = belay::sha256("schema");
  receipt.drill_server_version = 150018;
  receipt.drill_database = "app__belay_drill";
  receipt.tables_compared = 1;
  receipt.rows_compared = 2;
  receipt.sequences_compared = 3;
  receipt.large_objects_compared = 4;
  receipt.views_compared = 5;
  receipt.not_compared = {"materialized view public.\"x\n\""};
  receipt.seconds = 1.25;

  MemoryFileSystem files;
  const Path path = receipt_path("/r/app/20261123T093153Z-0011.belay", true);
  REQUIRE(path == "/r/app/20261123T093153Z-0011.receipt.json");
  REQUIRE(receipt_path("/r/app.belay", false) == "/r/app.belay.receipt.json");
  REQUIRE_FALSE(read_receipt(files, path));
  files.make_directories("/r/app");
  write_receipt(files, path, receipt);
  const Receipt read = read_receipt(files, path).value();
  REQUIRE(read.archive_sha256 == receipt.archive_sha256);
  REQUIRE(read.source == receipt.source);
  REQUIRE(read.level == Level::compared);
  REQUIRE(belay::archive::to_json(read) == belay::archive::to_json(receipt));
  REQUIRE(nlohmann::json::parse(files.content(path))["seconds"] == 1.25);

  REQUIRE_FALSE(read.signature);

  const std::string json = files.content(path);
  for (std::size_t at = 0; at < json.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = json;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      if (error_of([&] { receipt_from_json(bad); }).kind() != ErrorKind::damaged) FAIL(bad);
    }
    REQUIRE(error_of([&] { receipt_from_json(json.substr(0, at)); }).kind() == ErrorKind::damaged);
  }
  files.put(path, json + " ");
  const Error error = error_of([&] { read_receipt(files, path); });
  REQUIRE(error.kind() == ErrorKind::damaged);
  REQUIRE(error.object() == path);
}

TEST_CASE("a signed receipt holds for its key, as a whole") {
  // RFC 8032, section 7.1, test 2.
  const SigningKey key(
      "-----BEGIN PRIVATE "
      "KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
      "-----END PRIVATE KEY-----\n");
  const TrustedKey trusted(
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
      "-----END PUBLIC KEY-----\n");
  Receipt receipt;
  receipt.archive_sha256 = belay::sha256("archive");
  receipt.source = sample_header().source;
  const std::string json = belay::archive::to_json(receipt, &key);
  const Receipt read = receipt_from_json(json);
  REQUIRE(read.signature);
  CHECK(read.signature->by == trusted.id());
  CHECK(is_signed_by(read, trusted));
  CHECK_FALSE(is_signed_by(receipt_from_json(belay::archive::to_json(receipt)), trusted));
  // Forged: another hash, and the last line made to fit again.
  std::string forged = json.substr(0, json.rfind("  \"sha256_of_lines_above\""));
  const std::string other = belay::sha256("another archive").hex();
  forged.replace(forged.find(receipt.archive_sha256.hex()), other.size(), other);
  forged += "  \"sha256_of_lines_above\": \"" + belay::sha256(forged).hex() + "\"\n}\n";
  CHECK(receipt_from_json(forged).archive_sha256.hex() == other);
  CHECK_FALSE(is_signed_by(receipt_from_json(forged), trusted));
}
