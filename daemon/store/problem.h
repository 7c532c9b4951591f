#pragma once

#include <string>

namespace SQLite {
class Exception;
}

namespace routerone::store {

/// Why the database did not do what was asked, by what the store can do about it.
enum class Fault {
  damaged,   ///< Put it aside and begin a new one.
  newer,     ///< Of a later version: leave it alone.
  busy,      ///< Another program holds its lock: wait.
  too_slow,  ///< A query ran out of its time.
  failing,   ///< Full or failing disk, permissions: wait and try again.
};

struct Problem {
  Fault fault = Fault::failing;
  std::string words;  ///< Ours, for status and doctor; SQLite's own text can quote data.
};

/// The one translation of SQLite's result codes.
Problem problem_of(const SQLite::Exception&);

}  // namespace routerone::store
