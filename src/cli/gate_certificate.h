#pragma once
// The certificates that a policy asks for: found, opened, compared with what is here, and, where the policy says so,
// taken in place of an audit.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/certificate_trust.h"
#include "cli/gate_run.h"
#include "gate/certified.h"

namespace kverify::cli {

/// Files that may be a certificate of a kernel of `source`: K.intoto.jsonl, then K.*.intoto.jsonl, as the working
/// directory sees them. Those that are there, or the first where none is.
std::vector<std::string> certificatesOf(const gate::CertificateDemand& demand, const std::string& policy_folder,
                                        const std::string& source);

class Certificates {
public:
  /// Reads the keys and policies that the tasks' demands name. Errors: Input.
  static Expected<Certificates> forTasks(const std::vector<GateTask>& tasks, const std::string& policy_folder);

  /// Of one kernel of the task's file, as it was read here with the compiler's `flags`.
  gate::CertificateSeen of(const GateTask& task, const KernelReport& read, const std::vector<std::string>& clang_flags);

  /// The reports of files that need no audit: the policy says that a certificate may spare it, every kernel of the file
  /// has a valid one, and what was certified answers all that is asked here. The sources are compiled and read all the
  /// same.
  std::map<std::string, std::vector<KernelReport>> spare(const std::vector<GateTask>& tasks,
                                                         const GateRunOptions& options);

private:
  struct Trust {
    std::vector<attest::PublicKey> keys;
    attest::CertificatePolicy policy;
  };
  struct Candidate {
    std::string path;
    attest::Checked<Accepted> accepted;
  };
  using Found = std::pair<gate::CertificateSeen, const Certificate*>;

  const std::vector<Candidate>& candidatesOf(const GateTask& task);
  /// The certificate is there exactly where nothing was refused.
  Found find(const GateTask& task, const KernelReport& read, const std::vector<std::string>& clang_flags);

  std::string policy_folder_;
  std::map<std::pair<std::vector<std::string>, std::string>, Trust> trust_;
  std::map<std::string, std::vector<Candidate>> candidates_; ///< by source
};

} // namespace kverify::cli
