#include "platforms/sva/trace_user.h"

#include <fmt/format.h>

#include "base/error.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {
namespace {

constexpr unsigned page_shift = 12;
constexpr std::uint64_t address_end = 1ull << 48;  // of a process

base::input_error located(const std::string& text, const trace::record& r) {
  return base::input_error(base::problem{"", static_cast<std::size_t>(r.line), 0, text});
}

}  // namespace

trace_user::trace_user(trace::source& source, bool first_touch)
    : m_source(source), m_first_touch(first_touch) {
  const std::vector<trace::stream_tag>& streams = source.about().streams;
  for (std::uint32_t i = 0; i < streams.size(); ++i) m_functions[streams[i].sid.value()] = i;
}

void trace_user::start(sva_platform& p) {
  for (std::uint32_t i = 0; i < functions(); ++i) {
    m_memories.push_back(p.add_process({i}, fmt::format("process{}_memory", i), i + 1).memory);
  }
  p.on_engine_done([this, &p] {
    m_finished = true;
    p.user_finished();
  });
}

trace::pull trace_user::next(trace::record& out) {
  try {
    return advance(out) ? trace::pull::ready : trace::pull::end;
  } catch (const base::input_error&) {
    m_failure = std::current_exception();
    throw;
  }
}

bool trace_user::advance(trace::record& out) {
  while (m_source.next(out)) {
    switch (out.kind) {
      case trace::record_kind::access:
        admit(out);
        return true;
      case trace::record_kind::command:
        m_counts.commands += 1;
        break;
      case trace::record_kind::event:
        m_counts.events += 1;
        break;
      case trace::record_kind::request:
        m_counts.requests += 1;
        break;
      case trace::record_kind::leaf:
        break;
    }
  }
  return false;
}

// What the access touches belongs to the process of its stream.
void trace_user::admit(trace::record& access) {
  if (access.has_ssid) {
    throw located(fmt::format("an access with SubstreamID {:#x}: at first touch each stream is a "
                              "process with a PASID that the run gives it",
                              access.ssid.value()),
                  access);
  }
  const std::uint64_t first = access.address.value();
  const std::uint64_t last = first + access.length - 1;
  if (last >= address_end || last < first) {
    throw located(
        fmt::format("address {:#x} is beyond the 48 bits of a process", access.address.value()),
        access);
  }
  const auto function = m_functions.find(access.sid.value());
  if (function == m_functions.end()) {
    throw located(fmt::format("StreamID {:#x} is none of those counted before", access.sid.value()),
                  access);
  }
  software::process_memory& mm = *m_memories[function->second];
  for (std::uint64_t page = first >> page_shift; page <= last >> page_shift; ++page) {
    if (!mm.admit(page << page_shift)) continue;
    m_counts.pages += 1;
    if (!m_first_touch) mm.prefill(page << page_shift);
  }
  access.has_ssid = true;
  access.ssid = mm.who().pasid;
  access.has_output = false;
  m_counts.accesses += 1;
}

std::string trace_user::left() const {
  return fmt::format("the trace is not done with {} accesses taken, no messages",
                     m_counts.accesses);
}

}  // namespace svasim::platforms
