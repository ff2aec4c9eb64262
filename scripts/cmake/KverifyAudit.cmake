# kverify_add_audit(<name> PATH… [OPTIONS …] [CLANG_FLAGS …]): a test that audits kernels and passes where all are certified.
# An inconclusive verdict fails it as a refuted one does. Counterexamples land in <binary dir>/<name>.
function(kverify_add_audit name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "OPTIONS;CLANG_FLAGS")
  if(NOT ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kverify_add_audit(${name}): name a kernel or a folder of kernels")
  endif()
  set(flags "")
  if(ARG_CLANG_FLAGS)
    set(flags -- ${ARG_CLANG_FLAGS})
  endif()
  add_test(NAME ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
           COMMAND kverify::kverify audit ${ARG_UNPARSED_ARGUMENTS} --output ${CMAKE_CURRENT_BINARY_DIR}/${name} ${ARG_OPTIONS} ${flags})
endfunction()
