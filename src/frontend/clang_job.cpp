#include "frontend/clang_job.h"

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Driver/Compilation.h>
#include <clang/Driver/Driver.h>
#include <clang/Driver/Job.h>
#include <clang/Driver/Tool.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Host.h>

#include "frontend/clang_flags.h"
#include "frontend/diagnostic_text.h"
#include "frontend/embedded_headers.h"
#include "frontend/files_read.h"
#include "frontend/included_files.h"
#include "frontend/toolkit.h"
#include "frontend/torch_files.h"

namespace kverify::frontend {
namespace {

using Files = llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>;

/// CUDA 13 removed two headers that clang-19's wrapper includes by name; nothing of theirs is needed.
constexpr const char* kRemovedHeaders[] = {"texture_fetch_functions.h", "texture_indirect_functions.h"};

void addFile(llvm::vfs::InMemoryFileSystem& memory, const std::string& path, llvm::StringRef bytes) {
  memory.addFile(path, 0, llvm::MemoryBuffer::getMemBuffer(bytes, path, /*RequiresNullTerminator=*/false));
}

/// The disk, with our headers and the main file's bytes over it.
Files filesFor(const ClangJob& job) {
  Files disk = notingReads(Files(llvm::vfs::createPhysicalFileSystem().release()));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(disk);
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  if (auto here = disk->getCurrentWorkingDirectory())
    memory->setCurrentWorkingDirectory(*here);
  memory->addFile(job.path, 0, llvm::MemoryBuffer::getMemBuffer(job.bytes, job.path));
  for (const auto& [path, bytes] : job.replaced)
    if (path != job.path)
      memory->addFile(path, 0, llvm::MemoryBuffer::getMemBuffer(bytes, path));
  for (const FoundHeader& header : job.found) {
    std::string path = std::string(kFoundFolder) + "/" + header.name;
    memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy("#include \"" + header.folder + "/" + header.name + "\"\n", path));
  }
  overlay->pushOverlay(torchFiles());
  if (job.toolkit.empty()) {
    for (const EmbeddedHeader& header : embeddedHeaders())
      addFile(*memory, std::string(kBuiltinFolder) + "/" + header.name, header.bytes);
  } else {
    for (const char* name : kRemovedHeaders)
      addFile(*memory, std::string(kToolkitShims) + "/" + name, "\n");
    for (const EmbeddedHeader& header : embeddedHeaders())
      if (header.name == std::string_view(kToolkitExtras) || header.name == std::string_view(kAnnotations))
        addFile(*memory, std::string(kToolkitShims) + "/" + header.name, header.bytes);
  }
  overlay->pushOverlay(memory);
  return overlay;
}

/// Clang's driver turns user flags into the compiler's own; only the device compilation is taken from it.
Expected<std::shared_ptr<clang::CompilerInvocation>> invocationFor(const ClangJob& job, const Files& files,
                                                                   clang::DiagnosticsEngine& diagnostics) {
  std::optional<std::string> resource_dir = findClangResourceDir();
  if (!resource_dir)
    return fail(ErrorKind::Environment, "clang's own headers are not installed", "",
                "install the package libclang-common-19-dev");
  std::vector<std::string> args = driverArguments(job, *resource_dir);
  std::vector<const char*> argv;
  for (const std::string& arg : args)
    argv.push_back(arg.c_str());
  clang::driver::Driver driver(*resource_dir + "/../../../bin/clang", llvm::sys::getProcessTriple(), diagnostics,
                               "kverify", files);
  driver.setCheckInputsExist(false);
  std::unique_ptr<clang::driver::Compilation> compilation(driver.BuildCompilation(argv));
  if (!compilation || diagnostics.hasErrorOccurred())
    return std::shared_ptr<clang::CompilerInvocation>();
  for (const clang::driver::Command& command : compilation->getJobs()) {
    const llvm::opt::ArgStringList& flags = command.getArguments();
    if (llvm::StringRef(command.getCreator().getName()) != "clang")
      continue;
    auto invocation = std::make_shared<clang::CompilerInvocation>();
    if (!clang::CompilerInvocation::CreateFromArgs(*invocation, flags, diagnostics))
      return std::shared_ptr<clang::CompilerInvocation>();
    return invocation;
  }
  return fail(ErrorKind::Usage, "these compiler flags leave nothing to compile for the device", job.path);
}

void adjust(clang::CompilerInvocation& invocation) {
  // Line tables name functions and inlined calls; that is all a finding shows, and a fifth of full debug information.
  invocation.getCodeGenOpts().setDebugInfo(llvm::codegenoptions::DebugLineTablesOnly);
  // Clang writes a path relative to what it shares with the working folder, which then names no file. With the root for
  // that folder every path stays as the user wrote it, and the module does not depend on where kverify was started.
  invocation.getCodeGenOpts().DebugCompilationDir = "/";
  invocation.getFrontendOpts().DisableFree = false;
  invocation.getDependencyOutputOpts() = clang::DependencyOutputOptions();
}

/// Passes over the headers of the host's libraries that are not installed, and remembers what there was.
class HostHeadersListener : public clang::PPCallbacks {
public:
  explicit HostHeadersListener(HostHeaders& headers) : headers_(headers) {}

  bool FileNotFound(llvm::StringRef name) override {
    if (!isHostLibraryHeader(name))
      return false;
    headers_.used = true;
    headers_.missing.push_back(name.str());
    return true;
  }
  void InclusionDirective(clang::SourceLocation, const clang::Token&, llvm::StringRef name, bool, clang::CharSourceRange,
                          clang::OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef, const clang::Module*, bool,
                          clang::SrcMgr::CharacteristicKind) override {
    headers_.used |= isTorchHeader(name) || (file && isHostLibraryHeader(name));
  }

private:
  HostHeaders& headers_;
};
} // namespace

std::unique_ptr<clang::PPCallbacks> listenForHostHeaders(HostHeaders& headers) {
  return std::make_unique<HostHeadersListener>(headers);
}

Expected<ClangRun> runClang(const ClangJob& job, clang::FrontendAction& action) {
  Files files = filesFor(job);
  auto options = llvm::makeIntrusiveRefCnt<clang::DiagnosticOptions>();
  options->Warnings = {"no-unknown-cuda-version", "no-unused-command-line-argument"};
  DiagnosticText driver_text(*options);
  llvm::IntrusiveRefCntPtr<clang::DiagnosticsEngine> driver_diagnostics =
      clang::CompilerInstance::createDiagnostics(options.get(), &driver_text, /*ShouldOwnClient=*/false);
  clang::ProcessWarningOptions(*driver_diagnostics, *options, /*ReportDiags=*/false);
  auto invocation = invocationFor(job, files, *driver_diagnostics);
  if (!invocation)
    return tl::unexpected(invocation.error());
  if (!*invocation)
    return fail(ErrorKind::Usage, driver_text.text(), "the compiler flags");
  adjust(**invocation);

  clang::CompilerInstance compiler;
  compiler.setInvocation(*invocation);
  DiagnosticText text(compiler.getDiagnosticOpts());
  compiler.createDiagnostics(&text, /*ShouldOwnClient=*/false);
  compiler.setVerboseOutputStream(std::make_unique<llvm::raw_null_ostream>());
  compiler.createFileManager(files);
  IncludedFilesListener included;
  compiler.addDependencyCollector(included.collector());
  bool ran = compiler.ExecuteAction(action);
  ClangRun result{ran && text.errors() == 0, driver_text.text() + text.text(), text.errors(), text.blamesHeaders(), text.errorsAt()};
  result.included = std::move(included.files);
  return result;
}

} // namespace kverify::frontend
