// init.shared-read: whatever is read of shared memory was written before, in every launch.
// For an arbitrary reader, every byte of it must be covered by one of several guesses "this thread, in these iterations
// of these loops, at that store": the question is whether all of them can fail at once. A guess fails where the thread is
// none of the block, an iteration does not exist, the store is not reached, or its bytes are others. What is guessed need
// not be right (witness.h); what a store needs is said in full (Access::surely, KernelModel::stays).
// A store comes before the read where its place in the program does: the same iteration of all loops around both, and
// earlier code; or an earlier iteration of one of them. Of one thread that is the order of execution. Between two threads
// barriers keep to it, so that the store is not ordered after the read; that it is ordered at all is what the races say,
// as it is for asynchronous copies that are under way: the proof stands on theirs, and on converged barriers.
// Sound given those. Not complete: guesses come from addresses alone, and values that were loaded may be anything.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "verifier/checks/writer.h"

namespace kverify::verifier {

namespace {

constexpr const char* kCheck = "init.shared-read";
constexpr std::int64_t kMostParts = 64;

class ReadJudge {
public:
  ReadJudge(Context& context, unsigned number)
      : context_(context), pool_(context.pool), number_(number), access_(context.model.accesses[number]),
        where_(context.domain.places[access_.array]),
        reader_(pool_, context.model, context.domain, 1, true, nullptr) {}

  void judge() {
    if (!where_.base)
      return context_.open(kCheck, {unknown_reason::unsupported, "where '" + where_.name + "' starts is not known"});
    std::int64_t part = access_.width;
    std::vector<unsigned> writers;
    for (unsigned other = 0; other < context_.model.accesses.size(); ++other)
      if (isWriter(context_.model.accesses[other])) {
        writers.push_back(other);
        part = std::gcd(part, context_.model.accesses[other].width);
      }
    if (part == 0 || access_.width / part > kMostParts)
      return context_.open(kCheck, {unknown_reason::unsupported,
                                    fmt::format("a read of {} bytes at {}", access_.width, place(access_.where))});
    TermPtr first = pool_.add(where_.base, reader_(access_.offset)), path = reader_(access_.path);
    for (std::int64_t at = 0; at < access_.width; at += part) {
      Target target{pool_.add(first, pool_.constant(at)), part};
      std::vector<TermPtr> all = {path};
      for (unsigned writer : writers)
        for (const Moment& moment : momentsBefore(context_, writer, number_))
          for (TermPtr covered : coverings(context_, reader_, writer, number_, moment, target))
            all.push_back(pool_.negate(covered));
      for (TermPtr fact : reader_.facts())
        all.push_back(fact);
      context_.refuteAll(kCheck, all,
                         fmt::format("the read of {} bytes at {} may meet bytes of '{}' that no thread has written",
                                     access_.width, place(access_.where), where_.name),
                         access_.where);
    }
  }

private:
  bool isWriter(const Access& other) const {
    return other.kind != AccessKind::Read && context_.domain.places[other.array].key == where_.key;
  }

  Context& context_;
  TermPool& pool_;
  unsigned number_;
  const Access& access_;
  const Place& where_;
  Instance reader_;
};

} // namespace

void checkInitialised(Context& context) {
  const std::vector<Access>& accesses = context.model.accesses;
  for (unsigned number = 0; number < accesses.size(); ++number)
    if (accesses[number].kind != AccessKind::Write && context.domain.places[accesses[number].array].shared)
      ReadJudge(context, number).judge();
}

} // namespace kverify::verifier
