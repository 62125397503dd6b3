#include "arch/virtio_ring.h"

#include "arch/virtio_wire.h"

namespace svasim::arch {
namespace {

constexpr std::uint64_t line = 64;

constexpr std::uint64_t align(std::uint64_t v) {
  return (v + line - 1) / line * line;
}

template <class Io, class D>
void layout(Io& io, D& d) {
  io.field(d.address);
  io.field(d.length);
  io.field(d.flags);
  io.field(d.next);
}

}  // namespace

virtqueue_descriptor_bytes encode(const virtqueue_descriptor& d) {
  virtqueue_descriptor_bytes bytes{};
  wire_writer io(bytes.data(), bytes.size());
  layout(io, d);
  return bytes;
}

virtqueue_descriptor decode_virtqueue_descriptor(const virtqueue_descriptor_bytes& bytes) {
  virtqueue_descriptor d;
  wire_reader io(bytes.data(), bytes.size());
  layout(io, d);
  return d;
}

virtqueue_layout virtqueue_layout::at(std::uint64_t base, std::uint32_t entries) {
  virtqueue_layout l;
  l.entries = entries;
  l.descriptors = base;
  l.avail = base + descriptors_size(entries);
  l.used = align(l.avail + avail_size(entries));
  return l;
}

std::uint64_t virtqueue_layout::size(std::uint32_t entries) {
  return at(0, entries).used + align(used_size(entries));
}

}  // namespace svasim::arch
