# Most of a file's compile time goes to the headers and templates that its neighbours need too, so files of a room are compiled
# several at a time. Files whose unnamed namespaces hold the same names are left alone: alone.txt lists them.
# -DKVERIFY_TOGETHER=OFF (the presets dev and asan) compiles each by itself, so that a missing include shows.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/alone.txt kverify_alone REGEX "^[^#]")
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/alone.txt)

function(kverify_compile_together target)
  if(NOT KVERIFY_TOGETHER)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${path})
    if(path IN_LIST kverify_alone OR source MATCHES "^${CMAKE_BINARY_DIR}/") # what is generated may be very long
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()
