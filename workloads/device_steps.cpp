#include "workloads/device_steps.h"

#include <algorithm>
#include <utility>

#include "workloads/integer_math.h"
#include "workloads/smmu_commands.h"

namespace svasim::workloads {
namespace {

namespace cmd = smmu_commands;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t million = 1000000;

class single_steps : public device_steps {
 public:
  single_steps(const generator_params& p, base::rng& rng) : m_params(p), m_rng(rng) {}
  void step(const trace::record& like, record_runs& to) override {
    trace::record r = like;
    r.address = base::iova(m_params.address.value() + next_offset());
    r.length = static_cast<std::uint32_t>(m_params.length.value());
    r.write = m_params.write_ppm != 0 && m_rng.chance(m_params.write_ppm, million);
    to.add(r);
  }

 protected:
  virtual std::uint64_t next_offset() = 0;
  const generator_params m_params;
  base::rng& m_rng;
};

class plain_steps final : public single_steps {
 public:
  using single_steps::single_steps;

 private:
  std::uint64_t next_offset() override {
    const std::uint64_t length = m_params.length.value();
    const std::uint64_t slots = m_params.footprint.value() / length;
    switch (m_params.pattern) {
      case access_pattern::sequential:
        return advance(length);
      case access_pattern::strided:
        return advance(m_params.stride.value());
      case access_pattern::hot_cold:
        if (m_rng.chance(m_params.cold_ppm, million)) {
          const std::uint64_t leaf = m_params.page_size().value();
          const std::uint64_t start = (m_params.footprint.value() + leaf - 1) / leaf * leaf;
          return start + m_rng.below(m_params.cold_footprint.value() / length) * length;
        }
        return m_rng.below(slots) * length;
      default:
        return m_rng.below(slots) * length;
    }
  }
  std::uint64_t advance(std::uint64_t by) {
    const std::uint64_t offset = m_position;
    m_position += by;
    if (m_position >= m_params.footprint.value()) m_position -= m_params.footprint.value();
    return offset;
  }
  std::uint64_t m_position = 0;
};

class zipf_steps final : public single_steps {
 public:
  zipf_steps(const generator_params& p, std::uint32_t stream, base::rng& rng,
             std::shared_ptr<const zipf_table> table)
      : single_steps(p, rng),
        m_table(std::move(table)),
        m_order(p.footprint.value() / page, p.seed + stream) {}

 private:
  std::uint64_t next_offset() override {
    const std::uint64_t length = m_params.length.value();
    const std::uint64_t number = m_order(m_table->draw(m_rng));
    return number * page + m_rng.below(page / length) * length;
  }
  std::shared_ptr<const zipf_table> m_table;
  shuffle m_order;  // hot pages are not next to each other
};

class chase_steps final : public single_steps {
 public:
  chase_steps(const generator_params& p, std::uint32_t stream, base::rng& rng)
      : single_steps(p, rng),
        m_slots(p.footprint.value() / p.length.value()),
        m_order(m_slots, p.seed + stream) {}

 private:
  std::uint64_t next_offset() override {
    const std::uint64_t slot = m_order(m_at);
    m_at = m_at + 1 == m_slots ? 0 : m_at + 1;
    return slot * m_params.length.value();
  }
  std::uint64_t m_slots;
  shuffle m_order;
  std::uint64_t m_at = 0;
};

// first_touch, and unmap_storm, which gives the pages back.
class page_steps final : public single_steps {
 public:
  page_steps(const generator_params& p, std::uint32_t stream, base::rng& rng)
      : single_steps(p, rng), m_asid(static_cast<std::uint16_t>(p.first_asid + stream)) {}

  void step(const trace::record& like, record_runs& to) override {
    single_steps::step(like, to);
    if (m_params.pattern != access_pattern::unmap_storm) return;
    const std::uint64_t unit = m_params.unmap_pages * page;
    if (m_touch != 0 || m_page * page % unit != 0) return;
    const std::uint64_t end = m_page == 0 ? m_params.footprint.value() : m_page * page;
    cmd::range_operands range;
    range.asid = m_asid;
    range.address = m_params.address.value() + end - unit;
    range.leaf = true;
    trace::record r = like;
    r.kind = trace::record_kind::command;
    std::uint64_t left = m_params.unmap_pages;
    while (left != 0) {
      // As Linux' arm_smmu_tlb_inv_range: 31 units of the lowest set bit at most.
      const auto scale = static_cast<unsigned>(__builtin_ctzll(left));
      range.pages = ((left >> scale) & 31) << scale;
      range.granule = range.pages == 1 ? 0 : 1;
      r.command = cmd::of_range(cmd::tlbi_nh_va, range).value();
      to.add(r);
      range.address += range.pages * page;
      left -= range.pages;
    }
    r.command = cmd::of_tag(cmd::sync, {}, {});
    to.add(r);
  }

 private:
  std::uint64_t next_offset() override {
    const std::uint64_t length = m_params.length.value();
    const std::uint64_t offset = m_page * page + m_touch % (page / length) * length;
    if (++m_touch == m_params.touches) {
      m_touch = 0;
      if (++m_page * page == m_params.footprint.value()) m_page = 0;
    }
    return offset;
  }
  std::uint16_t m_asid;
  std::uint64_t m_page = 0;
  std::uint64_t m_touch = 0;
};

class nic_steps final : public device_steps {
 public:
  nic_steps(const generator_params& p, base::rng& rng) : m_params(p), m_rng(rng) {
    nic_layout layout = nic_layout_of(p);
    for (std::uint32_t i = 0; i < p.queues; ++i) {
      m_rings.emplace_back(layout);
      layout.base += layout.span();
    }
  }
  void step(const trace::record& like, record_runs& to) override {
    nic_ring& ring = m_rings[m_turn];
    m_turn = m_turn + 1 == m_rings.size() ? 0 : m_turn + 1;
    const bool sent = m_params.write_ppm != 0 && m_rng.chance(m_params.write_ppm, million);
    const std::uint64_t bytes = m_params.transfer.value();
    sent ? ring.transmit(bytes, like, to) : ring.receive(bytes, like, to);
  }

 private:
  const generator_params m_params;
  base::rng& m_rng;
  std::vector<nic_ring> m_rings;
  std::size_t m_turn = 0;
};

class nvme_steps final : public device_steps {
 public:
  nvme_steps(const generator_params& p, base::rng& rng) : m_params(p), m_rng(rng) {
    nvme_layout layout = nvme_layout_of(p);
    for (std::uint32_t i = 0; i < p.queues; ++i) {
      m_queues.push_back({nvme_queue_pair(layout), {}});
      layout.base += layout.span();
    }
  }
  // Issues a command; before that completes one where as many as allowed are under way.
  void step(const trace::record& like, record_runs& to) override {
    queue& q = m_queues[m_turn];
    m_turn = m_turn + 1 == m_queues.size() ? 0 : m_turn + 1;
    if (q.under_way.size() == m_params.queue_depth) {
      const std::size_t done = m_rng.below(q.under_way.size());
      q.pair.complete(q.under_way[done], like, to);
      q.under_way[done] = q.under_way.back();
      q.under_way.pop_back();
    }
    const bool write = m_params.write_ppm != 0 && m_rng.chance(m_params.write_ppm, million);
    const auto op = write ? nvme_queue_pair::operation::write : nvme_queue_pair::operation::read;
    q.under_way.push_back(q.pair.issue(op, m_params.transfer.value(), like, to));
  }

 private:
  struct queue {
    nvme_queue_pair pair;
    std::vector<nvme_queue_pair::command> under_way;
  };
  const generator_params m_params;
  base::rng& m_rng;
  std::vector<queue> m_queues;
  std::size_t m_turn = 0;
};

}  // namespace

nic_layout nic_layout_of(const generator_params& p) {
  nic_layout out;
  out.base = p.address.value();
  out.entries = p.queue_entries;
  return out;
}

nvme_layout nvme_layout_of(const generator_params& p) {
  nvme_layout out;
  out.base = p.address.value();
  out.entries = p.queue_entries;
  out.pool = p.footprint.value();
  return out;
}

std::vector<std::unique_ptr<device_steps>> make_steps(const generator_params& p, base::rng& rng) {
  std::shared_ptr<const zipf_table> table;  // large: one for all streams
  if (p.pattern == access_pattern::zipf) {
    table = std::make_shared<const zipf_table>(p.footprint.value() / page, p.zipf_percent);
  }
  std::vector<std::unique_ptr<device_steps>> out;
  for (std::uint32_t stream = 0; stream < p.streams; ++stream) {
    switch (p.pattern) {
      case access_pattern::sequential:
      case access_pattern::strided:
      case access_pattern::random:
      case access_pattern::hot_cold:
        out.push_back(std::make_unique<plain_steps>(p, rng));
        break;
      case access_pattern::zipf:
        out.push_back(std::make_unique<zipf_steps>(p, stream, rng, table));
        break;
      case access_pattern::pointer_chase:
        out.push_back(std::make_unique<chase_steps>(p, stream, rng));
        break;
      case access_pattern::first_touch:
      case access_pattern::unmap_storm:
        out.push_back(std::make_unique<page_steps>(p, stream, rng));
        break;
      case access_pattern::nic_rings:
        out.push_back(std::make_unique<nic_steps>(p, rng));
        break;
      case access_pattern::nvme_queues:
        out.push_back(std::make_unique<nvme_steps>(p, rng));
        break;
    }
  }
  return out;
}

// With 40 bits before the point even the rarest of 2^20 pages has a weight: 2^40 / 2^60 is too
// little only beyond s = 2, where it becomes 1.
zipf_table::zipf_table(std::uint64_t n, std::uint32_t percent) {
  constexpr std::uint64_t top = std::uint64_t{40} << 32;
  std::uint64_t sum = 0;
  m_sums.reserve(n);
  for (std::uint64_t rank = 1; rank <= n; ++rank) {
    const std::uint64_t fall = log2_q32(rank) / 100 * percent;
    sum += fall >= top ? 1 : std::max<std::uint64_t>(1, exp2_q32(top - fall));
    m_sums.push_back(sum);
  }
}

std::uint64_t zipf_table::draw(base::rng& rng) const {
  const std::uint64_t u = rng.below(m_sums.back());
  const auto found = std::upper_bound(m_sums.begin(), m_sums.end(), u);
  return static_cast<std::uint64_t>(found - m_sums.begin());
}

}  // namespace svasim::workloads
