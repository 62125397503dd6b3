#include "tlm/smmu/ats_port.h"

#include "ats_bench.h"

using namespace svasim;
using arch::ats_message_code;
using arch::opcode;
using base::ns;
using base::us;
using test::ats_bench;
using test::run_dry;
using test::run_until;

namespace {
constexpr auto ubench_start = test::smmu_bench::start;
}  // namespace

TEST_CASE("ATC_INV becomes an Invalidate Request for the aligned range, and is consumed at once") {
  ats_bench b;
  arch::command c = b.atc_inv(5, 0x12345000, 4);
  c.has_ssid = true;
  c.ssid = base::substream_id(9);
  c.global = true;
  b.put(c);
  b.publish();
  run_until(ubench_start + us(1));
  CHECK(b.commands.empty());
  REQUIRE(b.sent.size() == 1);
  const arch::ats_message& m = b.sent[0];
  CHECK(m.code == ats_message_code::invalidate_request);
  CHECK(m.sid == base::stream_id(5));
  CHECK(m.has_ssid);
  CHECK(m.ssid == base::substream_id(9));
  CHECK(m.global);
  CHECK(m.size_shift == 16);
  CHECK(m.address == 0x12340000);
  CHECK(b.device.arrivals[0].length == 24);  // header and body
  CHECK(b.device.arrivals[0].sid == base::stream_id(5));
}

TEST_CASE("a sync waits for the answers of the devices, and not for invalidations after it") {
  ats_bench b;
  b.put(b.atc_inv(1));
  b.put(b.atc_inv(2));
  b.put(opcode::sync);
  b.publish();
  run_until(ubench_start + us(5));
  REQUIRE(b.sent.size() == 2);
  b.complete(b.sent[1]);
  run_until(ubench_start + us(6));
  CHECK(b.commands.cons() == 2);
  b.complete(b.sent[0]);
  run_until(ubench_start + us(7));
  CHECK(b.commands.empty());
  CHECK(b.ats.statistics().completed.value() == 2);
  CHECK(b.ats.statistics().invalidation_time.whole().max() >= us(4).value());
  run_dry();
  CHECK(kit::now() < ubench_start + us(8));  // no timer keeps the simulation going
}

TEST_CASE("a device that answers at once delays no sync") {
  ats_bench b;
  b.on_message = [&](const arch::ats_message& m) { b.complete(m); };
  b.put(b.atc_inv(1));
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.commands.empty());
  CHECK(kit::now() == ubench_start + test::smmu_bench::latency + ns(5) * 2 + ns(20) * 2);
}

TEST_CASE("a device that never answers fails the sync, which is carried out when acknowledged") {
  ats_bench b({32, 256, us(50)});
  b.put(b.atc_inv(1));
  b.put(opcode::sync);
  b.put(opcode::tlbi_nh_all);
  b.publish();
  run_until(ubench_start + us(49));
  CHECK_FALSE(b.commands.error_active());
  run_dry();
  CHECK(b.ats.statistics().timeouts.value() == 1);
  CHECK(b.errors.value() == 1);
  CHECK(b.commands.cons() == (1u | 3u << 24));  // at the sync, CERROR_ATC_INV_SYNC
  CHECK(b.invalidated.empty());
  b.errors.acknowledge(1);
  run_dry();
  CHECK(b.commands.empty());
  CHECK(b.invalidated.size() == 1);
  b.complete(b.sent[0]);  // too late
  CHECK(b.ats.statistics().unexpected.value() == 1);
}

TEST_CASE("a function that does not know invalidations completes them without error") {
  ats_bench b;
  b.device.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.put(b.atc_inv(1));
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.commands.empty());
  CHECK_FALSE(b.commands.error_active());
  CHECK(b.ats.statistics().unsupported.value() == 1);
}

TEST_CASE("a device has as many invalidations under way as ITags, other devices have their own") {
  ats_bench b({2, 256, us(1000)});
  for (int n = 0; n < 3; ++n) b.put(b.atc_inv(1));
  b.put(b.atc_inv(2));
  b.publish();
  run_until(ubench_start + us(5));
  REQUIRE(b.sent.size() == 2);
  CHECK(b.sent[0].itag == 0);
  CHECK(b.sent[1].itag == 1);
  b.complete(b.sent[0]);
  run_until(ubench_start + us(6));
  REQUIRE(b.sent.size() == 4);  // in order: stream 2 had to wait behind stream 1
  CHECK(b.sent[2].itag == 0);   // free again
  CHECK(b.sent[3].itag == 0);   // of the other function
  CHECK(b.ats.statistics().itag_waits.value() == 1);
}

TEST_CASE("a completion may be for several ITags, and an ITag may need several completions") {
  ats_bench b;
  for (int n = 0; n < 3; ++n) b.put(b.atc_inv(1));
  b.put(opcode::sync);
  b.publish();
  run_until(ubench_start + us(5));
  arch::ats_message answer = arch::completion_of(b.sent.at(0));
  answer.itags = 7;
  answer.count = 2;
  b.ats.receive(answer);
  run_until(ubench_start + us(6));
  CHECK_FALSE(b.commands.empty());
  b.ats.receive(answer);
  run_until(ubench_start + us(7));
  CHECK(b.commands.empty());
}

TEST_CASE("a completion of another function, or of an ITag not in use, completes nothing") {
  ats_bench b;
  b.put(b.atc_inv(1));
  b.publish();
  run_until(ubench_start + us(5));
  arch::ats_message wrong = arch::completion_of(b.sent.at(0));
  wrong.sid = base::stream_id(2);
  b.ats.receive(wrong);
  wrong = arch::completion_of(b.sent.at(0));
  wrong.itags = 0x6;
  b.ats.receive(wrong);
  CHECK(b.ats.statistics().unexpected.value() == 3);
  CHECK(b.ats.statistics().completed.value() == 0);
}

TEST_CASE("with SMMUEN = 0 ATC_INV and PRI_RESP are consumed and nothing is sent") {
  ats_bench b;
  b.regs.enabled = false;
  b.put(b.atc_inv(1));
  b.put(opcode::pri_resp);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.commands.empty());
  CHECK(b.sent.empty());
}

TEST_CASE("PRI_RESP becomes a PRG Response with its code, and nothing waits for it") {
  ats_bench b;
  arch::command c;
  c.op = opcode::pri_resp;
  c.sid = base::stream_id(3);
  c.has_ssid = true;
  c.ssid = base::substream_id(77);
  c.prg_index = 0x155;
  c.response = 2;
  b.put(c);
  c.response = 0;
  c.has_ssid = false;
  b.put(c);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.commands.empty());
  REQUIRE(b.sent.size() == 2);
  CHECK(b.sent[0].code == ats_message_code::prg_response);
  CHECK(b.sent[0].response == arch::prg_response{base::stream_id(3), true, base::substream_id(77),
                                                 0x155, arch::prg_code::success});
  CHECK(b.sent[1].response.code == arch::prg_code::failure);
  CHECK_FALSE(b.sent[1].response.has_ssid);
  CHECK(b.device.arrivals[0].length == 16);
}

TEST_CASE("messages go out one at a time, each when the device's link has taken the one before") {
  ats_bench b;
  b.device.latency = ns(300);
  b.put(b.atc_inv(1));
  b.put(b.atc_inv(2));
  b.publish();
  run_until(ubench_start + us(2));
  REQUIRE(b.device.arrivals.size() == 2);
  CHECK(b.device.arrivals[1].at - b.device.arrivals[0].at == ns(305));  // and its decode
}
