// Any 16 bytes as a command, and what an invalidation of them covers; any 32 bytes as an event.
#include "arch/command.h"

#include "arch/event.h"
#include "arch/invalidation.h"
#include "fuzz_input.h"

using namespace svasim;
using namespace svasim::arch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in(data, size);
  const register_view regs(in.registers());
  const command c = decode_command({in.word(), in.word()});
  fuzz::require(decode_command(encode(c)) == c, "command round trip");
  const bool legal = check(c, regs.caps) == command_error::none;
  fuzz::require(!legal || name(c.op) != "reserved", "a reserved opcode is illegal");
  const invalidation scope(c, regs.caps, regs.vmid_wildcard_bits);
  fuzz::require(scope.first() <= scope.last(), "range");
  entry_tag tag;
  tag.by_ipa = (in.byte() & 1) != 0;
  tag.vmid = base::vmid(static_cast<std::uint16_t>(in.half_word()));
  tag.asid = base::asid(static_cast<std::uint16_t>(in.half_word()));
  tag.size_shift = in.byte() % 65;
  tag.address = tag.size_shift > 63 ? 0 : in.word() >> tag.size_shift << tag.size_shift;
  const bool covered = scope.covers(tag);
  fuzz::require(!covered || scope.is_translation(), "a TLB entry goes with a TLBI");
  scope.covers(config_key{});
  const event e = decode_event({in.word(), in.word(), in.word(), in.word()});
  fuzz::require(decode_event(encode(e)) == e, "event round trip");
  may_merge(e, e, true);
  return 0;
}
