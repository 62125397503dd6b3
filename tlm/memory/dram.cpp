#include "tlm/memory/dram.h"

#include <fmt/format.h>

#include "base/bits.h"

namespace svasim::memory {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

void dram_params::describe(describe::visitor& v) {
  v.field("access", access, base::ns(1), base::us(10),
          "From the start of an access to the first data, unloaded.",
          "D: 170 ns of measurements 11 less interconnect and SLC");
  v.field("bank_cycle", bank_cycle, base::ns(0), base::us(1),
          "How long an access keeps its bank (tRC).", "A: DDR5 tRC");
  v.field("channels", channels, {1, 64}, "channels", "Memory channels.",
          "M: Yitian 710, 8 channels, measurements 6");
  v.field("banks", banks, {1, 1024}, "banks", "Banks of a channel.", "A: DDR5, 32 a rank");
  v.field("channel_rate", channel_rate, base::byte_rate(1000000), base::gigabytes_per_s(1000),
          "Data rate of a channel.", "A: DDR5-4800");
  v.field("interleave", interleave, base::bytes(64), base::mib(1),
          "Neighbouring bytes in one channel.", "A: assumed");
  v.rule(base::is_power_of_two(interleave.value()), "interleave",
         fmt::format("{} is no power of two", to_string(interleave)));
}

dram::dram(sc_core::sc_module_name name, const dram_params& params, base::sparse_memory& bytes,
           stats::group* parent)
    : sc_module(name),
      from_cache("from_cache"),
      m_params(params),
      m_bytes(bytes),
      m_stats(parent),
      m_bank_free(params.channels * params.banks),
      m_channel_free(params.channels) {
  from_cache.register_nb_transport_fw(this, &dram::request);
  from_cache.register_b_transport(this, &dram::blocking);
}

std::pair<base::duration, base::duration> dram::schedule(std::uint64_t address,
                                                         std::uint32_t length, duration arrival) {
  const std::uint64_t unit = address / m_params.interleave.value();
  const std::uint64_t channel = unit % m_params.channels;
  // Folding the upper bits in keeps power-of-two strides from meeting in one bank.
  const std::uint64_t row = unit / m_params.channels;
  const std::uint64_t bank = (row ^ (row >> 7) ^ (row >> 15)) % m_params.banks;
  duration& bank_free = m_bank_free[channel * m_params.banks + bank];
  duration& channel_free = m_channel_free[channel];

  const duration transfer = transfer_time(base::bytes(length), m_params.channel_rate);
  const duration start = later(arrival, bank_free);
  const duration data = later(start + m_params.access, channel_free);
  bank_free = start + m_params.bank_cycle;
  channel_free = data + transfer;
  m_stats.bytes += length;
  m_stats.busy += transfer.value();
  const duration begin = data - m_params.access;
  m_stats.waited += (begin - arrival).value();
  return {begin, data + transfer};
}

void copy_data(tlm::tlm_generic_payload& p, base::sparse_memory& bytes) {
  if (extension_of(p).timing_only) return;
  const base::pa at(p.get_address());
  if (p.is_write()) {
    bytes.write(at, p.get_data_ptr(), p.get_data_length());
  } else {
    bytes.read(at, p.get_data_ptr(), p.get_data_length());
  }
}

tlm::tlm_sync_enum dram::request(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  const duration arrival = now() + from_sc(t);
  const auto [start, end] =
      schedule(p.get_address(), static_cast<std::uint32_t>(p.get_data_length()), arrival);
  (p.is_write() ? m_stats.writes : m_stats.reads) += 1;
  kit::dma_extension& ext = extension_of(p);
  enter_stage(ext, stage::dram_queue, arrival);
  enter_stage(ext, stage::dram, start);
  copy_data(p, m_bytes);
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  t = to_sc(end - now());
  return tlm::TLM_COMPLETED;
}

void dram::blocking(payload& p, sc_core::sc_time& t) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  request(p, phase, t);
}

}  // namespace svasim::memory
