# Everything comes from Debian packages; scripts/lib/packages.txt lists them.
find_package(Threads REQUIRED)
find_package(LLVM 19.1 REQUIRED CONFIG PATHS /usr/lib/llvm-19/lib/cmake/llvm NO_DEFAULT_PATH)
find_package(Clang REQUIRED CONFIG PATHS /usr/lib/llvm-19/lib/cmake/clang NO_DEFAULT_PATH)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_path(TL_EXPECTED_INCLUDE_DIR tl/expected.hpp REQUIRED)
find_path(NLOHMANN_INCLUDE_DIR nlohmann/json.hpp REQUIRED)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
find_path(CURL_INCLUDE_DIR curl/curl.h REQUIRED) # headers only: the library is loaded when a cache has an address
find_library(SECCOMP_LIBRARY seccomp REQUIRED)
find_path(EIGEN_INCLUDE_DIR Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
find_program(KVERIFY_CLANG_CXX NAMES clang++-19 REQUIRED)

# LLVM and clang, as system headers and as the two shared libraries Debian ships.
add_library(kverify_llvm INTERFACE)
target_include_directories(kverify_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(kverify_llvm INTERFACE _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS __STDC_LIMIT_MACROS)
target_link_libraries(kverify_llvm INTERFACE LLVM)
add_library(kverify_clang INTERFACE)
target_include_directories(kverify_clang SYSTEM INTERFACE ${CLANG_INCLUDE_DIRS})
target_link_libraries(kverify_clang INTERFACE kverify_llvm clang-cpp)

find_package(rapidcheck REQUIRED) # makes counterexamples small
if(KVERIFY_TESTS)
  find_package(GTest REQUIRED)
endif()
