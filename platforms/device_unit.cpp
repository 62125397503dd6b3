#include "platforms/device_unit.h"

namespace svasim::platforms {

device_unit::device_unit(const std::string& name, const device_plan& plan, bool covered,
                         const feed_maker& feed, stats::group& statistics)
    : m_name(name), m_plan(plan), m_names(name, statistics) {
  m_dma = std::make_unique<device::dma_engine>(
      m_names.module("dma").c_str(), m_plan.params.dma,
      device::dma_engine::limits{m_plan.mps, m_plan.mrrs, covered}, feed(m_names.group()),
      m_names.group());
}

void device_unit::build_atc(std::uint32_t segment, kit::hop_log* log) {
  device::atc_params cache = m_plan.params.atc;
  if (log == nullptr) cache.page_requests.enabled = false;
  m_atc =
      std::make_unique<device::atc>(m_names.module("atc").c_str(), cache, m_names.group(), segment);
  m_atc->pri().hops = log;
}

void device_unit::connect(pcie::link& link, binder& bind) {
  if (!m_atc) {
    bind(m_dma->to_link, link.from_device, m_names.check("dma_link"));
    return;
  }
  bind(m_dma->to_link, m_atc->from_engine, m_names.check("dma_atc"));
  bind(m_atc->to_link, link.from_device, m_names.check("atc_link"),
       kit::protocol_checker::exclusion::posted_apart);
  link.to_device.bind(m_atc->from_link);
}

}  // namespace svasim::platforms
