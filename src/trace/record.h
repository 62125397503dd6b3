// One line of a DMA trace in memory: what a device did or what software told the SMMU or the
// virtio-iommu, in the order in which it happened. Readers in workloads/ produce records, the
// replay in platforms/ consumes them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/ids.h"
#include "base/units.h"

namespace svasim::trace {

enum class record_kind : std::uint8_t {
  access,   ///< one DMA read or write of a device
  command,  ///< one SMMU command consumed from the command queue
  leaf,     ///< the table has a leaf of this size here (page, or block where level < 3)
  event,    ///< the SMMU recorded a fault event; nothing to replay
  request,  ///< one request of the driver to a virtio-iommu
};

/// virtio 1.2 section 5.13.6, by their numbers there.
enum class request_type : std::uint8_t { attach = 1, detach = 2, map = 3, unmap = 4 };

struct record {
  record_kind kind = record_kind::access;
  /// Since the first record of the trace.
  base::duration time;

  // access
  base::stream_id sid;
  base::substream_id ssid;
  bool has_ssid = false;
  bool write = false;
  /// Bytes, at least 1. A reader fills its declared default where the log gives none.
  std::uint32_t length = 0;
  base::iova address;
  /// Output address in the log, if it gives one: output of stage 1 (the IPA when replayed nested).
  std::uint64_t output = 0;
  bool has_output = false;
  /// Permission of the page in the log: bit 0 read, bit 1 write. Of a map request its flags, with
  /// bit 2 for a doorbell (VIRTIO_IOMMU_MAP_F_MMIO).
  std::uint8_t permission = 3;
  /// Further accesses to the same page right behind this one: the record is a run of 1 + repeats.
  std::uint32_t repeats = 0;

  // command: the 16 bytes as they stand in the queue (IHI 0070 section 4)
  std::array<std::uint64_t, 2> command{};

  // leaf: `address` holds its base
  base::asid asid;
  base::vmid vmid;
  std::uint8_t level = 3;
  std::uint8_t granule_shift = 12;

  /// event: its number (IHI 0070 section 7.3), 0 where the log names none that is known; `sid` is
  /// set.
  std::uint8_t event = 0;

  // request: `address` holds the first address of a map or unmap, `output` where a map leads, `sid`
  // the endpoint of an attach or detach
  request_type request = request_type::attach;
  std::uint32_t domain = 0;
  /// Of a map or unmap, inclusive.
  std::uint64_t last = 0;

  /// Where it stands in the file, for messages: line of a text trace, record index of a binary one.
  std::uint64_t line = 0;
};

/// What the table tags a stream's translations with.
struct stream_tag {
  base::stream_id sid;
  base::asid asid;
  base::vmid vmid;
  std::uint64_t accesses = 0;  ///< single ones
  /// Of a virtio-iommu; streams of one domain share all translations.
  bool has_domain = false;
  std::uint32_t domain = 0;
};

/// Addresses that a generator will touch and where they lead, so that they can be mapped up front.
struct region {
  base::stream_id sid;
  base::iova address;    ///< aligned to the mapping's page size
  base::byte_size size;  ///< a multiple of the mapping's page size
  std::uint64_t output = 0;
};

/// What one pass over a trace tells before it is replayed.
struct summary {
  /// "qemu-smmuv3", "qemu-virtio-iommu", "page-runs", "lackey", "csv", "svt", "generator"
  std::string format;
  std::string digest;          ///< of the file's bytes (XXH64), 16 hexadecimal digits
  std::uint64_t lines = 0;     ///< lines or records in the file
  std::uint64_t accesses = 0;  ///< single ones: the sum of 1 + repeats
  std::uint64_t runs = 0;      ///< records of kind access
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::uint64_t leaves = 0;
  /// Commands by opcode (dw0[7:0]); the sum is `commands`.
  std::map<std::uint8_t, std::uint64_t> commands_by_opcode;
  std::uint64_t requests = 0;
  /// The sum is `requests`.
  std::map<request_type, std::uint64_t> requests_by_type;
  /// Commands of which the log holds the opcode but not the operands: they are not replayed.
  std::uint64_t incomplete_commands = 0;
  /// Accesses that the log says were bypassed or aborted without a table: they are not replayed.
  std::uint64_t untranslated = 0;
  /// Records whose time stamp was before the one of the record before; they take the latter's.
  std::uint64_t clock_steps_back = 0;
  base::duration length;            ///< time of the last record
  std::uint8_t granule_shift = 12;  ///< page size of the recorded machine
  std::vector<stream_tag> streams;  ///< those with accesses, sorted by StreamID
  /// Size of every mapping, where it is known and one; 0: pages, and blocks where leaf records say
  /// so.
  base::byte_size page_size;
  std::vector<region> regions;  ///< of a generator; empty for a trace
  /// True where an access shows a new output address for a page that no invalidation range named
  /// before (lazy mode: only by-ASID flushes). Invalidating everything, or the stream's STE, starts
  /// the stream afresh.
  bool lazy = false;
};

/// A trace or a generator, read front to back once. Memory does not grow with its length.
class source {
 public:
  virtual ~source() = default;
  /// False at the end. Throws base::input_error with file and line where the trace is bad.
  virtual bool next(record& out) = 0;
  /// Known before the first next().
  virtual const summary& about() const = 0;
};

}  // namespace svasim::trace
