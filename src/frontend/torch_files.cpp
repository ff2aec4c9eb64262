#include "frontend/torch_files.h"

#include <algorithm>
#include <array>

#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Path.h>

#include "frontend/embedded_headers.h"

namespace kverify::frontend {
namespace {

namespace vfs = llvm::vfs;

constexpr llvm::StringRef kForward = "#pragma once\n#pragma GCC system_header\n#include <kverify_torch/all.h>\n";
constexpr std::array<llvm::StringRef, 6> kFolders = {"torch", "ATen", "c10", "caffe2", "pybind11", "THC"};

/// What is asked for below kTorchFolder: a folder, a header that the shims have, or one that only forwards to them.
class TorchFiles : public vfs::FileSystem {
public:
  TorchFiles() {
    memory_.setCurrentWorkingDirectory("/");
    for (const EmbeddedHeader& header : embeddedShims())
      memory_.addFile(std::string(kTorchFolder) + "/" + header.name, 0,
                      llvm::MemoryBuffer::getMemBuffer(header.bytes, header.name, /*RequiresNullTerminator=*/false));
  }

  llvm::ErrorOr<vfs::Status> status(const llvm::Twine& path) override {
    makeForward(path);
    return memory_.status(path);
  }
  bool exists(const llvm::Twine& path) override {
    makeForward(path);
    return memory_.exists(path);
  }
  llvm::ErrorOr<std::unique_ptr<vfs::File>> openFileForRead(const llvm::Twine& path) override {
    makeForward(path);
    return memory_.openFileForRead(path);
  }
  vfs::directory_iterator dir_begin(const llvm::Twine& folder, std::error_code& error) override {
    return memory_.dir_begin(folder, error);
  }
  llvm::ErrorOr<std::string> getCurrentWorkingDirectory() const override {
    return memory_.getCurrentWorkingDirectory();
  }
  // Only absolute paths are ours.
  std::error_code setCurrentWorkingDirectory(const llvm::Twine&) override { return {}; }

private:
  /// Clang looks at a header's folder first, then at the header: both come into being when they are asked for.
  void makeForward(const llvm::Twine& twine) {
    llvm::SmallString<256> path;
    twine.toVector(path);
    llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    llvm::StringRef name = path;
    if (!name.consume_front(kTorchFolder) || !name.consume_front("/") || memory_.exists(path))
      return;
    llvm::StringRef folder = name.split('/').first;
    if (std::find(kFolders.begin(), kFolders.end(), folder) == kFolders.end())
      return;
    if (name.ends_with(".h") || name.ends_with(".cuh") || name.ends_with(".hpp"))
      memory_.addFile(path, 0, llvm::MemoryBuffer::getMemBuffer(kForward, path, /*RequiresNullTerminator=*/false));
    else if (!name.contains('.'))
      memory_.addFile(path + "/.folder", 0, llvm::MemoryBuffer::getMemBuffer(""));
  }

  vfs::InMemoryFileSystem memory_;
};

} // namespace

llvm::IntrusiveRefCntPtr<vfs::FileSystem> torchFiles() {
  return llvm::makeIntrusiveRefCnt<TorchFiles>();
}

bool isTorchHeader(llvm::StringRef name) {
  auto [folder, rest] = name.split('/');
  return !rest.empty() && std::find(kFolders.begin(), kFolders.end(), folder) != kFolders.end();
}

bool isHostLibraryHeader(llvm::StringRef name) {
  constexpr std::array<llvm::StringRef, 30> kNames = {
      "Python.h",      "cudnn.h",           "cudnn_frontend.h", "nccl.h",        "mpi.h",          "omp.h",
      "cufft.h",       "cufftXt.h",         "curand.h",         "cusparse.h",    "cusparseLt.h",   "cusolverDn.h",
      "cusolver_common.h", "cublasLt.h",    "cublasXt.h",       "cublas_v2.h",   "cublas.h",       "nvToolsExt.h",
      "nvrtc.h",       "nvml.h",            "helper_cuda.h",    "helper_functions.h", "helper_string.h", "helper_timer.h",
      "helper_image.h", "timer.h",          "cuda_gl_interop.h", "exception.h",  "cupti.h",        "cudaProfiler.h"};
  constexpr std::array<llvm::StringRef, 7> kBelow = {"nvtx3/",  "gtest/",  "gmock/", "benchmark/",
                                                     "opencv2/", "GL/",    "numpy/"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         std::any_of(kBelow.begin(), kBelow.end(), [&](llvm::StringRef folder) { return name.starts_with(folder); });
}

} // namespace kverify::frontend
