# One static library per folder of the layer picture in docs/design.md.
#
#   belay_layer(NAME [DEPENDS layer...] [OWNS third-party-target...] [USES third-party-target...])
#
# OWNS are the third-party libraries whose headers only this folder may include; they are linked
# PRIVATE so that a stray include elsewhere has no include path. USES appear in public headers.
# Sources are every *.cc of the folder: a file that exists is built.
function(belay_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS;OWNS;USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)  # a layer that has headers only so far
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
    file(CONFIGURE OUTPUT ${sources} CONTENT "")
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} ${arg_USES} PRIVATE ${arg_OWNS})
  belay_compile_options(${name})
endfunction()

function(belay_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
  # GCC 12 warns falsely about std::string's operator+ when it optimizes (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(BELAY_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(BELAY_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${BELAY_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${BELAY_SANITIZE})
  endif()
endfunction()

# Embeds FOLDER/*.sql into one generated source: name, lowest server major, text. A file NAME.16.sql
# replaces NAME.sql on servers 16 and later; the highest that is not above the server wins.
function(belay_embed_sql target folder namespace)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  if(NOT files)
    return()
  endif()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_sql.cc)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${namespace} "-DFILES=${files}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
