// What --explain says of oracle cases, each with a defect of its own, in exact words.
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "platforms/scenario/explain.h"
#include "tests/support/scenarios.h"

using namespace svasim;

namespace {

/// The last line of every query of the case: outcome and reason.
std::map<std::string, std::string> reasons() {
  std::map<std::string, std::string> out;
  for (scenario::scenario& c :
       test::load_scenarios(SVASIM_SOURCE_DIR "/tests/golden/oracle/public.jsonl.gz")) {
    const std::string text = scenario::explain(c);
    for (std::size_t at = text.find("  => "); at != std::string::npos;
         at = text.find("  => ", at + 1)) {
      out[c.id] += text.substr(at + 5, text.find('\n', at) - at - 4);
    }
  }
  return out;
}

bool begins_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

TEST_CASE("the reason of an outcome names the field that decides it") {
  const auto all = reasons();
  REQUIRE(all.size() == 629);
  for (const auto& [id, wanted] : std::map<std::string, std::string>{
           {"p00004", "abort: CR0.SMMUEN = 0 and GBPA.ABORT = 1: aborted\n"},
           {"p00026",
            "fault: StreamID[5:0] = 8 is not below 2^(L1STD.Span - 1) = 8: C_BAD_STREAMID\n"},
           {"p00037", "fault: the L1STD at 0x78b7688e000 is not in ram: F_STE_FETCH\n"},
           {"p00045", "fault: STE.S2SL0 = 3 is reserved with S2TG = 1: C_BAD_STE\n"},
           {"p00046", "fault: STE.S2TG = 3 is not supported: C_BAD_STE\n"},
           {"p00047", "fault: STE.S2T0SZ = 29 does not fit S2SL0 = 0 with S2TG = 0: C_BAD_STE\n"},
           {"p00048", "fault: STE.S1STALLD = 1 with IDR0.STALL_MODEL = 1: C_BAD_STE\n"},
           {"p00049",
            "fault: STE.S2T0SZ = 42 is out of range with S2TG = 2 and an IAS of 44 bits: "
            "C_BAD_STE\n"},
           {"p00050",
            "fault: STE.S2TTB = 0x100210064000 is beyond STE.S2PS = 4 (44 bits): C_BAD_STE\n"},
           {"p00051", "fault: STE.S2S = 1 with IDR0.STALL_MODEL = 1: C_BAD_STE\n"},
           {"p00055", "fault: STE.S2ENDI = 1 is not supported: C_BAD_STE\n"},
           {"p00063", "fault: CD.TTB1 = 0x4000522eb000 is beyond CD.IPS = 2 (40 bits): C_BAD_CD\n"},
           {"p00067", "fault: CD.T0SZ = 44 is outside 16..39 for the 4 KiB granule: C_BAD_CD\n"},
           {"p00080", "fault: CD.V = 0: C_BAD_CD\n"},
           {"p00150",
            "fault: AP[2:1] = 0b11 of the S1L3 descriptor allows no unprivileged write: "
            "F_PERMISSION\n"},
           {"p00170",
            "fault: the S1L3 descriptor has AF = 0, CD.AFFD = 0 and CD.HA = 0: F_ACCESS\n"},
           {"p00196",
            "fault: the output address 0x8ae0b719f000 of the S1L3 descriptor is beyond CD.IPS (44 "
            "bits): F_ADDR_SIZE\n"},
           {"p00204",
            "abort: the S1L2 descriptor at 0x1e11ce5e0 is invalid: F_TRANSLATION, not recorded as "
            "CD.R = 0\n"},
           {"p00213", "fault: the S1L3 at 0x85e089ea3b0 is not in ram: F_WALK_EABT\n"},
           {"p00258", "fault: S2AP = 0b10 of the S2L3 descriptor allows no read: F_PERMISSION\n"},
           {"p00586", "fault: STE.Config = 0b111 asks for stage 2, IDR0.S2P = 0: C_BAD_STE\n"},
           {"p00615",
            "fault: the address 0x40000009bd9716c is beyond the 44 bits of IDR5.OAS: "
            "F_ADDR_SIZE\n"},
       }) {
    INFO(id);
    CHECK(all.at(id).substr(0, wanted.size()) == wanted);
  }
}

TEST_CASE("no reason is left without words") {
  for (const auto& [id, text] : reasons()) {
    INFO(id << ": " << text);
    CHECK(text.find("does not take") == std::string::npos);
    CHECK(text.find("the leaf does not allow it") == std::string::npos);
    CHECK(!begins_with(text, "ok, 0x0 "));
  }
}
