# What `cmake --install` puts where. The program finds its GPU worker relative to itself and carries its specs, CUDA headers
# and runtimes inside, so that the tree may be moved; nothing of the source tree is read when it runs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Manual pages and completions are written by the program that they describe.
set(kverify_written ${CMAKE_BINARY_DIR}/written)
add_custom_command(
  OUTPUT ${kverify_written}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${kverify_written}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${kverify_written}/completions
  COMMAND kverify man --output ${kverify_written}/man
  COMMAND kverify completions bash > ${kverify_written}/completions/kverify.bash
  COMMAND kverify completions zsh > ${kverify_written}/completions/_kverify
  COMMAND kverify completions fish > ${kverify_written}/completions/kverify.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${kverify_written}/stamp
  DEPENDS kverify
  COMMENT "Writing manual pages and completions"
  VERBATIM)
add_custom_target(kverify_written ALL DEPENDS ${kverify_written}/stamp)

add_library(kverify_headers INTERFACE)
set_target_properties(kverify_headers PROPERTIES EXPORT_NAME headers)
target_include_directories(kverify_headers INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(TARGETS kverify kverify_headers EXPORT kverifyTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Not for a user's PATH: kverify starts them. src/cuda/gpu.cpp looks here.
install(TARGETS kverify-gpu-worker kverify-so-baseline RUNTIME DESTINATION libexec/kverify)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/kverify DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/specs DESTINATION ${CMAKE_INSTALL_DATADIR}/kverify FILES_MATCHING PATTERN "*.json")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/kernels DESTINATION ${CMAKE_INSTALL_DATADIR}/kverify/examples
        PATTERN "out" EXCLUDE PATTERN "__pycache__" EXCLUDE)

install(DIRECTORY ${kverify_written}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(FILES ${kverify_written}/completions/kverify.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME kverify)
set(KVERIFY_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions CACHE STRING "Where zsh looks for completions, below the prefix")
install(FILES ${kverify_written}/completions/_kverify DESTINATION ${KVERIFY_ZSH_COMPLETIONS})
install(FILES ${kverify_written}/completions/kverify.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/scripts/deb/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/kverify)
foreach(document IN ITEMS LICENSE CHANGELOG.md SECURITY.md)
  install(FILES ${CMAKE_SOURCE_DIR}/${document} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/kverify OPTIONAL)
endforeach()

set(kverify_package ${CMAKE_INSTALL_LIBDIR}/cmake/kverify)
install(EXPORT kverifyTargets NAMESPACE kverify:: DESTINATION ${kverify_package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/kverifyConfig.cmake.in ${CMAKE_BINARY_DIR}/kverifyConfig.cmake
                              INSTALL_DESTINATION ${kverify_package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/kverifyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/kverifyConfig.cmake ${CMAKE_BINARY_DIR}/kverifyConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/KverifyAudit.cmake DESTINATION ${kverify_package})
