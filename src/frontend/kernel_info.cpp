#include "frontend/kernel_info.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <clang/AST/RecordLayout.h>
#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/StringSwitch.h>
#include <llvm/Support/raw_ostream.h>

namespace kverify::frontend {
namespace {

clang::PrintingPolicy policyOf(const clang::ASTContext& context) {
  clang::PrintingPolicy policy(context.getLangOpts());
  policy.SuppressTagKeyword = true;
  policy.Bool = true;
  policy.MSVCFormatting = false;
  return policy;
}

/// Half and bfloat16 are classes in CUDA's headers, ours and NVIDIA's; a kernel's user sees numbers.
std::optional<DType> halfTypeOf(clang::QualType type) {
  const clang::RecordDecl* record = type->getAsRecordDecl();
  if (!record || !record->getDeclName().isIdentifier())
    return std::nullopt;
  if (record->getQualifiedNameAsString() == "c10::Half") // PyTorch's names for the same bits
    return DType::F16;
  if (record->getQualifiedNameAsString() == "c10::BFloat16")
    return DType::BF16;
  if (record->getQualifiedNameAsString() == "cutlass::half_t")
    return DType::F16;
  if (record->getQualifiedNameAsString() == "cutlass::bfloat16_t")
    return DType::BF16;
  return llvm::StringSwitch<std::optional<DType>>(record->getName())
      .Cases("__half", "half", DType::F16)
      .Case("__nv_bfloat16", DType::BF16)
      .Default(std::nullopt);
}

/// The 8-bit floats are classes, too. They are numbers in tensors; nobody passes one by value.
std::optional<DType> float8TypeOf(clang::QualType type) {
  const clang::RecordDecl* record = type->getAsRecordDecl();
  if (!record || !record->getDeclName().isIdentifier())
    return std::nullopt;
  return llvm::StringSwitch<std::optional<DType>>(record->getName())
      .Case("__nv_fp8_e4m3", DType::E4M3)
      .Case("__nv_fp8_e5m2", DType::E5M2)
      .Default(std::nullopt);
}

std::optional<DType> dtypeOf(clang::QualType type, const clang::ASTContext& context) {
  type = type.getCanonicalType().getUnqualifiedType();
  if (std::optional<DType> half = halfTypeOf(type))
    return half;
  if (std::optional<DType> byte = float8TypeOf(type))
    return byte;
  const auto* builtin = type->getAs<clang::BuiltinType>();
  if (!builtin)
    return std::nullopt;
  if (builtin->getKind() == clang::BuiltinType::Float)
    return DType::F32;
  if (builtin->getKind() == clang::BuiltinType::Float16 || builtin->getKind() == clang::BuiltinType::Half)
    return DType::F16;
  if (builtin->getKind() == clang::BuiltinType::BFloat16)
    return DType::BF16;
  if (!builtin->isInteger())
    return std::nullopt;
  switch (context.getTypeSize(type)) {
  case 8: return DType::U8;
  case 32: return DType::I32;
  case 64: return DType::I64;
  default: return std::nullopt;
  }
}

void describePointee(KernelParam& param, clang::QualType pointee, const clang::ASTContext& context) {
  clang::QualType canonical = pointee.getCanonicalType();
  param.pointee_const = canonical.isConstQualified();
  param.pointee = canonical.getUnqualifiedType().getAsString(policyOf(context));
  param.pointee_dtype = dtypeOf(canonical, context);
  if (!canonical->isIncompleteType() && !canonical->isFunctionType())
    param.pointee_size = static_cast<std::uint32_t>(context.getTypeSizeInChars(canonical).getQuantity());
}

/// Of one parameter: structs larger than this are left alone.
constexpr std::size_t kMostFields = 256;

KernelParam describeValue(std::string name, clang::QualType type, const clang::ASTContext& context);

/// The numbers and pointers of a struct, flat.
class Fields {
public:
  explicit Fields(const clang::ASTContext& context) : context_(context) {}

  /// False where it has parts that no number or pointer stands for.
  bool add(clang::QualType type, const std::string& name, std::uint64_t offset) {
    type = type.getCanonicalType().getUnqualifiedType();
    if (const auto* array = context_.getAsConstantArrayType(type))
      return addArray(*array, name, offset);
    const clang::RecordDecl* record = type->getAsRecordDecl();
    if (record && !halfTypeOf(type))
      return addRecord(*record, name, offset);
    bool is_data = type->isPointerType() ? !type->getPointeeType()->isFunctionType()
                                         : type->isReferenceType() || type->isRealFloatingType() || halfTypeOf(type) ||
                                               type->isIntegralOrEnumerationType();
    if (!is_data || all_.size() == kMostFields)
      return false;
    all_.push_back(describeValue(name, type, context_));
    all_.back().offset = static_cast<std::uint32_t>(offset);
    return true;
  }

  std::vector<KernelParam> take() { return std::move(all_); }

private:
  bool addArray(const clang::ConstantArrayType& array, const std::string& name, std::uint64_t offset) {
    auto stride = static_cast<std::uint64_t>(context_.getTypeSizeInChars(array.getElementType()).getQuantity());
    std::uint64_t count = array.getSize().getZExtValue();
    for (std::uint64_t i = 0; i < count; ++i)
      if (i == kMostFields || !add(array.getElementType(), name + "[" + std::to_string(i) + "]", offset + i * stride))
        return false;
    return true;
  }

  bool addRecord(const clang::RecordDecl& record, const std::string& name, std::uint64_t offset) {
    if (record.isUnion() || !record.getDefinition() || record.isInvalidDecl())
      return false;
    const clang::ASTRecordLayout& layout = context_.getASTRecordLayout(record.getDefinition());
    if (const auto* derived = llvm::dyn_cast<clang::CXXRecordDecl>(record.getDefinition())) {
      if (derived->isDynamicClass())
        return false;
      for (const clang::CXXBaseSpecifier& base : derived->bases()) {
        auto at = static_cast<std::uint64_t>(layout.getBaseClassOffset(base.getType()->getAsCXXRecordDecl()).getQuantity());
        if (!add(base.getType(), name, offset + at))
          return false;
      }
    }
    for (const clang::FieldDecl* field : record.getDefinition()->fields()) {
      std::string inner = field->getNameAsString();
      if (field->isBitField() || (inner.empty() && !field->isAnonymousStructOrUnion()))
        return false;
      std::string path = inner.empty() ? name : name.empty() ? inner : name + "." + inner;
      if (!add(field->getType(), path, offset + layout.getFieldOffset(field->getFieldIndex()) / 8))
        return false;
    }
    return true;
  }

  const clang::ASTContext& context_;
  std::vector<KernelParam> all_;
};

KernelParam describeValue(std::string name, clang::QualType type, const clang::ASTContext& context) {
  KernelParam param;
  param.name = std::move(name);
  param.type = type.getAsString(policyOf(context));
  param.is_restrict = type.getCanonicalType().isRestrictQualified();
  type = type.getCanonicalType().getUnqualifiedType();
  param.size = static_cast<std::uint32_t>(context.getTypeSizeInChars(type).getQuantity());
  param.alignment = static_cast<std::uint32_t>(context.getTypeAlignInChars(type).getQuantity());
  if (type->isPointerType() || type->isReferenceType()) {
    param.kind = KernelParam::Kind::Pointer;
    param.size = param.alignment = 8;
    describePointee(param, type->getPointeeType(), context);
  } else if (type->isRealFloatingType() || halfTypeOf(type)) {
    param.kind = KernelParam::Kind::Float;
    param.is_bfloat16 = dtypeOf(type, context) == DType::BF16;
  } else if (type->isIntegralOrEnumerationType()) {
    param.kind = KernelParam::Kind::Integer;
    param.is_signed = type->isSignedIntegerOrEnumerationType();
    param.is_bool = type->isBooleanType();
  } else {
    param.kind = KernelParam::Kind::Struct;
    if (Fields fields(context); fields.add(type, "", 0))
      param.fields = fields.take();
  }
  return param;
}

} // namespace

KernelInfo describeKernel(const clang::FunctionDecl& kernel, clang::ASTContext& context) {
  KernelInfo info;
  for (const clang::ParmVarDecl* param : kernel.parameters())
    info.params.push_back(describeValue(param->getNameAsString(), param->getType(), context));
  info.location = locationOf(kernel, context);
  if (const auto* bounds = kernel.getAttr<clang::CUDALaunchBoundsAttr>()) {
    clang::Expr::EvalResult value;
    if (bounds->getMaxThreads() && !bounds->getMaxThreads()->isValueDependent() &&
        bounds->getMaxThreads()->EvaluateAsInt(value, context))
      info.max_threads = static_cast<std::uint32_t>(value.Val.getInt().getZExtValue());
  }
  return info;
}

SourceLocation locationOf(const clang::FunctionDecl& kernel, clang::ASTContext& context) {
  const clang::SourceManager& sources = context.getSourceManager();
  clang::PresumedLoc place = sources.getPresumedLoc(sources.getExpansionLoc(kernel.getLocation()));
  SourceLocation location;
  if (place.isValid()) {
    location.file = place.getFilename();
    location.line = place.getLine();
    location.column = place.getColumn();
  }
  location.function = kernel.getQualifiedNameAsString();
  return location;
}

std::vector<std::string> printedParameters(const clang::FunctionDecl& kernel, clang::ASTContext& context) {
  std::vector<std::string> all;
  for (const clang::ParmVarDecl* param : kernel.parameters()) {
    std::string text = param->getType().getAsString(policyOf(context)), name = param->getNameAsString();
    bool close = text.ends_with('*') || text.ends_with('&');
    all.push_back(name.empty() ? text : text + (close ? "" : " ") + name);
  }
  return all;
}

std::string printedName(const clang::FunctionDecl& kernel, clang::ASTContext& context, bool qualified) {
  std::string text;
  llvm::raw_string_ostream out(text);
  clang::PrintingPolicy policy = policyOf(context);
  if (qualified)
    kernel.printQualifiedName(out, policy);
  else
    kernel.printName(out, policy);
  if (const clang::TemplateArgumentList* arguments = kernel.getTemplateSpecializationArgs())
    clang::printTemplateArgumentList(out, arguments->asArray(), policy);
  return text;
}

} // namespace kverify::frontend
