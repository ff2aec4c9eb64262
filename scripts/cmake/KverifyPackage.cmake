# `cpack -G DEB`, or scripts/test-deb, which also tries the package on a bare Debian 12.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kverify)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "kverify maintainers <maintainers@kverify.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "verification of CUDA kernels: can this kernel be merged?")
set(CPACK_PACKAGE_DESCRIPTION
    "kverify compiles a CUDA kernel once to device LLVM IR, proves with Z3 that no launch its contract
allows has a race, leaves an array, splits a barrier or overflows an index, runs it thread by
thread on the CPU under checkers that see every memory access, compares what it wrote with a
reference under a derived error bound, and gives a verdict. It needs no GPU and no CUDA toolkit.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# clang parses kernels with its own headers and the C++ library's, which no shared library pulls in.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libclang-common-19-dev, libstdc++-12-dev | libstdc++-dev")
# CUDA texts in Python files; proofs shared over http(s); the second solver of --cross-check.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3, libcurl4")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cvc5, nvidia-cuda-toolkit, nvidia-cuda-dev")
include(CPack)
