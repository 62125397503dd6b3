#include "platforms/scenario/answer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace svasim::scenario {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump();
}

std::string text_of(const arch::event& e, event_field field) {
  const auto word = [](std::uint64_t v) { return fmt::format("\"{:#x}\"", v); };
  const auto number = [](std::uint64_t v) { return std::to_string(v); };
  switch (field) {
    case event_field::type:
      return number(static_cast<std::uint64_t>(e.type));
    case event_field::sid:
      return number(e.sid.value());
    case event_field::input_addr:
      return word(e.input_address);
    case event_field::rnw:
      return number(e.read);
    case event_field::s2:
      return number(e.stage2);
    case event_field::cls:
      return fmt::format("\"{}\"", name(e.cls));
    case event_field::ipa:
      return word(e.ipa);
    case event_field::fetch_addr:
      return word(e.fetch_address);
  }
  return {};
}

std::string json_of(const arch::event& e) {
  std::string out = "{";
  for (const event_field f : fields_of(e)) {
    out += fmt::format("{}\"{}\":{}", out.size() == 1 ? "" : ",",
                       event_field_names[static_cast<std::size_t>(f)], text_of(e, f));
    if (f == event_field::type) out += fmt::format(",\"name\":\"{}\"", arch::name(e.type));
    if (f == event_field::sid && e.has_ssid) out += fmt::format(",\"ssid\":{}", e.ssid.value());
  }
  return out + "}";
}

}  // namespace

const char* name(arch::outcome result) {
  constexpr const char* names[] = {"ok", "fault", "abort"};
  return names[static_cast<std::size_t>(result)];
}

const char* name(arch::event_class cls) {
  constexpr const char* names[] = {"CD", "TT", "IN"};
  return cls <= arch::event_class::input ? names[static_cast<std::size_t>(cls)] : "reserved";
}

std::vector<event_field> fields_of(const arch::event& e) {
  using type = arch::event_type;
  std::vector<event_field> out;
  for (const event_field f : {event_field::type, event_field::sid}) out.push_back(f);
  const bool structure =
      e.type == type::f_ste_fetch || e.type == type::f_cd_fetch || e.type == type::f_vms_fetch;
  const bool walk = e.type == type::f_walk_eabt;
  if (walk || is_configurable(e.type)) {
    for (const event_field f :
         {event_field::input_addr, event_field::rnw, event_field::s2, event_field::cls}) {
      out.push_back(f);
    }
  }
  if (is_configurable(e.type) && e.stage2) out.push_back(event_field::ipa);
  if (structure || walk) out.push_back(event_field::fetch_addr);
  return out;
}

std::string json_line(const std::string& id, std::size_t step, const query_answer& a) {
  std::string out =
      fmt::format("{{\"id\":{},\"step\":{},\"result\":\"{}\"", quoted(id), step, name(a.result));
  if (a.result == arch::outcome::ok) {
    out += fmt::format(",\"pa\":\"{:#x}\",\"kind\":\"{}\"", a.pa, arch::name(a.kind));
  } else if (a.result == arch::outcome::fault) {
    out += ",\"event\":" + json_of(a.event);
  }
  out += ",\"walk\":[";
  for (std::size_t i = 0; i < a.walk.size(); ++i) {
    out +=
        fmt::format("{}[\"{}\",\"{:#x}\"]", i == 0 ? "" : ",", name(a.walk[i]), a.walk[i].address);
  }
  return out + "]}";
}

std::string json_line(const std::string& id, std::size_t step, const command_answer& a) {
  return fmt::format(
      "{{\"id\":{},\"step\":{},\"consumed\":{},\"cmdq_err\":{},"
      "\"gerror_cmdq_err\":{}}}",
      quoted(id), step, a.consumed, a.cmdq_err, a.gerror_cmdq_err);
}

}  // namespace svasim::scenario
