// kverify gate where the policy asks for certificates: what lets a kernel in, why what does not, and when no audit is
// run.
#include <filesystem>
#include <fstream>

#include "attest/certificate_file.h"
#include "attest/dsse.h"
#include "attest/key.h"
#include "attest/predicate.h"
#include "attest/statement.h"
#include "attest/test_result.h"
#include "core/hash.h"
#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTwiceOfHeader = R"(#include "scale.h"
__global__ void twice(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = SCALE * x[i];
}
)";

/// A folder with one certified kernel, made once; each test changes a copy.
class GateCertificate : public Cli {
protected:
  static void SetUpTestSuite() {
    made_ = new ScratchFolder();
    made_->write("k/twice.cu", kTwiceOfHeader);
    made_->write("k/scale.h", "#define SCALE 2.0f\n");
    made_->write("k/twice.contract.json", kTwiceContract);
    RunSettings settings{
        .folder = made_->path(), .environment = {{"XDG_CACHE_HOME", made_->path() + "/cache"}}, .timeout_seconds = 120};
    run_ = new ProgramRun(runProgram({KVERIFY_PROGRAM, "keygen", "team"}, settings));
    for (std::vector<std::string> words :
         {std::vector<std::string>{"keygen", "stranger"}, {"certify", "k/twice.cu", "--key", "team.key", "--quiet"}}) {
      words.insert(words.begin(), KVERIFY_PROGRAM);
      if (run_->exit_code == 0)
        *run_ = runProgram(words, settings);
    }
  }
  static void TearDownTestSuite() {
    delete made_;
    delete run_;
  }

  void SetUp() override {
    ASSERT_EQ(run_->exit_code, 0) << run_->out << run_->err;
    fs::copy(made_->path(), folder.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    policy(R"("keys": ["team.pub"], "policy": "smoke")");
  }

  void policy(const std::string& certificate, const std::string& more = "") const {
    folder.write("kverify.json", R"({ "kverify": 1, "rules": [ { "paths": ["k/**"], "certificate": { )" + certificate +
                                     " } " + more + " } ] }");
  }

  /// The gate's answer about the one kernel.
  json gate(std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {"gate", "--quiet", "--format", "json"});
    json answer = reportOf(kverify(flags, {.timeout_seconds = 120}));
    EXPECT_THAT(violations(json::parse(std::ifstream(SCHEMA_DIR "/gate.schema.json")), answer), testing::IsEmpty());
    EXPECT_EQ(answer["kernels"].size(), 1u) << answer.dump(2);
    return answer["kernels"][0];
  }

  void expectRefused(const std::string& reason, std::vector<std::string> flags = {}) const {
    json kernel = gate(std::move(flags));
    EXPECT_EQ(kernel["result"], "failed") << reason;
    EXPECT_EQ(kernel["certificate"]["refused"], reason) << kernel.dump(2);
    EXPECT_EQ(kernel["certificate"]["accepted"], false);
    EXPECT_EQ(kernel["certificate"]["spared_audit"], false);
    ASSERT_FALSE(kernel["reasons"].empty());
    EXPECT_THAT(kernel["reasons"][0]["text"].get<std::string>(), HasSubstr("certificate refused[" + reason + "]"));
  }

  attest::SigningKey key(const std::string& name = "team") const {
    return *attest::SigningKey::fromPem(folder.read(name + ".key"), name + ".key");
  }
  attest::Opened opened() const {
    attest::PublicKey own = key().publicKey();
    return attest::openCertificate(folder.read(kFile), std::span(&own, 1)).value();
  }
  /// Whatever it says, in the form of one that kverify wrote.
  void sign(const Certificate& c, const attest::SigningKey& by) const {
    std::string audit =
        attest::statementText({c.source, std::string(attest::kAuditPredicate), attest::predicateOf(c)}).value();
    std::string hash = sha256Hex(audit), file;
    for (const std::string& text :
         {audit,
          attest::statementText({c.source, std::string(attest::kTestResultPredicate), attest::testResultOf(c, hash)})
              .value(),
          attest::statementText(
              {c.source, std::string(attest::kTimingPredicate), attest::timingOf(opened().timing, hash)})
              .value()})
      file += attest::sealed(attest::kInTotoPayload, text, by).value() + "\n";
    folder.write(kFile, file);
  }

  static constexpr const char* kFile = "k/twice.intoto.jsonl";
  static ScratchFolder* made_;
  static ProgramRun* run_;
};

ScratchFolder* GateCertificate::made_ = nullptr;
ProgramRun* GateCertificate::run_ = nullptr;

TEST_F(GateCertificate, LetsInWhatIsSignedAndAuditsItAllTheSame) {
  json kernel = gate();
  EXPECT_EQ(kernel["result"], "passed") << kernel.dump(2);
  EXPECT_EQ(kernel["certificate"]["accepted"], true);
  EXPECT_EQ(kernel["certificate"]["file"], kFile);
  EXPECT_EQ(kernel["certificate"]["key"], key().publicKey().id());
  EXPECT_EQ(kernel["certificate"]["spared_audit"], false) << "the policy does not say that it may";
}

TEST_F(GateCertificate, RefusesWhatIsMissingCutOffOrOfAnotherKey) {
  const std::string file = folder.read(kFile);
  fs::remove(folder.path() + "/" + kFile);
  expectRefused("missing");
  folder.write(kFile, file.substr(0, file.size() - 20));
  expectRefused("truncated");
  folder.write(kFile, file.substr(0, file.find('\n') + 1));
  expectRefused("truncated");
  std::string changed = file;
  changed[file.find("\"payload\":\"") + 40] ^= 1;
  folder.write(kFile, changed);
  expectRefused("bad-signature");
  folder.write(kFile, file);
  sign(opened().certificate, key("stranger"));
  expectRefused("untrusted-key");
}

TEST_F(GateCertificate, RefusesWhatIsAboutSomethingElse) {
  folder.write("k/twice.cu", std::string(kTwiceOfHeader) + "// one byte more\n");
  expectRefused("subject-mismatch");
  folder.write("k/twice.cu", kTwiceOfHeader);
  folder.write("k/scale.h", "#define SCALE 3.0f\n");
  expectRefused("header-mismatch");
  folder.write("k/scale.h", "#define SCALE 2.0f\n");
  folder.write("k/twice.contract.json", std::string(kTwiceContract) + "\n");
  expectRefused("contract-mismatch");
  folder.write("k/twice.contract.json", kTwiceContract);
  expectRefused("compiled-otherwise", {"--", "-DFAST"});
  expectRefused("compiled-otherwise", {"--target", "sm_90"});
  Certificate other = opened().certificate;
  other.kernel = "thrice";
  sign(other, key());
  expectRefused("other-kernel");
}

TEST_F(GateCertificate, RefusesANegativeOneAndWhatSaysTooLittle) {
  policy(R"("keys": ["team.pub"], "policy": "strict")");
  expectRefused("policy");
  policy(R"("keys": ["team.pub"], "policy": "ours.json")");
  folder.write("ours.json", R"({ "policy": 1, "checks": [ { "match": "numerics.bound", "need": "tests" } ] })");
  expectRefused("policy");
  policy(R"("keys": ["team.pub"], "policy": "smoke", "spares_audit": true)");
  Certificate negative = opened().certificate;
  negative.verdict = Verdict::Refuted;
  for (Obligation& one : negative.obligations)
    if (one.judged.stage == "fuzz") {
      one.judged.outcome = Refuted{"out of bounds", ""};
      break;
    }
  sign(negative, key());
  expectRefused("not-certified");
}

TEST_F(GateCertificate, SparesTheAuditOnlyWhereThePolicySaysSoAndItAnswersEverything) {
  policy(R"("keys": ["team.pub"], "policy": "smoke", "spares_audit": true)");
  json kernel = gate({"--report", "json=r.json"});
  EXPECT_EQ(kernel["result"], "passed") << kernel.dump(2);
  EXPECT_EQ(kernel["certificate"]["spared_audit"], true);
  json report = json::parse(folder.read("r.json"))["kernels"][0];
  EXPECT_EQ(report["verdict"], "certified");
  EXPECT_THAT(report["notes"].dump(), HasSubstr("not audited here"));
  for (const char* more :
       {R"(, "budgets": { "cases": 37 })", R"(, "oracle_floor": 0.95)", R"(, "determinism": "require")"}) {
    policy(R"("keys": ["team.pub"], "policy": "smoke", "spares_audit": true)", more);
    kernel = gate();
    EXPECT_EQ(kernel["certificate"]["accepted"], true) << more;
    EXPECT_EQ(kernel["certificate"]["spared_audit"], false) << "the certified audit was asked for less: " << more;
  }
  policy(R"("keys": ["team.pub"], "policy": "smoke", "spares_audit": true)",
         R"(, "checks": { "bounds.global-write": { "require": "unbounded-proof" } })");
  EXPECT_EQ(gate()["certificate"]["spared_audit"], true) << "it was proved for all sizes";
  Certificate weaker = opened().certificate;
  std::erase_if(weaker.obligations, [](const Obligation& one) {
    return one.judged.check == "bounds.global-write" && one.judged.stage == "formal";
  });
  sign(weaker, key());
  kernel = gate();
  EXPECT_EQ(kernel["certificate"]["accepted"], true) << kernel.dump(2);
  EXPECT_EQ(kernel["certificate"]["spared_audit"], false) << "that proof is not in it";
}

TEST_F(GateCertificate, ASecondKernelOfTheFileNeedsItsOwn) {
  const std::string second = "__global__ void other(float* y) { y[threadIdx.x] = 1.0f; }\n";
  folder.write("k/twice.cu", kTwiceOfHeader + second);
  Certificate certificate = opened().certificate;
  certificate.source.sha256 = sha256Hex(kTwiceOfHeader + second);
  const std::string launch =
      R"json({ "kernel": "twice", "args": ["x", "y", "n"], "grid": ["ceildiv(n, 32)"], "block": [32] })json";
  std::string contract = kTwiceContract;
  contract.replace(contract.find(launch), launch.size(),
                   launch + R"(, { "kernel": "other", "args": ["y"], "grid": [1], "block": [1] })");
  folder.write("k/twice.contract.json", contract);
  certificate.contract->sha256 = sha256Hex(contract);
  sign(certificate, key());
  policy(R"("keys": ["team.pub"], "policy": "smoke", "spares_audit": true)");
  json kernel = gate();
  EXPECT_EQ(kernel["certificate"]["accepted"], false) << "what is judged now is '" << kernel["kernel"] << "'";
  EXPECT_EQ(kernel["result"], "failed");
}

TEST_F(GateCertificate, MayLieInAFolderOfItsOwn) {
  policy(R"("keys": ["team.pub"], "policy": "smoke", "folder": "signed")");
  expectRefused("missing");
  folder.write("signed/k/twice.intoto.jsonl", folder.read(kFile));
  EXPECT_EQ(gate()["certificate"]["file"], "signed/k/twice.intoto.jsonl");
}

TEST_F(GateCertificate, BeforeACommitThereIsNoneToAskFor) {
  fs::remove(folder.path() + "/" + kFile);
  json kernel = gate({"--preset", "smoke"});
  EXPECT_EQ(kernel["result"], "passed") << kernel.dump(2);
  EXPECT_EQ(kernel["certificate"], nullptr);
  EXPECT_EQ(gate({"--preset", "standard"})["result"], "failed") << "no other preset takes it away";
}

TEST_F(GateCertificate, AKeyThatIsNotThereIsAnErrorBeforeAnythingRuns) {
  policy(R"("keys": ["nobody.pub"])");
  ProgramRun run = kverify({"gate"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, testing::AllOf(HasSubstr("nobody.pub"), HasSubstr("kverify.json")));
  EXPECT_THAT(run.out, Not(HasSubstr("verdict")));
  policy(R"("keys": ["team.pub"], "policy": "lenient")");
  run = kverify({"gate"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("lenient"));
}

TEST_F(GateCertificate, AChangeOfTheCertificateTouchesItsKernelAndAKeyTouchesAll) {
  for (const char* path : {kFile, "team.pub"}) {
    ProgramRun run = runProgram({"/usr/bin/git", "init", "--quiet"}, {.folder = folder.path()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    run = kverify({"gate", "--plan", "--changed", path});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("touches 1 of 1 kernel file")) << path << run.out;
    EXPECT_THAT(run.out, HasSubstr("a certificate signed by team.pub"));
  }
}

} // namespace
} // namespace kverify::tests
