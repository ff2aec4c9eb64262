#pragma once
// What a signed certificate (src/attest) says of a kernel, beside what the gate asks of it. Pure: who signed it, and
// whether it is about these bytes, was settled before.
#include <string>
#include <vector>

#include "gate/demands.h"
#include "kverify/certificate.h"
#include "kverify/report.h"

namespace kverify::gate {

/// What became of the certificate that a kernel must have.
struct CertificateSeen {
  std::string file;    ///< that was read; empty: there is none
  std::string key;     ///< id of the one that signed it; empty where it was refused
  std::string issued;  ///< "2026-03-01T12:00:00Z"
  std::string refused; ///< the reason's name: "missing", "untrusted-key", "policy", …; empty: it was accepted
  std::string message; ///< in a sentence, where it was refused
  bool spared_audit = false;
};

/// How the kernel was compiled where it was certified and how it is here, where that differs; else "". `read`: the
/// source as it was read here, with its headers; `flags`: the compiler's here. Where headers are looked for may differ,
/// since what was found is compared.
std::string compiledOtherwise(const Certificate& certificate, const KernelReport& read,
                              const std::vector<std::string>& flags);

/// What of the demands an audit would have been run with the certified one was not, or "". Whether its outcomes are
/// enough is for decide() to say. `provable`: every check that this program has a proof for; one that the certificate
/// does not mention is newer than it, or was left out.
std::string auditedLess(const Certificate& certificate, const Demands& demands,
                        const std::vector<std::string>& provable, bool gpu_here);

/// The report that the audit would have given, as far as the certificate has it: `read` with the signed outcomes,
/// findings and suppressions.
KernelReport reportOf(const Certificate& certificate, const CertificateSeen& seen, KernelReport read);

} // namespace kverify::gate
