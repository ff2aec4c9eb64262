#pragma once
// The shadow of one plan's run: its memory, its domain, and what warp operations and copies do to it.
#include <memory>
#include <span>

#include "kverify/error.h"
#include "kverify/launch.h"
#include "simt/machine/arena.h"
#include "simt/shadow/domain.h"
#include "simt/site_table.h"

namespace kverify::simt::shadow {

class Run {
public:
  /// `constants`: of the program, by number. Errors: Limit (the address space could not be reserved).
  static Expected<std::unique_ptr<Run>> create(ShadowDomain domain, const Inputs& inputs, unsigned granule_log2,
                                               std::span<const double> constants, const SiteTable& sites,
                                               const Arena& arena);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Where the cell of address 0 would be.
  std::uint64_t origin() const { return origin_; }
  State* state() { return &domain_->state; }
  Cell* cell(std::uint64_t address) const { return reinterpret_cast<Cell*>(origin_ + (address >> granule_log2_ << 5)); }

  /// The contents of a buffer at `address` are inputs.
  void placeBuffer(std::size_t index, const Buffer& buffer, std::uint64_t address);
  /// Parameters are constants, whatever of them is a float.
  void placeConstants(std::uint64_t address, std::uint64_t bytes);
  /// What cp.async and struct assignments do; bytes beyond `source_bytes` are zeros without history.
  void copy(std::uint64_t to, std::uint64_t from, std::uint64_t source_bytes, std::uint64_t bytes);
  void clear(std::uint64_t address, std::uint64_t bytes);
  /// After operation `operation` of warp_ops has run on these registers.
  void warpOperation(std::uint32_t operation, const void* const in[32], void* const out[32], std::uint32_t site);

  std::vector<Element> elements(const Buffer& buffer, std::uint64_t address) const;
  Result finish() const;

private:
  Run() = default;
  Operand operandAt(const void* place, std::uint32_t format, std::uint32_t site) const;

  std::unique_ptr<HostDomain> domain_;
  const SiteTable* sites_ = nullptr;
  std::vector<SiteRecord> records_;
  std::vector<Cell> constants_;
  void* memory_ = nullptr;
  std::uint64_t memory_bytes_ = 0;
  std::uint64_t origin_ = 0;
  unsigned granule_log2_ = 2;
  bool counts_ = false; ///< records count as double_double.h says
};

} // namespace kverify::simt::shadow
