#include "arch/event.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "base/bits.h"

using namespace svasim;
using namespace svasim::arch;

TEST_CASE("an F_TRANSLATION record of the oracle decodes and encodes to its bytes") {
  // p00434, as it stood in the event queue.
  const event_words words = {0x0000000800000010, 0x0000020000000000, 0x4f89782b4, 0};
  const event e = decode_event(words);
  CHECK(e.type == event_type::f_translation);
  CHECK(e.sid == base::stream_id(8));
  CHECK_FALSE(e.read);
  CHECK_FALSE(e.stage2);
  CHECK(e.cls == event_class::input);
  CHECK(e.input_address == 0x4f89782b4);
  CHECK(encode(e) == words);
}

TEST_CASE("each field of a full fault record has its place") {
  event e;
  e.type = event_type::f_permission;
  e.sid = base::stream_id(0xaabbccdd);
  e.has_ssid = true;
  e.ssid = base::substream_id(0xfffff);
  e.stall = true;
  e.stag = 0x1234;
  e.privileged = e.instruction = e.read = e.stage2 = true;
  e.cls = event_class::table;
  e.table_read = true;
  e.input_address = 0xffff'0000'1234'5678;
  e.ipa = 0x8'0000'1000;
  const event_words w = encode(e);
  CHECK(w[0] == 0xaabbccddfffff813);
  CHECK(w[1] == (0x1234ull | 1ull << 31 | 1ull << 33 | 1ull << 34 | 1ull << 35 | 1ull << 39 |
                 1ull << 40 | 1ull << 44));
  CHECK(w[2] == 0xffff'0000'1234'5678);
  CHECK(w[3] == 0x8'0000'1000);
  CHECK(decode_event(w) == e);
}

TEST_CASE("FetchAddr of a fetch event is in doubleword 3, without its low three bits") {
  event e;
  e.type = event_type::f_cd_fetch;
  e.fetch_address = 0x12'3456'7890;
  CHECK(encode(e)[3] == 0x12'3456'7890);
  CHECK(encode(e)[2] == 0);
  e.fetch_address += 7;
  CHECK(encode(e)[3] == 0x12'3456'7890);
}

TEST_CASE("any record decodes, and a decoded record survives encode and decode") {
  REQUIRE(rc::check("event round trip", [](const event_words& words) {
    const event e = decode_event(words);
    return decode_event(encode(e)) == e;
  }));
}

TEST_CASE("events have the names the specification prints") {
  CHECK(name(event_type::c_bad_streamid) == "C_BAD_STREAMID");
  CHECK(name(event_type::f_walk_eabt) == "F_WALK_EABT");
  CHECK(name(static_cast<event_type>(0x77)) == "unknown event");
}
