#pragma once

#include <memory>
#include <string_view>

#include "common/core/clock.h"
#include "daemon/exchange/trace_row.h"
#include "daemon/net/loop.h"
#include "daemon/net/task.h"
#include "daemon/store/trace_store.h"

namespace routerone::trace {

/// Hands rows to the store and holds the end of an answer until its row is committed. One a loop.
class Recorder {
 public:
  Recorder(store::TraceStore& store, net::Loop& loop);
  virtual ~Recorder();

  /// Notes a request that is about to be sent; its row's CommitRecord::intent lets go of it. Error:
  /// the journal cannot take it.
  virtual Result<IntentSlot> begin(const Intent&);
  /// What became known of it since: the target, what is held, the upstream's own id.
  virtual void amend(IntentSlot, const Intent&, std::string_view upstream_request_id);
  /// May spend be trusted to outlive us?
  virtual bool spend_is_durable() const;
  /// Returns when committed, or after `wait`, or once the store could only keep the row in memory
  /// (then it is counted late). Never fails.
  virtual net::Task<void> commit(CommitRecord, Millis wait);
  /// For rows nobody waits for: unauthenticated refusals, at most 10 a second in all; the
  /// rest is counted by the store.
  virtual void note(CommitRecord);

 private:
  struct Waiting;
  struct Mailbox;
  net::Task<void> await(std::shared_ptr<Waiting> waiting, Millis wait);

  store::TraceStore& store_;
  net::Loop& loop_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace routerone::trace
