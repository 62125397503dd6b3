// Any STE, CD and level 1 descriptor: decoding, legality, what a configuration makes of them.
#include "arch/config.h"
#include "fuzz_input.h"

using namespace svasim;
using namespace svasim::arch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input in(data, size);
  const register_view regs(in.registers());
  structure_words ste_words, cd_words;
  for (auto& w : ste_words) {
    w = in.word();
  }
  for (auto& w : cd_words) {
    w = in.word();
  }
  const ste s = decode_ste(ste_words);
  fuzz::require(encode(decode_ste(encode(s))) == encode(s), "STE round trip");
  const cd c = decode_cd(cd_words);
  fuzz::require(encode(decode_cd(encode(c))) == encode(c), "CD round trip");
  const l1std d = decode_l1std(in.word());
  fuzz::require(d.l2_ptr.value() % 64 == 0, "L1STD");
  decode_l1cd(in.word());
  const bool legal = check(s, regs.caps) == nullptr;
  const bool legal_cd = check(c, s, regs.caps) == nullptr;
  if (!legal) {
    return 0;
  }
  decoded_config config;
  apply_ste(config, s, regs);
  if (config.s2_on) {
    fuzz::require(config.s2.start_level >= -1 && config.s2.start_level <= 3, "start level");
    fuzz::require(config.s2_table >> config.s2.output_bits == 0, "S2TTB");
    fuzz::require(config.s2.input_bits <= 52, "IPA size");
  }
  if (legal_cd && s.stage1_on()) {
    apply_cd(config, c, regs.caps);
    config.lookup_address(in.word());
    for (const stage1_half& half : config.half) {
      fuzz::require(half.walks_disabled || half.table >> half.output_bits == 0, "TTB");
      fuzz::require(half.start_level >= -1 && half.start_level <= 3, "start level");
    }
  }
  return 0;
}
