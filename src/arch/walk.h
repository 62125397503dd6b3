// The translation procedure of one transaction (Arm IHI 0070 sections 3.3, 3.4, 7.3.22), as a state
// machine without time: it says which read comes next and takes the data. The timed walker, the
// caches and the functional driver (translate.h) all drive this one. The order in which things can
// fail: SMMU disabled, StreamID, STE fetch, STE, STE.Config, SubstreamID, CD fetch, CD, stage 1
// (each descriptor behind its own stage 2), input size without stage 1, stage 2.
//
//   walk.start(regs, request);
//   if (hit in configuration cache) walk.use_config(cached);
//   for (;;) switch (walk.next()) {
//     case step::fetch:       read walk.fetch(), then walk.supply(words) or walk.supply_abort();
//     case step::configured:  may store walk.config();                              // optional
//     case step::begin_stage: may call walk.resume_at(entry) after a walk cache hit, or
//                             walk.use_stage2(translation) after an IPA cache hit;     // optional
//     case step::table:       may store walk.table() in a walk cache;               // optional
//     case step::stage2_leaf: may store walk.stage2_leaf() in an IPA cache;         // optional
//     case step::update:      compare-and-swap walk.update(), then walk.supply_update(found)
//                             with what memory held before, or walk.supply_abort();
//     case step::done:        walk.result();
//   }
//
// Hardware update (HTTU, 3.13): access flag and dirty state are set by the step `update`, stage 1
// before stage 2 of the output, as DDI 0487 does it; where memory has changed meanwhile, the walk
// looks again at what it now holds. An update of a stage 1 table in a nested walk first asks stage
// 2 once more for that descriptor, now for writing. Nothing is updated for an access that faults.
//
// ATS (3.9): a Translation Request walks like an access but takes whatever permission there is, see
// ats.h; a Translated transaction is checked, and with split-stage ATS goes through stage 2.
//
// Nothing is allocated; a walk is a plain value, about 500 bytes, made to be reused. A walk that
// was started keeps a pointer to `regs`, which must outlive it and not change before done.
//
// Left out: access flags of table descriptors (HAFT), MPAM/VMS fetches, F_UUT, TLB and
// configuration conflicts, memory attributes (so STE.S2PTW never faults).
#pragma once

#include <cstdint>

#include "arch/config.h"
#include "arch/descriptor.h"
#include "arch/registers.h"
#include "arch/translation.h"
#include "base/address.h"

namespace svasim::arch {

/// One read of the walk.
struct fetch_request {
  fetch_kind kind = fetch_kind::ste;
  std::int8_t level = 0;  ///< of a descriptor, -1..3; else 0
  std::uint8_t size = 8;  ///< bytes: 64 for STE and CD, else 8
  base::pa address;
};

/// One compare-and-swap of a descriptor, where fetch() says.
struct descriptor_update {
  std::uint64_t expected = 0;
  std::uint64_t desired = 0;
};

/// A stage is about to walk from its root.
struct stage_request {
  arch::stage stage = stage::s1;
  event_class purpose = event_class::input;  ///< stage 2: for a CD, a stage 1 table, the input
  std::uint8_t granule_shift = 12;
  std::int8_t start_level = 0;  ///< -1..3
  std::uint64_t address = 0;    ///< input address: VA in lookup form, or IPA
};

/// A table that a walk goes through, as a walk cache stores it. Tag it with stage, VMID and (stage
/// 1) ASID, and with `prefix` at `shift`. In a nested walk `pa_known` is true and the entry also
/// holds the outcome of stage 2 for the table, if stage 2 maps all of the table in one page or
/// block.
struct table_entry {
  arch::stage stage = stage::s1;
  std::int8_t level = 0;  ///< of the descriptors in the table, -1..3
  bool root = false;      ///< the stage's first table: worth keeping only for its PA (nested)
  bool pa_known = false;
  std::uint8_t shift = 0;         ///< log2 of the bytes of input address the table covers
  table_attributes attributes{};  ///< accumulated by the descriptors above
  std::uint64_t prefix = 0;       ///< base of the covered range (lookup form of a VA)
  std::uint64_t table = 0;        ///< address of the table: IPA in nested stage 1, else PA
  base::pa table_pa;              ///< with `pa_known`

  bool covers(std::uint64_t lookup_address) const {
    return (lookup_address ^ prefix) >> shift == 0;
  }
};

class translation_walk {
 public:
  enum class step : std::uint8_t {
    fetch,
    configured,
    begin_stage,
    table,
    stage2_leaf,
    update,
    done,
  };

  /// Begin. Any walk in progress is forgotten.
  void start(const register_view& regs, const access_request& request);
  /// After start(), before next(): what a configuration cache holds for request.key(). No STE or CD
  /// is read, and step::configured does not come. Ignored while the SMMU is disabled.
  void use_config(const decoded_config& cached);
  /// After start(), before next(): the STE and the CD as caches of their own hold them, each may be
  /// null; they must stay until done. What is given is not read, nor is the L1STD or L1CD above it.
  void use_structures(const structure_words* ste, const structure_words* cd);
  /// Go on to the next step. Calling it again at step::fetch without data gives the same fetch.
  step next();

  /// At step::fetch.
  const fetch_request& fetch() const { return m_fetch; }
  /// At step::fetch: the data read, `fetch().size / 8` little-endian words.
  void supply(const std::uint64_t* words);
  /// At step::fetch and step::update: the access ended in an external abort.
  [[gnu::cold]] void supply_abort();

  /// At step::update: what to write where fetch() says, provided that memory holds `expected`.
  const descriptor_update& update() const { return m_update; }
  /// At step::update: the word memory held when it was compared.
  [[gnu::cold]] void supply_update(std::uint64_t found);

  /// From step::configured (or use_config) on. It may say that the transaction ends in an error: an
  /// invalid STE or CD may be cached as well (5.2.1); an aborted fetch does not come here.
  const decoded_config& config() const { return m_config; }

  /// At step::begin_stage.
  const stage_request& begin() const { return m_begin; }
  /// At step::begin_stage: continue at a table of this stage that covers begin().address.
  void resume_at(const table_entry& entry);
  /// At step::begin_stage of stage 2: skip the stage with this translation, which contains the
  /// address. False, and nothing is skipped, where a write has to make the descriptor dirty.
  bool use_stage2(const stage2_translation& cached);

  /// At step::table: the next descriptor of table().stage will be read from this table.
  const table_entry& table() const { return m_table; }
  /// At step::stage2_leaf: found by reading descriptors, valid, with AF set or AFFD.
  const stage2_translation& stage2_leaf() const { return m_s2_leaf; }

  /// At step::done.
  const translation_result& result() const { return m_result; }
  const access_request& request() const { return m_request; }

 private:
  enum class state : std::uint8_t {
    begin,        ///< nothing done yet
    fetching,     ///< m_fetch awaits its data
    updating,     ///< m_update awaits its outcome
    configured,   ///< STE and CD are decoded, the driver has not heard yet
    translate,    ///< the configuration stands
    stage1,       ///< stage 1 is to begin for m_va
    stage2,       ///< stage 2 is to begin for m_ipa
    s1_lookup,    ///< the next stage 1 descriptor is known by its address before stage 2
    s1_fetch,     ///< ... by its PA
    s2_lookup,    ///< the next stage 2 descriptor is known
    s1_finished,  ///< m_s1_leaf and m_s1_out stand
    s2_leaf,      ///< m_s2_leaf was read, the driver has not heard yet
    s2_finished,  ///< m_s2_leaf translates m_ipa
    done,
  };
  /// Where a stage stands in its tables.
  struct position {
    std::int8_t level = 0;
    bool first = true;      ///< in the root
    bool announce = false;  ///< reached by a descriptor just read: tell the driver
    bool pa_known = false;  ///< stage 1 of a nested walk: `table_pa` stands
    table_attributes attributes{};
    std::uint64_t table = 0;  ///< as the tables say: IPA in nested stage 1
    base::pa table_pa;
  };

  // Configuration: STE and CD (walk_config.cpp).
  void locate_ste();
  void on_l1std(std::uint64_t word);
  void on_ste(const structure_words& words);
  void select_substream();
  void locate_cd(std::uint64_t ssid);
  void fetch_config(fetch_kind kind, std::uint64_t address);
  void on_l1cd(std::uint64_t word);
  void on_cd(const structure_words& words);
  void configured(event_type error);

  // The procedure around it (walk.cpp). What most walks never come to is cold: it keeps out of the
  // way of the code that they go through.
  [[gnu::cold]] void disabled();
  void translate();
  bool admit_ats();
  bool is_decided_by_ste() const;
  unsigned effective_eats() const;
  [[gnu::cold]] void refuse_ats();
  void pass(translation_kind kind);

  // Tables (walk_tables.cpp).
  void want_stage1();
  step begin_stage1();
  void lookup_stage1();
  void on_s1_descriptor(std::uint64_t word);
  void on_s1_leaf(std::uint64_t word);
  [[gnu::cold]] void update_stage1(std::uint64_t word, std::uint64_t updated);
  void finish_stage1();
  void want_stage2(std::uint64_t ipa, event_class purpose);
  step begin_stage2();
  void lookup_stage2();
  void on_s2_descriptor(std::uint64_t word);
  void on_s2_leaf(std::uint64_t word);
  void finish_stage2();
  void finish_table(base::pa at);
  bool stage2_suffices(permission allowed) const;
  bool stage2_writes() const;
  bool announce(position& at, arch::stage of);
  void set_output();

  void want(fetch_kind kind, int level, base::pa address);
  [[gnu::cold]] void fault(event_type type, arch::stage at);
  [[gnu::cold]] void end(const event& e);

  const register_view* m_regs = nullptr;
  access_request m_request;
  state m_state = state::done;
  bool m_config_given = false;
  const structure_words* m_cached_ste = nullptr;
  const structure_words* m_cached_cd = nullptr;
  decoded_config m_config;
  ste m_ste;
  fetch_kind m_config_fetch = fetch_kind::cd;  ///< what a stage 2 walk of class CD is for
  unsigned m_cd_leaf_bits = 0;                 ///< log2 of the CDs in a second-level CD table
  fetch_request m_fetch;
  stage_request m_begin;
  position m_s1, m_s2;
  stage1_half m_half;                          ///< the half of the address space the VA is in
  std::uint64_t m_va = 0;                      ///< input of stage 1 in lookup form
  std::uint64_t m_s1_out = 0;                  ///< output of stage 1, or the input without it
  std::uint64_t m_ipa = 0;                     ///< input of the stage 2 walk under way
  event_class m_purpose = event_class::input;  ///< of the stage 2 walk under way
  descriptor_update m_update;                  ///< under way
  descriptor_update m_s1_update;               ///< while stage 2 tells where it goes
  bool m_table_write = false;                  ///< stage 2 is for the update of a stage 1 table
  std::uint64_t m_s1_offset = 0;               ///< of the stage 1 descriptor in its table
  base::pa m_s1_descriptor;                    ///< its PA
  bool m_s1_global = false;
  stage_leaf m_s1_leaf;
  table_entry m_table;
  stage2_translation m_s2_leaf;
  translation_result m_result;
};

}  // namespace svasim::arch
