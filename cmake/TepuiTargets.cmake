# The five kinds of target. Every one of them uses the tree's one precompiled header unless it says NO_PCH.

add_library(tepui_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(tepui_pch PUBLIC Boost::headers fmt::fmt spdlog::spdlog Threads::Threads)
target_include_directories(tepui_pch PRIVATE ${CMAKE_SOURCE_DIR})
target_precompile_headers(tepui_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.hpp)

# What a user runs: every program and every module. Tests ask for more; they are built by tests_LABEL.
add_custom_target(programs)

function(_tepui_common target)
  cmake_parse_arguments(A "NO_PCH" "" "DEPS" ${ARGN})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${A_DEPS})
  if(NOT A_NO_PCH)
    target_link_libraries(${target} PRIVATE Boost::headers fmt::fmt spdlog::spdlog Threads::Threads)
    target_precompile_headers(${target} REUSE_FROM tepui_pch)
  endif()
endfunction()

# tepui_library(NAME SOURCES a.cpp… [DEPS targets…] [NO_PCH])
# A room's static library. Includes are written from the top of the tree: #include "lib/base/error.hpp".
function(tepui_library name)
  cmake_parse_arguments(A "NO_PCH" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  set_property(GLOBAL APPEND PROPERTY TEPUI_LIBRARIES ${name})
  if(A_NO_PCH)
    _tepui_common(${name} NO_PCH DEPS ${A_DEPS})
  else()
    _tepui_common(${name} DEPS ${A_DEPS})
  endif()
endfunction()

# tepui_executable(NAME SOURCES … [DEPS …] [NO_PCH]): a program in build/PRESET/bin.
function(tepui_executable name)
  cmake_parse_arguments(A "NO_PCH" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  add_dependencies(programs ${name})
  if(A_NO_PCH)
    _tepui_common(${name} NO_PCH DEPS ${A_DEPS})
  else()
    _tepui_common(${name} DEPS ${A_DEPS})
  endif()
endfunction()

# tepui_module(FILE SOURCES … [DEPS …]): build/PRESET/modules/FILE.so, which exports the manifest getter and nothing else.
function(tepui_module file)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  add_library(module_${file} MODULE ${A_SOURCES})
  add_dependencies(programs module_${file})
  _tepui_common(module_${file} DEPS ${A_DEPS})
  target_include_directories(module_${file} PRIVATE ${CMAKE_SOURCE_DIR}/sdk/include)
  set_target_properties(module_${file} PROPERTIES PREFIX "" OUTPUT_NAME ${file} CXX_VISIBILITY_PRESET default
    LIBRARY_OUTPUT_DIRECTORY ${TEPUI_MODULE_OUTPUT_DIRECTORY}
    LINK_DEPENDS ${CMAKE_SOURCE_DIR}/sdk/module.map)
  target_link_options(module_${file} PRIVATE -Wl,--version-script=${CMAKE_SOURCE_DIR}/sdk/module.map)
  if(NOT TEPUI_SANITIZE)
    target_link_options(module_${file} PRIVATE -Wl,--no-undefined)
  endif()
endfunction()

# tepui_test(NAME LABEL unit|integration|cluster|conformance|sim SOURCES … [DEPS …] [TIMEOUT s] [SERIAL])
# A GoogleTest program in build/PRESET/tests; every TEST is one ctest test carrying the label.
function(tepui_test name)
  cmake_parse_arguments(A "SERIAL" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  _tepui_common(${name} DEPS ${A_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE
    TEPUI_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TEPUI_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 60)
  endif()
  set(properties LABELS ${A_LABEL} TIMEOUT ${A_TIMEOUT})
  if(A_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  if(NOT TARGET tests_${A_LABEL})
    add_custom_target(tests_${A_LABEL})
  endif()
  add_dependencies(tests_${A_LABEL} ${name})
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()
