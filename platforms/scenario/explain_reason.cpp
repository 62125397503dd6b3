#include "platforms/scenario/explain_reason.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.h"

namespace svasim::scenario {
namespace {

using arch::event_type;
using base::bits;

/// What the sentences need at hand.
struct account {
  const arch::translation_walk& walk;
  const arch::register_view& regs;
  const std::vector<fetched>& fetches;

  const arch::access_request& request() const { return walk.request(); }
  const arch::event& event() const { return walk.result().event; }
  const arch::decoded_config& config() const { return walk.config(); }
  unsigned half() const { return base::bit(request().address, 55); }
  /// The last fetch of this kind; null where there was none.
  const fetched* last(arch::fetch_kind kind) const {
    const auto found = std::find_if(fetches.rbegin(), fetches.rend(),
                                    [=](const fetched& f) { return f.at.kind == kind; });
    return found == fetches.rend() ? nullptr : &*found;
  }
  bool ended_at(arch::fetch_kind kind) const {
    return !fetches.empty() && fetches.back().at.kind == kind;
  }
  arch::ste ste() const { return arch::decode_ste(last(arch::fetch_kind::ste)->words); }
};

std::string of_bad_streamid(const account& a) {
  const std::uint64_t sid = a.request().sid.value();
  const arch::register_view& regs = a.regs;
  if (sid >> regs.log2_size != 0) {
    return fmt::format("StreamID {} is not below 2^LOG2SIZE = {} (STRTAB_BASE_CFG)", sid,
                       std::uint64_t{1} << regs.log2_size);
  }
  const arch::l1std d = arch::decode_l1std(a.last(arch::fetch_kind::l1std)->words[0]);
  if (!d.valid() || d.span > regs.split + 1) {
    return fmt::format("L1STD.Span = {} is outside 1..{}", d.span, std::min(11, regs.split + 1));
  }
  return fmt::format("StreamID[{}:0] = {} is not below 2^(L1STD.Span - 1) = {}", regs.split - 1,
                     sid & base::low_mask(regs.split), 1u << (d.span - 1));
}

/// The reasons of arch::check() that come down to the values of a few fields.
std::string of_bad_ste_value(const arch::ste& s, const arch::idr& caps, const std::string& why) {
  const auto is = [&](const char* text) { return why == text; };
  if (is("S2AA64 or S2ENDI is not supported")) {
    return s.s2_aa64 ? "STE.S2ENDI = 1 is not supported" : "STE.S2AA64 = 0 is not supported";
  }
  if (is("S2TG is not supported")) return fmt::format("STE.S2TG = {} is not supported", s.s2_tg);
  if (is("S2SL0 is reserved")) {
    return fmt::format("STE.S2SL0 = {} is reserved with S2TG = {}", s.s2_sl0, s.s2_tg);
  }
  if (is("S2T0SZ is out of range")) {
    return fmt::format("STE.S2T0SZ = {} is out of range with S2TG = {} and an IAS of {} bits",
                       s.s2_t0sz, s.s2_tg, caps.ias_bits);
  }
  if (is("S2T0SZ and S2SL0 do not fit together")) {
    return fmt::format("STE.S2T0SZ = {} does not fit S2SL0 = {} with S2TG = {}", s.s2_t0sz,
                       s.s2_sl0, s.s2_tg);
  }
  if (is("S2HA or S2HD is not supported")) {
    return fmt::format("STE.S2HA = {:d}, S2HD = {:d} with IDR0.HTTU = {}", s.s2_ha, s.s2_hd,
                       caps.httu);
  }
  if (is("S2S is not supported")) {
    return fmt::format("STE.S2S = {:d} with IDR0.STALL_MODEL = {}", s.s2_s, caps.stall_model);
  }
  if (is("S1Fmt is not supported")) {
    return fmt::format("STE.S1Fmt = {} is not supported", s.s1_format);
  }
  if (is("STRW is reserved")) return fmt::format("STE.STRW = {} is reserved", s.strw);
  if (is("S2VMID has more than 8 bits")) {
    return fmt::format("STE.S2VMID = {} with IDR0.VMID16 = 0", s.vmid.value());
  }
  return fmt::format("STE.EATS = {}: {}", s.eats, why);
}

std::string of_bad_ste(const account& a) {
  const arch::ste s = a.ste();
  const std::string why = arch::check(s, a.regs.caps);
  const auto is = [&](const char* text) { return why == text; };
  if (is("V is 0")) return "STE.V = 0";
  if (is("stage 1 is not implemented")) {
    return fmt::format("STE.Config = 0b{:03b} asks for stage 1, IDR0.S1P = 0",
                       static_cast<unsigned>(s.config));
  }
  if (is("stage 2 is not implemented")) {
    return fmt::format("STE.Config = 0b{:03b} asks for stage 2, IDR0.S2P = 0",
                       static_cast<unsigned>(s.config));
  }
  if (is("S1CDMax is beyond IDR1.SSIDSIZE")) {
    return fmt::format("STE.S1CDMax = {} is above IDR1.SSIDSIZE = {}", s.s1_cd_max,
                       a.regs.caps.ssid_bits);
  }
  if (is("S1STALLD is set where stalls cannot be chosen")) {
    return fmt::format("STE.S1STALLD = 1 with IDR0.STALL_MODEL = {}", a.regs.caps.stall_model);
  }
  if (is("S2TTB is beyond S2PS")) {
    return fmt::format("STE.S2TTB = {:#x} is beyond STE.S2PS = {} ({} bits)", s.s2_ttb, s.s2_ps,
                       arch::geometry_of(s, a.regs.caps).output_bits);
  }
  return of_bad_ste_value(s, a.regs.caps, why);
}

/// The first half of the CD that is wrong, as arch::check() looks at them.
std::string of_bad_half(const arch::cd& c, const arch::idr& caps, const std::string& why) {
  for (unsigned i = 0; i < 2; ++i) {
    const arch::cd_half& h = c.half[i];
    if (h.epd) continue;
    if (h.granule_shift == 0 || !caps.granule_supported(h.granule_shift)) {
      return h.granule_shift == 0
                 ? fmt::format("CD.TG{} is reserved", i)
                 : fmt::format("CD.TG{} asks for the {} granule, which IDR5 does not have", i,
                               size_text(h.granule_shift));
    }
    const unsigned most = !caps.stt ? 39 : h.granule_shift == 16 ? 47 : 48;
    const unsigned least = caps.va52 && (h.granule_shift == 16 || (c.ds && caps.ds)) ? 12 : 16;
    if (h.tsz < least || h.tsz > most) {
      return fmt::format("CD.T{}SZ = {} is outside {}..{} for the {} granule", i, h.tsz, least,
                         most, size_text(h.granule_shift));
    }
    const unsigned output_bits = arch::output_bits_of(c, h, caps);
    if (h.ttb >> output_bits != 0) {
      return fmt::format("CD.TTB{} = {:#x} is beyond CD.IPS = {} ({} bits)", i, h.ttb, c.ips,
                         output_bits);
    }
  }
  return "CD: " + why;
}

std::string of_bad_cd(const account& a) {
  const arch::cd c = arch::decode_cd(a.last(arch::fetch_kind::cd)->words);
  const std::string why = arch::check(c, a.ste(), a.regs.caps);
  if (why == "V is 0") return "CD.V = 0";
  if (why == "AA64 or ENDI is not supported") {
    return c.aa64 ? "CD.ENDI = 1 is not supported" : "CD.AA64 = 0 is not supported";
  }
  if (why == "A is 0 where faults can only abort") return "CD.A = 0 with IDR0.TERM_MODEL = 1";
  if (why == "S is set where stalls are not allowed") {
    return fmt::format("CD.S = 1 with STE.S1STALLD = {:d} and IDR0.STALL_MODEL = {}",
                       a.ste().s1_stalld, a.regs.caps.stall_model);
  }
  return of_bad_half(c, a.regs.caps, why);
}

std::string of_substream(const account& a) {
  const arch::ste s = a.ste();
  const std::string ssid = a.request().has_ssid
                               ? fmt::format("SubstreamID {}", a.request().ssid.value())
                               : std::string("no SubstreamID");
  if (const fetched* f = a.last(arch::fetch_kind::l1cd)) {
    return fmt::format("{}: the L1CD at {:#x} has V = {:d}", ssid, f->at.address,
                       base::bit(f->words[0], 0));
  }
  return fmt::format("{} with STE.Config = 0b{:03b}, S1CDMax = {}, S1DSS = {}", ssid,
                     static_cast<unsigned>(s.config), s.s1_cd_max, static_cast<unsigned>(s.dss));
}

/// The descriptor a stage ended at; null where it ended before it read one.
const fetched* descriptor(const account& a) {
  const arch::fetch_kind kind =
      a.event().stage2 ? arch::fetch_kind::s2_descriptor : arch::fetch_kind::s1_descriptor;
  return a.ended_at(kind) ? &a.fetches.back() : nullptr;
}

std::string of_translation(const account& a) {
  if (const fetched* d = descriptor(a)) {
    return fmt::format("the {} descriptor at {:#x} is invalid", name(d->at), d->at.address);
  }
  if (a.event().stage2) {
    return fmt::format("the IPA in page {:#x} is not below 2^(64 - STE.S2T0SZ) = 2^{}",
                       a.event().ipa, a.config().s2.input_bits);
  }
  const unsigned i = a.half();
  const arch::stage1_half& h = a.config().half[i];
  if (h.walks_disabled) {
    return fmt::format("CD.EPD{0} = 1 disables walks of the tables at TTB{0}", i);
  }
  return fmt::format("bits [{}:{}] of {:#x} are not all {}: outside CD.T{}SZ = {}",
                     h.ignore_top_byte ? 55 : 63, h.input_bits, a.request().address, i, i,
                     64 - h.input_bits);
}

std::string of_addr_size(const account& a) {
  const fetched* d = descriptor(a);
  const arch::decoded_config& c = a.config();
  if (d == nullptr) {
    const bool bypass = !c.s2_on;
    return fmt::format("the address {:#x} is beyond the {} bits of {}", a.request().address,
                       bypass ? a.regs.caps.oas_bits : a.regs.caps.ias_bits,
                       bypass ? "IDR5.OAS" : "the stage 2 input size (IAS)");
  }
  const bool table = arch::kind_of(d->words[0], d->format.granule_shift, d->at.level,
                                   d->format.wide) == arch::descriptor_kind::table;
  const std::uint64_t address =
      table ? arch::table_address(d->words[0], d->format.granule_shift, d->format.wide)
            : arch::leaf_address(d->words[0], d->format.granule_shift, d->at.level, d->format.wide);
  return fmt::format("the {} address {:#x} of the {} descriptor is beyond {} ({} bits)",
                     table ? "table" : "output", address, name(d->at),
                     a.event().stage2 ? "STE.S2PS" : "CD.IPS",
                     a.event().stage2 ? c.s2.output_bits : c.half[a.half()].output_bits);
}

std::string of_access(const account& a) {
  const fetched* d = descriptor(a);
  return fmt::format("the {} descriptor has AF = 0, {} = 0 and {} = 0",
                     d == nullptr ? std::string("leaf") : name(d->at),
                     a.event().stage2 ? "STE.S2AFFD" : "CD.AFFD",
                     a.event().stage2 ? "STE.S2HA" : "CD.HA");
}

std::string of_permission(const account& a) {
  const fetched* d = descriptor(a);
  if (d == nullptr) return "the leaf does not allow it";
  const std::uint64_t word = d->words[0];
  const bool write = a.request().write;
  if (a.event().stage2) {
    const bool input = a.event().cls == arch::event_class::input;
    const char* what = input                                    ? (write ? "write" : "read")
                       : a.event().cls == arch::event_class::cd ? "read of the CD"
                                                                : "access to the stage 1 table";
    return fmt::format("S2AP = 0b{:02b} of the {} descriptor allows no {}", bits(word, 7, 6),
                       name(d->at), what);
  }
  std::string tables;
  for (const fetched& f : a.fetches) {
    if (f.at.kind != arch::fetch_kind::s1_descriptor || &f == d) continue;
    if (bits(f.words[0], 62, 61) == 0 || !a.config().half[a.half()].hierarchical) continue;
    tables += fmt::format(" under APTable = 0b{:02b} of {}", bits(f.words[0], 62, 61), name(f.at));
  }
  return fmt::format("AP[2:1] = 0b{:02b} of the {} descriptor{} allows no unprivileged {}",
                     bits(word, 7, 6), name(d->at), tables, write ? "write" : "read");
}

std::string of_abort(const account& a) {
  const fetched& f = a.fetches.back();
  return fmt::format("the {} at {:#x} is not in ram", name(f.at), f.at.address);
}

std::string cause(const account& a) {
  switch (a.event().type) {
    case event_type::c_bad_streamid:
      return of_bad_streamid(a);
    case event_type::f_ste_fetch:
    case event_type::f_cd_fetch:
    case event_type::f_walk_eabt:
      return of_abort(a);
    case event_type::c_bad_ste:
      return of_bad_ste(a);
    case event_type::c_bad_substreamid:
    case event_type::f_stream_disabled:
      return of_substream(a);
    case event_type::c_bad_cd:
      return of_bad_cd(a);
    case event_type::f_translation:
      return of_translation(a);
    case event_type::f_addr_size:
      return of_addr_size(a);
    case event_type::f_access:
      return of_access(a);
    case event_type::f_permission:
      return of_permission(a);
    default:
      return "the SMMU does not take this transaction";
  }
}

std::string of_silence(const account& a) {
  const arch::event& e = a.event();
  if (!a.regs.eventq_enabled) return "CR0.EVENTQEN = 0";
  if (e.type == event_type::c_bad_streamid) return "CR2.RECINVSID = 0";
  return e.stage2 ? "STE.S2R = 0" : "CD.R = 0";
}

/// An abort with nothing to record.
std::string of_plain_abort(const account& a) {
  if (a.regs.enabled) return "STE.Config = 0b0xx terminates the stream without an event";
  if (a.regs.abort_when_disabled) return "CR0.SMMUEN = 0 and GBPA.ABORT = 1";
  return fmt::format("CR0.SMMUEN = 0, and {:#x} is beyond the {} bits of IDR5.OAS",
                     a.request().address, a.regs.caps.oas_bits);
}

std::string of_success(const account& a) {
  const arch::translation& t = a.walk.result().entry;
  const auto leaf = [](const arch::stage_leaf& l, int stage) {
    return fmt::format("stage {} maps {} at level {}", stage, size_text(l.size_shift), l.level);
  };
  switch (t.kind) {
    case arch::translation_kind::disabled:
      return "CR0.SMMUEN = 0 and GBPA.ABORT = 0: the address goes through";
    case arch::translation_kind::bypass:
      return "no stage is on for it: the address goes through";
    case arch::translation_kind::s1:
      return leaf(t.s1, 1);
    case arch::translation_kind::s2:
      return leaf(t.s2, 2);
    case arch::translation_kind::nested:
      break;
  }
  return leaf(t.s1, 1) + ", " + leaf(t.s2, 2);
}

}  // namespace

std::string reason(const arch::translation_walk& walk, const arch::register_view& regs,
                   const std::vector<fetched>& fetches) {
  const account a{walk, regs, fetches};
  const arch::translation_result& r = walk.result();
  if (r.outcome == arch::outcome::ok) return of_success(a);
  if (r.event.type == event_type::none) return of_plain_abort(a) + ": aborted";
  std::string out = fmt::format("{}: {}", cause(a), arch::name(r.event.type));
  if (r.outcome == arch::outcome::abort) out += ", not recorded as " + of_silence(a);
  return out;
}

}  // namespace svasim::scenario
