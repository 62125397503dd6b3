// What libsystemc needs of a program that has its own main(): svasim, and the tests, where it is
// Catch2's.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) {
  return 0;
}

#ifdef __SANITIZE_ADDRESS__
#include <dlfcn.h>
#include <pthread.h>

#include <cstddef>

namespace {

// Of the thread that asks.
struct stack_bounds {
  void* bottom = nullptr;
  std::size_t size = 0;
  stack_bounds() {
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &bottom, &size);
    pthread_attr_destroy(&attributes);
  }
};

}  // namespace

// SystemC tells AddressSanitizer of its coroutine switches, but gives no stack for the main
// coroutine: an exception that passes through frames there would leave them poisoned.
extern "C" void __sanitizer_start_switch_fiber(void** save, const void* bottom, std::size_t size);
extern "C" void __sanitizer_start_switch_fiber(void** save, const void* bottom, std::size_t size) {
  using function = void (*)(void**, const void*, std::size_t);
  static const auto real =
      reinterpret_cast<function>(dlsym(RTLD_NEXT, "__sanitizer_start_switch_fiber"));
  static const stack_bounds own;
  if (size == 0) {
    bottom = own.bottom;
    size = own.size;
  }
  real(save, bottom, size);
}
#endif
