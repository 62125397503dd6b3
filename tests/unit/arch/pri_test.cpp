#include "arch/pri.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "arch/ats_message.h"

using namespace svasim;
using namespace svasim::arch;

namespace {
page_request request(bool last, bool has_ssid) {
  page_request r;
  r.sid = base::stream_id(0x1234);
  r.has_ssid = has_ssid;
  r.ssid = base::substream_id(has_ssid ? 0x56789 : 0);
  r.read = true;
  r.last = last;
  r.prg_index = 0x1ab;
  r.address = 0xabcdef000;
  return r;
}
idr without_pps() {
  return idr();
}
idr with_pps() {
  registers words;
  words.idr3 |= 1u << 5;
  return idr(words);
}
}  // namespace

TEST_CASE("the fields of a page request sit where section 8 puts them") {
  page_request r = request(true, true);
  CHECK(encode(r) == pri_words{0xd005678900001234, 0xabcdef1ab});
  r.write = r.execute = r.privileged = true;
  CHECK(encode(r)[0] == 0xfc05678900001234);
}

TEST_CASE("any 16 bytes decode to a page request that encodes to the same fields") {
  REQUIRE(rc::check("page request round trip", [](const pri_words& words) {
    const page_request r = decode_page_request(words);
    return decode_page_request(encode(r)) == r;
  }));
}

TEST_CASE("a stop marker has a PASID, is the last and asks for nothing") {
  page_request r = request(true, true);
  CHECK_FALSE(r.is_stop_marker());
  r.read = false;
  CHECK(r.is_stop_marker());
  r.has_ssid = false;
  CHECK_FALSE(r.is_stop_marker());
}

TEST_CASE("in an overflow the last of a group is answered with success, the others are not") {
  CHECK_FALSE(overflow_response(request(false, true), with_pps(), response_pasid::with));
  const auto answer = overflow_response(request(true, true), with_pps(), response_pasid::unknown);
  REQUIRE(answer);
  CHECK(*answer == prg_response{base::stream_id(0x1234), true, base::substream_id(0x56789), 0x1ab,
                                prg_code::success});
}

TEST_CASE("the PASID of an overflow response follows PPS and STE.PPAR") {
  const page_request with = request(true, true), without = request(true, false);
  CHECK(needs_ppar(with, without_pps()));
  CHECK_FALSE(needs_ppar(with, with_pps()));
  CHECK_FALSE(needs_ppar(without, without_pps()));
  CHECK_FALSE(needs_ppar(request(false, true), without_pps()));
  CHECK(overflow_response(with, without_pps(), response_pasid::with)->has_ssid);
  const auto bare = overflow_response(with, without_pps(), response_pasid::without);
  CHECK_FALSE(bare->has_ssid);
  CHECK(bare->code == prg_code::success);
  CHECK_FALSE(overflow_response(without, with_pps(), response_pasid::with)->has_ssid);
}

TEST_CASE("an overflow response for a stream without a valid STE is a failure without PASID") {
  const auto answer =
      overflow_response(request(true, true), without_pps(), response_pasid::unknown);
  REQUIRE(answer);
  CHECK(answer->code == prg_code::failure);
  CHECK_FALSE(answer->has_ssid);
}

TEST_CASE("a refused request is answered with failure and no PASID, last or not") {
  for (const bool last : {false, true}) {
    const auto answer = refusal(request(last, true));
    REQUIRE(answer);
    CHECK(answer->code == prg_code::failure);
    CHECK_FALSE(answer->has_ssid);
    CHECK(answer->prg_index == 0x1ab);
  }
}

TEST_CASE("a stop marker is never answered") {
  page_request stop = request(true, true);
  stop.read = false;
  CHECK_FALSE(refusal(stop));
  CHECK_FALSE(overflow_response(stop, with_pps(), response_pasid::with));
}

TEST_CASE("CMD_PRI_RESP sends failure, invalid request and success as 15, 1 and 0") {
  command c;
  c.op = opcode::pri_resp;
  const std::uint8_t codes[] = {15, 1, 0};
  for (std::uint8_t n = 0; n < 3; ++n) {
    c.response = n;
    CHECK(static_cast<std::uint8_t>(response_of(c).code) == codes[n]);
  }
}

TEST_CASE("an invalidation of size 52 covers every address, one of size 0 its page") {
  command c;
  c.op = opcode::atc_inv;
  c.address = 0x5000;
  ats_message m = invalidate_request(c, 3);
  CHECK(m.itag == 3);
  CHECK(m.covers(0x5fff));
  CHECK_FALSE(m.covers(0x6000));
  c.size = 52;
  m = invalidate_request(c, 3);
  CHECK(m.size_shift == 64);
  CHECK(m.address == 0);
  CHECK(m.covers(~0ull));
  CHECK(completion_of(m).itags == 8);
}
