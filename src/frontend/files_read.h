#pragma once
// Which files of the user's clang has read in this process, with the bytes that they had: a verdict holds for those.
#include <map>
#include <string>

#include <llvm/Support/VirtualFileSystem.h>

namespace kverify::frontend {

/// `below`, with every file noted when it is opened for the first time. Headers of the system, of clang and of the CUDA
/// toolkit are not noted: they are the machine's.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> notingReads(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> below);

/// For what is read otherwise.
void noteRead(const std::string& path);

/// Path, as it was opened, to the SHA-256 of the bytes; so far, in this process.
std::map<std::string, std::string> filesRead();

} // namespace kverify::frontend
