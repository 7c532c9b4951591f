#pragma once

#include <string>

#include "daemon/admission/scope.h"

namespace routerone::admission {

// What a person reads, with the numbers that decided. Those that pass with time never hold a name
// that a user chose, nor one of the words on which relays switch a channel off for good.

/// Does it keep the caller away for longer?
bool outlasts(const Refusal&, const Refusal& other);
Refusal rate_refusal(const Scope&, const Scope::Block&, std::int64_t tokens);
Refusal never_fits(const Scope&, const Scope::Ceiling&, Money least);
Refusal used_up(const Scope&, const Scope::Ceiling&, Money least, Moment);
Refusal held_by_others(const Scope&, const Scope::Ceiling&, Money least);
Refusal no_pass();

std::string warning_words(const Scope&, const Scope::Ceiling&);
std::string dry_run_words(const Scope&, const Refusal&);

}  // namespace routerone::admission
