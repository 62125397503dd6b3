#include "analysis/sweep/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "analysis/result.h"
#include "analysis/sweep/sqlite_file.h"
#include "base/file.h"
#include "base/in_order.h"
#include "base/units.h"

namespace svasim::sweep {
namespace {

using nlohmann::json;
using insertion = sqlite_file::insertion;

// Every field of a tree of parameters: path, value as text, number.
using field_visit =
    std::function<void(const std::string&, const std::string&, std::optional<std::uint64_t>)>;

std::optional<std::uint64_t> number_of(const std::string& text) {
  if (const auto v = base::parse_duration(text)) return v->value();
  if (const auto v = base::parse_byte_size(text)) return v->value();
  if (const auto v = base::parse_frequency(text)) return v->value();
  if (const auto v = base::parse_byte_rate(text)) return v->value();
  return std::nullopt;
}

void each_field(const json& v, const std::string& path, const field_visit& visit) {
  if (v.is_structured()) {
    for (const auto& [key, member] : v.items()) {
      each_field(member, path.empty() ? key : path + "." + key, visit);
    }
  } else if (v.is_number_unsigned()) {
    visit(path, v.dump(), v.get<std::uint64_t>());
  } else if (v.is_string()) {
    visit(path, v.get<std::string>(), number_of(v.get<std::string>()));
  } else if (v.is_boolean()) {
    visit(path, v.dump(), v.get<bool>() ? 1 : 0);
  }
}

void create_tables(sqlite_file& db) {
  db.execute(
      "CREATE TABLE sweep (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE axes (axis INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL,"
      " unit TEXT NOT NULL, repeat INTEGER NOT NULL);"
      "CREATE TABLE points (point INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
      " label TEXT NOT NULL);"
      "CREATE TABLE params (point INTEGER NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL,"
      " number INTEGER, axis INTEGER, PRIMARY KEY (point, path)) WITHOUT ROWID;"
      "CREATE TABLE metrics (point INTEGER NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,"
      " unit TEXT NOT NULL, PRIMARY KEY (point, name)) WITHOUT ROWID;"
      "CREATE TABLE bins (point INTEGER NOT NULL, histogram TEXT NOT NULL,"
      " upper_edge INTEGER NOT NULL, count INTEGER NOT NULL,"
      " PRIMARY KEY (point, histogram, upper_edge)) WITHOUT ROWID;");
}

void write_plan(sqlite_file& db, const plan& p) {
  insertion about(db, "INSERT INTO sweep VALUES (?, ?)");
  about.add("description").add(p.description).row();
  about.add("input").add(p.input_name).row();
  about.add("input_kind").add(p.input_kind).row();
  about.add("name").add(p.name).row();
  about.add("platform").add(p.platform).row();
  about.add("sampling").add(p.sampling).row();
  about.add("svasim").add(p.svasim_version).row();
  insertion axes(db, "INSERT INTO axes VALUES (?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < p.axes.size(); ++i) {
    const plan_axis& a = p.axes[i];
    axes.add(std::uint64_t{i}).add(a.name()).add(a.kind).add(a.unit);
    axes.add(std::uint64_t{a.repeat ? 1u : 0u}).row();
  }
}

// Rows of one sweep's points.
class point_rows {
 public:
  point_rows(sqlite_file& db, const plan& p)
      : m_plan(p),
        m_points(db, "INSERT INTO points VALUES (?, ?, ?)"),
        m_params(db, "INSERT INTO params VALUES (?, ?, ?, ?, ?)"),
        m_metrics(db, "INSERT INTO metrics VALUES (?, ?, ?, ?)"),
        m_bins(db, "INSERT INTO bins VALUES (?, ?, ?, ?)") {}

  void add(const table_row& row, const analysis::result& r) {
    const plan_point& point = m_plan.points[row.point];
    const std::uint64_t id = row.point;
    m_points.add(id).add(point.name).add(m_plan.label(point)).row();
    add_params(id, point, r);
    for (const metric& m : row.metrics)
      m_metrics.add(id).add(m.name).add(m.value).add(m.unit).row();
    add_bins(id, "read", r.read);
    add_bins(id, "translation", r.translation);
    add_bins(id, "write", r.write);
  }

 private:
  struct param {
    std::string text;
    std::optional<std::uint64_t> number, axis;
  };

  void add_params(std::uint64_t id, const plan_point& point, const analysis::result& r) {
    std::map<std::string, param> all;
    each_field(
        r.platform.parameters, "",
        [&](const std::string& path, const std::string& text, std::optional<std::uint64_t> number) {
          all[path] = {text, number, {}};
        });
    // Those of a workload are not in the result.
    for (const auto& [path, text] : m_plan.set) all.emplace(path, param{text, plain(text), {}});
    for (std::size_t i = 0; i < m_plan.axes.size(); ++i) {
      const plan_axis& a = m_plan.axes[i];
      const std::string& text = a.values[point.values[i]];
      std::optional<std::uint64_t> number;
      if (!a.numbers.empty()) number = a.numbers[point.values[i]];
      for (const std::string& path : a.paths) all[path] = {text, number, std::uint64_t{i}};
    }
    for (const auto& [path, v] : all) {
      m_params.add(id).add(path).add(v.text).add(within_sqlite(v.number)).add(v.axis).row();
    }
  }

  // SQLite's numbers end below 2^63; a seed need not.
  static std::optional<std::uint64_t> within_sqlite(std::optional<std::uint64_t> n) {
    return n && *n <= std::uint64_t{INT64_MAX} ? n : std::nullopt;
  }

  // A count, or a quantity with its unit.
  static std::optional<std::uint64_t> plain(const std::string& text) {
    const bool digits = !text.empty() && text.size() < 19 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? std::stoull(text) : number_of(text);
  }

  void add_bins(std::uint64_t id, const char* name, const analysis::histogram& h) {
    for (const analysis::histogram::bin& b : h.bins) {
      m_bins.add(id).add(name).add(b.upper_edge).add(b.count).row();
    }
  }

  const plan& m_plan;
  insertion m_points, m_params, m_metrics, m_bins;
};

std::string csv_field(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string with_unit(const std::string& name, const std::string& unit) {
  return csv_field(unit.empty() ? name : name + " (" + unit + ")");
}

// Calls visit(row, result) for every point that has one; the result is not kept.
template <class F>
void each_point(const plan& p, const point_store& store, F visit) {
  struct point {
    table_row row;
    analysis::result whole;
  };
  const auto read = [&](std::size_t i) -> std::optional<point> {
    if (!store.has_result(p.points[i].name)) return std::nullopt;
    analysis::result r = analysis::read_result(store.result_file(p.points[i].name));
    table_row row{i, metrics_of(r), r.confidence};
    return point{std::move(row), std::move(r)};
  };
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  base::in_order(p.points.size(), threads, read, [&](std::size_t, std::optional<point> q) {
    if (q) visit(std::move(q->row), q->whole);
    return true;
  });
}

}  // namespace

std::vector<table_row> read_table(const plan& p, const point_store& store) {
  std::vector<table_row> out;
  each_point(p, store,
             [&](table_row row, const analysis::result&) { out.push_back(std::move(row)); });
  return out;
}

std::string csv_text(const plan& p, const std::vector<table_row>& rows) {
  std::set<std::pair<std::string, std::string>> columns;
  for (const table_row& r : rows) {
    for (const metric& m : r.metrics) columns.emplace(m.name, m.unit);
  }
  std::string out = "point,name";
  for (const plan_axis& a : p.axes) out += "," + with_unit(a.name(), a.unit);
  for (const auto& [name, unit] : columns) out += "," + with_unit(name, unit);
  out += "\r\n";
  for (const table_row& r : rows) {
    const plan_point& point = p.points[r.point];
    out += fmt::format("{},{}", r.point, point.name);
    for (std::size_t i = 0; i < p.axes.size(); ++i) {
      const plan_axis& a = p.axes[i];
      const std::uint32_t at = point.values[i];
      out += "," + (a.numbers.empty() ? csv_field(a.values[at]) : std::to_string(a.numbers[at]));
    }
    std::map<std::string, std::uint64_t> values;
    for (const metric& m : r.metrics) values[m.name] = m.value;
    for (const auto& [name, unit] : columns) {
      const auto v = values.find(name);
      out += v == values.end() ? "," : "," + std::to_string(v->second);
    }
    out += "\r\n";
  }
  return out;
}

void collect(const plan& p, const point_store& store) {
  sqlite_file db(store.directory() + "/results.sqlite");
  create_tables(db);
  write_plan(db, p);
  std::vector<table_row> rows;
  {
    point_rows points(db, p);
    each_point(p, store, [&](table_row row, const analysis::result& r) {
      points.add(row, r);
      rows.push_back(std::move(row));
    });
  }
  db.commit();
  base::write_file_atomically(store.directory() + "/results.csv", csv_text(p, rows));
}

}  // namespace svasim::sweep
