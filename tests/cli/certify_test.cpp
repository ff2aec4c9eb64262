// kverify keygen, certify and verify-cert, end to end: what is accepted, what is refused and why, and what a recheck finds.
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "attest/bundle.h"
#include "attest/certificate_file.h"
#include "attest/key.h"
#include "attest/predicate.h"
#include "core/hash.h"
#include "tests/cli/cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kScaled = R"(#include "scale.h"
__global__ void twice(const float* x, float* y, int n) {
  __shared__ float tile[32];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  tile[threadIdx.x] = i < n ? x[i] : 0.0f;
  __syncthreads();
  if (i < n) y[i] = SCALE * tile[31 - threadIdx.x];
}
)";

/// One certificate for all tests of this file: they copy its folder and change the copy.
class Certify : public Cli {
protected:
  static void SetUpTestSuite() {
    made_ = new ScratchFolder();
    made_->write("twice.cu", kScaled);
    made_->write("twice.contract.json", kTwiceContract);
    made_->write("scale.h", "#define SCALE 2.0f\n");
    RunSettings settings{.folder = made_->path(), .environment = {{"SOURCE_DATE_EPOCH", "1700000000"}}, .timeout_seconds = 120};
    run_ = new ProgramRun(runProgram({KVERIFY_PROGRAM, "keygen", "team"}, settings));
    if (run_->exit_code == 0)
      *run_ = runProgram({KVERIFY_PROGRAM, "certify", "twice.cu", "--key", "team.key", "-o", "twice.intoto.jsonl", "--cases", "8"}, settings);
  }
  static void TearDownTestSuite() {
    delete made_;
    delete run_;
  }

  void SetUp() override {
    ASSERT_EQ(run_->exit_code, 0) << run_->out << run_->err;
    fs::copy(made_->path(), folder.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  /// verify-cert with the usual key and the policy that asks for nothing more than a verdict.
  ProgramRun verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"verify-cert", "twice.intoto.jsonl", "--kernel", "twice.cu", "--key", "team.pub", "--policy", "smoke"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return kverify(arguments, {.timeout_seconds = 120});
  }

  void expectRefused(const ProgramRun& run, const std::string& reason) const {
    EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
    EXPECT_THAT(run.out, HasSubstr("refused[" + reason + "]")) << run.err;
  }

  attest::SigningKey key() const { return *attest::SigningKey::fromPem(folder.read("team.key"), "team.key"); }

  attest::Opened opened() const {
    attest::PublicKey own = key().publicKey();
    auto read = attest::openCertificate(folder.read("twice.intoto.jsonl"), std::span(&own, 1));
    EXPECT_TRUE(read) << read.error().message;
    return *read;
  }

  /// What a dishonest signer does: says something else, consistently, and signs it.
  void signAgain(const Certificate& certificate) const {
    auto file = attest::writeCertificate(certificate, opened().timing, key());
    ASSERT_TRUE(file) << file.error().message;
    folder.write("twice.intoto.jsonl", *file);
  }

  /// Puts another text in the place of one question.
  void exchangeQuestion(const std::string& text) const {
    Certificate c = opened().certificate;
    std::string hash = sha256Hex(text);
    for (Obligation& one : c.obligations)
      if (auto* proved = std::get_if<Proved>(&one.judged.outcome); proved && !one.queries.empty()) {
        one.queries = {hash};
        proved->query_hash = attest::hashOfQueries(one.queries);
        break;
      }
    folder.write("twice.bundle/queries/" + hash + ".smt2", text);
    signAgain(c);
  }

  static ScratchFolder* made_;
  static ProgramRun* run_;
};

ScratchFolder* Certify::made_ = nullptr;
ProgramRun* Certify::run_ = nullptr;

TEST_F(Certify, AGoodKernelIsAccepted) {
  ProgramRun run = verify();
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("accepted under the policy 'smoke'"));
  EXPECT_THAT(run.out, HasSubstr("2023-11-14T22:13:20Z")) << "SOURCE_DATE_EPOCH";
  EXPECT_THAT(run.out, HasSubstr("twice.contract.json"));
}

TEST_F(Certify, ThePredicateFitsItsSchemaAndNamesWhatItRestsOn) {
  std::ifstream in(std::string(SCHEMA_DIR) + "/certificate.schema.json");
  Certificate c = opened().certificate;
  attest::Json predicate = attest::predicateOf(c);
  EXPECT_THAT(violations(nlohmann::json::parse(in), predicate), testing::IsEmpty());
  EXPECT_EQ(c.source.sha256, sha256Hex(kScaled));
  EXPECT_EQ(c.contract->sha256, sha256Hex(kTwiceContract));
  ASSERT_EQ(c.includes.size(), 1u);
  EXPECT_EQ(c.includes[0], (FileDigest{"scale.h", sha256Hex("#define SCALE 2.0f\n")}));
  EXPECT_EQ(c.cuda_headers.name, "builtin");
  EXPECT_EQ(c.settings.cases, 8u);
  std::size_t questions = 0;
  for (const Obligation& one : c.obligations)
    for (const std::string& query : one.queries) {
      ++questions;
      EXPECT_TRUE(fs::exists(folder.path() + "/twice.bundle/queries/" + query + ".smt2")) << query;
    }
  EXPECT_GT(questions, 0u) << "nothing was proved with a question";
  EXPECT_THAT(predicate.dump(), testing::Not(HasSubstr(made_->path()))) << "a path of the machine got into it";
}

TEST_F(Certify, TheSameAuditGivesTheSameBytes) {
  std::string before = folder.read("twice.intoto.jsonl"), runs = folder.read("twice.bundle/runs.json");
  ProgramRun run = kverify({"certify", "twice.cu", "--key", "team.key", "-o", "twice.intoto.jsonl", "--cases", "8", "-j", "1"},
                           {.environment = {{"SOURCE_DATE_EPOCH", "1700000000"}}, .timeout_seconds = 120});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(folder.read("twice.bundle/runs.json"), runs);
  EXPECT_EQ(folder.read("twice.intoto.jsonl"), before);
}

TEST_F(Certify, OpenSslAloneChecksTheSignature) {
  std::string line = folder.read("twice.intoto.jsonl");
  auto envelope = nlohmann::json::parse(line.substr(0, line.find('\n')));
  folder.write("payload.b64", envelope["payload"].get<std::string>());
  folder.write("sig.b64", envelope["signatures"][0]["sig"].get<std::string>());
  ProgramRun run = runProgram({"/bin/sh", "-c",
                               "base64 -d payload.b64 > payload && base64 -d sig.b64 > sig && type=application/vnd.in-toto+json && "
                               "{ printf 'DSSEv1 %d %s %d ' ${#type} $type $(wc -c < payload); cat payload; } > pae && "
                               "openssl pkeyutl -verify -pubin -inkey team.pub -rawin -in pae -sigfile sig"},
                              {.folder = folder.path()});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("Verified Successfully"));
}

TEST_F(Certify, ABadKernelGetsNone) {
  folder.write("race.cu", kRace);
  ProgramRun run = kverify({"certify", "race.cu", "--key", "team.key", "-o", "race.intoto.jsonl", "--block", "64"}, {.timeout_seconds = 120});
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("no certificate was written"));
  EXPECT_FALSE(fs::exists(folder.path() + "/race.intoto.jsonl"));
  EXPECT_FALSE(fs::exists(folder.path() + "/race.bundle"));
  for (const auto& entry : fs::directory_iterator(folder.path()))
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr("race.intoto"))) << "a draft was left";
}

TEST_F(Certify, WhatIsRefusedBeforeAnyWork) {
  auto certify = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"certify", "twice.cu"});
    return kverify(more);
  };
  EXPECT_THAT(certify({"--key", "none.key"}).err, HasSubstr("no such file"));
  EXPECT_THAT(certify({"--key", "team.pub"}).err, HasSubstr("public key"));
  EXPECT_THAT(certify({"--key", "team.key", "--require", "prof"}).err, HasSubstr("unbounded-proof"));
  EXPECT_THAT(certify({"--key", "team.key", "-o", "no/such/folder/k.jsonl"}).err, HasSubstr("no/such/folder"));
  EXPECT_EQ(certify({}).exit_code, 2);
}

TEST_F(Certify, AFolderThatIsNoBundleIsLeftAlone) {
  folder.write("mine/notes.txt", "precious");
  ProgramRun run = kverify({"certify", "twice.cu", "--key", "team.key", "-o", "other.intoto.jsonl", "--bundle", "mine", "--cases", "2", "--stages", "fuzz"},
                           {.timeout_seconds = 120});
  EXPECT_EQ(run.exit_code, 2) << run.out;
  EXPECT_THAT(run.err, HasSubstr("no bundle"));
  EXPECT_EQ(folder.read("mine/notes.txt"), "precious");
  EXPECT_FALSE(fs::exists(folder.path() + "/other.intoto.jsonl"));
}

TEST_F(Certify, KeysAreNotOverwrittenAndNotReadable) {
  EXPECT_THAT(kverify({"keygen", "team"}).err, HasSubstr("not overwritten"));
  struct stat status {};
  ASSERT_EQ(stat((folder.path() + "/team.key").c_str(), &status), 0);
  EXPECT_THAT(kverify({"keygen", "new"}).out, HasSubstr("key sha256:"));
  ASSERT_EQ(stat((folder.path() + "/new.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Certify, APasswordIsAskedOfTheEnvironmentOnly) {
  EXPECT_EQ(kverify({"keygen", "locked", "--encrypt"}).exit_code, 2);
  ASSERT_EQ(kverify({"keygen", "locked", "--encrypt"}, {.environment = {{"KVERIFY_KEY_PASSWORD", "secret"}}}).exit_code, 0);
  EXPECT_THAT(folder.read("locked.key"), HasSubstr("ENCRYPTED"));
  EXPECT_THAT(kverify({"certify", "twice.cu", "--key", "locked.key"}).err, HasSubstr("this key is encrypted"));
}

// Attacks, as a user meets them; tests/unit/attest has all of them.

TEST_F(Certify, AnotherKernelIsRefused) {
  folder.write("twice.cu", std::string(kScaled) + "\n");
  expectRefused(verify(), "subject-mismatch");
}

TEST_F(Certify, AnotherContractIsRefused) {
  std::string contract = kTwiceContract;
  folder.write("twice.contract.json", contract.replace(contract.find("100"), 3, "200"));
  expectRefused(verify(), "contract-mismatch");
  fs::remove(folder.path() + "/twice.contract.json");
  expectRefused(verify(), "contract-mismatch");
  EXPECT_EQ(verify({"--contract", "twice.bundle/contract.json"}).exit_code, 0);
}

TEST_F(Certify, AnotherHeaderIsRefused) {
  folder.write("scale.h", "#define SCALE 3.0f\n");
  expectRefused(verify(), "header-mismatch");
  fs::remove(folder.path() + "/scale.h");
  expectRefused(verify(), "header-mismatch");
}

TEST_F(Certify, AnotherKeyIsRefused) {
  ASSERT_EQ(kverify({"keygen", "stranger"}).exit_code, 0);
  ProgramRun run = kverify({"verify-cert", "twice.intoto.jsonl", "--kernel", "twice.cu", "--key", "stranger.pub", "--policy", "smoke"});
  expectRefused(run, "untrusted-key");
  EXPECT_EQ(kverify({"verify-cert", "twice.intoto.jsonl", "--kernel", "twice.cu", "--policy", "smoke"}).exit_code, 2) << "no key is trusted";
}

TEST_F(Certify, TamperedTruncatedAndHugeFilesAreRefused) {
  std::string file = folder.read("twice.intoto.jsonl");
  folder.write("twice.intoto.jsonl", file.substr(0, file.size() / 2));
  expectRefused(verify(), "truncated");
  std::string changed = file;
  std::size_t at = changed.find("\"payload\":\"") + 40;
  changed[at] = changed[at] == 'A' ? 'B' : 'A';
  folder.write("twice.intoto.jsonl", changed);
  expectRefused(verify(), "bad-signature");
  std::string twice = file;
  folder.write("twice.intoto.jsonl", twice.insert(1, R"("payload":"e30=",)"));
  expectRefused(verify(), "duplicate-key");
  ASSERT_EQ(truncate((folder.path() + "/twice.intoto.jsonl").c_str(), std::int64_t{1} << 40), 0);
  expectRefused(verify(), "too-large");
}

TEST_F(Certify, ASignedRefutationIsRefused) {
  Certificate c = opened().certificate;
  c.obligations[0].judged.outcome = Refuted{"two threads touch it", ""};
  c.obligations[0].queries.clear();
  EXPECT_FALSE(attest::writeCertificate(c, opened().timing, key())) << "it still says certified";
  c.verdict = Verdict::Refuted;
  auto file = attest::writeCertificate(c, opened().timing, key());
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("only a certified kernel"));
}

TEST_F(Certify, ThePolicyDecides) {
  EXPECT_EQ(verify({"--policy", "stric"}).exit_code, 2);
  folder.write("rules/p.json", R"({"policy": 1, "checks": [{"match": "numerics.bound", "need": "tests"}], "key_files": ["../team.pub"]})");
  ProgramRun run = kverify({"verify-cert", "twice.intoto.jsonl", "--kernel", "twice.cu", "--policy", "rules/p.json"});
  expectRefused(run, "policy");
  EXPECT_THAT(run.out, HasSubstr("numerics.bound is not mentioned"));
  folder.write("rules/p.json", R"({"policy": 1, "checks": [{"match": "race.*", "need": "tests"}], "key_files": ["../team.pub"]})");
  run = kverify({"verify-cert", "twice.intoto.jsonl", "--kernel", "twice.cu", "--policy", "rules/p.json"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST_F(Certify, TheRunsFitTheirSchema) {
  std::ifstream in(std::string(SCHEMA_DIR) + "/runs.schema.json");
  EXPECT_THAT(violations(nlohmann::json::parse(in), nlohmann::json::parse(folder.read("twice.bundle/runs.json"))), testing::IsEmpty());
}

TEST_F(Certify, JsonSaysTheSame) {
  auto accepted = nlohmann::json::parse(verify({"--format", "json"}).out);
  EXPECT_EQ(accepted["accepted"], true);
  EXPECT_EQ(accepted["refused"], nullptr);
  folder.write("twice.cu", "other");
  auto refused = nlohmann::json::parse(verify({"--format", "json"}).out);
  EXPECT_EQ(refused["accepted"], false);
  EXPECT_EQ(refused["refused"]["reason"], "subject-mismatch");
  std::ifstream in(std::string(SCHEMA_DIR) + "/verification.schema.json");
  auto schema = nlohmann::json::parse(in);
  EXPECT_THAT(violations(schema, accepted), testing::IsEmpty());
  EXPECT_THAT(violations(schema, refused), testing::IsEmpty());
}

// Asking again.

TEST_F(Certify, ARecheckAsksEverythingAgain) {
  ProgramRun run = verify({"--recheck"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("questions by cvc5"));
  auto json = nlohmann::json::parse(verify({"--recheck", "--format", "json"}).out);
  EXPECT_GT(json["rechecked"]["queries"], 0);
  EXPECT_GE(json["rechecked"]["runs"], 8);
}

TEST_F(Certify, ABundleThatDoesNotFitIsRefused) {
  std::string question = fs::directory_iterator(folder.path() + "/twice.bundle/queries")->path().string();
  std::string text = folder.read(fs::relative(question, folder.path()).string());
  std::ofstream(question) << "(assert false)\n(check-sat)\n";
  expectRefused(verify({"--recheck"}), "bundle-mismatch");
  fs::remove(question);
  expectRefused(verify({"--recheck"}), "bundle-incomplete");
  fs::create_symlink("/dev/zero", question);
  expectRefused(verify({"--recheck"}), "bundle-incomplete");
  fs::remove(question);
  std::ofstream(question) << text;
  EXPECT_EQ(verify({"--recheck"}).exit_code, 0);
  fs::remove(folder.path() + "/twice.bundle/runs.json");
  expectRefused(verify({"--recheck"}), "bundle-incomplete");
}

TEST_F(Certify, ASignedQuestionWithAnExampleIsFound) {
  exchangeQuestion("(declare-fun x () Int)\n(assert (>= x 0))\n(check-sat)\n");
  EXPECT_EQ(verify().exit_code, 0) << "the signature is good";
  expectRefused(verify({"--recheck"}), "query-refuted");
}

TEST_F(Certify, ASignedQuestionThatAnswersItselfIsFound) {
  exchangeQuestion("(echo \"unsat\")\n(check-sat)\n");
  expectRefused(verify({"--recheck"}), "query-form");
}

TEST_F(Certify, ASolverWithoutAnAnswerIsNoAcceptance) {
  folder.write("mute", "#!/bin/sh\n[ \"$1\" = --version ] && echo 'This is mute version 1' && exit\necho unknown\n");
  fs::permissions(folder.path() + "/mute", fs::perms::owner_all);
  ProgramRun run = verify({"--recheck", "--solver", "./mute"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("not accepted[query-open]"));
  EXPECT_EQ(verify({"--recheck", "--solver", "./none"}).exit_code, 2);
}

TEST_F(Certify, SignedRunsThatComeOutOtherwiseAreFound) {
  Certificate c = opened().certificate;
  std::string runs = folder.read("twice.bundle/runs.json");
  std::size_t at = runs.find("\"buffers_sha256\": \"") + 19;
  runs.replace(at, 64, std::string(64, '0'));
  folder.write("twice.bundle/runs.json", runs);
  expectRefused(verify({"--recheck"}), "bundle-mismatch");
  c.runs->sha256 = sha256Hex(runs);
  signAgain(c);
  ProgramRun run = verify({"--recheck"});
  expectRefused(run, "run-differs");
  EXPECT_THAT(run.out, HasSubstr("the results are not the same bytes"));
}

TEST_F(Certify, MoreCasesThanWereRunAreFound) {
  Certificate c = opened().certificate;
  for (Obligation& one : c.obligations)
    if (auto* tested = std::get_if<Tested>(&one.judged.outcome))
      tested->cases += 100;
  signAgain(c);
  ProgramRun run = verify({"--recheck"});
  expectRefused(run, "run-differs");
  EXPECT_THAT(run.out, HasSubstr("cases, and its runs are"));
}

TEST_F(Certify, OtherSystemHeadersAreFound) {
  Certificate c = opened().certificate;
  c.cuda_headers.sha256 = std::string(64, 'a');
  signAgain(c);
  expectRefused(verify({"--recheck"}), "header-mismatch");
}

TEST_F(Certify, TestsWithoutRunsAreFound) {
  Certificate c = opened().certificate;
  c.runs.reset();
  signAgain(c);
  expectRefused(verify({"--recheck"}), "bundle-incomplete");
}

} // namespace
} // namespace kverify::tests
