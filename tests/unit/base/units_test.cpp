#include "base/units.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace svasim::base;

TEST_CASE("texts with units are parsed exactly") {
  CHECK(parse_duration("190ns") == ns(190));
  CHECK(parse_duration("35.5ns") == ps(35500));
  CHECK(parse_duration("0.001ns") == ps(1));
  CHECK(parse_duration("1.5us") == ns(1500));
  CHECK(parse_duration("2ms") == us(2000));
  CHECK(parse_duration("3s") == ps(3000000000000));
  CHECK(parse_duration("0ps") == ps(0));
  CHECK(parse_duration("190 ns") == ns(190));
  CHECK(parse_byte_size("4KiB") == kib(4));
  CHECK(parse_byte_size("0.5MiB") == kib(512));
  CHECK(parse_byte_size("3GiB") == gib(3));
  CHECK(parse_frequency("2.75GHz") == mhz(2750));
  CHECK(parse_byte_rate("38.4GB/s") == byte_rate(38400000000));
}

TEST_CASE("texts without a known unit, a number or a whole value are refused") {
  for (const char* bad : {"",     "190",    "ns",    "-1ns",     "+1ns",    "1,5ns", "1.ns",
                          ".5ns", "1e3ns",  "1  ns", " 1ns",     "1ns ",    "1NS",   "1Ns",
                          "1min", "0x10ns", "0.5ps", "0.0001ns", "1.2.3ns", "nanns", "infns"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad).has_value());
  }
  for (const char* bad : {"4K", "4KB", "4kib", "0.5B", "1.0001KiB"}) {
    INFO(bad);
    CHECK_FALSE(parse_byte_size(bad).has_value());
  }
}

TEST_CASE("the largest 64-bit value fits and the next does not") {
  CHECK(parse_duration("18446744073709551615ps") == duration(~std::uint64_t{0}));
  CHECK_FALSE(parse_duration("18446744073709551616ps").has_value());
  CHECK(parse_duration("18446744.073709551615s") == duration(~std::uint64_t{0}));
  CHECK_FALSE(parse_duration("18446744.073709551616s").has_value());
  CHECK_FALSE(parse_byte_size("99999999999999999999TiB").has_value());
  CHECK_FALSE(parse_duration(std::string(1000, '9') + "ps").has_value());
}

TEST_CASE("values print in the largest unit with at most three decimals") {
  CHECK(to_string(ns(190)) == "190ns");
  CHECK(to_string(ps(35500)) == "35.5ns");
  CHECK(to_string(ps(1)) == "1ps");
  CHECK(to_string(ps(0)) == "0ps");
  CHECK(to_string(ps(1000001)) == "1000.001ns");
  CHECK(to_string(us(1500)) == "1.5ms");
  CHECK(to_string(mib(64)) == "64MiB");
  CHECK(to_string(bytes(0)) == "0B");
  CHECK(to_string(mhz(2750)) == "2.75GHz");
  CHECK(to_string(gigabytes_per_s(38) + byte_rate(400000000)) == "38.4GB/s");
}

TEST_CASE("what is printed parses back to the same value") {
  REQUIRE(rc::check([](std::uint64_t raw, std::uint8_t shift) {
    const std::uint64_t v = raw >> (shift % 64);
    return parse_duration(to_string(duration(v))) == duration(v) &&
           parse_byte_size(to_string(byte_size(v))) == byte_size(v) &&
           parse_frequency(to_string(frequency(v))) == frequency(v) &&
           parse_byte_rate(to_string(byte_rate(v))) == byte_rate(v);
  }));
}

TEST_CASE("a clock period is rounded to the nearest picosecond") {
  CHECK(period(mhz(1000)) == ns(1));
  CHECK(period(mhz(2750)) == ps(364));  // 363.6
  CHECK(period(mhz(3000)) == ps(333));  // 333.3
}

TEST_CASE("a transfer takes whole picoseconds, rounded up") {
  CHECK(transfer_time(bytes(64), gigabytes_per_s(64)) == ns(1));
  CHECK(transfer_time(bytes(1), gigabytes_per_s(3)) == ps(334));
  CHECK(transfer_time(bytes(0), gigabytes_per_s(3)) == ps(0));
  CHECK(transfer_time(bytes((16u << 20) - 1), byte_rate(1)) ==
        duration(((16ull << 20) - 1) * 1000000000000ull));
}
