#include "daemon/control/state.h"

#include "common/platform/files.h"
#include "daemon/routing/endpoint.h"

namespace routerone::control {

using routing::Credentials;

State::State(const Services& services)
    : services_(services), pending_(services.paths.state_dir / "change.pending") {}

Result<std::unique_ptr<State>> State::open(const Services& services) {
  std::unique_ptr<State> state(new State(services));
  TRY_STATUS(state->pending_.finish(services.files));
  TRY(Secret pepper, services.files.pepper(services.random));
  state->current_.pepper = std::make_shared<const Secret>(std::move(pepper));
  TRY(state->current_.data, services.files.load());
  for (const ProviderRecord& provider : state->current_.data.providers) {
    if (!provider.proxy.empty()) state->load_secret(routing::proxy_login_name(provider.id));
    if (provider.auth == AuthScheme::none) continue;
    state->load_secret(provider.id);
    for (const CredentialRecord& more : provider.more_keys)
      state->load_secret(routing::credential_name(provider.id, more.name));
  }
  state->open_catalog();
  state->snapshot_ = state->freeze(state->current_, state->catalog());
  state->put_in_force(state->snapshot_);
  return state;
}

void State::load_secret(const std::string& name) {
  auto secret = services_.files.load_secret(name);
  if (secret) current_.credentials[name] = std::make_shared<const Secret>(*std::move(secret));
}

std::shared_ptr<const Snapshot> State::snapshot() const {
  const std::lock_guard hold(mutex_);
  return snapshot_;
}

Credentials State::credentials() const {
  const std::lock_guard hold(mutex_);
  return current_.credentials;
}

State::Draft State::draft() const {
  const std::lock_guard hold(mutex_);
  return current_;
}

Secret State::pepper() const {
  const std::lock_guard hold(mutex_);
  return *current_.pepper;
}

std::shared_ptr<const Snapshot> State::freeze(const Draft& draft,
                                              const catalog::Catalog& catalog) const {
  return std::make_shared<const Snapshot>(draft.data, catalog, draft.credentials,
                                          services_.built_in, *draft.pepper);
}

std::filesystem::path State::catalog_file() const {
  return services_.paths.state_dir / "catalog-update.json";
}

/// An update that no longer fits, after an upgrade or a hand's work, must not stop the daemon.
void State::open_catalog() {
  const auto stored = read_file(catalog_file(), catalog::Catalog::max_update_bytes);
  if (!stored) {
    if (stored.error().kind != ErrorKind::not_found) catalog_trouble_ = stored.error().message;
    return;
  }
  auto updated = catalog::Catalog::built_in_with(*stored);
  if (!updated) {
    catalog_trouble_ = updated.error().message;
    return;
  }
  updates_.push_back(std::make_unique<const catalog::Catalog>(*std::move(updated)));
  catalog_ = updates_.back().get();
}

const catalog::Catalog& State::catalog() const {
  const std::lock_guard hold(mutex_);
  return *catalog_;
}

/// Limits first: no loop knows a key before its limits hold.
void State::put_in_force(const std::shared_ptr<const Snapshot>& snapshot) const {
  services_.admission.configure(snapshot->data);
  services_.publish(snapshot);
}

Status State::change(const std::function<Status(Draft&)>& edit) {
  const std::lock_guard one_at_a_time(changing_);
  Draft draft = current_;  // only changed below, by whoever holds changing_
  TRY_STATUS(edit(draft));
  auto frozen = freeze(draft, catalog());
  TRY_STATUS(save(draft));
  put_in_force(frozen);
  Credentials before;
  {
    const std::lock_guard hold(mutex_);
    before = std::move(current_.credentials);
    current_ = std::move(draft);
    snapshot_ = std::move(frozen);
  }
  drop_secrets(before, current_.credentials);
  return {};
}

Status State::update_catalog(const std::optional<std::string>& update_json) {
  const std::lock_guard one_at_a_time(changing_);
  std::unique_ptr<const catalog::Catalog> update;
  if (update_json) {
    TRY(auto loaded, catalog::Catalog::built_in_with(*update_json));
    update = std::make_unique<const catalog::Catalog>(std::move(loaded));
  }
  const catalog::Catalog& next = update ? *update : built_in_;
  auto frozen = freeze(current_, next);
  TRY_STATUS(store_update(update_json));
  put_in_force(frozen);
  const std::lock_guard hold(mutex_);
  if (update) updates_.push_back(std::move(update));
  catalog_ = &next;
  snapshot_ = std::move(frozen);
  return {};
}

Status State::store_update(const std::optional<std::string>& update_json) const {
  if (update_json) return write_file_atomic(catalog_file(), *update_json);
  std::error_code failed;
  std::filesystem::remove(catalog_file(), failed);
  if (failed) return fail(ErrorKind::internal, "the update cannot be removed: " + failed.message());
  return {};
}

Status State::save(const Draft& draft) const {
  const bool pending = draft.pepper != current_.pepper;
  if (pending) TRY_STATUS(pending_.note(draft.data, draft.credentials, *draft.pepper));
  Status saved = save_files(draft);
  if (!saved) {
    // Whatever came first stands again; should that fail too, the first error is what counts.
    (void)save_secrets(draft.credentials, current_.credentials);
    drop_secrets(draft.credentials, current_.credentials);
    if (pending) (void)services_.files.save_pepper(*current_.pepper);
  }
  if (pending) (void)pending_.drop();
  return saved;
}

/// Secrets first: a control file that names a provider without its secret would be the worse half.
Status State::save_files(const Draft& draft) const {
  TRY_STATUS(save_secrets(current_.credentials, draft.credentials));
  if (draft.pepper != current_.pepper) TRY_STATUS(services_.files.save_pepper(*draft.pepper));
  return services_.files.save(draft.data);
}

Status State::save_secrets(const Credentials& before, const Credentials& after) const {
  for (const auto& [name, secret] : after) {
    const auto old = before.find(name);
    if (old != before.end() && old->second == secret) continue;
    TRY_STATUS(services_.files.save_secret(name, *secret));
  }
  return {};
}

void State::drop_secrets(const Credentials& gone_from, const Credentials& still_in) const {
  for (const auto& [name, secret] : gone_from) {
    if (!still_in.contains(name)) (void)services_.files.remove_secret(name);
  }
}

}  // namespace routerone::control
