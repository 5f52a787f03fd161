# Compiler settings that hold for the whole tree: standard, warnings, ccache, sanitizers, output folders.

option(TEPUI_FAULTS "Compile the TEPUI_FAULT points in" OFF)
option(TEPUI_COVERAGE "Instrument for gcov" OFF)
option(TEPUI_FUZZ "Build the libFuzzer targets" OFF)
set(TEPUI_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, comma separated")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(TEPUI_MODULE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/modules)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

# ccache shares objects between checkouts and presets: paths below the source folder are made relative.
find_program(TEPUI_CCACHE ccache)
if(TEPUI_CCACHE)
  set(TEPUI_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
    ${TEPUI_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${TEPUI_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TEPUI_LAUNCHER})
endif()

# -fPIC everywhere (not CMake's PIE/PIC split), so that one precompiled header serves programs and modules alike.
add_compile_options(-fPIC -Wall -Wextra -Werror=return-type -Wno-missing-field-initializers
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -fstack-protector-strong)
add_link_options(-Wl,--as-needed -Wl,-z,relro -Wl,-z,now)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fcoroutines> -Wno-psabi)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(TEPUI_FAULTS)
  add_compile_definitions(TEPUI_FAULTS=1)
endif()
if(TEPUI_SANITIZE)
  add_compile_options(-fsanitize=${TEPUI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TEPUI_SANITIZE})
  if(TEPUI_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # Asio's fences; see docs/architecture.md
  endif()
endif()
if(TEPUI_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# spdlog and Boost are told once how they are used.
add_compile_definitions(SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL BOOST_ASIO_NO_DEPRECATED
  BOOST_ALLOW_DEPRECATED_HEADERS BOOST_ASIO_DISABLE_BOOST_COROUTINE)
