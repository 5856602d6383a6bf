// What CopyOut and CopyIn do behind their headers. Used by connection.cc and copy.cc only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/pg/connection.h"
#include "libcore/pg/session.h"

namespace belay::pg {

// Sends SET client_encoding and COPY as one simple query, so that the names inside `sql` are still
// read in the session's encoding; the setting is taken back when the COPY is over.
class CopyStart {
 public:
  // Throws if the server answers with anything but `expected`.
  CopyStart(Session& session, std::string_view sql, std::string_view encoding,
            std::string session_encoding, ExecStatusType expected);

  Session& session() const { return session_; }
  PGconn* connection() const { return session_.connection(); }
  // Takes the results that are left, throws their error, and restores the encoding.
  ResultPtr finish();
  // The same for a COPY that is given up.
  void abandon() noexcept;

 private:
  void restore_encoding();

  Session& session_;
  std::string session_encoding_;
};

struct CopyOut::State {
  State(Session& session, std::string_view sql, bool binary, std::string_view encoding,
        const std::string& session_encoding);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  std::optional<std::string_view> next();

 private:
  std::optional<std::string_view> next_message();
  // What follows the header in the message that carries it.
  std::string_view take_header(std::string_view message) const;
  void release();

  CopyStart copy_;
  char* message_ = nullptr;  // libpq's memory
  bool binary_;
  bool header_seen_ = false;
  bool trailer_seen_ = false;
  bool ended_ = false;
};

struct CopyIn::State {
  State(Session& session, std::string_view sql, std::string_view encoding,
        const std::string& session_encoding);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  void write(std::string_view bytes);
  std::uint64_t finish();

 private:
  bool server_gave_up() const;
  void send(std::string_view piece);
  // Ends the COPY, well without a reason, and throws what the server says.
  std::uint64_t end(const char* reason);
  [[noreturn]] void give_up(const char* reason);

  CopyStart copy_;
  std::string waiting_;  // small writes, until there is a piece of them
  bool ended_ = false;
};

}  // namespace belay::pg
