#include "cuda/messages.h"

namespace kverify::cuda {

const char* nameOf(JobStatus status) {
  switch (status) {
  case JobStatus::Completed: return "completed";
  case JobStatus::LaunchRefused: return "launch refused";
  case JobStatus::NoFunction: return "no such function";
  case JobStatus::OutOfMemory: return "out of memory";
  case JobStatus::Faulted: return "faulted";
  case JobStatus::Hung: return "hung";
  case JobStatus::Lost: return "worker lost";
  case JobStatus::NoDevice: return "no device";
  }
  return "?";
}

} // namespace kverify::cuda
