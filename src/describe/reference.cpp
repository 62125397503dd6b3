#include "describe/reference.h"

#include <fmt/format.h>

#include "describe/names.h"

namespace svasim::describe {
namespace {

using kind = declaration::kind;

// Text inside a table cell: a bar or a line break would end the cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

std::string range(const declaration& d) {
  if (d.what == kind::count || d.is_quantity()) {
    return value_text(d.what, d.min) + " to " + value_text(d.what, d.max);
  }
  std::string out;
  for (const std::string& c : d.choices) out += (out.empty() ? "" : ", ") + code(c);
  return out;
}

std::string row(const declaration& d, const std::string& path) {
  const std::string type =
      d.unit.empty() || d.is_quantity() ? name_of(d.what) : "count of " + d.unit;
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", code(dotted(path, d.name)), cell(type),
                     range(d), code(value_text(d)), cell(d.sentence), cell(d.provenance));
}

void write_members(const declaration& group, const std::string& path, std::string& out);

void write_section(const declaration& d, const std::string& path, std::string& out) {
  if (d.what == kind::group) {
    out += fmt::format("\n## `{}`\n\n{}\n", path, d.sentence);
    write_members(d, path, out);
    return;
  }
  const std::string element = path + ".N";
  out += fmt::format("\n## `{}`\n\n{} A list of {} to {} elements; N counts from 0.\n", element,
                     d.sentence, d.min, d.max);
  write_members(d.prototype.front(), element, out);
}

void write_members(const declaration& group, const std::string& path, std::string& out) {
  std::string rows;
  for (const declaration& m : group.members) {
    if (m.is_field()) rows += row(m, path);
  }
  if (!rows.empty()) {
    out += "\n| parameter | type | range | default | meaning | provenance of the default |\n";
    out += "|---|---|---|---|---|---|\n" + rows;
  }
  for (const declaration& m : group.members) {
    if (!m.is_field()) write_section(m, dotted(path, m.name), out);
  }
}

}  // namespace

std::string reference_markdown(const declaration& root, const std::string& title) {
  std::string out = "# " + title + "\n";
  write_members(root, "", out);
  return out;
}

}  // namespace svasim::describe
