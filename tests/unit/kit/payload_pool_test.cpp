#include "tlm/kit/payload_pool.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace svasim;
using kit::extension_of;
using kit::payload_pool;
using payload = tlm::tlm_generic_payload;

TEST_CASE("a payload is ready to be sent when it is taken") {
  payload_pool pool;
  payload& p = pool.take(tlm::TLM_WRITE_COMMAND, 0x1234, 48);
  CHECK(p.is_write());
  CHECK(p.get_address() == 0x1234);
  CHECK(p.get_data_length() == 48);
  CHECK(p.get_streaming_width() == 48);
  CHECK(p.get_byte_enable_ptr() == nullptr);
  CHECK_FALSE(p.is_dmi_allowed());
  CHECK(p.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE);
  CHECK(p.get_data_ptr() != nullptr);
  CHECK(p.has_mm());
  CHECK(p.get_ref_count() == 1);
  CHECK(p.get_extension<kit::dma_extension>() == &extension_of(p));
  CHECK(extension_of(p).log != nullptr);
  CHECK_FALSE(extension_of(p).timing_only);
  p.release();
}

TEST_CASE("a payload comes back when its last reference is released, not before") {
  payload_pool pool;
  payload& p = pool.take(tlm::TLM_READ_COMMAND, 0, 8);
  p.acquire();
  p.release();
  CHECK(pool.in_use() == 1);
  p.release();
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a payload that was used is as fresh as a new one") {
  payload_pool pool;
  payload& first = pool.take(tlm::TLM_WRITE_COMMAND, 1, 4096);
  first.set_response_status(tlm::TLM_OK_RESPONSE);
  first.set_dmi_allowed(true);
  first.release();
  payload& again = pool.take(tlm::TLM_READ_COMMAND, 2, 8);
  REQUIRE(&again == &first);
  CHECK(again.is_read());
  CHECK(again.get_address() == 2);
  CHECK(again.get_data_length() == 8);
  CHECK(again.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE);
  CHECK_FALSE(again.is_dmi_allowed());
  CHECK_FALSE(extension_of(again).timing_only);
  again.release();
}

TEST_CASE("the pool makes no more payloads than were in flight at one time") {
  payload_pool pool;
  std::set<payload*> seen;
  for (int round = 0; round < 100; ++round) {
    std::vector<payload*> flight;
    for (int i = 0; i < 7; ++i) flight.push_back(&pool.take(tlm::TLM_READ_COMMAND, 0, 64));
    CHECK(std::set<payload*>(flight.begin(), flight.end()).size() == 7);
    CHECK(pool.in_use() == 7);
    seen.insert(flight.begin(), flight.end());
    if (round % 2 == 0) std::reverse(flight.begin(), flight.end());
    for (payload* p : flight) p->release();
  }
  CHECK(seen.size() == 7);
  CHECK(pool.in_use() == 0);
}

TEST_CASE("64 bytes have a buffer of their own, longer transfers carry no data") {
  payload_pool pool;
  payload& a = pool.take(tlm::TLM_WRITE_COMMAND, 0, 64);
  payload& b = pool.take(tlm::TLM_WRITE_COMMAND, 0, 64);
  CHECK(std::max(a.get_data_ptr(), b.get_data_ptr()) -
            std::min(a.get_data_ptr(), b.get_data_ptr()) >=
        64);
  CHECK(kit::data_of(a) == a.get_data_ptr());
  CHECK_FALSE(extension_of(a).timing_only);
  payload& long_one = pool.take(tlm::TLM_WRITE_COMMAND, 0, 65);
  CHECK(extension_of(long_one).timing_only);
  CHECK(long_one.get_data_ptr() != nullptr);
  a.release();
  b.release();
  long_one.release();
}
