#pragma once
// The shims of PyTorch's headers (src/frontend/shims) as a folder on clang's include path.
#include <llvm/ADT/IntrusiveRefCntPtr.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/VirtualFileSystem.h>

namespace kverify::frontend {

/// Where the shims lie. A header of PyTorch's that is asked for there exists, whatever its name below torch/, ATen/,
/// c10/, caffe2/ or pybind11/: it includes everything the shims have, since nobody can list all of PyTorch's headers and
/// a name that is missing stops host code alone.
inline constexpr const char* kTorchFolder = "/kverify/torch";

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> torchFiles();

/// "torch/extension.h", "ATen/ATen.h", …
bool isTorchHeader(llvm::StringRef name);

/// A header of a library of the host's (cuDNN, NCCL, Python …): where it is not installed it is left out, and host code
/// that needs it is dropped.
bool isHostLibraryHeader(llvm::StringRef name);

} // namespace kverify::frontend
