#include "analysis/reuse/sampling.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::reuse {

std::optional<sample_rate> sample_rate::parse(std::string_view text) {
  // In 1/10^9; more digits are below what 1/2^24 can tell.
  constexpr std::uint64_t one = 1000000000;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view units = text.substr(0, point);
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (units.size() + decimals.size() == 0 || decimals.size() > 9) return {};
  if (!units.empty() && units != "0" && units != "1") return {};
  std::uint64_t value = units == "1" ? one : 0;
  std::uint64_t digit = one;
  for (const char c : decimals) {
    if (c < '0' || c > '9') return {};
    digit /= 10;
    value += static_cast<std::uint64_t>(c - '0') * digit;
  }
  const std::uint64_t share = (value * whole + one / 2) / one;
  if (share == 0 || value > one) return {};
  return sample_rate(static_cast<std::uint32_t>(share));
}

bool sample_rate::takes(const page_key& key) const {
  std::uint64_t z = key.page * 0x9e3779b97f4a7c15u + key.sid;  // then splitmix64's finisher
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (z & (whole - 1)) < m_share;
}

std::uint64_t estimated_misses(const depth_histogram& sampled, sample_rate rate,
                               std::uint64_t entries, std::uint64_t accesses) {
  // Depth d of the sample hits where d / R < entries. Correcting the number of accesses to
  // accesses * R leaves the misses as they are, and the miss ratio misses / (accesses * R).
  const std::uint64_t deep = base::divide_up(entries * rate.share(), sample_rate::whole);
  const auto scaled = (static_cast<unsigned __int128>(sampled.misses(deep)) * sample_rate::whole +
                       rate.share() / 2) /
                      rate.share();
  return static_cast<std::uint64_t>(std::min<unsigned __int128>(scaled, accesses));
}

}  // namespace svasim::reuse
