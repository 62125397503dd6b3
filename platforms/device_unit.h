// One device of a platform: a DMA engine and, where it has ATS, an ATC before its link.
#pragma once

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
  /// `name`: empty where there is one. `covered`: its link can never run out of credits. `feed`
  /// must outlive it.
  device_unit(const std::string& name, const device_plan& plan, bool covered, trace::feed& feed,
              stats::group& statistics);
  /// Before connect(); nobody serves page requests.
  void build_atc(std::uint32_t segment);
  void connect(pcie::link& link, binder& bind);

  const std::string& name() const { return m_name; }
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
