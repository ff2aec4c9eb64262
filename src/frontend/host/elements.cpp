#include "frontend/host/elements.h"

#include <map>

namespace kverify::frontend::host {

const char* dtypeOf(const std::string& element) {
  static const std::map<std::string, const char*> types = {{"Float", "f32"}, {"Half", "f16"}, {"BFloat16", "bf16"}, {"Int", "i32"},
                                                           {"Long", "i64"}, {"Byte", "u8"}, {"Char", "u8"}, {"Bool", "u8"}};
  auto found = types.find(element);
  return found == types.end() ? "" : found->second;
}

const char* elementOf(DType type) {
  return type == DType::F32 ? "Float" : type == DType::F16 ? "Half" : type == DType::BF16 ? "BFloat16" : type == DType::I32 ? "Int" : type == DType::I64 ? "Long" : "Byte";
}

} // namespace kverify::frontend::host
