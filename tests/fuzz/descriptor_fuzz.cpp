// Any descriptor at any level, and walks through a memory of any words.
#include "arch/descriptor.h"

#include "arch/ats.h"
#include "fuzz_input.h"

using namespace svasim;
using namespace svasim::arch;

namespace {
void check_word(fuzz::input& in) {
  const std::uint64_t word = in.word();
  const std::uint64_t address = in.word() & base::low_mask(52);
  const unsigned granule = 12 + 2 * (in.byte() % 3u);
  const int level = static_cast<int>(in.byte() % (granule == 12 ? 5u : granule == 14 ? 4u : 3u));
  const int at = 3 - level;
  const bool wide = (in.byte() & 1) != 0;
  const descriptor_kind kind = kind_of(word, granule, at, wide);
  fuzz::require((kind == descriptor_kind::page) == ((word & 3) == 3 && at == 3), "pages");
  const std::uint64_t table = table_address(word, granule, wide);
  fuzz::require(table >> 52 == 0 && (table & base::low_mask(granule)) == 0, "table address");
  fuzz::require(address_field(place_address(table, granule, wide), granule, wide) == table,
                "address round trip");
  if (kind == descriptor_kind::block || kind == descriptor_kind::page) {
    const unsigned span = leaf_span(word, granule, at, wide, address, 52);
    fuzz::require(span >= level_shift(granule, at) && span <= 52, "span");
  }
  const permission p = stage1_permission(word, stage1_table_attributes(in.word()), {});
  fuzz::require(!p.unpriv_write() || !p.priv_execute(),
                "what EL0 writes is not executed privileged");
  stage2_permission(word, wide);
}

void walk(fuzz::input& in) {
  const register_view regs(in.registers());
  access_request request;
  request.sid = base::stream_id(in.byte());
  request.has_ssid = (in.byte() & 1) != 0;
  request.ssid = base::substream_id(in.byte());
  request.address = in.word();
  request.write = (in.byte() & 1) != 0;
  request.kind = static_cast<transaction_kind>(in.byte() % 3);
  unsigned swaps = 0;
  const auto read = [&](const fetch_request& f, std::uint64_t* words) {
    fuzz::require(f.address.value() % f.size == 0, "alignment");
    for (unsigned i = 0; i < f.size / 8u; ++i) {
      words[i] = in.word();
    }
    return true;
  };
  const auto update = [&](const fetch_request&, const descriptor_update& u, std::uint64_t& found) {
    found = ++swaps < 8 ? u.expected ^ (in.word() & 1) : u.expected;
    return true;
  };
  const translation_result r = translate(regs, read, update, request);
  if (r.outcome == outcome::ok) {
    fuzz::require(r.output.value() >> 52 == 0, "output");
  }
  encode(r.event);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in(data, size);
  check_word(in);
  walk(in);
  return 0;
}
