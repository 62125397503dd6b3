// One device of a platform: a DMA engine and, where it has ATS, an ATC before its link.
#pragma once

#include <functional>
#include <memory>

#include "platforms/binder.h"
#include "platforms/one_of_many.h"
#include "platforms/topology.h"
#include "tlm/device/atc.h"
#include "tlm/pcie/link.h"
#include "trace/feed.h"

namespace svasim::platforms {

class device_unit {
 public:
  /// What it works on, which must outlive it; statistics of that stand in its group.
  using feed_maker = std::function<trace::feed&(stats::group*)>;
  /// `name`: empty where there is one. `covered`: its link can never run out of credits.
  device_unit(const std::string& name, const device_plan& plan, bool covered,
              const feed_maker& feed, stats::group& statistics);
  /// Before connect(). `log`: of the faults whose page requests somebody serves; null: nobody does.
  void build_atc(std::uint32_t segment, kit::hop_log* log = nullptr);
  void connect(pcie::link& link, binder& bind);

  const std::string& name() const { return m_name; }
  stats::group* group() { return m_names.group(); }
  const device_plan& plan() const { return m_plan; }
  device::dma_engine& dma() { return *m_dma; }
  const device::dma_engine& dma() const { return *m_dma; }
  const device::atc* atc() const { return m_atc.get(); }  ///< null: none

 private:
  const std::string m_name;
  const device_plan m_plan;
  one_of_many m_names;
  std::unique_ptr<device::atc> m_atc;
  std::unique_ptr<device::dma_engine> m_dma;
};

}  // namespace svasim::platforms
