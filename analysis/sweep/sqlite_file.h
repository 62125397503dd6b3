// An SQLite file that is written once, front to back, and appears whole. Kept inside
// analysis/sweep.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>

namespace svasim::sweep {

class sqlite_file {
 public:
  /// Throws base::input_error "cannot write FILE: REASON", as everything here does.
  explicit sqlite_file(const std::string& path);
  sqlite_file(const sqlite_file&) = delete;
  sqlite_file& operator=(const sqlite_file&) = delete;
  /// Removes what commit() has not made stay.
  ~sqlite_file();

  void execute(const char* sql);
  void commit();

  /// INSERT into one table, row after row.
  class insertion {
   public:
    insertion(sqlite_file& file, const char* sql);
    insertion(const insertion&) = delete;
    insertion& operator=(const insertion&) = delete;
    ~insertion() { sqlite3_finalize(m_statement); }

    insertion& add(const std::string& text);
    /// Throws for a number of 2^63 or more, which SQLite does not hold.
    insertion& add(std::uint64_t number);
    insertion& add(std::optional<std::uint64_t> number);
    void row();

   private:
    sqlite_file& m_file;
    sqlite3_stmt* m_statement = nullptr;
    int m_column = 0;
  };

 private:
  [[noreturn]] void fail(const std::string& reason) const;
  void check(int code) const;

  std::string m_path, m_temporary;
  sqlite3* m_db = nullptr;
};

}  // namespace svasim::sweep
