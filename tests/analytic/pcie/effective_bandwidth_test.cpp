// Effective bandwidth of a link, in simulation: a DMA engine that issues as it can, the link, a
// root port and memory that answers at once. Held against the figures of pcie-bench's pcie-model
// (measurements.md 8) and, for the sizes between, its formula, written here once more from
// pcie-ats-pri.md 5.1: 24 bytes around each write, 20 around each completion, one ACK and one
// UpdateFC of 8 bytes per limit, 4 bytes of 1538 for skip ordered sets. Within 2 %.
#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <string>

#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/device/dma_engine.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/root_complex.h"

using namespace svasim;

namespace {

constexpr std::uint64_t transfer_bytes = 1 << 20;

struct shape {
  std::uint32_t generation, lanes, mps;
};

// Symbols for which pcie-model charges an ACK and an UpdateFC.
std::uint32_t ack_limit(const shape& s) {
  switch (s.mps) {
    case 128:
      return s.lanes == 8 ? 163 : 144;
    case 256:
      return s.lanes == 8 ? 203 : 168;
    default:
      return 182;
  }
}

// In Gb/s.
double expected(const shape& s, bool write, std::uint32_t size) {
  const double raw = (1 << s.generation) * s.lanes * 128.0 / 130;
  const double tlp = raw * (1 - 16.0 / ack_limit(s)) * (1 - 4.0 / 1538);
  const std::uint32_t tlps = (size + s.mps - 1) / s.mps;
  return tlp * size / (size + tlps * (write ? 24 : 20));
}

class same_transfers final : public trace::feed {
 public:
  same_transfers(bool write, std::uint32_t size) : m_write(write), m_size(size) {}
  trace::pull next(trace::record& out) override {
    if (m_given * m_size >= transfer_bytes) return trace::pull::end;
    out = trace::record{};
    out.write = m_write;
    out.length = static_cast<std::uint32_t>(m_size);
    out.address = base::iova(m_given++ % 256 * 4096);
    out.sid = base::stream_id(0x100);
    return trace::pull::ready;
  }
  void completed(const trace::record&) override {}
  bool wants_completions() const override { return false; }
  void on_ready(std::function<void()>) override {}

 private:
  bool m_write;
  std::uint64_t m_size;
  std::uint64_t m_given = 0;
};

pcie::link_params link_of(const shape& s) {
  pcie::link_params p;
  p.generation = s.generation;
  p.lanes = s.lanes;
  p.mps = base::bytes(s.mps);
  p.ack_interval = ack_limit(s);
  p.posted_headers = p.nonposted_headers = 4096;
  p.posted_data = 65536;
  return p;
}

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

// One of many that run beside each other.
struct lane {
  lane(const shape& s, bool w, std::uint32_t size_, unsigned number)
      : write(w),
        size(size_),
        root("lane" + std::to_string(number)),
        feed(w, size_),
        engine(("engine" + std::to_string(number)).c_str(), many_at_once(),
               {base::bytes(s.mps), base::bytes(512)}, feed, &root),
        link(("link" + std::to_string(number)).c_str(), link_of(s), &root),
        port(("port" + std::to_string(number)).c_str(), fast_port(), false, &root),
        memory(("memory" + std::to_string(number)).c_str()) {
    engine.to_link.bind(link.from_device);
    link.to_root_complex.bind(port.from_link);
    port.to_tbu.bind(memory.socket);
    engine.on_request_done = [this](const tlm::tlm_generic_payload& p, base::duration at,
                                    base::duration) {
      if (done >= transfer_bytes / 2 && from == base::duration()) {
        from = at;
        done_from = done;
      }
      done += p.get_data_length();
      to = at;
    };
  }
  // In the second half, when all is under way.
  double gbit() const {
    return static_cast<double>(done - done_from) * 8000 / static_cast<double>((to - from).value());
  }
  bool write;
  std::uint32_t size;
  stats::group root;
  same_transfers feed;
  device::dma_engine engine;
  pcie::link link;
  pcie::root_complex port;
  test::scripted_target memory;
  std::uint64_t done = 0, done_from = 0;
  base::duration from, to;
};

void check_link(const shape& s) {
  std::deque<lane> lanes;
  for (const std::uint32_t size : {64, 128, 192, 256, 320, 512, 576, 1024, 1536, 2048, 4096}) {
    lanes.emplace_back(s, true, size, static_cast<unsigned>(lanes.size()));
    lanes.emplace_back(s, false, size, static_cast<unsigned>(lanes.size()));
  }
  test::run_dry();
  for (const lane& l : lanes) {
    INFO(l.size << " B " << (l.write ? "writes" : "reads"));
    CHECK(l.engine.finished());
    CHECK(l.gbit() == Approx(expected(s, l.write, l.size)).epsilon(0.02));
  }
}

struct figure {
  std::uint32_t size;
  double write, read;  // Gb/s as published
};

void check_figures(const shape& s, const std::vector<figure>& figures) {
  std::deque<lane> lanes;
  std::vector<double> published;
  for (const figure& f : figures) {
    lanes.emplace_back(s, true, f.size, static_cast<unsigned>(lanes.size()));
    lanes.emplace_back(s, false, f.size, static_cast<unsigned>(lanes.size()));
    published.push_back(f.write);
    published.push_back(f.read);
  }
  test::run_dry();
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    INFO(lanes[i].size << " B " << (lanes[i].write ? "writes" : "reads"));
    CHECK(lanes[i].gbit() == Approx(published[i]).epsilon(0.02));
  }
}

}  // namespace

TEST_CASE("Gen3 x8 gives the published rates within 2 %") {
  check_figures({3, 8, 256},
                {{64, 42.1, 44.1}, {256, 52.9, 53.7}, {512, 52.9, 53.7}, {4096, 52.9, 53.7}});
}

TEST_CASE("Gen4 x16 gives the published rates within 2 %") {
  check_figures(
      {4, 16, 256},
      {{64, 165.4, 173.3}, {256, 207.9, 210.9}, {1024, 207.9, 210.9}, {4096, 207.9, 210.9}});
}

TEST_CASE("Gen5 x16 gives the published rates within 2 %") {
  check_figures(
      {5, 16, 256},
      {{64, 330.8, 346.5}, {256, 415.8, 421.8}, {2048, 415.8, 421.8}, {4096, 415.8, 421.8}});
}

TEST_CASE("Gen5 x16 with a Max_Payload_Size of 512 bytes gives the published rates within 2 %") {
  check_figures({5, 16, 512}, {{512, 438.0, 441.3}, {1024, 438.0, 441.3}, {4096, 438.0, 441.3}});
}

TEST_CASE("Gen5 x16 with a Max_Payload_Size of 128 bytes gives the published rates within 2 %") {
  check_figures({5, 16, 128}, {{128, 376.3, 386.4}, {512, 376.3, 386.4}, {4096, 376.3, 386.4}});
}

TEST_CASE("a read of 512 bytes on Gen3 x8 as measured on Broadwell, within the 3 % known") {
  // 55.0 Gb/s measured; the model says 53.7, its charge for DLLPs is some 2 % too high
  // (measurements.md 8).
  std::deque<lane> lanes;
  lanes.emplace_back(shape{3, 8, 256}, false, 512, 0);
  test::run_dry();
  CHECK(lanes[0].gbit() == Approx(55.0).epsilon(0.03));
  CHECK(lanes[0].gbit() < 55.0 * 0.98);
}

TEST_CASE("Gen3 x8 follows pcie-model between 64 bytes and 4 KiB") {
  check_link({3, 8, 256});
}

TEST_CASE("Gen4 x16 follows pcie-model between 64 bytes and 4 KiB") {
  check_link({4, 16, 256});
}

TEST_CASE("Gen5 x16 follows pcie-model between 64 bytes and 4 KiB") {
  check_link({5, 16, 256});
}

TEST_CASE("Gen5 x16 with a Max_Payload_Size of 512 bytes follows pcie-model") {
  check_link({5, 16, 512});
}

TEST_CASE("Gen5 x16 with a Max_Payload_Size of 128 bytes follows pcie-model") {
  check_link({5, 16, 128});
}
