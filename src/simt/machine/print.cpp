#include "simt/machine/print.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace kverify::simt {
namespace {

/// Reads values out of the packed argument buffer.
class Arguments {
public:
  explicit Arguments(const void* buffer) : at_(reinterpret_cast<std::uintptr_t>(buffer)) {}
  template <class T>
  T next() {
    if (!at_)
      return T(); // a format that asks for more than was passed
    at_ = (at_ + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    T value;
    std::memcpy(&value, reinterpret_cast<const void*>(at_), sizeof(T));
    at_ += sizeof(T);
    return value;
  }

private:
  std::uintptr_t at_;
};

template <class... T>
std::string formatted(const std::string& specification, T... value) {
  char buffer[256];
  std::snprintf(buffer, sizeof buffer, specification.c_str(), value...);
  return buffer;
}

std::string text(Machine& machine, std::uint64_t address) {
  std::string out;
  while (machine.arena().contains(address) && out.size() < 4096) {
    char c = *reinterpret_cast<const char*>(address++);
    if (!c)
      return out;
    out += c;
  }
  return out.empty() ? "(not a device string)" : out;
}

std::string convert(Machine& machine, std::string specification, char kind, bool wide, Arguments& arguments) {
  switch (kind) {
  case 'd':
  case 'i':
  case 'u':
  case 'x':
  case 'X':
  case 'o':
  case 'c':
    return wide ? formatted(specification, arguments.next<long long>())
                : formatted(specification, arguments.next<int>());
  case 'f':
  case 'F':
  case 'e':
  case 'E':
  case 'g':
  case 'G':
  case 'a':
  case 'A': return formatted(specification, arguments.next<double>());
  case 'p': return formatted(specification, reinterpret_cast<void*>(arguments.next<std::uint64_t>()));
  case 's': return formatted(specification, text(machine, arguments.next<std::uint64_t>()).c_str());
  default: return specification;
  }
}

} // namespace

std::uint32_t printDevice(Machine& machine, const char* format, const void* buffer) {
  std::string checked = text(machine, reinterpret_cast<std::uint64_t>(format));
  format = checked.c_str();
  Arguments arguments(buffer);
  std::string out;
  std::uint32_t used = 0;
  for (const char* at = format; *at && out.size() < 65536; ++at) {
    if (*at != '%' || at[1] == '%') {
      out += *at;
      at += *at == '%';
      continue;
    }
    std::string specification = "%";
    auto number = [&](int value) { specification += std::to_string(std::clamp(value, -200, 200)); };
    bool wide = false;
    for (++at; *at && std::strchr("-+ #0123456789.*lhzjtq", *at); ++at) {
      wide |= *at == 'l' || *at == 'z' || *at == 'j' || *at == 't';
      if (*at == '*')
        number(arguments.next<int>());
      else if (*at >= '1' && *at <= '9')
        number(static_cast<int>(std::strtol(at, const_cast<char**>(&at), 10))), --at;
      else if (!std::strchr("lhzjtq", *at))
        specification += *at;
    }
    if (!*at)
      break;
    if (wide && std::strchr("diuxXo", *at))
      specification += "ll";
    specification += *at;
    out += convert(machine, specification, *at, wide, arguments);
    ++used;
  }
  machine.print(out);
  return used;
}

} // namespace kverify::simt
