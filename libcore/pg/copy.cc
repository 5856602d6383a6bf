#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "libcore/base/name.h"
#include "libcore/pg/copy_stream.h"

namespace belay::pg {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t kHeader = 19;
constexpr std::uint32_t kMaxExtension = 64 * 1024;
constexpr std::string_view kTrailer("\377\377", 2);
// What a socket takes at once when it says that it takes something. libpq reads when it cannot
// write, and would then hide an error message in its own buffer; so it is not given more.
constexpr std::size_t kPiece = 32 * 1024;

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const char c : four) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

[[noreturn]] void bad_stream(std::string_view cause) {
  throw Error(ErrorKind::internal, "the server sent a binary COPY that cannot be read")
      .cause(cause);
}

}  // namespace

CopyStart::CopyStart(Session& session, std::string_view sql, std::string_view encoding,
                     std::string session_encoding, ExecStatusType expected)
    : session_(session), session_encoding_(std::move(session_encoding)) {
  std::string text;
  if (!encoding.empty() && encoding != session_encoding_) {
    text = "SET client_encoding TO " + quote_literal(encoding) + "; ";
  }
  text += sql;
  session_.send(text);
  ResultPtr result = session_.next_result();
  if (text.size() != sql.size() && PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
    result = session_.next_result();
  }
  if (!result) throw session_.failure(nullptr);
  if (PQresultStatus(result.get()) == expected) return;
  if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) session_.finish(std::move(result));
  abandon();
  throw Error(ErrorKind::internal, "the statement is not the COPY that was announced");
}

void CopyStart::restore_encoding() {
  // In a failed transaction nothing can be set, and its rollback takes the setting back.
  if (!session_.alive() || PQtransactionStatus(connection()) == PQTRANS_INERROR) return;
  const char* now = PQparameterStatus(connection(), "client_encoding");
  if (now && session_encoding_ == now) return;
  session_.run("SET client_encoding TO " + quote_literal(session_encoding_));
}

ResultPtr CopyStart::finish() {
  ResultPtr result = session_.finish();
  restore_encoding();
  return result;
}

void CopyStart::abandon() noexcept {
  try {
    session_.abandon();
    restore_encoding();
  } catch (...) {
    // Cancelled or lost: every later statement of this connection says so.
  }
}

CopyOut::State::State(Session& session, std::string_view sql, bool binary,
                      std::string_view encoding, const std::string& session_encoding)
    : copy_(session, sql, encoding, session_encoding, PGRES_COPY_OUT), binary_(binary) {}

CopyOut::State::~State() {
  release();
  if (!ended_) copy_.abandon();
}

void CopyOut::State::release() {
  if (message_) PQfreemem(message_);
  message_ = nullptr;
}

std::optional<std::string_view> CopyOut::State::next_message() {
  release();
  if (ended_) return std::nullopt;
  PGconn* connection = copy_.connection();
  for (;;) {
    const int got = PQgetCopyData(connection, &message_, 1);
    if (got > 0) return std::string_view(message_, static_cast<std::size_t>(got));
    if (got == 0) {
      copy_.session().exchange(true);
      continue;
    }
    if (got != -1) throw copy_.session().failure(nullptr);
    ended_ = true;
    copy_.finish();
    return std::nullopt;
  }
}

std::string_view CopyOut::State::take_header(std::string_view message) const {
  if (message.size() < kHeader || !message.starts_with(kSignature)) bad_stream("wrong signature");
  if (big_endian(message.substr(11, 4)) != 0) bad_stream("its flags are not known");
  const std::uint32_t extension = big_endian(message.substr(15, 4));
  if (extension > kMaxExtension || extension > message.size() - kHeader) {
    bad_stream("its header extension is too long");
  }
  return message.substr(kHeader + extension);
}

std::optional<std::string_view> CopyOut::State::next() {
  std::optional<std::string_view> message = next_message();
  if (!binary_) return message;
  while (message) {
    if (!header_seen_) {
      message = take_header(*message);
      header_seen_ = true;
    }
    // A row begins with its number of columns, which is never negative.
    if (message->starts_with(kTrailer)) {
      if (message->size() != kTrailer.size()) bad_stream("something follows the trailer");
      trailer_seen_ = true;
    } else if (!message->empty()) {
      if (trailer_seen_) bad_stream("a row follows the trailer");
      return message;
    }
    message = next_message();
  }
  if (!trailer_seen_) bad_stream("it has no trailer");
  return std::nullopt;
}

CopyIn::State::State(Session& session, std::string_view sql, std::string_view encoding,
                     const std::string& session_encoding)
    : copy_(session, sql, encoding, session_encoding, PGRES_COPY_IN) {}

CopyIn::State::~State() {
  if (ended_) return;
  try {
    end("given up by the client");
  } catch (...) {
    // The server rejects the COPY, as it was asked to.
  }
}

// During COPY IN libpq looks at an error message only at the end, so that gigabytes would be sent
// for nothing. Looks at what waits on the socket instead. Through TLS that cannot be seen; there
// the error is found at the end.
bool CopyIn::State::server_gave_up() const {
  PGconn* connection = copy_.connection();
  if (PQsslInUse(connection) != 0 || PQgssEncInUse(connection) != 0) return false;
  std::array<char, 6> head{};
  const ssize_t size =
      ::recv(PQsocket(connection), head.data(), head.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size == 0) return true;  // the connection is closed
  // ErrorResponse: 'E', a length below 64 kB, and its first field, the severity. No piece of a
  // notice looks like this: its text holds no two NUL bytes before an 'S'.
  return size == 6 && head[0] == 'E' && head[1] == 0 && head[2] == 0 && head[5] == 'S';
}

void CopyIn::State::write(std::string_view bytes) {
  if (ended_) throw Error(ErrorKind::internal, "COPY is over");
  if (!waiting_.empty() || bytes.size() < kPiece) {
    const std::string_view head = bytes.substr(0, kPiece - waiting_.size());
    waiting_ += head;
    bytes.remove_prefix(head.size());
    if (waiting_.size() < kPiece) return;
    send(waiting_);
    waiting_.clear();
  }
  while (bytes.size() >= kPiece) {
    send(bytes.substr(0, kPiece));
    bytes.remove_prefix(kPiece);
  }
  waiting_ = bytes;
}

void CopyIn::State::send(std::string_view piece) {
  Session& session = copy_.session();
  for (bool sent = false; !sent;) {
    // A server that waits for rows hears no cancellation: end its COPY.
    if (session.cancelled()) give_up("cancelled");
    const short ready = session.wait(POLLIN | POLLOUT);
    if ((ready & ~POLLOUT) != 0) {
      if (server_gave_up()) give_up("the server refused");
      session.read_input();
      static_cast<void>(PQisBusy(copy_.connection()));  // hands out the notices
    }
    if ((ready & POLLOUT) == 0) continue;
    const int put = PQputCopyData(copy_.connection(), piece.data(), static_cast<int>(piece.size()));
    if (put < 0) give_up("the client failed");
    sent = put > 0;
    if (PQflush(copy_.connection()) < 0) throw session.failure(nullptr);
  }
}

void CopyIn::State::give_up(const char* reason) {
  end(reason);
  throw copy_.session().failure(nullptr);
}

std::uint64_t CopyIn::State::end(const char* reason) {
  ended_ = true;
  Session& session = copy_.session();
  for (;;) {
    const int put = PQputCopyEnd(copy_.connection(), reason);
    if (put < 0) throw session.failure(nullptr);
    if (put > 0) break;
    session.flush();
  }
  return Result(copy_.finish().release()).affected();
}

std::uint64_t CopyIn::State::finish() {
  if (ended_) throw Error(ErrorKind::internal, "COPY is over");
  if (!waiting_.empty()) send(waiting_);
  waiting_.clear();
  return end(nullptr);
}

CopyOut::CopyOut(std::unique_ptr<State> state) : state_(std::move(state)) {}
CopyOut::~CopyOut() = default;
CopyOut::CopyOut(CopyOut&&) noexcept = default;
std::optional<std::string_view> CopyOut::next() { return state_->next(); }

CopyIn::CopyIn(std::unique_ptr<State> state) : state_(std::move(state)) {}
CopyIn::~CopyIn() = default;
CopyIn::CopyIn(CopyIn&&) noexcept = default;
void CopyIn::write(std::string_view bytes) { state_->write(bytes); }
std::uint64_t CopyIn::finish() { return state_->finish(); }

}  // namespace belay::pg
