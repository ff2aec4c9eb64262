#include <nlohmann/json.hpp>

#include "gate/render.h"
#include "report/digest.h"

namespace kverify::gate {
namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json toJson(const Reason& reason) {
  Json place;
  if (reason.at.line)
    place = {{"file", reason.at.file}, {"line", reason.at.line}, {"column", reason.at.column}};
  return {{"result", nameOf(reason.result)},
          {"check", orNull(reason.check)},
          {"at", place},
          {"text", reason.text},
          {"fingerprint", reason.finding ? Json(reason.finding->fingerprint) : Json()},
          {"replay", reason.finding ? orNull(reason.finding->replay) : Json()}};
}

Json reasons(const std::vector<Reason>& all) {
  Json list = Json::array();
  for (const Reason& reason : all)
    list.push_back(toJson(reason));
  return list;
}

Json entries(const std::vector<BaselineFinding>& all) {
  Json list = Json::array();
  for (const BaselineFinding& one : all)
    list.push_back({{"check", one.check}, {"fingerprint", one.fingerprint}, {"message", one.message}});
  return list;
}

Json toJson(const std::optional<CertificateSeen>& seen) {
  if (!seen)
    return nullptr;
  return {{"file", orNull(seen->file)},
          {"accepted", seen->refused.empty()},
          {"refused", orNull(seen->refused)},
          {"message", orNull(seen->message)},
          {"key", orNull(seen->key)},
          {"issued", orNull(seen->issued)},
          {"spared_audit", seen->spared_audit}};
}

} // namespace

std::string renderJson(const GateReport& gate) {
  Json kernels = Json::array(), ignored = Json::array();
  for (const GateKernel& one : gate.kernels)
    kernels.push_back({{"file", one.kernel->file},
                       {"kernel", one.kernel->kernel},
                       {"result", nameOf(one.decision.result)},
                       {"verdict", report::verdictOf(*one.kernel)},
                       {"because", orNull(one.why)},
                       {"reasons", reasons(one.decision.reasons)},
                       {"known", reasons(one.decision.known)},
                       {"let_through", one.decision.let_through},
                       {"fixed", entries(one.fixed)},
                       {"gone", entries(one.gone)},
                       {"certificate", toJson(one.certificate)}});
  for (const Ignored& one : gate.ignored)
    ignored.push_back({{"file", one.file}, {"reason", one.reason}});
  Json all = {{"format", kGateFormat},
              {"tool_version", KVERIFY_VERSION},
              {"command", gate.command},
              {"result", nameOf(gate.result())},
              {"exit_code", gate.exitCode()},
              {"partial", gate.partial},
              {"policy", orNull(gate.policy)},
              {"preset", gate.preset},
              {"baseline", orNull(gate.baseline)},
              {"change", gate.of_change ? Json{{"since", orNull(gate.since)}, {"base", orNull(gate.base)}} : Json()},
              {"found", gate.found},
              {"kernels", kernels},
              {"ignored", ignored},
              {"notes", gate.notes},
              {"seconds", gate.seconds}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace kverify::gate
