// Names of the contract's small types, and look-ups.
#include <array>
#include <utility>

#include "kverify/contract.h"

namespace kverify {
namespace {

constexpr std::array<std::pair<ScalarType, std::string_view>, 13> kScalarNames = {{{ScalarType::Bool, "bool"},
                                                                                   {ScalarType::I8, "i8"},
                                                                                   {ScalarType::U8, "u8"},
                                                                                   {ScalarType::I16, "i16"},
                                                                                   {ScalarType::U16, "u16"},
                                                                                   {ScalarType::I32, "i32"},
                                                                                   {ScalarType::U32, "u32"},
                                                                                   {ScalarType::I64, "i64"},
                                                                                   {ScalarType::U64, "u64"},
                                                                                   {ScalarType::F16, "f16"},
                                                                                   {ScalarType::BF16, "bf16"},
                                                                                   {ScalarType::F32, "f32"},
                                                                                   {ScalarType::F64, "f64"}}};

constexpr std::array<std::pair<Arithmetic, std::string_view>, 7> kArithmeticNames = {{{Arithmetic::F64, "f64"},
                                                                                      {Arithmetic::F32, "f32"},
                                                                                      {Arithmetic::TF32, "tf32"},
                                                                                      {Arithmetic::F16, "f16"},
                                                                                      {Arithmetic::BF16, "bf16"},
                                                                                      {Arithmetic::E4M3, "e4m3"},
                                                                                      {Arithmetic::E5M2, "e5m2"}}};

template <class Table, class Key>
std::string_view nameIn(const Table& table, Key key) {
  for (const auto& [value, name] : table)
    if (value == key)
      return name;
  return "?";
}

template <class Value, class Table>
std::optional<Value> findIn(const Table& table, std::string_view wanted) {
  for (const auto& [value, name] : table)
    if (name == wanted)
      return value;
  return std::nullopt;
}

} // namespace

std::string_view nameOf(ScalarType type) {
  return nameIn(kScalarNames, type);
}

std::optional<ScalarType> parseScalarType(std::string_view name) {
  return findIn<ScalarType>(kScalarNames, name);
}

std::string_view nameOf(Arithmetic arithmetic) {
  return nameIn(kArithmeticNames, arithmetic);
}

std::optional<Arithmetic> parseArithmetic(std::string_view name) {
  return findIn<Arithmetic>(kArithmeticNames, name);
}

const SizeDecl* Contract::findSize(std::string_view name) const {
  for (const SizeDecl& size : sizes)
    if (size.name == name)
      return &size;
  return nullptr;
}

const TensorDecl* Contract::findTensor(std::string_view name) const {
  for (const TensorDecl& tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

const TensorDecl* Contract::findRole(std::string_view role) const {
  for (const TensorDecl& tensor : tensors)
    if (!role.empty() && (tensor.role == role || tensor.output_role == role))
      return &tensor;
  return nullptr;
}

} // namespace kverify
