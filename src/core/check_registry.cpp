#include <algorithm>
#include <cassert>
#include <string_view>

#include "kverify/check.h"

namespace kverify {
namespace {

std::vector<const CheckInfo*>& registry() {
  static std::vector<const CheckInfo*> checks;
  return checks;
}

std::vector<const ProofInfo*>& proofRegistry() {
  static std::vector<const ProofInfo*> proofs;
  return proofs;
}

} // namespace

RegisterCheck::RegisterCheck(const CheckInfo& info) {
  auto& checks = registry();
  auto at = std::lower_bound(checks.begin(), checks.end(), &info, [](const CheckInfo* a, const CheckInfo* b) {
    return std::string_view(a->id) < std::string_view(b->id);
  });
  assert((at == checks.end() || std::string_view((*at)->id) != info.id) && "two checks with one id");
  checks.insert(at, &info);
}

const std::vector<const CheckInfo*>& allChecks() {
  return registry();
}

const CheckInfo* findCheck(std::string_view id_or_code) {
  for (const CheckInfo* check : registry())
    if (id_or_code == check->id || id_or_code == check->code)
      return check;
  return nullptr;
}

RegisterProof::RegisterProof(const ProofInfo& info) {
  auto& proofs = proofRegistry();
  auto at = std::lower_bound(proofs.begin(), proofs.end(), &info, [](const ProofInfo* a, const ProofInfo* b) {
    return std::string_view(a->check) < std::string_view(b->check);
  });
  assert((at == proofs.end() || std::string_view((*at)->check) != info.check) && "two proofs of one check");
  proofs.insert(at, &info);
}

const std::vector<const ProofInfo*>& allProofs() {
  return proofRegistry();
}

const ProofInfo* findProof(std::string_view check_id) {
  for (const ProofInfo* proof : proofRegistry())
    if (check_id == proof->check)
      return proof;
  return nullptr;
}

} // namespace kverify
