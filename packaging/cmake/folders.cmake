# One static library a folder. `routerone_folder(daemon/net USES daemon/http deps::asio)`.
add_library(routerone_options INTERFACE)
target_include_directories(routerone_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(routerone_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wno-missing-field-initializers)
# GCC 12 sees uninitialised values and mismatched deletes in optimised coroutines, and overlaps in
# string sums, where there are none (its bugs 105562, 103993 and 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(routerone_options INTERFACE -fcoroutines -Wno-maybe-uninitialized
                         -Wno-mismatched-new-delete -Wno-restrict)
endif()
if(ROUTERONE_WERROR)
  target_compile_options(routerone_options INTERFACE -Werror)
endif()
# What is given to others: the same bytes from whatever folder it was built in, and the compiler's
# guards against writing where one should not. Other builds are left alone: they have sanitizers.
target_compile_options(routerone_options INTERFACE
  $<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
target_link_options(routerone_options INTERFACE $<$<CONFIG:Release>:-Wl,-z,relro,-z,now>)
# And small: what answers a person is compiled for size, what a request passes through for speed (-O3
# takes 3 % off a small request's CPU, but a megabyte more for the dialects), and what nobody calls is
# left out.
target_compile_options(routerone_options INTERFACE
  $<$<CONFIG:Release>:-O3 $<TARGET_PROPERTY:ROUTERONE_OPTIMIZE> -ffunction-sections -fdata-sections>)
target_link_options(routerone_options INTERFACE $<$<CONFIG:Release>:-Wl,--gc-sections>)
target_compile_definitions(routerone_options INTERFACE ROUTERONE_VERSION="${PROJECT_VERSION}")
target_link_libraries(routerone_options INTERFACE tl::expected Threads::Threads)
if(ROUTERONE_SANITIZE)
  target_compile_options(routerone_options INTERFACE -fsanitize=${ROUTERONE_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(routerone_options INTERFACE -fsanitize=${ROUTERONE_SANITIZE})
  if(ROUTERONE_SANITIZE MATCHES thread)  # Asio's fences stand next to atomics that TSan does see
    target_compile_options(routerone_options INTERFACE -Wno-tsan)
  endif()
endif()

function(routerone_target_of folder out)
  string(REPLACE "/" "_" target "${folder}")
  set(${out} ${target} PARENT_SCOPE)
endfunction()

function(routerone_link target visibility)
  foreach(used IN LISTS ARGN)
    if(used MATCHES "::")
      target_link_libraries(${target} ${visibility} ${used})
    else()
      routerone_target_of(${used} library)
      target_link_libraries(${target} ${visibility} ${library})
    endif()
  endforeach()
endfunction()

# A header must compile alone: one empty translation unit a header, built with the tests.
function(routerone_check_headers target)
  if(NOT ROUTERONE_TESTS)
    return()
  endif()
  set(units)
  foreach(header IN LISTS ARGN)
    string(REPLACE "/" "_" unit "${header}")
    set(unit ${CMAKE_BINARY_DIR}/headers/${unit}.cpp)
    file(CONFIGURE OUTPUT ${unit} CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
    list(APPEND units ${unit})
  endforeach()
  if(units)
    add_library(${target}_headers OBJECT EXCLUDE_FROM_ALL ${units})
    target_link_libraries(${target}_headers PRIVATE ${target})
    target_compile_options(${target}_headers PRIVATE -fsyntax-only)
    set_property(GLOBAL APPEND PROPERTY ROUTERONE_HEADER_CHECKS ${target}_headers)
  endif()
endfunction()

# OPTIMIZE -Os: nothing in it is on a request's path.
function(routerone_folder folder)
  cmake_parse_arguments(ARG "" "OPTIMIZE" "USES" ${ARGN})
  routerone_target_of(${folder} target)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
       ${CMAKE_SOURCE_DIR}/${folder}/*.cpp ${CMAKE_SOURCE_DIR}/${folder}/*.S)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
       ${CMAKE_SOURCE_DIR}/${folder}/*.h)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC routerone_options)
    routerone_link(${target} PUBLIC ${ARG_USES})
    set_target_properties(${target} PROPERTIES ROUTERONE_OPTIMIZE "${ARG_OPTIMIZE}")
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE routerone_options)
    routerone_link(${target} INTERFACE ${ARG_USES})
  endif()
  routerone_check_headers(${target} ${headers})
endfunction()

function(routerone_program name folder)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  if(sources)
    add_executable(${name} ${sources})
    set_target_properties(${name} PROPERTIES ROUTERONE_OPTIMIZE -Os)
    target_link_libraries(${name} PRIVATE routerone_options)
    routerone_link(${name} PRIVATE ${ARG_USES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    install(TARGETS ${name})
  endif()
endfunction()
