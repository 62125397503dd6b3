#include "analysis/charts_asset.h"

#ifdef SVASIM_CHARTS_DIR
// The files as they are: a generated array of that size takes long to compile.
#define SVASIM_INCLUDE_FILE(symbol, file)   \
  __asm__(                                  \
      ".pushsection .rodata\n"              \
      ".global " #symbol "_begin\n" #symbol \
      "_begin:\n"                           \
      ".incbin \"" file                     \
      "\"\n"                                \
      ".global " #symbol "_end\n" #symbol   \
      "_end:\n"                             \
      ".byte 0\n"                           \
      ".popsection\n")

SVASIM_INCLUDE_FILE(svasim_charts, SVASIM_CHARTS_DIR "/charts.js");
SVASIM_INCLUDE_FILE(svasim_charts_sha256, SVASIM_CHARTS_DIR "/charts.sha256");

extern "C" const char svasim_charts_begin[], svasim_charts_end[];
extern "C" const char svasim_charts_sha256_begin[], svasim_charts_sha256_end[];

namespace svasim::analysis {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

chart_script built_in_charts() {
  return {between(svasim_charts_begin, svasim_charts_end),
          between(svasim_charts_sha256_begin, svasim_charts_sha256_end)};
}

}  // namespace svasim::analysis
#else
namespace svasim::analysis {

chart_script built_in_charts() {
  return {};
}

}  // namespace svasim::analysis
#endif
