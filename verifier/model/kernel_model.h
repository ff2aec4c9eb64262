#pragma once
// Who touches what when: a kernel as the verifier sees it.
#include <chrono>
#include <map>
#include <optional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/device_module.h"
#include "kverify/error.h"
#include "kverify/source.h"
#include "verifier/model/term.h"

namespace kverify::verifier {

enum class ArrayKind { Parameter, Shared, DynamicShared, Local, Constant, Global };

struct Array {
  ArrayKind kind = ArrayKind::Parameter;
  std::string name;        ///< as the source calls it
  std::string symbol;      ///< of this array alone
  unsigned parameter = 0;  ///< of Parameter: its index in the kernel's signature
  std::int64_t field = -1; ///< of Parameter: the pointer lies in a struct passed by value, so many bytes from its start
  std::int64_t bytes = -1; ///< where the kernel's source fixes it
  std::int64_t align = 1;  ///< bytes; of what the kernel's source declares (1 for a Parameter)
};

enum class AccessKind { Read, Write, Atomic };

/// An index into an inner dimension of an array, as the array's type shows it: [9 x [16 x float]].
struct InnerIndex {
  TermPtr index = nullptr;
  std::int64_t extent = 0;
};

/// A symbol that stands for an integer that was loaded, and from where.
struct LoadedValue {
  unsigned array = 0;
  TermPtr offset = nullptr; ///< bytes from the array's start
  std::int64_t width = 0;   ///< bytes
  bool plain = false;       ///< neither volatile nor atomic
};

/// A symbol that stands for what atomicAdd(place, step) returned, step >= 1 a constant.
struct Ticket {
  unsigned array = 0;
  TermPtr offset = nullptr; ///< bytes from the array's start
  std::int64_t step = 0;
};

/// One load, store or atomic of the code. Terms are over the thread that executes it.
struct Access {
  AccessKind kind = AccessKind::Read;
  unsigned array = 0;
  TermPtr offset = nullptr; ///< bytes from the array's start
  std::int64_t width = 0;   ///< bytes
  std::int64_t align = 1;   ///< bytes: what the instruction promises
  std::vector<InnerIndex> inner;
  TermPtr path = nullptr;   ///< holds whenever it is executed
  TermPtr surely = nullptr; ///< where it holds, in an iteration that there is, it is executed
  SourceLocation where;
  unsigned block = 0;
  LoopSet loops = 0;        ///< around it
  bool async = false;       ///< of a cp.async: under way until its thread has waited for it
  TermPtr stored = nullptr;          ///< of Write: what it leaves; equal terms are equal bits; null: not known
  std::optional<LoadedValue> copied; ///< of Write: a copy of what is here
  bool adds = false;                 ///< of Atomic: of a positive constant
  bool block_scope = false; ///< of Atomic: atomic only among the threads of a block
};

/// "This integer is inside [low, high] whenever `path` holds": else the machine's value is not the term's.
struct NoWrap {
  TermPtr value = nullptr, path = nullptr;
  std::int64_t low = 0, high = 0;
  SourceLocation where;
  std::string what;
};

/// "This is true whenever `path` holds", for a check of its own: a shift's amount, a divisor, an assertion.
struct Claim {
  std::string check;
  TermPtr truth = nullptr, path = nullptr;
  SourceLocation where;
  std::string what;
  std::string text = {}; ///< of a kv_assert: its condition
};

/// What the kernel requires of a launch: true whenever `path` holds, by assumption.
struct Requirement {
  TermPtr truth = nullptr, path = nullptr;
  SourceLocation where;
  std::string text;
};

/// What a loop keeps, says the kernel. A fact only once it is proved, by induction over the visits of the loop's head.
struct Invariant {
  unsigned loop = 0;
  TermPtr now = nullptr;                      ///< over the loop's variables, in any iteration
  TermPtr first = nullptr, entered = nullptr; ///< over their first values; when the loop is entered
  TermPtr next = nullptr, repeats = nullptr;  ///< over their values one iteration on; when there is one
  SourceLocation where;
  std::string text;
  bool holds = false; ///< set by checks/claims.cpp
};

/// A branch that decides whether a barrier is met: all threads of a block must agree on it.
struct ControlsBarrier {
  TermPtr condition = nullptr, path = nullptr;
  LoopSet loops = 0; ///< around it
  SourceLocation where;
};

/// Where a loop that contains a barrier is, relative to the barrier that an interval starts at.
enum class LoopPhase : std::uint8_t {
  Outside, ///< not entered
  Start,   ///< in the iteration the start is in: counter K
  Next,    ///< one back edge further: K + 1
  Back1,   ///< one, two or three back edges earlier, of a copy that is still under way: K - 1, K - 2, K - 3
  Back2,
  Back3,
  Fresh,  ///< entered since the start: 0
  Before, ///< left before the start: E
  Any,    ///< known to nobody: each thread may have another one
};
/// Per loop number: phase now, and the phase it was left at last.
struct IntervalState {
  std::vector<LoopPhase> current, left;
  auto operator<=>(const IntervalState&) const = default;
};

struct ReachedAccess {
  unsigned access = 0;
  IntervalState state;
};

/// An asynchronous copy that is under way in an interval, and what is known of the interval because of that.
struct InFlight {
  ReachedAccess copy;
  std::vector<int> counts; ///< per loop: K at the interval's start; -1 unknown
};

/// A thread's own access while one of its asynchronous copies is under way: nothing orders the two.
struct OwnConflict {
  ReachedAccess copy, other;
  std::vector<int> counts;
  std::vector<int> ahead;   ///< per loop around both: how many iterations after the copy; kFarAhead or more; -1 unknown
  std::vector<int> entered; ///< per loop entered after the copy: iterations finished; kFarAhead or more; -1 unknown
};
constexpr int kFarAhead = 4;

/// What can run between one barrier (or the kernel's start) and the next.
struct Interval {
  SourceLocation start;
  std::vector<ReachedAccess> reached;
  std::vector<InFlight> in_flight; ///< issued before the start, and not waited for then
  std::vector<OwnConflict> own;
};

/// Lanes of a warp that meet at __syncwarp, and what runs between: barriers, and the syncs that name all of them, part
/// it.
struct WarpTeam {
  std::uint32_t lanes = 0;
  LoopSet loops = 0; ///< whose iterations the lanes count alike, if they agree at `controls`
  std::vector<ControlsBarrier> controls;
  std::vector<Interval> intervals;
};

/// A barrier that names how many threads it waits for: a whole block, else it is not understood.
struct BarrierCount {
  TermPtr threads = nullptr, path = nullptr;
  SourceLocation where;
};

/// A shuffle, vote, match, reduction or matrix operation of a warp, or __syncwarp: the lanes that it names meet at it.
struct WarpOp {
  std::uint32_t lanes = 0; ///< 0: the mask is computed
  TermPtr path = nullptr;
  SourceLocation where;
  bool reads_lanes = false; ///< a shuffle: gives the value of another lane, which has to be there
};

struct HalvingVar {
  TermPtr start = nullptr; ///< its value in the first iteration
};

/// Scope::Block: computed from what all threads share and itself, so that threads in one iteration have one value.
struct RecurrentVar {
  TermPtr start = nullptr;
  std::int64_t factor = 0, addend = 0; ///< next = factor * now + addend; factor 0: not known
};

struct KernelModel {
  std::vector<Array> arrays;
  std::vector<Access> accesses;
  std::vector<NoWrap> no_wrap;
  std::vector<ControlsBarrier> controls;
  std::vector<Interval> intervals;
  LoopSet barrier_loops = 0;       ///< whose iterations the threads of a block count alike
  std::vector<WarpTeam> warps;     ///< fewer lanes first
  std::vector<WarpOp> warp_ops;
  std::vector<WarpTeam> warp_meetings; ///< one a mask of `warp_ops`: what decides about them; no intervals
  std::vector<SourceLocation> partial_barriers; ///< named ones that some threads only arrive at: they order nothing here
  TermPtr linear_thread = nullptr; ///< the thread's number in its block; 32 in a row are a warp
  std::vector<BarrierCount> barrier_counts;
  std::vector<Claim> claims;
  std::vector<Requirement> requirements;
  std::vector<Invariant> invariants;
  std::map<const Sym*, HalvingVar> halving;     ///< by origin
  std::map<const Sym*, RecurrentVar> recurrent; ///< by origin
  std::map<const Sym*, LoadedValue> loaded;     ///< by origin
  std::map<const Sym*, Ticket> tickets;         ///< by origin
  std::size_t loops = 0;
  std::vector<TermPtr> counters; ///< per loop: iterations finished
  std::vector<TermPtr> stays;  ///< per loop, over its counter: where it holds, one more iteration follows; null: unknown
  std::set<std::pair<unsigned, unsigned>> earlier; ///< accesses (a, b): in one iteration of all loops around both, the
                                                   ///< code of b can follow that of a, and never the other way round
  std::vector<TermPtr> guards; ///< per loop, over its counter: what held when the last iteration went on; null: unknown
  std::size_t barriers = 0;
  bool late = false;                    ///< the time was up before all was modelled: nothing may be concluded
  std::vector<std::string> unsupported; ///< each makes every obligation unknown, by name
};

using Deadline = std::chrono::steady_clock::time_point;

/// Symbols have these names: "tid.x", "ctaid.y", "ntid.z", "nctaid.x", "arg.<index>".
/// Errors: Internal (bitcode that can't be read), Input (no such kernel).
/// A kernel that is too large to be modelled until `deadline` is KernelModel::late.
Expected<KernelModel> buildModel(const frontend::DeviceModule& module, const frontend::KernelInfo& kernel,
                                 TermPool& pool, Deadline deadline = Deadline::max());

/// The symbol of "tid.x", "nctaid.z" …, within what a device takes; nothing for other names.
std::optional<Sym> launchSymbol(std::string_view name);

/// The value of a term after these loops were left.
TermPtr afterLoops(TermPool& pool, TermPtr term, LoopSet loops);

} // namespace kverify::verifier
