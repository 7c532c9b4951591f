# Every foreign library behind a name of ours, so that a folder's line in CMakeLists.txt is its fence.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson QUIET)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(date REQUIRED)
pkg_check_modules(HTTPLIB REQUIRED cpp-httplib)
pkg_check_modules(SIMDJSON REQUIRED simdjson)
pkg_check_modules(SQLITE3 REQUIRED sqlite3)
pkg_check_modules(EDIT REQUIRED libedit)

function(routerone_dependency name)
  add_library(deps_${name} INTERFACE)
  add_library(deps::${name} ALIAS deps_${name})
  target_link_libraries(deps_${name} INTERFACE ${ARGN})
endfunction()

routerone_dependency(json nlohmann_json::nlohmann_json)
routerone_dependency(simdjson ${SIMDJSON_LIBRARIES})
routerone_dependency(spdlog spdlog::spdlog fmt::fmt)
routerone_dependency(openssl OpenSSL::SSL OpenSSL::Crypto)
routerone_dependency(sqlite SQLiteCpp ${SQLITE3_LIBRARIES})
routerone_dependency(cli11 CLI11::CLI11)
routerone_dependency(edit ${EDIT_LIBRARIES})
routerone_dependency(date date::date-tz)

# Coroutines on one concrete executor; nothing deprecated, no recycling surprises.
routerone_dependency(asio Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
# A thread keeps that many freed coroutine frames for the next ones: a request has about a dozen
# alive at once, and Asio's own two would send the rest to malloc each time.
target_compile_definitions(deps_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_TS_EXECUTORS
                           BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)

# Debian's cpp-httplib is a shared library: the program must be compiled with the defines it was
# built with, or the two disagree about the size of its classes. pkg-config knows them.
routerone_dependency(httplib ${HTTPLIB_LIBRARIES} OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_options(deps_httplib INTERFACE ${HTTPLIB_CFLAGS_OTHER})
