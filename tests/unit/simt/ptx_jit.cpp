#include "ptx_jit.h"

#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

#include "simt/math/nv_math.h"
#include "simt/ptx/lower.h"

namespace kverify::simt::ptx::testing {
namespace {

const char* irType(char code) {
  switch (code) {
  case 'h': return "i16";
  case 'r': return "i32";
  case 'l': return "i64";
  case 'f': return "float";
  default: return "double";
  }
}

[[noreturn]] void stop(const std::string& why) {
  ADD_FAILURE() << why;
  std::abort();
}

void reachedUnsupported(const char* text) {
  stop(std::string("the code reached an unsupported instruction: ") + text);
}

/// CUDA's %0 and %%p as LLVM has them: $0 and %p.
std::string llvmAsm(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 1 < text.size() && text[i + 1] == '%') {
      out += '%';
      ++i;
    } else if (text[i] == '%') {
      out += '$';
    } else if (text[i] == '\n') {
      out += "\\0A";
    } else {
      out += text[i];
    }
  }
  return out;
}

} // namespace

std::string asmModule(const std::string& text, const std::string& outputs, const std::string& inputs) {
  std::string body, args, types, constraints;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    types += (i ? ", " : "") + std::string(irType(outputs[i]));
    constraints += fmt::format("{}={}", i ? "," : "", outputs[i]);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const char* type = irType(inputs[i]);
    body +=
        fmt::format("  %p{0} = getelementptr i8, ptr %in, i64 {1}\n  %v{0} = load {2}, ptr %p{0}\n", i, 8 * i, type);
    args += fmt::format("{}{} %v{}", i ? ", " : "", type, i);
    constraints += fmt::format("{}{}", constraints.empty() ? "" : ",", inputs[i]);
  }
  const bool many = outputs.size() > 1;
  const std::string result = outputs.empty() ? "void" : many ? "{ " + types + " }" : types;
  body += fmt::format("  {}call {} asm sideeffect \"{}\", \"{}\"({})\n", outputs.empty() ? "" : "%r = ", result,
                      llvmAsm(text), constraints, args);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (many)
      body += fmt::format("  %o{0} = extractvalue {1} %r, {0}\n", i, result);
    body += fmt::format("  %q{0} = getelementptr i8, ptr %out, i64 {1}\n  store {2} {3}, ptr %q{0}\n", i, 8 * i,
                        irType(outputs[i]), many ? fmt::format("%o{}", i) : "%r");
  }
  return "define void @run(ptr %in, ptr %out) {\n" + body + "  ret void\n}\n";
}

Compiled::Compiled(const std::string& ir, const std::map<std::string, void*>& symbols) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(ir, diagnostic, *context);
  if (!module)
    stop(diagnostic.getMessage().str() + "\n" + ir);
  auto builder = llvm::orc::JITTargetMachineBuilder(llvm::Triple("x86_64-unknown-linux-gnu"));
  builder.setCPU("x86-64-v3");
  module->setTargetTriple("x86_64-unknown-linux-gnu");
  module->setDataLayout(llvm::cantFail(builder.getDefaultDataLayoutForTarget()));
  lowerInlineAsm(*module, unsupported_);
  lowerMathIntrinsics(*module, unsupported_);
  lowerHalfTypes(*module);
  llvm::raw_string_ostream(lowered_) << *module;
  if (llvm::verifyModule(*module, nullptr))
    stop("the lowered module does not verify:\n" + lowered_);
  const auto bitcode = nvMathBitcode();
  auto runtime = llvm::cantFail(llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(llvm::StringRef(bitcode.data(), bitcode.size()), "nv_math"), *context));
  runtime->setDataLayout(module->getDataLayout());
  runtime->setTargetTriple(module->getTargetTriple());
  if (llvm::Linker::linkModules(*module, std::move(runtime), llvm::Linker::LinkOnlyNeeded))
    stop("nv_math does not link");
  jit_ = llvm::cantFail(llvm::orc::LLJITBuilder()
                            .setJITTargetMachineBuilder(std::move(builder))
                            .setLinkProcessSymbolsByDefault(false)
                            .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                            .create());
  llvm::orc::SymbolMap known;
  const auto add = [&](const std::string& name, void* address) {
    known[jit_->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address), llvm::JITSymbolFlags::Exported};
  };
  for (const auto& [name, address] : mathHostSymbols())
    add(name, address);
  for (const auto& [name, address] : symbols)
    add(name, address);
  if (!symbols.contains("kv_unsupported"))
    add("kv_unsupported", reinterpret_cast<void*>(&reachedUnsupported));
  llvm::cantFail(jit_->getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(known))));
  llvm::cantFail(jit_->addIRModule({std::move(module), std::move(context)}));
  auto found = jit_->lookup("run");
  if (!found)
    stop(llvm::toString(found.takeError()) + "\n" + lowered_);
  run_ = found->toPtr<void (*)(const void*, void*)>();
}

Compiled::~Compiled() = default;

std::uint64_t Compiled::operator()(std::uint64_t a, std::uint64_t b, std::uint64_t c) const {
  const std::uint64_t in[3] = {a, b, c};
  std::uint64_t out[8] = {};
  run_(in, out);
  return out[0];
}

} // namespace kverify::simt::ptx::testing
