include(GoogleTest OPTIONAL)

# Flags for our own code: warnings are errors.
add_library(kverify_flags INTERFACE)
target_compile_options(kverify_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers)
# __FILE__ (OpenSSL's macros use it, too) is relative to the tree: what is built does not say where that lies.
target_compile_options(kverify_flags INTERFACE -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
# GCC 12 warns falsely on std::string's operator+ at -O3 (its PR 105651).
target_compile_options(kverify_flags INTERFACE "$<$<CXX_COMPILER_ID:GNU>:-Wshadow=local;-Wno-restrict>")
# clang-19 sees libstdc++ 12 use a deprecated function inside std::stable_sort.
target_compile_options(kverify_flags INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(KVERIFY_WERROR)
  target_compile_options(kverify_flags INTERFACE -Werror)
endif()
if(KVERIFY_SANITIZE)
  target_compile_options(kverify_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(kverify_flags INTERFACE -fsanitize=address,undefined)
  # GCC's own manual: with sanitizers this warning is often false (here: inside std::regex).
  target_compile_options(kverify_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
target_include_directories(kverify_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
target_include_directories(kverify_flags SYSTEM INTERFACE ${TL_EXPECTED_INCLUDE_DIR} ${NLOHMANN_INCLUDE_DIR} ${CLI11_INCLUDE_DIR} ${EIGEN_INCLUDE_DIR})

include(KverifyTogether)

# kverify_room(<name> [COLD] [APART] SOURCES … LINKS …): one folder of the architecture as one static library. COLD: its time does
# not matter as much as the time it takes to compile. APART: no file of it sees what another has in its unnamed namespace, not even
# by mistake.
function(kverify_room name)
  cmake_parse_arguments(ARG "COLD;APART" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC kverify_flags ${ARG_LINKS})
  if(ARG_COLD)
    target_compile_options(${name} PRIVATE -O1)
  endif()
  if(NOT ARG_APART)
    kverify_compile_together(${name})
  endif()
endfunction()

# kverify_checks(<name> SOURCES … LINKS …): checks register themselves, so their objects must not be dropped.
function(kverify_checks name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} OBJECT ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC kverify_flags ${ARG_LINKS})
endfunction()

# kverify_test(<name> SOURCES … LINKS … [LABELS …]): one GoogleTest binary, every case its own ctest entry.
function(kverify_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE kverify_flags ${ARG_LINKS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE -O1) # what takes time in a test is the code it tests
  kverify_compile_together(${name})
  gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()
