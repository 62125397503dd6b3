// Whole files: read with an exact error, written so that a crash or a full disk leaves nothing half
// done.
#pragma once

#include <string>

namespace svasim::base {

/// The bytes of `path`. Throws input_error "cannot open FILE: REASON" (also for a directory).
std::string read_file(const std::string& path);

/// Write to a temporary name beside `path`, flush to disk, then rename. Throws input_error
/// "cannot write FILE: REASON" and removes the temporary file; `path` then is as it was before.
void write_file_atomically(const std::string& path, const std::string& content);

/// Throws base::input_error "cannot write FILE: not a regular file" for a device, pipe or socket,
/// which a rename would replace.
void check_replaceable(const std::string& path);

/// Create the directory and its parents. Throws input_error "cannot create directory DIR: REASON".
void make_directories(const std::string& path);

}  // namespace svasim::base
