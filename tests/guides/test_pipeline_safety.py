"""What an attacker looks for in a pipeline is not there: code of a pull request never meets a credential."""

import json
import re

import pytest
from pipeline_files import CI, GITHUB, GITLAB, github_steps, gitlab_steps, parsed

_PINNED = re.compile(r"^\s*- uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", re.MULTILINE)

workflows = pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)


def _jobs(path):
    return parsed(path)["jobs"].values()


@workflows
def test_no_workflow_runs_foreign_code_with_the_rights_of_the_repository(path):
    """`pull_request_target` and `workflow_run` hand secrets to whoever opens a pull request."""
    triggers = parsed(path)["on"]

    assert set() == {"pull_request_target", "workflow_run"} & set([triggers] if isinstance(triggers, str) else triggers)


@workflows
def test_jobs_for_pull_requests_have_no_secret_but_behind_an_environment(path):
    """What a pull request may change runs without secrets, unless a reviewer of an environment has approved."""
    for job in _jobs(path):
        assert "environment" in job or "secrets." not in json.dumps(job)


@workflows
def test_no_token_has_more_rights_than_its_job_names(path):
    """Nobody has any right by default, and none but the job that comments may write."""
    writes = {right for job in _jobs(path) for right, what in job["permissions"].items() if what == "write"}

    assert {} == parsed(path)["permissions"]
    assert writes <= {"id-token", "pull-requests"}


@workflows
def test_the_job_that_may_write_runs_nothing_of_the_pull_request(path):
    """It checks nothing out, and installs by name."""
    for job in _jobs(path):
        if "pull-requests" in job["permissions"]:
            assert not [step for step in job["steps"] if "checkout" in step.get("uses", "")]
            assert "requirements.txt" not in "".join(step.get("run", "").partition(" #")[0] for step in job["steps"])


@workflows
def test_no_expression_is_pasted_into_a_command(path):
    """Text from outside, such as a title, reaches a shell in a variable only."""
    assert [] == [step for job in _jobs(path) for step in job["steps"] if "${{" in step.get("run", "")]


@workflows
def test_every_action_is_pinned_to_a_commit(path):
    """A tag can be moved by whoever takes over an action."""
    text = path.read_text(encoding="utf-8")

    assert len(re.findall(r"uses:", text)) == len(_PINNED.findall(text))


@workflows
def test_the_token_of_a_checkout_is_not_left_behind(path):
    """What runs next could read it from the folder."""
    checkouts = [step for job in _jobs(path) for step in job["steps"] if "checkout" in step.get("uses", "")]

    assert ["false"] * len(checkouts) == [step["with"]["persist-credentials"] for step in checkouts]


@workflows
def test_secrets_are_in_the_step_that_needs_them(path):
    """What is installed before, and other actions, do not see them."""
    for job in _jobs(path):
        assert "secrets." not in json.dumps({name: value for name, value in job.items() if name != "steps"})
        assert "secrets." not in json.dumps([step for step in job["steps"] if "pulumi " not in step.get("run", "")])


def test_the_state_of_a_fork_is_not_taken_for_ours():
    """A fork's branch may be called `main`; its runs are of another event, and cannot push ours out of the list."""
    job = parsed(CI / "github" / "pull-request.yml")["jobs"]["preview"]
    (fetching,) = (step["run"] for step in job["steps"] if "gh run list" in step.get("run", ""))

    assert fetching.count("gh run list") == fetching.count('--event "$2"') == 1
    asked = [line.split() for line in fetching.splitlines() if line.startswith("runs ")]
    assert {"push", "workflow_dispatch", "schedule"} == {event for _, _, event in asked}
    assert {"up.yml", "drift.yml"} == {workflow for _, workflow, _ in asked}


def test_the_limits_of_a_pull_request_are_never_skipped():
    """A skipped check counts as passed: not for forks, not after a preview that failed, and with no right to write."""
    limits = parsed(CI / "github" / "pull-request.yml")["jobs"]["limits"]
    (checkout,) = (step for step in limits["steps"] if "checkout" in step.get("uses", ""))

    assert "${{ always() }}" == limits["if"]
    assert {"contents": "read"} == limits["permissions"]
    assert "${{ github.event.pull_request.base.sha }}" == checkout["with"]["ref"]
    assert [] == [step for step in limits["steps"] if "always" in step.get("if", "") and "run" in step]


@workflows
def test_what_is_installed_has_hashes(path):
    """And the job that may write installs nothing."""
    for job in _jobs(path):
        installs = [step["run"] for step in job["steps"] if "pip install" in step.get("run", "")]
        assert all("--require-hashes" in run for run in installs)
        assert not (installs and "pull-requests" in job["permissions"])


def _reports():
    github = [step.get("run", "") for path in GITHUB for job in _jobs(path) for step in job["steps"]]
    gitlab = ["\n".join(job["script"]) for job in parsed(GITLAB).values() if isinstance(job, dict) and "script" in job]
    return [text for text in (*github, *gitlab) if "pulumi-conduit report" in text and "--format" in text]


def test_every_report_has_every_limit():
    """Who gains is as grave as who loses."""
    limits = ("--max-deactivations", "--max-revocations", "--max-reactivations", "--max-adoptions")
    promotions = ("--forbid-promotions", "$PROMOTIONS")

    assert 5 == len(_reports())
    for text in _reports():
        assert [] == [limit for limit in limits if limit not in text]
        assert any(one in text for one in promotions)


def test_the_run_has_the_limits_that_a_run_can_count():
    """As its report has them."""
    names = {f"CONDUIT_MAX_{name}" for name in ("DEACTIVATIONS", "REVOCATIONS", "REACTIVATIONS")}
    steps = parsed(CI / "github" / "up.yml")["jobs"]["up"]["steps"]
    (environ,) = (step["env"] for step in steps if "pulumi up" in step.get("run", ""))

    assert names <= environ.keys()
    assert names <= parsed(GITLAB)["up"]["variables"].keys()


def test_the_state_is_left_by_runs_that_failed_too():
    """They may have done a part; and every night, because artifacts expire."""
    for name, job in (("up.yml", "up"), ("drift.yml", "drift")):
        steps = parsed(CI / "github" / name)["jobs"][job]["steps"]
        leaving = [
            step for step in steps if "stack export --file" in step.get("run", "") or "upload" in step.get("uses", "")
        ]
        assert ["${{ always() }}"] * 2 == [step["if"] for step in leaving]
    whole = parsed(GITLAB)
    assert "stack export" in "".join(whole["up"]["after_script"])
    assert ["never", "never"] == [whole[job]["artifacts"]["expire_in"] for job in ("up", "state")]


def test_nothing_is_installed_in_gitlab_where_a_credential_is():
    """Variables whose scope is an environment are seen by jobs of that environment, for as long as they run."""
    whole = parsed(GITLAB)
    jobs = {name: job for name, job in whole.items() if isinstance(job, dict) and "script" in job}

    assert "before_script" not in whole["default"]
    assert ["install"] == [name for name, job in jobs.items() if "pip install" in "\n".join(job["script"])]
    assert "environment" not in jobs["install"]
    assert "--require-hashes" in "\n".join(jobs["install"]["script"])
    assert {"$IMAGE"} == {whole["default"]["image"]["name"]}
    assert '"$IMAGE" in *@sha256:*' in "\n".join(jobs["install"]["script"])


def test_only_one_run_changes_anything_at_a_time():
    """Two runs of one stack wait for each other, and none is cut off."""
    up, gitlab = parsed(CI / "github" / "up.yml"), parsed(GITLAB)["up"]

    assert {"group": "production", "cancel-in-progress": "false"} == up["concurrency"]
    assert ("production", "false") == (gitlab["resource_group"], gitlab["interruptible"])


def test_a_merge_request_in_gitlab_has_no_environment():
    """Variables whose scope is an environment are not seen by a job that has none."""
    preview = parsed(GITLAB)["preview"]

    assert "environment" not in preview
    assert "offline" == preview["variables"]["CONDUIT_PREVIEW"]


def test_nothing_is_found_by_a_name_that_is_not_there():
    """The tests of the pipelines would not notice an expression that is always empty."""
    with pytest.raises(KeyError):
        github_steps("up.yml", "up", {})
    with pytest.raises(KeyError):
        gitlab_steps("preview", {})


def test_every_preview_that_goes_into_a_file_reports_its_failure():
    """`set -e` alone would end the job without a character of output."""
    github = [step.get("run", "") for path in GITHUB for job in _jobs(path) for step in job["steps"]]
    gitlab = ["\n".join(job["script"]) for job in parsed(GITLAB).values() if isinstance(job, dict) and "script" in job]
    texts = [" ".join(text.replace("\\\n", "").split()) for text in (*github, *gitlab)]
    previews = [text for text in texts if "pulumi preview" in text and "--json" in text]

    assert 5 == len(previews)
    for text in previews:
        (file,) = {one.partition("preview.json")[0] for one in text.split("--show-replacement-steps > ")[1:]}
        assert f"|| {{ pulumi-conduit report {file}preview.json; exit 1; }}" in text
