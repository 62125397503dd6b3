#include "validate/link_rate.h"

#include "tlm/device/dma_engine.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/root_complex.h"
#include "trace/record.h"
#include "validate/peers.h"

namespace svasim::validate {
namespace {

constexpr std::uint64_t transfer_bytes = 1 << 20;

class same_transfers final : public trace::feed {
 public:
  explicit same_transfers(const link_rate_arguments& a) : m_of(a) {}
  trace::pull next(trace::record& out) override {
    if (m_given * m_of.size.value() >= transfer_bytes) return trace::pull::end;
    out = trace::record{};
    out.write = m_of.write;
    out.length = static_cast<std::uint32_t>(m_of.size.value());
    out.address = base::iova(m_given++ % 256 * 4096);
    out.sid = base::stream_id(0x100);
    return trace::pull::ready;
  }
  void completed(const trace::record&) override {}
  bool wants_completions() const override { return false; }
  void on_ready(std::function<void()>) override {}

 private:
  const link_rate_arguments m_of;
  std::uint64_t m_given = 0;
};

device::dma_engine_params many_at_once() {
  device::dma_engine_params p;
  p.mode = device::issue_mode::closed;
  p.outstanding_reads = p.outstanding_writes = 2048;
  return p;
}

pcie::root_complex_params fast_port() {
  pcie::root_complex_params p;
  p.clock = base::mhz(10000);
  return p;
}

}  // namespace

void link_rate_arguments::describe(describe::visitor& v) {
  v.field("write", write, "Writes rather than reads.", "");
  v.field("size", size, base::bytes(1), base::kib(4), "Of each transfer.", "");
}

double link_rate(const pcie::link_params& params, const link_rate_arguments& a) {
  stats::group root("bench");
  same_transfers feed(a);
  device::dma_engine engine("engine", many_at_once(), {params.mps, base::bytes(512)}, feed, &root);
  pcie::link link("link", params, &root);
  pcie::root_complex port("port", fast_port(), false, &root);
  flat_memory memory("memory");
  engine.to_link.bind(link.from_device);
  link.to_root_complex.bind(port.from_link);
  port.to_tbu.bind(memory.socket);
  std::uint64_t done = 0, done_from = 0;
  base::duration from, to;
  engine.on_request_done = [&](const tlm::tlm_generic_payload& p, base::duration at,
                               base::duration) {
    if (done >= transfer_bytes / 2 && from == base::duration()) {
      from = at;
      done_from = done;
    }
    done += p.get_data_length();
    to = at;
  };
  run_dry();
  return static_cast<double>(done - done_from) * 8000 / static_cast<double>((to - from).value());
}

}  // namespace svasim::validate
