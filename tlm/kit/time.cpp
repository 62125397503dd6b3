#include "tlm/kit/time.h"

#include <stdexcept>

namespace svasim::kit {

const sc_core::sc_time& clock = sc_core::sc_get_curr_simcontext()->time_stamp();

void check_resolution() {
  if (sc_core::sc_get_time_resolution() != sc_core::sc_time(1, sc_core::SC_PS)) {
    throw std::logic_error("the SystemC time resolution must be 1 ps");
  }
}

}  // namespace svasim::kit
