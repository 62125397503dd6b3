// The guest's virtio-iommu driver and who serves it, over real rings: what goes through them byte
// by byte, and what becomes of it on the host.
#include <algorithm>

#include "base/child_process.h"
#include "software_bench.h"
#include "tlm/kit/setup_task.h"
#include "tlm/software/process_memory.h"
#include "tlm/software/viommu_backend.h"
#include "tlm/software/viommu_driver.h"
#include "tlm/virtio/driver_queue.h"
#include "tlm/virtio/virtio_iommu.h"

using namespace svasim;
using arch::opcode;
using base::us;
using software::fault_group;
using test::page_request;
using test::run_dry;
using ops = std::vector<opcode>;

namespace {

constexpr std::uint64_t request_ring = 0x400000, event_ring = 0x440000, buffers = 0x480000;
constexpr std::uint64_t request_kick = 0xa000000, event_kick = 0xa001000;
constexpr std::uint64_t buffer = 0x1000'0000'0000;

struct options {
  bool user_space = true;
  std::uint32_t event_buffers = 4;
  std::uint32_t backlog = 4;
  std::uint32_t requests = 8;
  std::uint32_t page_requests = 64;
  std::uint32_t responses = 512;
  virtio::no_event_buffer no_buffer = virtio::no_event_buffer::wait;
};

struct bench : test::software_bench {
  explicit bench(const options& o = {})
      : software_bench(8, 64),
        exit(bytes, [](std::uint64_t at) { return base::pa(at); }),
        tables(bytes, {}),
        frames(0x8000'0000, 1000),
        mm({}, test::no_kernel_costs(), tables, identity(), frames, 1, &root, "mm"),
        host({}, where(64), true, nullptr, kit::hop::hk_response, &root),
        faults("fault_ring", 0x200000, 8, test::no_kernel_costs(), test::no_vmm_costs(), &root),
        params(device_params(o)),
        requests(params.requests, base::ipa(request_ring), &root, "requests"),
        events(params.events, base::ipa(event_ring), &root, "events"),
        device(
            params, requests.layout(), events.layout(),
            [](base::ipa a) { return std::optional<base::pa>(base::pa(a.value())); }, &root,
            "viommu"),
        driver(driver_params(o), test::no_kernel_costs(), driver_wiring(), &root),
        backend(backend_params(o), test::no_kernel_costs(), test::no_vmm_costs(),
                backend_wiring(o.user_space), &root),
        io_faults({}, test::no_kernel_costs(), cluster, kit::actor::gk, driver, nullptr,
                  {kit::hop::gk_work, kit::hop::gk_mm}, &root) {
    host.bind(base::substream_id(5), base::stream_id(8), base::vmid(9));
    io_faults.bind(base::substream_id(5), mm);
    driver.set_faults(io_faults);
    device.add_endpoint(8);
    arch::viommu_request attach;
    attach.type = arch::viommu_type::attach_table;
    attach.domain = 1;
    attach.endpoint = 8;
    attach.format = arch::viommu_format_pasid;
    device.set_up(attach);
    driver.set_up(exit);
    registers.on_request = [this](auto& p) {
      if (p.is_write() && p.get_address() == request_kick) backend.kick_requests(exit);
      if (p.is_write() && p.get_address() == event_kick) backend.kick_events(exit);
      access(p);
    };
  }
  static virtio::viommu_params device_params(const options& o) {
    virtio::viommu_params p;
    p.requests.entries = o.requests;
    p.events.entries = 4;
    p.fault_layout = arch::viommu_fault_layout::reviewed;
    p.no_buffer = o.no_buffer;
    return p;
  }
  static software::viommu_driver_params driver_params(const options& o) {
    software::viommu_driver_params p;
    p.event_buffers = o.event_buffers;
    p.page_requests = o.page_requests;
    return p;
  }
  static software::viommu_backend_params backend_params(const options& o) {
    software::viommu_backend_params p;
    p.backlog = o.backlog;
    p.responses = o.responses;
    return p;
  }
  software::viommu_driver::wiring driver_wiring() {
    software::viommu_driver::wiring w;
    w.machine = &cluster;
    w.requests = &requests;
    w.events = &events;
    w.request_kick = request_kick;
    w.event_kick = event_kick;
    w.buffers = buffers;
    return w;
  }
  software::viommu_backend::wiring backend_wiring(bool user_space) {
    software::viommu_backend::wiring w;
    w.machine = &cluster;
    w.device = &device;
    w.ring = user_space ? &faults : nullptr;
    w.host = &host;
    w.response_region = 0x300000;
    w.inject = [this](kit::task&) {
      ++injected;
      if (!guest_deaf) cluster.interrupt(driver.event_interrupt());
    };
    return w;
  }
  software::process_memory::identity identity() {
    software::process_memory::identity who;
    who.domain = tables.add_domain({});
    who.pasid = base::substream_id(5);
    who.asid = base::asid(7);
    return who;
  }
  void run(std::function<void(kit::task&)> body) {
    spawn("guest", 7u, std::move(body));
    run_dry();
  }
  std::vector<std::uint8_t> memory_at(std::uint64_t at, std::size_t n) {
    std::vector<std::uint8_t> out(n);
    bytes.read(base::pa(at), out.data(), n);
    return out;
  }

  kit::setup_task exit;
  arch::table_builder tables;
  software::frame_allocator frames;
  software::process_memory mm;
  software::arm_smmu_v3 host;
  software::fault_ring faults;
  const virtio::viommu_params params;
  virtio::driver_queue requests, events;
  virtio::virtio_iommu device;
  int injected = 0;
  bool guest_deaf = false;
  software::viommu_driver driver;
  software::viommu_backend backend;
  software::io_pgfault io_faults;
};

using byte_list = std::vector<std::uint8_t>;

fault_group group(std::uint16_t tag) {
  fault_group g;
  g.sid = base::stream_id(8);
  g.has_pasid = true;
  g.pasid = base::substream_id(5);
  g.tag = tag;
  return g;
}

}  // namespace

TEST_CASE("PAGE_RESP lies in the request ring's buffer byte by byte, and becomes CMD_PRI_RESP") {
  bench b;
  b.run([&](kit::task& t) { b.driver.respond(t, group(0x1ab), true); });
  CHECK(b.memory_at(buffers, 36) == byte_list{8, 0, 0, 0, 1, 0, 0, 0, 8,    0, 0, 0,
                                              1, 0, 0, 0, 5, 0, 0, 0, 0xab, 1, 0, 0,
                                              0, 0, 1, 0, 0, 0, 0, 0, 0,    0, 0, 0});
  REQUIRE(b.consumed.size() == 1);
  CHECK(b.consumed[0].op == opcode::pri_resp);
  CHECK(b.consumed[0].sid.value() == 8);
  CHECK(b.consumed[0].has_ssid);
  CHECK(b.consumed[0].ssid.value() == 5);
  CHECK(b.consumed[0].prg_index == 0x1ab);
  CHECK(b.consumed[0].response == 2);
  CHECK(b.driver.statistics().failed.value() == 0);
}

TEST_CASE("a failed group is answered as invalid request") {
  bench b;
  b.run([&](kit::task& t) { b.driver.respond(t, group(3), false); });
  CHECK(b.memory_at(buffers + 24, 2) == byte_list{1, 0});
  REQUIRE(b.consumed.size() == 1);
  CHECK(b.consumed[0].response == 1);
}

TEST_CASE("the kernel's back end answers without VFIO's workqueue") {
  options o;
  o.user_space = false;
  bench b(o);
  b.run([&](kit::task& t) {
    b.driver.respond(t, group(3), true);
    CHECK(b.consumed.size() == 1);  // before the request comes back
  });
}

TEST_CASE("INVALIDATE lies in its buffer byte by byte, and is back when TLBs and ATC are clean") {
  bench b;
  b.run([&](kit::task& t) {
    b.driver.invalidate(t, {base::substream_id(5), base::asid(7), 0x123456789000, 3});
    CHECK(b.opcodes() == ops{opcode::tlbi_nh_va, opcode::sync, opcode::atc_inv, opcode::sync});
  });
  CHECK(b.memory_at(buffers, 60) ==
        byte_list{7, 0, 0, 0, 4, 0, 3, 0, 3,  0, 0, 0, 1, 0,    0,    0,    5,    0,    0, 0,
                  0, 0, 0, 0, 7, 0, 0, 0, 0,  0, 0, 0, 0, 0x90, 0x78, 0x56, 0x34, 0x12, 0, 0,
                  3, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0,    0,    0,    0,    0,    0, 0});
  REQUIRE(b.consumed.size() == 4);
  CHECK(b.consumed[0].vmid.value() == 9);
  CHECK(b.consumed[0].asid.value() == 7);
  CHECK(b.consumed[0].address == 0x123456789000);
  CHECK(b.consumed[2].ssid.value() == 5);
}

TEST_CASE("a whole address space is invalidated by PASID") {
  bench b;
  b.run([&](kit::task& t) {
    b.driver.invalidate(t, {base::substream_id(5), base::asid(7), 0, 0});
  });
  CHECK(b.memory_at(buffers + 4, 2) == byte_list{2, 0});
  CHECK(b.opcodes() == ops{opcode::tlbi_nh_asid, opcode::sync, opcode::atc_inv, opcode::sync});
}

TEST_CASE(
    "a page request comes to the guest as an event, its page is filled and its group answered") {
  bench b;
  b.spawn("priq", 6u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 4);
    REQUIRE(b.faults.push(t, page_request(5, 2, buffer, false)));
    REQUIRE(b.faults.push(t, page_request(5, 2, buffer + 4096)));
  });
  run_dry();
  CHECK(b.mm.is_present(buffer));
  CHECK(b.mm.is_present(buffer + 4096));
  CHECK(b.opcodes() == ops{opcode::pri_resp});
  CHECK(b.consumed.at(0).prg_index == 2);
  CHECK(b.driver.statistics().events.value() == 2);
  CHECK(b.driver.statistics().other_events.value() == 0);
}

TEST_CASE("the same with the kernel's back end, which needs no ring") {
  options o;
  o.user_space = false;
  bench b(o);
  b.spawn("priq", 6u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 4);
    REQUIRE(b.backend.deliver(t, page_request(5, 2, buffer)));
  });
  run_dry();
  CHECK(b.mm.is_present(buffer));
  CHECK(b.opcodes() == ops{opcode::pri_resp});
  CHECK(b.faults.statistics().written.value() == 0);
}

TEST_CASE("records without an event buffer wait for the guest to give one, none is lost") {
  options o;
  o.event_buffers = 1;
  bench b(o);
  b.spawn("priq", 6u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 8);
    for (std::uint16_t i = 0; i < 6; ++i) {
      REQUIRE(b.faults.push(t, page_request(5, i, buffer + i * 4096u)));
    }
  });
  run_dry();
  CHECK(b.backend.statistics().event_waits.value() > 0);
  CHECK(b.backend.statistics().events.value() == 6);
  CHECK(b.backend.statistics().events_lost.value() == 0);
  CHECK(b.consumed.size() == 6);
  for (std::uint16_t i = 0; i < 6; ++i) CHECK(b.mm.is_present(buffer + i * 4096u));
}

TEST_CASE("records stay in the event queue while viommu-pri-wq is full, none is lost") {
  options o;
  o.page_requests = 1;
  bench b(o);
  b.spawn("priq", 6u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 8);
    for (std::uint16_t i = 0; i < 8; ++i) {
      REQUIRE(b.faults.push(t, page_request(5, i, buffer + i * 4096u)));
    }
  });
  run_dry();
  CHECK(b.driver.statistics().held_back.value() > 0);
  CHECK(b.driver.statistics().events.value() == 8);
  REQUIRE(b.consumed.size() == 8);
  std::vector<bool> answered(8);
  for (const auto& c : b.consumed) answered.at(c.prg_index) = c.response == 2;
  CHECK(answered == std::vector<bool>(8, true));
  CHECK(b.events.outstanding() == 4);  // the device has all buffers again
}

TEST_CASE("a record that the device drops for want of a buffer is answered, to be asked again") {
  for (const bool user_space : {true, false}) {
    CHECK(base::in_child([user_space] {
            options o;
            o.user_space = user_space;
            o.event_buffers = 1;
            o.no_buffer = virtio::no_event_buffer::drop;
            bench b(o);
            b.guest_deaf = true;
            b.spawn("priq", 6u, [&](kit::task& t) {
              b.mm.declare(t, buffer, 8);
              // The first takes the buffer; of the others' groups only the last is answered.
              for (std::uint16_t i = 0; i < 3; ++i) {
                const auto r = page_request(5, std::min<std::uint16_t>(i, 1), buffer, i != 1);
                if (user_space ? !b.faults.push(t, r) : !b.backend.deliver(t, r)) return;
              }
            });
            run_dry();
            std::string out = std::to_string(b.backend.statistics().events_lost.value()) + " lost";
            for (const auto& c : b.consumed) {
              out += ", " + std::to_string(c.prg_index) + " answered " + std::to_string(c.response);
            }
            return out;
          }) == "2 lost, 1 answered 2");
  }
}

TEST_CASE("with VFIO's workqueue full the VMM waits, and every answer arrives") {
  options o;
  o.responses = 1;
  bench b(o);
  b.run([&](kit::task& t) {
    for (std::uint16_t i = 0; i < 6; ++i) b.driver.respond(t, group(i), true);
  });
  CHECK(b.consumed.size() == 6);
  CHECK(b.driver.statistics().failed.value() == 0);
}

TEST_CASE("in the kernel as many records wait as the backlog has places, then they are refused") {
  options o;
  o.user_space = false;
  o.event_buffers = 1;
  o.backlog = 2;
  bench b(o);
  b.guest_deaf = true;
  std::vector<bool> taken;
  b.spawn("priq", 6u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 8);
    for (std::uint16_t i = 0; i < 5; ++i) {
      taken.push_back(b.backend.deliver(t, page_request(5, i, buffer + i * 4096u)));
    }
  });
  run_dry();
  CHECK(taken == std::vector<bool>{true, true, true, false, false});
  CHECK(b.backend.statistics().refused.value() == 2);
  b.guest_deaf = false;
  b.cluster.interrupt(b.driver.event_interrupt());
  run_dry();
  CHECK(b.consumed.size() == 3);
  CHECK(b.backend.statistics().events.value() == 3);
}

TEST_CASE("requests beyond the ring's size are synchronised in between, all come back") {
  options o;
  o.requests = 4;  // two chains
  bench b(o);
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 12);
    for (int i = 0; i < 12; ++i) {
      b.mm.prefill(buffer + i * 4096u);
      (void)b.frames.allocate();  // no two frames side by side
    }
    b.driver.map(t, b.mm, buffer, 12);
  });
  CHECK(b.driver.statistics().requests.value() == 12);
  CHECK(b.driver.statistics().syncs.value() >= 6);
  CHECK(b.backend.statistics().requests.value() == 12);
  CHECK(b.requests.outstanding() == 0);
}
