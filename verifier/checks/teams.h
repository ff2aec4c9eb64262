#pragma once
// Lanes of a warp that meet at __syncwarp.
#include "verifier/checks/context.h"

namespace kverify::verifier {

/// Is the thread's lane one of these?
TermPtr inLanes(Context& context, Instance& thread, std::uint32_t lanes);

/// Both threads are of one warp, and named by the mask.
TermPtr inTeam(Context& context, const WarpTeam& team, Instance& a, Instance& b);

/// What has to be impossible for the threads to agree at a branch; empty: it is, whatever they are. `loops`: whose
/// iterations they count alike.
std::vector<TermPtr> disagreement(Context& context, const ControlsBarrier& branch, const LoopSet& loops,
                                  const WarpTeam* team);

/// The teams whose lanes agree at every branch that decides about one of their syncs: only these order anything.
std::vector<const WarpTeam*> meetingTeams(Context& context);

} // namespace kverify::verifier
