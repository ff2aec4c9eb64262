#!/usr/bin/env python3
"""scripts/ci/gitlab.yml in front of a repository: its script lines run as written, as GitLab's runner does (one shell that
ends at the first line that fails). usage: gitlab_test.py KVERIFY
"""
import re
import sys

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml")
    sys.exit(77)

from repository import PROJECT, GateTest, main

JOB = yaml.safe_load((PROJECT / "scripts/ci/gitlab.yml").read_text(encoding="utf-8"))[".kverify-gate"]


class GitLab(GateTest):
    def run_job(self, branch):
        self.repository.git("checkout", "--quiet", branch)
        environment = {"CI": "true", "CI_PROJECT_DIR": str(self.repository.path), "CI_BUILDS_DIR": str(self.repository.folder)}
        for name, value in JOB["variables"].items():
            environment[name] = re.sub(r"\$(\w+)", lambda found: environment[found.group(1)], value)
        environment["KVERIFY_PROGRAM"] = self.kverify
        environment["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = self.repository.git("rev-parse", "main")
        script = self.repository.folder / "script.sh"
        script.write_text("set -eo pipefail\n" + "\n".join(JOB["script"]) + "\n")
        return self.repository.run(["bash", str(script)], environment)

    def test_a_good_merge_request_passes_and_a_bad_one_fails(self):
        self.repository.good_pull_request()
        self.repository.bad_pull_request()
        done = self.run_job("good")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.run_job("bad")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("error[race.shared-read-write]", done.stdout)
        self.assertTrue(done.stdout.rstrip().splitlines()[-1].startswith("gate: failed"), done.stdout)

    def test_what_it_keeps_is_what_it_writes(self):
        self.repository.good_pull_request()
        self.run_job("good")
        for path in [*JOB["artifacts"]["paths"], JOB["artifacts"]["reports"]["junit"], *JOB["cache"]["paths"]]:
            self.assertTrue((self.repository.path / path).exists(), f"{path} was not written")
        self.assertEqual(JOB["artifacts"]["when"], "always", "a merge request that fails needs its report most")
        self.assertEqual(JOB["variables"]["GIT_DEPTH"], "0", "the merge base must be there")


if __name__ == "__main__":
    main()
