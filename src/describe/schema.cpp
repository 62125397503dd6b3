#include "describe/schema.h"

#include <fmt/format.h>

#include "describe/effective.h"
#include "describe/quantity_kind.h"

namespace svasim::describe {
namespace {

using json = nlohmann::ordered_json;
using kind = declaration::kind;

const char* units_of(kind k) {
  switch (k) {
    case kind::time:
      return quantity_kind<base::duration>::units;
    case kind::size:
      return quantity_kind<base::byte_size>::units;
    case kind::frequency:
      return quantity_kind<base::frequency>::units;
    default:
      return quantity_kind<base::byte_rate>::units;
  }
}

// The value alone, without the form that carries a provenance.
json plain_schema(const declaration& d) {
  switch (d.what) {
    case kind::count:
      return {{"type", "integer"}, {"minimum", d.min}, {"maximum", d.max}};
    case kind::boolean:
      return {{"type", "boolean"}};
    case kind::string:
      return {{"type", "string"}};
    case kind::choice:
      return {{"type", "string"}, {"enum", d.choices}};
    default:
      return {{"type", "string"},
              {"pattern", fmt::format(R"(^[0-9]+(\.[0-9]+)?[ ]?({})$)", units_of(d.what))}};
  }
}

// What is legal in every object besides the declared members.
void add_annotations(json& properties) {
  const json text = {{"type", "string"}};
  const json texts = {{"type", "array"}, {"items", text}};
  properties["$schema"] = text;
  properties["$comment"] = text;
  properties["$include"] = {{"anyOf", json::array({text, texts})}};
}

// {"value": ..., "source": ..., "range": [...]}. None is required: an include may bring the other.
json sourced_schema(const json& plain, bool number) {
  json properties = {{"value", plain}, {"source", {{"type", "string"}}}};
  if (number) {
    properties["range"] = {{"type", "array"}, {"items", plain}, {"minItems", 2}, {"maxItems", 2}};
  }
  add_annotations(properties);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"additionalProperties", false},
          {"minProperties", 1}};
}

std::string description(const declaration& d) {
  std::string out = d.sentence;
  if (d.is_quantity()) {
    out += fmt::format(" Range: {} to {}.", value_text(d.what, d.min), value_text(d.what, d.max));
  }
  if (d.what == kind::count && !d.unit.empty()) out += fmt::format(" Unit: {}.", d.unit);
  if (!d.provenance.empty()) out += fmt::format(" Default from: {}", d.provenance);
  return out;
}

json schema_of(const declaration& d);

json group_schema(const declaration& d) {
  json properties = json::object();
  for (const declaration& m : d.members) properties[m.name] = schema_of(m);
  add_annotations(properties);
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

json list_schema(const declaration& d) {
  return {{"type", "array"},
          {"items", group_schema(d.prototype.front())},
          {"minItems", d.min},
          {"maxItems", d.max},
          {"default", effective(d)}};
}

json schema_of(const declaration& d) {
  json out = {{"description", description(d)}};
  if (d.what == kind::group) {
    out.update(group_schema(d));
  } else if (d.what == kind::list) {
    out.update(list_schema(d));
  } else {
    const json plain = plain_schema(d);
    out["default"] = d.value;
    out["anyOf"] =
        json::array({plain, sourced_schema(plain, d.what == kind::count || d.is_quantity())});
  }
  return out;
}

}  // namespace

std::string schema_json(const declaration& root, const std::string& title) {
  json out = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
  out.update(group_schema(root));
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace svasim::describe
