// Audits and benches on a GPU, over the fake driver (tests/support/fake_cuda): what a user sees, with no GPU in the machine.
#include <fstream>

#include "cli_fixture.h"
#include "tests/support/json_schema.h"

namespace kverify::tests {
namespace {

using testing::HasSubstr;

constexpr const char* kSoftmax = R"(__global__ void softmax(const float* x, float* y, int rows, int n) {
  int r = blockIdx.x * blockDim.x + threadIdx.x;
  if (r >= rows) return;
  float top = -INFINITY, sum = 0;
  for (int c = 0; c < n; ++c) top = fmaxf(top, x[r * n + c]);
  for (int c = 0; c < n; ++c) sum += expf(x[r * n + c] - top);
  for (int c = 0; c < n; ++c) y[r * n + c] = expf(x[r * n + c] - top) / sum;
}
)";

constexpr const char* kSoftmaxContract = R"json({
  "contract": 1, "spec": "softmax",
  "sizes": { "R": { "range": [1, 64] }, "N": { "range": [1, 64] } },
  "tensors": {
    "x": { "dtype": "f32", "shape": ["R", "N"], "access": "read", "role": "x" },
    "y": { "dtype": "f32", "shape": ["R", "N"], "access": "write", "role": "y" }
  },
  "launches": [ { "kernel": "softmax", "args": ["x", "y", "R", "N"], "grid": ["ceildiv(R, 32)"], "block": [32] } ]
}
)json";

class GpuCli : public Cli {
protected:
  /// A softmax that the fake GPU runs as told: "run softmax us=40".
  void write(const std::string& behaviour) {
    folder.write("k.cu", "// fake: function _Z7softmaxPKfPfii " + behaviour + "\n" + kSoftmax);
    folder.write("k.contract.json", kSoftmaxContract);
  }
  ProgramRun run(std::vector<std::string> arguments, std::map<std::string, std::string> more = {}) {
    RunSettings settings;
    settings.environment = {{"KVERIFY_LIBCUDA", FAKE_CUDA}, {"KVERIFY_LIBNVML", FAKE_CUDA}, {"KVERIFY_GPU_WORKER", GPU_WORKER},
                            {"KVERIFY_NVCC", FAKE_NVCC},    {"KVERIFY_FAKE_CUDA", ""}};
    for (auto& [name, value] : more)
      settings.environment[name] = value;
    return kverify(std::move(arguments), settings);
  }
  nlohmann::json audit(const std::string& backend, std::map<std::string, std::string> more = {}) {
    return reportOf(run({"audit", "k.cu", "--stages", "fuzz", "--cases", "6", "--backend", backend, "--gpu-launch-limit", "0.3",
                         "--format", "json", "-q"},
                        std::move(more)))["kernels"][0];
  }
  static nlohmann::json outcomeOf(const nlohmann::json& kernel, const std::string& check, const std::string& stage) {
    for (const auto& outcome : kernel["outcomes"])
      if (outcome["check"] == check && outcome["stage"] == stage)
        return outcome;
    return {};
  }
};

TEST_F(GpuCli, BothBackendsAgree) {
  write("run softmax us=40");
  auto kernel = audit("both");
  EXPECT_EQ(kernel["verdict"], "certified") << kernel.dump(1);
  auto agreement = outcomeOf(kernel, "gpu.agreement", "gpu");
  EXPECT_EQ(agreement["outcome"], "tested") << agreement;
  EXPECT_LE(agreement["worst_ratio"].get<double>(), 1.0);
}

TEST_F(GpuCli, AWrongResultOfTheGpuAloneIsRefuted) {
  write("run twice_lazy us=40"); // writes nothing
  auto kernel = audit("both");
  EXPECT_EQ(kernel["verdict"], "refuted");
  EXPECT_EQ(outcomeOf(kernel, "output.unwritten", "fuzz")["outcome"], "refuted") << kernel["outcomes"].dump(1);
}

TEST_F(GpuCli, WhatAGpuDoesNotShowIsNotCalledTested) {
  write("run softmax us=40");
  auto kernel = audit("cuda");
  EXPECT_EQ(kernel["verdict"], "inconclusive");
  EXPECT_EQ(outcomeOf(kernel, "numerics.bound", "fuzz")["outcome"], "tested");
  EXPECT_EQ(outcomeOf(kernel, "race.shared-read-write", "fuzz")["outcome"], "unknown");
}

TEST_F(GpuCli, FaultsHangsAndLostWorkersAreTyped) {
  write("illegal");
  auto fault = audit("cuda");
  EXPECT_EQ(fault["verdict"], "refuted");
  EXPECT_THAT(outcomeOf(fault, "gpu.fault", "gpu")["reason"].get<std::string>(), HasSubstr("CUDA_ERROR_ILLEGAL_ADDRESS"));
  write("hang");
  auto hang = audit("cuda");
  EXPECT_EQ(hang["verdict"], "inconclusive");
  EXPECT_EQ(outcomeOf(hang, "gpu.fault", "gpu")["reason"], "hang");
  write("refuse");
  EXPECT_EQ(outcomeOf(audit("cuda"), "limits.launch", "fuzz")["outcome"], "refuted");
  write("crash");
  EXPECT_EQ(audit("cuda")["verdict"], "inconclusive");
}

TEST_F(GpuCli, WithoutADeviceTheRestStillWorks) {
  write("run softmax us=40");
  auto kernel = audit("both", {{"KVERIFY_FAKE_CUDA", "no-device"}});
  EXPECT_EQ(kernel["verdict"], "inconclusive");
  EXPECT_EQ(outcomeOf(kernel, "gpu.agreement", "gpu")["reason"], "no device");
  EXPECT_EQ(outcomeOf(kernel, "numerics.bound", "fuzz")["outcome"], "tested");
  auto alone = audit("cuda", {{"KVERIFY_FAKE_CUDA", "no-device"}});
  EXPECT_EQ(outcomeOf(alone, "numerics.bound", "fuzz")["reason"], "no device");
}

TEST_F(GpuCli, BenchReportsTimesAndTheirChecks) {
  write("run softmax us=40 jitter=1");
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--shape", "R=32,N=33", "--seconds", "1", "--rounds", "4", "-q",
                              "--format", "json", "--benchmark-out", "gb.json"});
  auto json = reportOf(run);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  ASSERT_EQ(json["shapes"].size(), 2u);
  EXPECT_NEAR(json["shapes"][0]["cold"]["median_ms"].get<double>(), 0.040, 0.0005);
  EXPECT_EQ(json["shapes"][0]["cold"]["stopped"], "sure");
  EXPECT_LE(json["shapes"][0]["rechecks"][0]["worst_ratio"].get<double>(), 1.0);
  auto google = nlohmann::json::parse(folder.read("gb.json"), nullptr, false);
  ASSERT_FALSE(google.is_discarded());
  EXPECT_EQ(google["benchmarks"].size(), 4u);
  EXPECT_THAT(violations(nlohmann::json::parse(std::ifstream(SCHEMA_DIR "/bench.schema.json")), json), testing::IsEmpty());
}

TEST_F(GpuCli, AnImpossibleTimeIsAFailure) {
  write("run softmax us=0.0001");
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--seconds", "1", "--rounds", "3", "-q"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("PHYSICALLY IMPOSSIBLE"));
}

TEST_F(GpuCli, AWrongTimedResultIsAFailure) {
  write("run twice us=40"); // doubles
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--seconds", "1", "--rounds", "3", "-q"});
  EXPECT_EQ(run.exit_code, 1) << run.out;
}

TEST_F(GpuCli, SamplesUnderThrottleDoNotCount) {
  write("run softmax us=40");
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--seconds", "0.2", "--rounds", "3", "-q"},
                             {{"KVERIFY_FAKE_THROTTLE", "0x40"}});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("hardware thermal slowdown"));
}

TEST_F(GpuCli, ABaselineByCommandTakesTurns) {
  write("run softmax us=40 jitter=1");
  folder.write("baseline.py", R"(import json, sys
for line in sys.stdin:
    request = json.loads(line)
    reply = {"hello": {"format": "kverify.baseline/1", "name": "slow softmax"}, "prepare": {"ready": True},
             "time": {"ms": [0.08] * request.get("samples", 0)}}.get(request["do"])
    if reply is None:
        break
    print(json.dumps(reply), flush=True)
)");
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--baseline", "python3 baseline.py", "--seconds", "1", "--rounds", "8",
                              "-q", "--format", "json"});
  auto json = reportOf(run);
  EXPECT_EQ(json["claim"], "faster") << run.out << run.err;
  EXPECT_NEAR(json["declared"]["value"].get<double>(), 2.0, 0.05);
}

TEST_F(GpuCli, ASharedObjectIsABaseline) {
  write("run softmax us=40");
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--baseline", FAKE_BASELINE, "--seconds", "1", "--rounds", "8", "-q",
                              "--format", "json"});
  auto json = reportOf(run);
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(json["baseline"].get<std::string>(), HasSubstr("libfake_baseline.so"));
  EXPECT_NEAR(json["declared"]["value"].get<double>(), 2.0, 0.05) << json["shapes"][0]["baseline_problem"];
}

TEST_F(GpuCli, ABaselineThatSpeaksSomethingElseIsRefusedInOneSentence) {
  write("run softmax us=40");
  ProgramRun run = this->run({"bench", "k.cu", "--shape", "R=64,N=64", "--baseline", "echo hello", "-q"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("kverify.baseline/1"));
}

TEST_F(GpuCli, BadShapesSayWhatWouldBeRight) {
  write("run softmax us=40");
  ProgramRun unknown = this->run({"bench", "k.cu", "--shape", "rows=4", "-q"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no free size 'rows'"));
  EXPECT_EQ(this->run({"bench", "k.cu", "--shape", "R=4x,N=3", "-q"}).exit_code, 2);
  EXPECT_EQ(this->run({"bench", "k.cu", "--shape", "R=4000,N=3", "-q"}).exit_code, 2);
}

TEST_F(GpuCli, WithoutADeviceBenchIsInconclusive) {
  write("run softmax us=40");
  ProgramRun run = this->run({"bench", "k.cu", "-q"}, {{"KVERIFY_FAKE_CUDA", "no-device"}});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("sees no device"));
}

} // namespace
} // namespace kverify::tests
