#include "simt/shadow/run.h"
#include "simt/shadow/host_calls.h"

#include <bit>
#include <cstring>

#include <sys/mman.h>

#include "core/half.h"
#include "simt/shadow/double_double.h"
#include "simt/shadow/fragments.h"

namespace kverify::simt::shadow {
namespace {

std::uint32_t formatOf(DType type) {
  switch (type) {
  case DType::F32: return kF32;
  case DType::F16: return kF16;
  case DType::BF16: return kBf16;
  case DType::E4M3: return kE4m3;
  case DType::E5M2: return kE5m2;
  default: return kNoFormat;
  }
}

Word bitsAt(const void* place, std::uint32_t format) {
  Word bits = 0;
  std::memcpy(&bits, place, bytesOf(format));
  return bits;
}

double valueOf(Word bits, std::uint32_t format) {
  switch (format) {
  case kF16: return doubleFromHalf(static_cast<std::uint16_t>(bits));
  case kBf16: return doubleFromBfloat16(static_cast<std::uint16_t>(bits));
  case kE4m3: return doubleFromE4m3(static_cast<std::uint8_t>(bits));
  case kE5m2: return doubleFromE5m2(static_cast<std::uint8_t>(bits));
  case kF32: return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  default: return std::bit_cast<double>(bits);
  }
}

std::unique_ptr<HostDomain> makeDomain(ShadowDomain domain, const Inputs& inputs) {
  switch (domain) {
  case ShadowDomain::Field: return makeFieldDomain(inputs);
  case ShadowDomain::Interval: return makeIntervalDomain();
  default: return makeDoubleDoubleDomain();
  }
}

void set(Cell& cell, const Words& words, Word stamp) {
  cell = {{words.w[0], words.w[1], words.w[2]}, stamp};
}

} // namespace

Expected<std::unique_ptr<Run>> Run::create(ShadowDomain domain, const Inputs& inputs, unsigned granule_log2,
                                           std::span<const double> constants, const SiteTable& sites,
                                           const Arena& arena) {
  std::unique_ptr<Run> run(new Run);
  run->granule_log2_ = granule_log2;
  run->memory_bytes_ = (abi::kArenaBytes >> granule_log2) * sizeof(Cell);
  void* memory =
      mmap(nullptr, run->memory_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return fail(ErrorKind::Limit, "cannot reserve address space for shadow values", {},
                "lift the limit on virtual memory (ulimit -v unlimited)");
  run->memory_ = memory;
  run->origin_ = reinterpret_cast<std::uint64_t>(memory) - (arena.base() >> granule_log2 << 5);
  run->sites_ = &sites;
  run->records_.resize(sites.sites.size() + 1);
  run->domain_ = makeDomain(domain, inputs);
  run->domain_->sites = &sites;
  run->counts_ = domain == ShadowDomain::DoubleDouble;
  State& state = run->domain_->state;
  run->domain_->state.run = run.get();
  state.sites = run->records_.data();
  for (double constant : constants) {
    Cell cell{};
    set(cell, run->domain_->from(constant, static_cast<std::uint32_t>(sites.sites.size())), 0);
    run->constants_.push_back(cell);
  }
  state.constants = run->constants_.data();
  return run;
}

Run::~Run() {
  if (memory_)
    munmap(memory_, memory_bytes_);
}

void Run::placeBuffer(std::size_t index, const Buffer& buffer, std::uint64_t address) {
  std::uint32_t format = formatOf(buffer.dtype);
  if (!format || buffer.bytes.empty())
    return;
  for (std::int64_t i = 0; i < buffer.elements; ++i) {
    auto element = static_cast<std::uint64_t>(i);
    Word bits = bitsAt(buffer.bytes.data() + element * bytesOf(format), format);
    set(*cell(address + element * bytesOf(format)), domain_->input(index, element, valueOf(bits, format)),
        stampOf(bits, format));
  }
}

void Run::placeConstants(std::uint64_t address, std::uint64_t bytes) {
  auto nowhere = static_cast<std::uint32_t>(sites_->sites.size());
  for (std::uint64_t at = 0; at + 4 <= bytes; at += 4) {
    Word bits = bitsAt(reinterpret_cast<const void*>(address + at), kF32);
    set(*cell(address + at), domain_->from(valueOf(bits, kF32), nowhere), stampOf(bits, kF32));
  }
}

void Run::copy(std::uint64_t to, std::uint64_t from, std::uint64_t source_bytes, std::uint64_t bytes) {
  std::uint64_t granule = 1ull << granule_log2_;
  if ((to | from | source_bytes) % granule != 0)
    return clear(to, bytes);
  std::memmove(cell(to), cell(from), (source_bytes >> granule_log2_) * sizeof(Cell));
  clear(to + source_bytes, bytes - source_bytes);
}

void Run::clear(std::uint64_t address, std::uint64_t bytes) {
  for (std::uint64_t at = 0; at < bytes; at += 1ull << granule_log2_)
    cell(address + at)->stamp = 0;
}

Operand Run::operandAt(const void* place, std::uint32_t format, std::uint32_t site) const {
  Word bits = bitsAt(place, format);
  const Cell& found = *cell(reinterpret_cast<std::uint64_t>(place));
  double value = valueOf(bits, format);
  if (found.stamp == stampOf(bits, format))
    return {{{found.word[0], found.word[1], found.word[2]}}, value};
  return {domain_->unstamped(value, site), value};
}

void Run::warpOperation(std::uint32_t operation, const void* const in[32], void* const out[32], std::uint32_t site) {
  auto place = [](const void* const lanes[32], Slot slot) {
    return static_cast<const std::uint8_t*>(lanes[slot.lane]) + slot.byte;
  };
  auto address = [](const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); };
  if (const ExchangeLayout& exchange = exchangeOf(operation); exchange.out_halves) {
    if (granule_log2_ > 1)
      return;
    std::uint64_t cells = 2u >> granule_log2_;
    for (std::uint32_t i = 0; i < exchange.from.size(); ++i) {
      std::uint64_t to = address(out[i / exchange.out_halves]) + 2 * (i % exchange.out_halves);
      if (exchange.from[i].lane > 31)
        clear(to, 2);
      else
        std::memcpy(cell(to), cell(address(place(in, exchange.from[i]))), cells * sizeof(Cell));
    }
    return;
  }
  const ProductLayout& layout = layoutOf(operation);
  if (layout.m == 0)
    return;
  Product product{layout.m, layout.n, layout.k, {}, {}, {}};
  product.a.reserve(layout.a.size());
  product.b.reserve(layout.b.size());
  product.c.reserve(layout.c.size());
  for (Slot slot : layout.a)
    product.a.push_back(operandAt(place(in, slot), layout.factor, site));
  for (Slot slot : layout.b)
    product.b.push_back(operandAt(place(in, slot), layout.factor, site));
  for (Slot slot : layout.c)
    product.c.push_back(operandAt(place(in, slot), layout.addend, site));
  std::vector<double> results;
  for (Slot slot : layout.d)
    results.push_back(valueOf(bitsAt(place(out, slot), layout.result), layout.result));
  std::vector<Words> shadows = domain_->product(product, results, site);
  for (std::size_t i = 0; i < shadows.size(); ++i) {
    const void* to = place(out, layout.d[i]);
    clear(address(to), bytesOf(layout.result));
    set(*cell(address(to)), shadows[i], stampOf(bitsAt(to, layout.result), layout.result));
  }
}

std::vector<Element> Run::elements(const Buffer& buffer, std::uint64_t address) const {
  std::vector<Element> all;
  std::uint32_t format = formatOf(buffer.dtype);
  if (!format)
    return all;
  for (std::int64_t i = 0; i < buffer.elements; ++i) {
    std::uint64_t at = address + static_cast<std::uint64_t>(i) * bytesOf(format);
    const Cell& found = *cell(at);
    bool valid = found.stamp == stampOf(bitsAt(reinterpret_cast<const void*>(at), format), format);
    all.push_back({{{found.word[0], found.word[1], found.word[2]}}, valid});
  }
  return all;
}

Result Run::finish() const {
  Result result;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    Place place;
    if (i < sites_->sites.size()) {
      const Site& site = sites_->sites[i];
      place.operation = site.operation;
      if (!site.stack.empty())
        place.location = site.stack.front();
    }
    place.record = records_[i];
    if (counts_)
      place.record.runs = runsOf(records_[i]);
    result.places.push_back(std::move(place));
  }
  result.notes = domain_->notes();
  return result;
}

} // namespace kverify::simt::shadow

using namespace kverify::simt::shadow;

extern "C" {

void kv_host_shadow_copy(State* state, std::uint64_t to, std::uint64_t from, std::uint64_t bytes) {
  static_cast<HostDomain::HostState*>(state)->run->copy(to, from, bytes, bytes);
}
void kv_host_shadow_clear(State* state, std::uint64_t address, std::uint64_t bytes) {
  static_cast<HostDomain::HostState*>(state)->run->clear(address, bytes);
}

} // extern "C"
