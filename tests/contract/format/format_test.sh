#!/usr/bin/env bash
# Every source is formatted as .clang-format says. Skipped where there is no clang-format.
# usage: format_test.sh REPOSITORY
set -euo pipefail
cd "$1"
command -v clang-format >/dev/null || exit 77
find src tlm workloads platforms analysis tests \( -name '*.h' -o -name '*.cpp' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
