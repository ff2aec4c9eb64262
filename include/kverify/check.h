#pragma once
// The registry of checks: what each looks for, why it matters, how to mend it, and which way it can err.
#include <string>
#include <string_view>
#include <vector>

namespace kverify {

enum class Severity { Error, Warning, Note };

/// Static facts about a check. Feeds `kverify explain`, `list-checks` and every renderer.
struct CheckInfo {
  const char* id;        ///< "race.shared-write-write": family.kebab-defect
  const char* code;      ///< "KV1203": permanent
  const char* stage;     ///< "fuzz", "formal", "static", "stability", "bench"
  const char* summary;   ///< one line
  const char* why;       ///< what goes wrong when it is ignored
  const char* fix;       ///< how to mend it
  const char* soundness; ///< sound / complete / bounded by what
  Severity severity = Severity::Error;
  const char* example = nullptr; ///< a few lines of code, wrong and right; or null
};

/// All registered checks, sorted by id.
const std::vector<const CheckInfo*>& allChecks();

/// The check with this id or code, or null.
const CheckInfo* findCheck(std::string_view id_or_code);

/// Registers at static-initialisation time: `static const RegisterCheck reg(kInfo);`.
/// Folders of checks are linked as CMake OBJECT libraries so that no registration is dropped.
struct RegisterCheck {
  explicit RegisterCheck(const CheckInfo& info);
};

/// What the formal stage does about a check: a check of another stage may be proved as well.
struct ProofInfo {
  const char* check;     ///< CheckInfo::id
  const char* question;  ///< what is asked of the solver, one line
  const char* soundness; ///< what a proof stands on, and where it stays unknown
  const char* nothing = "nothing of its kind in the code"; ///< why there may be nothing to ask, "no barrier"
};

/// All of them, sorted by id.
const std::vector<const ProofInfo*>& allProofs();

/// How this check is proved, or null: tests alone judge it.
const ProofInfo* findProof(std::string_view check_id);

/// Registers at static-initialisation time, like RegisterCheck.
struct RegisterProof {
  explicit RegisterProof(const ProofInfo& info);
};

} // namespace kverify
