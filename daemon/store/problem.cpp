#include "daemon/store/problem.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace routerone::store {

Problem problem_of(const SQLite::Exception& error) {
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Fault::damaged, "the database is damaged"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Fault::busy, "another program holds the database's lock"};
    case SQLITE_INTERRUPT:
      return {Fault::too_slow, "the query took too long"};
    case SQLITE_FULL:
      return {Fault::failing, "the disk is full"};
    case SQLITE_READONLY:
      return {Fault::failing, "the database may not be written"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {Fault::failing, "the database cannot be opened"};
    case SQLITE_IOERR:
      return {Fault::failing, "the disk fails to read or write"};
    case SQLITE_NOMEM:
      return {Fault::failing, "memory ran out"};
    default:
      return {Fault::failing, "the database refuses (SQLite's code " +
                                  std::to_string(error.getExtendedErrorCode()) + ")"};
  }
}

}  // namespace routerone::store
