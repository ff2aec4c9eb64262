#!/usr/bin/env python3
"""action.yml in front of a repository: its steps run as written, by the shell that GitHub runs them with.

Steps that are other actions (cache, upload) are looked at: they must be pinned to a version and their inputs must say what
the run has made. usage: action_test.py KVERIFY
"""
import json
import pathlib
import re
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml")
    sys.exit(77)

from repository import PROJECT, GateTest, main

ACTION = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
# As GitHub's documentation gives the command of `shell: bash`.
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]


class Expressions:
    """As much of GitHub's expressions as the action uses; anything else is an error of the test."""

    def __init__(self, values):
        self.values = values

    def value(self, text):
        text = text.strip()
        if text == "always()":
            return True
        if re.fullmatch(r"'[^']*'", text):
            return text[1:-1]
        if re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)+", text):
            return self.values.get(text, "")
        raise AssertionError(f"an expression that the test does not know: {text}")

    def condition(self, text):
        for one in re.fullmatch(r"\$\{\{(.*)\}\}", text.strip()).group(1).split("&&"):
            sides = re.split(r"\s*(==|!=)\s*", one.strip())
            held = bool(self.value(sides[0])) if len(sides) == 1 else \
                (self.value(sides[0]) == self.value(sides[2])) == (sides[1] == "==")
            if not held:
                return False
        return True

    def fill(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found.group(1))), str(text))


class Run:
    """One run of the action: what its steps said, set and ended with."""

    def __init__(self, repository, inputs, event):
        self.repository = repository
        self.values = {"github.action_path": str(PROJECT), "runner.os": "Linux", "github.run_id": "7", **event}
        expressions = Expressions(self.values)
        unknown = set(inputs) - set(ACTION["inputs"])
        assert not unknown, f"not inputs of the action: {unknown}"
        for name, said in ACTION["inputs"].items():
            self.values[f"inputs.{name}"] = inputs.get(name, expressions.fill(said.get("default", "")))
        self.summary = repository.folder / "summary.md"
        self.summary.write_text("")
        self.log, self.used, self.exit_code = "", {}, 0
        for step in ACTION["runs"]["steps"]:
            self.step(step, expressions)

    def step(self, step, expressions):
        if not (expressions.condition(step["if"]) if "if" in step else self.exit_code == 0):
            return
        if "uses" in step:
            self.used[step["uses"]] = {name: expressions.fill(value) for name, value in step.get("with", {}).items()}
            return
        assert step["shell"] == "bash", step
        assert "${{" not in step["run"], f"{step['name']}: what others may write must come through env, not into the script"
        outputs = self.repository.folder / "output"
        outputs.write_text("")
        script = self.repository.folder / "step.sh"
        script.write_text(step["run"])
        environment = {name: expressions.fill(value) for name, value in step.get("env", {}).items()}
        environment.update(GITHUB_OUTPUT=str(outputs), GITHUB_STEP_SUMMARY=str(self.summary), CI="true",
                           GITHUB_WORKSPACE=str(self.repository.path))
        folder = self.repository.path / expressions.fill(step.get("working-directory", "."))
        done = self.repository.run([*BASH, str(script)], environment, folder)
        self.log += done.stdout + done.stderr
        if done.returncode and not self.exit_code:
            self.exit_code = done.returncode
        for line in outputs.read_text().splitlines():
            name, value = line.split("=", 1)
            self.values[f"steps.{step['id']}.outputs.{name}"] = value

    def output(self, name):
        return Expressions(self.values).fill(ACTION["outputs"][name]["value"])

    def report(self, name):
        return (pathlib.Path(self.output("report-directory")) / name).read_text(encoding="utf-8")


class Action(GateTest):
    def run_on(self, branch, **inputs):
        self.repository.git("checkout", "--quiet", branch)
        base = self.repository.git("rev-parse", "main")
        return Run(self.repository, {"kverify": self.kverify, **inputs}, {"github.event.pull_request.base.sha": base})

    def test_a_good_pull_request_passes(self):
        self.repository.good_pull_request()
        run = self.run_on("good")
        self.assertEqual(run.exit_code, 0, run.log)
        self.assertEqual(run.output("exit-code"), "0")
        self.assertIn("kverify gate: passed", run.summary.read_text())
        self.assertIn("reversed", run.report("report.json"))
        self.assertNotIn('"twice"', run.report("report.json"), "the change does not touch kernels/twice")
        self.assertNotIn("::error", run.log)

    def test_a_bad_pull_request_fails_with_its_place(self):
        self.repository.bad_pull_request()
        run = self.run_on("bad")
        self.assertEqual(run.exit_code, 1, run.log)
        self.assertEqual(run.output("exit-code"), "1")
        self.assertRegex(run.log, r"::error file=kernels/reversed/kernel\.cu,line=\d+.*race\.shared-read-write")
        summary = run.summary.read_text()
        self.assertTrue(summary.startswith("## ✗ kverify gate: failed"), summary[:200])
        self.assertIn("race.shared-read-write", summary)
        sarif = json.loads(run.report("kverify.sarif"))
        self.assertIn("race.shared-read-write", [result["ruleId"] for result in sarif["runs"][0]["results"]])
        self.assertIn("<failure", run.report("junit.xml"))
        replay = re.search(r"kverify replay (\S+?\.json)", run.log).group(1)
        again = self.repository.run([self.kverify, "replay", replay])
        self.assertEqual(again.returncode, 1, "what the gate says must be seen again: " + again.stdout + again.stderr)

    def test_other_actions_get_what_the_run_made(self):
        self.repository.good_pull_request()
        run = self.run_on("good")
        for name in run.used:
            self.assertRegex(name, r"^[\w-]+/[\w/-]+@v\d+$", "pinned to a version")
        upload = next(value for name, value in run.used.items() if "upload-sarif" in name)
        self.assertTrue(pathlib.Path(upload["sarif_file"]).is_file(), upload)
        cache = next(value for name, value in run.used.items() if "actions/cache" in name)
        self.assertRegex(cache["key"], r"^kverify-Linux-[0-9a-f]{16}-7$")
        self.assertNotIn("upload-sarif", " ".join(self.run_on("good", **{"upload-sarif": "false"}).used))

    def test_a_mistake_in_the_policy_is_an_error_and_no_pass(self):
        self.repository.good_pull_request()
        self.repository.write("kverify.json", '{ "kverify": 1, "presett": "strict" }\n')
        run = self.run_on("good")
        self.assertEqual(run.exit_code, 2, run.log)
        self.assertIn("unknown key 'presett'", run.log)
        self.assertNotIn("upload-sarif", " ".join(run.used), "there is nothing to send")
        self.assertIn("wrote no summary", run.summary.read_text())

    def test_a_shallow_clone_is_named_with_its_remedy(self):
        self.repository.good_pull_request()
        run = Run(self.repository, {"kverify": self.kverify}, {"github.event.pull_request.base.sha": "0" * 40})
        self.assertEqual(run.exit_code, 2, run.log)
        self.assertIn("fetch-depth: 0", run.log)


if __name__ == "__main__":
    main()
