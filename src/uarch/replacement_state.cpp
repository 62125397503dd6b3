#include "uarch/replacement_state.h"

#include "base/bits.h"

namespace svasim::uarch {

replacement_state::engine replacement_state::choose(const geometry& shape, replacement policy) {
  switch (policy) {
    case replacement::lru:
      return shape.ways <= max_word_ways ? engine::lru_word : engine::lru_list;
    case replacement::tree_plru:
      return engine::tree_plru;
    case replacement::round_robin:
      return engine::round_robin;
    case replacement::shared_round_robin:
      return engine::shared_round_robin;
    case replacement::random:
      return engine::random;
    case replacement::srrip:
      return engine::srrip;
  }
  return engine::lru_word;
}

replacement_state::replacement_state(const geometry& shape, replacement policy, std::uint64_t seed)
    : m_engine(choose(shape, policy)),
      m_ways(shape.ways),
      m_way_shift(base::is_power_of_two(m_ways) ? base::log2_floor(m_ways) : no_shift),
      m_words_per_set(static_cast<std::uint32_t>(base::divide_up(shape.ways, 64))),
      m_rng(seed) {
  const std::uint64_t sets = shape.sets();
  const std::uint64_t words = sets * m_words_per_set;
  switch (m_engine) {
    case engine::tree_plru:
      for (std::uint32_t way = 0; m_words_per_set == 1 && way < m_ways; ++way) {
        path& p = m_paths[way] = {~std::uint64_t{0}, 0};
        for (std::uint32_t node = way + m_ways; node > 1; node /= 2) {
          p.keep &= ~(std::uint64_t{1} << node / 2);
          p.away |= std::uint64_t{node % 2 == 0} << node / 2;
        }
      }
      m_words = zeroed_array<std::uint64_t>(words);
      break;
    case engine::lru_word:
      m_words = zeroed_array<std::uint64_t>(words);
      break;
    case engine::srrip:
      m_words = zeroed_array<std::uint64_t>(2 * words);
      break;
    case engine::round_robin:
      m_pointers = zeroed_array<std::uint32_t>(sets);
      break;
    case engine::lru_list:
      m_pointers = zeroed_array<std::uint32_t>(sets);
      m_links = zeroed_array<link>(sets * m_ways);
      for (std::uint64_t set = 0; set < sets; ++set) {
        for (std::uint32_t way = 0; way < m_ways; ++way) {
          m_links[set * m_ways + way] = {(way + m_ways - 1) % m_ways, (way + 1) % m_ways};
        }
      }
      break;
    case engine::shared_round_robin:
    case engine::random:
      break;
  }
}

void replacement_state::touch_slot(std::uint32_t slot) {
  const std::uint32_t set = m_way_shift != no_shift ? slot >> m_way_shift : slot / m_ways;
  touch(set, slot - set * m_ways);
}

std::uint32_t replacement_state::victim(std::uint32_t set) {
  switch (m_engine) {
    case engine::lru_word:
      return ((m_words[set] ^ initial_order) >> (4 * (m_ways - 1))) & 0xf;
    case engine::lru_list:
      return m_links[std::uint64_t{set} * m_ways + m_pointers[set]].newer;
    case engine::tree_plru:
      return tree_victim(set);
    case engine::round_robin: {
      const std::uint32_t way = m_pointers[set];
      m_pointers[set] = way + 1 == m_ways ? 0 : way + 1;
      return way;
    }
    case engine::shared_round_robin:
      m_shared_pointer = m_shared_pointer + 1 == m_ways ? 0 : m_shared_pointer + 1;
      return m_shared_pointer;
    case engine::random:
      return static_cast<std::uint32_t>(m_rng.below(m_ways));
    case engine::srrip:
      return srrip_victim(set);
  }
  return 0;
}

std::uint32_t replacement_state::tree_victim(std::uint32_t set) const {
  const std::uint64_t* const tree = &m_words[std::uint64_t{set} * m_words_per_set];
  std::uint32_t node = 1;
  while (node < m_ways) {
    node = 2 * node + static_cast<std::uint32_t>(tree[node / 64] >> (node % 64) & 1);
  }
  return node - m_ways;
}

std::uint32_t replacement_state::srrip_victim(std::uint32_t set) {
  std::uint64_t* const low = plane(set, 0);
  std::uint64_t* const high = plane(set, 1);
  while (true) {
    for (std::uint32_t i = 0; i < m_words_per_set; ++i) {
      const std::uint64_t ways_here =
          base::low_mask(i + 1 < m_words_per_set ? 64 : m_ways - 64 * i);
      const std::uint64_t distant = low[i] & high[i] & ways_here;
      if (distant != 0) {
        return 64 * i + static_cast<std::uint32_t>(__builtin_ctzll(distant));
      }
    }
    for (std::uint32_t i = 0; i < m_words_per_set; ++i) {  // none at 3: all age by one
      high[i] ^= low[i];
      low[i] = ~low[i];
    }
  }
}

}  // namespace svasim::uarch
