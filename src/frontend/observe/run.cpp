#include "frontend/observe/run.h"

#include <csignal>
#include <cstring>
#include <exception>

#include <fcntl.h>
#include <fmt/format.h>
#include <llvm/ExecutionEngine/JITLink/EHFrameSupport.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/TargetSelect.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frontend/observe/allowed_symbols.h"
#include "frontend/observe/pretended_device.h"
#include "sandbox/compute_only.h"

namespace kverify::frontend::observe {
namespace {

namespace orc = llvm::orc;

constexpr unsigned kSecondsOfCall = 3; ///< after one that takes longer no more are made
constexpr int kMillisecondsOfAll = 60000;

std::string text(llvm::Error error) { return llvm::toString(std::move(error)); }

/// Constructors of the file's own objects.
std::vector<std::string> constructorsOf(const HostCode& code) {
  std::vector<std::string> names;
  for (const auto& one : orc::getConstructors(*code.module))
    if (one.Func)
      names.push_back(one.Func->getName().str());
  return names;
}

/// What is asked for by name.
std::vector<std::string> symbolsOf(const HostCode& code) {
  std::vector<std::string> names = constructorsOf(code);
  for (const HostKernel& kernel : code.kernels)
    names.push_back(kernel.stub);
  return names;
}

/// Symbols that are asked for are to be found, and those that nobody may call end the call where it is reached.
void prepare(llvm::Module& module, const std::vector<std::string>& asked_for) {
  for (const std::string& name : asked_for) // of internal linkage where they are static
    if (llvm::Function* function = module.getFunction(name))
      function->setLinkage(llvm::GlobalValue::ExternalLinkage);
  llvm::StripDebugInfo(module); // nobody asks, and half of the time to compile goes there
  endWhereNotAllowed(module);
}

/// Takes the module out of the code, which this process has a copy of its own of.
Expected<std::unique_ptr<orc::LLJIT>> linked(HostCode& code) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser(); // host code may have assembly in it
  orc::JITTargetMachineBuilder target(llvm::Triple("x86_64-unknown-linux-gnu"));
  target.setCodeGenOptLevel(llvm::CodeGenOptLevel::None);
  target.setRelocationModel(llvm::Reloc::PIC_);
  prepare(*code.module, symbolsOf(code));
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(target))
                 .setLinkProcessSymbolsByDefault(false)
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .setObjectLinkingLayerCreator([](orc::ExecutionSession& session, const llvm::Triple&) {
                   auto layer = std::make_unique<orc::ObjectLinkingLayer>(session);
                   layer->addPlugin(std::make_shared<orc::EHFrameRegistrationPlugin>(
                       session, std::make_unique<llvm::jitlink::InProcessEHFrameRegistrar>()));
                   return layer;
                 })
                 .create();
  if (!jit)
    return fail(ErrorKind::Internal, text(jit.takeError()));
  orc::SymbolMap symbols;
  for (auto [name, address] : deviceSymbols())
    symbols[(*jit)->mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(address),
                                              llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  orc::JITDylib& dylib = (*jit)->getMainJITDylib();
  if (auto failed = dylib.define(orc::absoluteSymbols(std::move(symbols))))
    return fail(ErrorKind::Internal, text(std::move(failed)));
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix(), [](const orc::SymbolStringPtr& name) { return isAllowed((*name).str()); });
  if (!process)
    return fail(ErrorKind::Internal, text(process.takeError()));
  dylib.addGenerator(std::move(*process));
  if (auto failed = (*jit)->addIRModule(orc::ThreadSafeModule(std::move(code.module), std::move(code.context))))
    return fail(ErrorKind::Internal, text(std::move(failed)));
  return std::move(*jit);
}

[[noreturn]] void makeCall(const Call& call, const HostCode& code, const std::vector<const void*>& stubs, void (*entry)(),
                           const std::vector<void (*)()>& constructors, int descriptor) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever it does, it does not outlive who started it
  beginCall(call, code.kernels, stubs, descriptor);
  ::alarm(kSecondsOfCall); // which computeOnly leaves no way to put off
  if (!sandbox::computeOnly(descriptor))
    endCall(Observation::End::Unsupported, "the start: this kernel has no seccomp to hold it");
  try {
    for (auto* constructor : constructors)
      constructor();
    entry();
  } catch (const std::exception& thrown) {
    endCall(Observation::End::Refused, fmt::format("an exception: {}", thrown.what()));
  } catch (...) {
    endCall(Observation::End::Refused, "an exception");
  }
  endCall(Observation::End::Returned, "");
}

/// In a process of its own: links the code, and makes each call in one more.
[[noreturn]] void serve(HostCode& code, const std::vector<Call>& calls, int descriptor) {
  auto say = [&](const std::string& line) {
    if (::write(descriptor, line.data(), line.size()) < 0)
      _exit(1);
  };
  if (int null = ::open("/dev/null", O_RDWR); null >= 0)
    for (int standard : {0, 1, 2})
      ::dup2(null, standard);
  std::vector<std::string> constructor_names = constructorsOf(code);
  auto jit = linked(code);
  if (!jit) {
    say("! " + jit.error().message + "\n");
    _exit(1);
  }
  std::string reports;
  (*jit)->getExecutionSession().setErrorReporter([&](llvm::Error error) { reports += text(std::move(error)) + "; "; });
  auto address = [&](const std::string& symbol) -> void* {
    auto found = (*jit)->lookup(symbol);
    if (found)
      return found->toPtr<void*>();
    reports += text(found.takeError());
    for (char& c : reports)
      c = c == '\n' ? ' ' : c;
    say("! " + reports + "\n");
    _exit(1);
  };
  std::vector<const void*> stubs;
  for (const HostKernel& kernel : code.kernels)
    stubs.push_back(address(kernel.stub));
  std::vector<void (*)()> constructors;
  for (const std::string& name : constructor_names)
    constructors.push_back(reinterpret_cast<void (*)()>(address(name)));
  for (const Call& call : calls) {
    auto* entry = reinterpret_cast<void (*)()>(address(entrySymbol(call.entry)));
    pid_t child = ::fork();
    if (child == 0)
      makeCall(call, code, stubs, entry, constructors, descriptor);
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child)
      _exit(1);
    bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    say(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "=\n" : fmt::format("= {}\n", late ? "it did not end in time" : "it crashed"));
    if (late)
      break;
  }
  _exit(0);
}

/// What the other side writes until it closes its end, or for as long as it may take.
std::string readAll(int descriptor) {
  std::string all;
  char buffer[65536];
  for (int left = kMillisecondsOfAll; left > 0;) {
    pollfd wait{descriptor, POLLIN, 0};
    int ready = ::poll(&wait, 1, std::min(left, 1000));
    if (ready < 0)
      break;
    if (ready == 0) {
      left -= 1000;
      continue;
    }
    ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count <= 0)
      break;
    all.append(buffer, static_cast<std::size_t>(count));
  }
  return all;
}

} // namespace

Expected<std::vector<Observation>> runCalls(HostCode& code, const std::vector<Call>& calls) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(ErrorKind::Internal, fmt::format("no pipe to a run of host code: {}", std::strerror(errno)));
  pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends[0]);
    serve(code, calls, ends[1]);
  }
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return fail(ErrorKind::Internal, fmt::format("no process for a run of host code: {}", std::strerror(errno)));
  }
  std::string said = readAll(ends[0]);
  ::close(ends[0]);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  std::vector<Observation> all(1);
  bool crashed = WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL;
  std::string problem = crashed ? fmt::format("linking it ended by signal {}", WTERMSIG(status)) : "it did not end in time";
  for (std::size_t begin = 0; begin < said.size();) {
    std::size_t end = std::min(said.find('\n', begin), said.size());
    std::string line = said.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("! ")) {
      problem = line.substr(2);
    } else if (line.starts_with("=")) {
      if (all.back().end == Observation::End::Crashed)
        all.back().why = line.size() > 2 ? line.substr(2) : "it ended without a word";
      all.emplace_back();
    } else if (!readEvent(line, code.kernels, all.back())) {
      break; // cut off
    }
  }
  all.pop_back();
  if (all.empty())
    return fail(ErrorKind::Internal, fmt::format("the host code could not be run: {}", problem));
  all.resize(calls.size(), Observation{.why = problem});
  return all;
}

} // namespace kverify::frontend::observe
