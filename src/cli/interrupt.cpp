#include "cli/interrupt.h"

#include <csignal>

#include <unistd.h>

namespace kverify::cli {
namespace {

pipeline::StopSwitch the_switch;

void onSignal(int signal) {
  if (the_switch.stop)
    _exit(128 + signal);
  the_switch.request(pipeline::StopReason::Interrupted);
}

} // namespace

pipeline::StopSwitch& stopOnInterrupt() {
  struct sigaction action {};
  action.sa_handler = onSignal; // no SA_RESTART: poll() must wake up
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return the_switch;
}

} // namespace kverify::cli
