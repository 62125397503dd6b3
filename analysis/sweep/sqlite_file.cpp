#include "analysis/sweep/sqlite_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace svasim::sweep {

sqlite_file::sqlite_file(const std::string& path)
    : m_path(path), m_temporary(path + ".tmp." + std::to_string(::getpid())) {
  base::check_replaceable(path);
  ::unlink(m_temporary.c_str());
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(m_temporary.c_str(), &m_db, flags, nullptr) != SQLITE_OK) {
    const std::string reason = m_db == nullptr ? "out of memory" : sqlite3_errmsg(m_db);
    sqlite3_close(m_db);
    m_db = nullptr;
    fail(reason);
  }
  // No journal: the rename is what makes it safe.
  execute("PRAGMA journal_mode=OFF");
  execute("PRAGMA synchronous=OFF");
  execute("BEGIN");
}

sqlite_file::~sqlite_file() {
  if (m_db == nullptr) return;
  sqlite3_close(m_db);
  ::unlink(m_temporary.c_str());
}

void sqlite_file::fail(const std::string& reason) const {
  throw base::input_error("cannot write " + m_path + ": " + reason);
}

void sqlite_file::check(int code) const {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) fail(sqlite3_errmsg(m_db));
}

void sqlite_file::execute(const char* sql) {
  check(sqlite3_exec(m_db, sql, nullptr, nullptr, nullptr));
}

void sqlite_file::commit() {
  execute("COMMIT");
  const int closed = sqlite3_close(m_db);
  m_db = nullptr;
  const int fd = ::open(m_temporary.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = closed == SQLITE_OK && fd >= 0 && (::fsync(fd) == 0 || errno == EINVAL) &&
                    std::rename(m_temporary.c_str(), m_path.c_str()) == 0;
  const int code = errno;
  if (fd >= 0) ::close(fd);
  if (good) return;
  ::unlink(m_temporary.c_str());
  fail(std::strerror(code));
}

sqlite_file::insertion::insertion(sqlite_file& file, const char* sql) : m_file(file) {
  file.check(sqlite3_prepare_v2(file.m_db, sql, -1, &m_statement, nullptr));
}

sqlite_file::insertion& sqlite_file::insertion::add(const std::string& text) {
  m_file.check(sqlite3_bind_text(m_statement, ++m_column, text.data(),
                                 static_cast<int>(text.size()), SQLITE_TRANSIENT));
  return *this;
}

sqlite_file::insertion& sqlite_file::insertion::add(std::uint64_t number) {
  if (number > std::uint64_t{INT64_MAX}) m_file.fail("a number is 2^63 or above");
  m_file.check(sqlite3_bind_int64(m_statement, ++m_column, static_cast<sqlite3_int64>(number)));
  return *this;
}

sqlite_file::insertion& sqlite_file::insertion::add(std::optional<std::uint64_t> number) {
  if (number) return add(*number);
  m_file.check(sqlite3_bind_null(m_statement, ++m_column));
  return *this;
}

void sqlite_file::insertion::row() {
  m_file.check(sqlite3_step(m_statement));
  m_file.check(sqlite3_reset(m_statement));
  m_column = 0;
}

}  // namespace svasim::sweep
