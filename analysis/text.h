// Numbers for people, made with integers only so that every build prints the same; and HTML
// escaping.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace svasim::analysis {

/// "53,210"
std::string count_text(std::uint64_t n);

/// A time in ps with four significant digits and its unit: "482 ps", "12.35 ns", "1.430 µs", "0
/// ns". Rounds half up.
std::string time_text(std::uint64_t ps);
/// The same, or an en dash for what was not measured.
std::string time_text(const std::optional<std::uint64_t>& ps);

/// Mean of `sum` ps over `count`, as time_text; an en dash when count is 0.
std::string mean_text(std::uint64_t sum, std::uint64_t count);

/// "3.412 GB/s", "208.4 MiB"
std::string rate_text(std::uint64_t bytes_per_s);
std::string size_text(std::uint64_t bytes);

/// part/whole in percent with `decimals` (1 or 2) digits. Only nothing prints as "0.0 %" and only
/// all as "100.0 %": what would round there prints as "<0.1 %" or ">99.9 %". An en dash when whole
/// is 0.
std::string percent_text(std::uint64_t part, std::uint64_t whole, unsigned decimals);

/// `total` shared out in proportion to `parts` by largest remainder: the shares add up to `total`
/// exactly (all zero where the parts are). Equal remainders: the earlier part first.
std::vector<std::uint64_t> apportion(const std::vector<std::uint64_t>& parts, std::uint64_t total);

/// n / 10^decimals: fixed_text(4131, 1) is "413.1"; thousands are separated.
std::string fixed_text(std::uint64_t n, unsigned decimals);

/// round(a * b / c) without overflow; c > 0 and the result below 2^64.
std::uint64_t scaled(std::uint64_t a, std::uint64_t b, std::uint64_t c);

/// Text for HTML content and double-quoted attributes; control characters and bytes that are no
/// UTF-8 become U+FFFD.
std::string html_escape(const std::string& text);

/// Characters (code points) of a UTF-8 text, for columns in a terminal.
std::size_t text_width(const std::string& text);

}  // namespace svasim::analysis
