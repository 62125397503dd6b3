#!/usr/bin/env bash
# What ./svasim does, in a copy of its own with stand-ins for the programs that it calls. Each stand-in
# writes its command line to $calls.
# usage: launcher_test.sh REPOSITORY
set -euo pipefail

repository=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# A file in the stand-ins' directory, from standard input.
stand_in() {
  cat - >"$bin/$1"
  chmod +x "$bin/$1"
}

# A fresh checkout, user `root`, all packages there.
set_up() {
  top=$(mktemp -d "$work/check out.XXXXXX")
  bin=$top/bin
  export calls=$top/calls installed=$top/installed
  mkdir -p "$bin" "$top/clone/.ci" "$top/clone/src"
  cp "$repository/svasim" "$top/clone/svasim"
  printf '# comment\n\nbuild compiler\nbuild library\ntest prover\nci formatter\n' >"$top/clone/.ci/packages.txt"
  echo '{}' >"$top/clone/CMakePresets.json"
  printf 'compiler\nlibrary\nprover\n' >"$installed"
  : >"$calls"
  stand_in id <<<'#!/bin/bash
echo 0'
  stand_in dpkg-query <<'END'
#!/bin/bash
# dpkg-query -W -f FORMAT PACKAGE...
for package in "${@:4}"; do
  if grep -qxF "$package" "$installed"; then echo "installed:$package"; else status=1; fi
done
exit "${status:-0}"
END
  stand_in apt-get <<'END'
#!/bin/bash
echo "apt-get $*" >>"$calls"
echo "noise of apt-get"
[[ " $* " != *" install "* ]] || { [[ -z ${apt_fails-} ]] || { echo "no such package" && exit 100; }; }
END
  stand_in sudo <<'END'
#!/bin/bash
[[ $1 != -n ]] || exit "${sudo_asks:-0}"
echo "sudo" >>"$calls"
exec "$@"
END
  stand_in cmake <<'END'
#!/bin/bash
echo "cmake $*" >>"$calls"
echo "noise of cmake"
[[ -z ${cmake_fails-} ]] || { echo "library not found" && exit 1; }
mkdir -p build/release
touch build/release/build.ninja
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >build/release/CMakeCache.txt
[[ $* =~ SVASIM_TESTS=([A-Z]+) ]]
echo "SVASIM_TESTS:BOOL=${BASH_REMATCH[1]}" >>build/release/CMakeCache.txt
END
  stand_in ninja <<'END'
#!/bin/bash
echo "ninja $*" >>"$calls"
echo "noise of ninja"
[[ -z ${ninja_fails-} ]] || exit 1
[[ -z ${ninja_slow-} ]] || { sleep 0.3 && echo "ninja done" >>"$calls"; }
cat >svasim <<'PROGRAM'
#!/bin/bash
printf 'argument [%s]\n' "$@"
pwd
exit 7
PROGRAM
chmod +x svasim
END
  stand_in ctest <<'END'
#!/bin/bash
echo "ctest $*" >>"$calls"
echo "100% tests passed"
exit "${ctest_status:-0}"
END
}

# run ARGUMENT...: sets $status, $out and $err; from a directory that is not the checkout.
run() {
  status=0
  (cd "$top" && PATH=$bin:/usr/bin:/bin "$top/clone/svasim" "$@" >"$top/out" 2>"$top/err" </dev/null) || status=$?
  out=$(<"$top/out") err=$(<"$top/err")
}

claim() { current=$1 && set_up; }

# expect TEXT PATTERN: fails unless TEXT is what PATTERN, a glob, says.
expect() {
  # shellcheck disable=SC2053
  [[ $1 == $2 ]] && return
  printf 'FAILED: %s\n  got:      %q\n  expected: %q\n' "$current" "$1" "$2"
  failures=$((failures + 1))
}

claim "arguments, output, directory and exit code are the program's own"
run run "a b" "" '*' "\$x"
expect "$status" 7
expect "$out" "argument \[run]
argument \[a b]
argument \[]
argument \[\*]
argument \[\$x]
$top"

claim "the first call configures and builds the program alone, without the tests"
run run
expect "$(<"$calls")" "cmake --preset release --fresh -DSVASIM_TESTS=OFF
ninja --quiet svasim"
expect "$err" "svasim: building (a few minutes the first time)
noise of ninja"

claim "the second call only asks ninja and says nothing"
run run
: >"$calls"
run run
expect "$(<"$calls")" "ninja --quiet svasim"
expect "$err" "noise of ninja"

claim "that there is nothing to build is not worth a word"
run run
stand_in ninja <<<'#!/bin/bash
echo "ninja: no work to do."'
run run
expect "$err" ""
expect "$status" 7

claim "changed presets configure again"
run run
: >"$calls"
touch -d '+1 minute' "$top/clone/CMakePresets.json"
run run
expect "$(<"$calls")" "cmake --preset release -DSVASIM_TESTS=OFF*"

claim "a build that was copied from another place starts afresh"
run run
mv "$top/clone" "$top/moved"
cp -r "$top/moved" "$top/clone"
sed -i 's/clone$/moved/' "$top/clone/build/release/CMakeCache.txt"
: >"$calls"
run run
expect "$(<"$calls")" "cmake --preset release --fresh *"

claim "missing packages are named first and installed, no others"
: >"$installed"
run run
expect "$err" "svasim: missing packages: compiler library
svasim: installing them with apt-get *"
expect "$(<"$calls")" "apt-get -q -o Dpkg::Use-Pty=0 update
apt-get -q -o Dpkg::Use-Pty=0 install -y --no-install-recommends compiler library
cmake *"
expect "$out" "argument*"

claim "only what is missing is installed"
echo library >"$installed"
run run
expect "$(<"$calls")" "*install -y --no-install-recommends compiler
cmake *"

claim "a program of the package's name in /usr/bin will do"
echo 'build sort' >>"$top/clone/.ci/packages.txt"
run run
expect "$err" "svasim: building*"

claim "a user with sudo installs through it"
: >"$installed"
stand_in id <<<'#!/bin/bash
echo 1000'
run run
expect "$(<"$calls")" "sudo
apt-get * update
sudo
apt-get * install *"
expect "$status" 7

claim "a user who may not install is given the line to run, and exit code 2"
: >"$installed"
stand_in id <<<'#!/bin/bash
echo 1000'
sudo_asks=1 run run
expect "$status" 2
expect "$out" ""
expect "$err" "*
apt-get update && apt-get install -y --no-install-recommends compiler library"
expect "$(<"$calls")" ""

claim "a failed installation shows why and ends with 2"
: >"$installed"
apt_fails=1 run run
expect "$status" 2
expect "$err" "*apt-get install failed:*no such package*"

claim "a failed configuration shows why and ends with 2"
cmake_fails=1 run run
expect "$status" 2
expect "$err" "*configuring failed*library not found"

claim "a failed build ends with 2 and runs no old program"
run run
ninja_fails=1 run run
expect "$status" 2
expect "$out" ""

claim "test builds everything and runs the quick tests, two at a time"
run test
expect "$status" 0
expect "$out" "100% tests passed"
expect "$(<"$calls")" "cmake --preset release --fresh -DSVASIM_TESTS=ON
ninja --quiet all
ctest --test-dir $top/clone/build/release --output-on-failure -j 2 -L quick"

claim "test --all runs all tests, and hands other arguments to ctest"
run test -R "a b" --all
expect "$(<"$calls")" "*
ctest --test-dir $top/clone/build/release --output-on-failure -j 2 -R a b"

claim "test needs its packages, run does not"
printf 'compiler\nlibrary\n' >"$installed"
run run
expect "$err" "svasim: building*"
run test
expect "$err" "svasim: missing packages: prover*"

claim "run after test keeps the tests configured, so that nothing compiles twice"
run test
: >"$calls"
run run
expect "$(<"$calls")" "ninja --quiet svasim"

claim "test after run adds the tests to the same build"
run run
: >"$calls"
run test
expect "$(<"$calls")" "cmake --preset release -DSVASIM_TESTS=ON
ninja --quiet all
ctest *"

claim "a failing test is exit code 1"
ctest_status=8 run test
expect "$status" 1

claim "packages installs groups and builds nothing"
run packages build test ci
expect "$(<"$calls")" "*install -y --no-install-recommends formatter"
expect "$status" 0

claim "two calls at once build one after the other"
export ninja_slow=1
(run run) &
(run run) &
wait
unset ninja_slow
expect "$(grep -c '^ninja' "$calls")" 4
expect "$(grep '^ninja' "$calls")" "ninja --quiet svasim
ninja done
ninja --quiet svasim
ninja done"

claim "it runs through a symbolic link"
ln -s "$top/clone/svasim" "$bin/svasim"
status=0
PATH=$bin:/usr/bin:/bin svasim run >"$top/out" 2>"$top/err" || status=$?
expect "$status" 7

claim "each line of the package list is a group and a package"
expect "$(grep -vE '^(#.*|(build|test|ci|fuzz) [a-z0-9][a-z0-9+.-]+)$' "$repository/.ci/packages.txt" || true)" ""

((failures == 0)) || exit 1
echo "the launcher does what it claims"
