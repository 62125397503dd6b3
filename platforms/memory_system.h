// Mesh, system-level cache and DRAM of each socket, and what is between sockets.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/sparse_memory.h"
#include "platforms/binder.h"
#include "platforms/one_of_many.h"
#include "platforms/platform_params.h"
#include "platforms/topology.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/interconnect.h"
#include "tlm/memory/system_level_cache.h"

namespace svasim::platforms {

class memory_system {
 public:
  /// `ports`: requesters at the mesh of each socket. `memory` must outlive it.
  memory_system(const memory_params& params, const memory::socket_router_params& between,
                const std::vector<socket_plan>& sockets, const std::vector<unsigned>& ports,
                base::sparse_memory& memory, stats::group& statistics, binder& bind);

  /// The next free port of a socket's mesh.
  memory::interconnect::port_socket& next_port(unsigned socket);
  /// How many are taken: the number of the next one.
  unsigned ports_used(unsigned socket) const { return m_at[socket].used; }
  memory::interconnect& mesh(unsigned socket) { return *m_at[socket].mesh; }
  const memory::system_level_cache& slc(unsigned socket) const { return *m_at[socket].slc; }
  std::size_t sockets() const { return m_at.size(); }
  const std::string& name(unsigned socket) const { return m_at[socket].name; }

 private:
  struct one_socket {
    std::string name;
    std::unique_ptr<one_of_many> names;
    std::unique_ptr<memory::dram> dram;
    std::unique_ptr<memory::system_level_cache> slc;
    std::unique_ptr<memory::interconnect> mesh;
    unsigned used = 0;
  };
  std::deque<one_socket> m_at;
  std::unique_ptr<memory::socket_router> m_router;
};

}  // namespace svasim::platforms
