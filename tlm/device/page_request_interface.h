// The page-request interface of a device (PCIe 10.4; what the host makes of it: Arm IHI 0070 8):
// absent pages become page requests in groups that share a PASID and a PRG index, the last one
// marked; credits bound how many are outstanding; a group is answered as a whole.
//
//   success          each page is to be asked for anew
//   invalid request  their accesses fail
//   any other code   response failure: page requests are off from here on, everything fails
//
// A group that is never answered (its last request may be lost, as messages to a full queue are) is
// given up after a time-out. A response to a group that is not under way is counted (UPRGI). As
// what is lost or late comes again, a host that is slow would never catch up: each group that is
// given up doubles the time-out of later ones (`backoff`), and pages that are absent again and
// again go in smaller groups, down to one that any queue has room for.
//
// An index is taken until all pages of its group are concluded, so that an observer can tell groups
// apart. Leaves out: speculative page requests, reset of the interface, execute requests.
#pragma once

#include <functional>
#include <systemc>
#include <vector>

#include "arch/pri.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "stats/occupancy.h"
#include "tlm/device/page_request_params.h"
#include "tlm/kit/hop_log.h"
#include "tlm/kit/time.h"
#include "uarch/ring_fifo.h"

namespace svasim::device {

struct page_request_stats : stats::group {
  explicit page_request_stats(stats::group* parent) : group(parent, "pri") {}
  stats::counter requests{this, "requests", "requests", "Page requests sent."};
  stats::counter groups{this, "groups", "groups", "Groups of page requests sent."};
  stats::counter succeeded{this, "succeeded", "groups", "Groups answered with success."};
  stats::counter invalid{this, "invalid", "groups", "Groups answered with invalid request."};
  stats::counter failures{this, "failures", "groups",
                          "Groups answered with response failure, or open when PRI went off."};
  stats::counter timeouts{this, "timeouts", "groups", "Groups given up without an answer."};
  stats::counter unexpected{this, "unexpected", "messages",
                            "Responses to a group that is not under way (UPRGI)."};
  stats::counter ignored{this, "ignored", "messages", "Responses that came when PRI was off."};
  stats::counter stop_markers{this, "stop_markers", "messages", "Stop markers sent."};
  stats::counter credit_waits{this, "credit_waits", "pages",
                              "Absent pages that waited for credits."};
  stats::occupancy outstanding{this, "outstanding", "requests", "Page requests not yet answered."};
  stats::occupancy waiting{this, "waiting", "pages", "Absent pages not yet requested."};
  stats::occupancy open_groups{this, "open_groups", "groups", "Groups with an index."};
  stats::histogram response{this, "response_time", "ps",
                            "From the last page request of a group until its answer."};
};

/// How a page came to be known as absent: when the hops of its first Translation Request ended.
struct fault_path {
  base::duration missed;     ///< looked up in vain
  base::duration on_link;    ///< its Translation Request taken by the link
  base::duration at_smmu;    ///< ... and by the SMMU
  base::duration walked;     ///< no translation found
  base::duration completed;  ///< completion without access at the device
};

class page_request_interface final : public sc_core::sc_module {
 public:
  static constexpr std::uint32_t no_group = ~std::uint32_t{0};

  struct absent_page {
    std::uint32_t id = 0;  ///< the owner's
    base::stream_id sid;
    bool has_ssid = false;
    base::substream_id ssid;
    bool privileged = false;
    bool read = false, write = false;
    std::uint64_t address = 0;
    std::uint32_t attempt = 0;  ///< how often it was requested before
    fault_path path;
  };
  enum class answer : std::uint8_t { ask_again, failed };

  /// `pages`: absent at a time.
  page_request_interface(sc_core::sc_module_name name, const page_request_params& params,
                         std::uint32_t pages, stats::group* parent);

  /// Off by parameter, or since a response failure.
  bool enabled() const { return m_enabled; }
  /// Request a page; on_answer says what came of it. Only while enabled.
  void request(const absent_page& page);
  /// A PRG Response has arrived.
  void respond(const arch::prg_response& r);
  /// A page of `group` is translated, or will not be: to be called once for each on_answer.
  void concluded(std::uint32_t group, bool resolved);
  /// The PASID ends: a stop marker follows its last page request.
  void stop(base::stream_id sid, base::substream_id ssid);
  /// The host changes the allocation.
  void allocate(std::uint32_t requests);

  /// Put a page request on the way up.
  std::function<void(const arch::page_request&)> send;
  /// What came of page `id`, asked for in `group`.
  std::function<void(std::uint32_t id, std::uint32_t group, answer)> on_answer;
  /// Where the hops of faults are noted; null: nowhere. Faults are named by `sid`.
  kit::hop_log* hops = nullptr;

  const page_request_stats& statistics() const { return m_stats; }
  std::uint32_t outstanding() const { return m_outstanding; }

 private:
  using duration = base::duration;

  struct group {
    bool sent = false;         // waits for its answer
    std::uint32_t open = 0;    // pages not concluded; 0: free
    bool resolved = true;      // all that are
    std::uint32_t serial = 0;  // of its use
    duration since;
    duration patience;  // until it is given up
    base::stream_id sid;
    bool has_ssid = false;
    base::substream_id ssid;
    std::vector<std::uint32_t> pages;
  };
  struct waiting_page {
    absent_page page;
    duration since;
    bool counted = false;  // in credit_waits
  };
  struct sent_group {
    std::uint32_t index = 0;
    std::uint32_t serial = 0;
  };
  struct ending {
    base::stream_id sid;
    base::substream_id ssid;
  };

  static bool together(const absent_page& a, const absent_page& b);
  void tick();
  bool form_group();
  std::uint32_t free_index();
  void send_group(std::uint32_t index, const absent_page& first);
  void log_group(std::uint32_t index, const absent_page& first);
  void send_stop_markers();
  void give_up_groups();
  bool answered(const sent_group& s) const;
  void forget_answered();
  void close(std::uint32_t index, answer what);
  void turn_off();
  kit::fault_key key_of(std::uint32_t index) const;
  std::uint32_t limit() const;
  std::uint32_t pages_with(const absent_page& first) const;

  const page_request_params m_params;
  page_request_stats m_stats;
  bool m_enabled;
  std::uint32_t m_allocation;
  std::uint32_t m_outstanding = 0;
  std::vector<waiting_page> m_waiting;  // in order of arrival
  std::vector<absent_page> m_members;   // of the group being made
  std::vector<group> m_groups;          // by PRG index
  std::uint32_t m_next_index = 0;
  duration m_patience;  // of groups to come; grows, so that they are given up in order
  std::uint32_t m_doublings = 0;
  uarch::ring_fifo<sent_group> m_sent;  // in order of their time-outs; answered ones too
  std::vector<ending> m_endings;
  sc_core::sc_event m_tick;
};

}  // namespace svasim::device
