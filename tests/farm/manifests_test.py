#!/usr/bin/env python3
"""Checks scripts/farm/kubernetes.yaml and github-matrix.yml.

The Job against Debian's python3-kubernetes (the API's own models: types, required fields, and no field that they do not
know) where it is installed, and against the rules below always; the workflow against the rules below.
"""
import pathlib
import re
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml")
    sys.exit(77)

FARM = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "farm"


def load(name):
    return yaml.safe_load((FARM / name).read_text(encoding="utf-8"))


class Kubernetes(unittest.TestCase):
    def setUp(self):
        self.job = load("kubernetes.yaml")
        self.pod = self.job["spec"]["template"]["spec"]
        self.container = self.pod["containers"][0]

    def test_the_models_of_the_api_know_every_field(self):
        try:
            from kubernetes import client
        except ImportError:
            self.skipTest("there is no python3-kubernetes")
        api = client.ApiClient()

        class Response:
            data = __import__("json").dumps(self.job)

        job = api.deserialize(Response, "V1Job")
        self.assertEqual(api.sanitize_for_serialization(job), self.job, "a field that the API does not know is dropped")

    def test_it_is_an_indexed_job(self):
        self.assertEqual((self.job["apiVersion"], self.job["kind"]), ("batch/v1", "Job"))
        spec = self.job["spec"]
        self.assertEqual(spec["completionMode"], "Indexed")
        self.assertGreater(spec["completions"], 0)
        self.assertLessEqual(spec["parallelism"], spec["completions"])
        self.assertRegex(self.job["metadata"]["name"], r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
        self.assertIn(self.pod["restartPolicy"], ("Never", "OnFailure"), "all that a Job allows")

    def test_each_pod_is_told_its_shard(self):
        environment = {one["name"]: one["value"] for one in self.container["env"]}
        self.assertEqual(environment["SHARDS"], str(self.job["spec"]["completions"]), "shards and pods must be as many")
        self.assertTrue(all(isinstance(value, str) for value in environment.values()), "values of variables are strings")
        self.assertIn('"$((JOB_COMPLETION_INDEX + 1))" "$SHARDS"', self.container["args"][0])

    def test_what_is_mounted_is_there_and_what_is_there_is_mounted(self):
        volumes = [one["name"] for one in self.pod["volumes"]]
        mounts = [one["name"] for one in self.container["volumeMounts"]]
        self.assertEqual(sorted(volumes), sorted(mounts))
        self.assertEqual(len(set(volumes)), len(volumes))
        for place in ("/corpus", "/results", "/cache", "/secrets", "/scratch"):
            self.assertIn(place, [one["mountPath"] for one in self.container["volumeMounts"]])

    def test_it_asks_for_no_privilege(self):
        own = self.container["securityContext"]
        self.assertFalse(own["allowPrivilegeEscalation"])
        self.assertTrue(own["readOnlyRootFilesystem"])
        self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
        self.assertTrue(self.pod["securityContext"]["runAsNonRoot"])
        self.assertFalse(self.pod["automountServiceAccountToken"])

    def test_two_jobs_fit_into_the_memory(self):
        limit = self.container["resources"]["limits"]["memory"]
        jobs = int(re.search(r"--jobs (\d+)", self.container["args"][0]).group(1))
        of_one = int(re.search(r"--memory-limit (\d+)G", self.container["args"][0]).group(1))
        self.assertLess(jobs * of_one, int(limit.removesuffix("Gi")))


class Github(unittest.TestCase):
    def setUp(self):
        self.workflow = load("github-matrix.yml")
        self.text = (FARM / "github-matrix.yml").read_text(encoding="utf-8")

    def test_every_shard_has_its_job(self):
        shards = self.workflow["env"]["SHARDS"]
        matrix = self.workflow["jobs"]["shard"]["strategy"]["matrix"]["shard"]
        self.assertEqual(matrix, list(range(1, shards + 1)))
        self.assertFalse(self.workflow["jobs"]["shard"]["strategy"]["fail-fast"], "a refuted shard must not end the others")

    def test_the_merge_waits_for_all_and_runs_whatever_they_say(self):
        merge = self.workflow["jobs"]["merge"]
        self.assertEqual(merge["needs"], "shard")
        self.assertIn("!cancelled()", merge["if"])
        self.assertIn("scripts/kverify merge", merge["steps"][-1]["run"])

    def test_steps_use_scripts_that_exist(self):
        for script in set(re.findall(r"scripts/[\w/-]+", self.text)):
            self.assertTrue((FARM.parents[1] / script).exists(), script)
        for step in (one for job in self.workflow["jobs"].values() for one in job["steps"]):
            self.assertEqual(len({"uses", "run"} & step.keys()), 1, step)

    def test_it_may_read_and_no_more(self):
        self.assertEqual(self.workflow["permissions"], {"contents": "read"})


if __name__ == "__main__":
    unittest.main()
