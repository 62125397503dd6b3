#include "base/sparse_memory.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <utility>
#include <vector>

using namespace svasim::base;

TEST_CASE("what was never written reads as zero and holds no page") {
  const sparse_memory m;
  CHECK(m.read64(pa(0x1000)) == 0);
  CHECK(m.pages_held() == 0);
}

TEST_CASE("words are little-endian at any alignment") {
  sparse_memory m;
  m.write64(pa(0x1003), 0x1122334455667788);
  unsigned char byte = 0;
  m.read(pa(0x1003), &byte, 1);
  CHECK(byte == 0x88);
  CHECK(m.read64(pa(0x1003)) == 0x1122334455667788);
  CHECK(m.read64(pa(0x1002)) == 0x2233445566778800);
}

TEST_CASE("an access may cross pages, of which one was never written") {
  sparse_memory m;
  m.write64(pa(0x1ffc), 0x1122334455667788);
  CHECK(m.pages_held() == 2);
  CHECK(m.read64(pa(0x1ffc)) == 0x1122334455667788);
  CHECK(m.read64(pa(0x2ffc)) == 0);
  std::vector<unsigned char> buffer(3 * 4096, 0xee);
  m.read(pa(0), buffer.data(), buffer.size());
  CHECK(buffer[0] == 0);
  CHECK(buffer[0x1ffc] == 0x88);
  CHECK(buffer[0x2003] == 0x11);
  CHECK(buffer[0x2fff] == 0);
}

TEST_CASE("the last page of the address space can be used") {
  sparse_memory m;
  m.write64(pa(0xfffffffffffffff8), 5);
  CHECK(m.read64(pa(0xfffffffffffffff8)) == 5);
  CHECK(m.pages_held() == 1);
}

TEST_CASE("random writes read back as from a map of bytes") {
  REQUIRE(
      rc::check([](const std::vector<std::pair<std::uint16_t, std::vector<std::uint8_t>>>& writes) {
        sparse_memory m;
        std::map<std::uint64_t, std::uint8_t> model;
        for (const auto& [at, data] : writes) {
          m.write(pa(at), data.data(), data.size());
          for (std::size_t i = 0; i < data.size(); ++i) model[at + i] = data[i];
        }
        std::vector<std::uint8_t> all(0x12000);
        m.read(pa(0), all.data(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
          const auto it = model.find(i);
          if (all[i] != (it == model.end() ? 0 : it->second)) return false;
        }
        return true;
      }));
}
