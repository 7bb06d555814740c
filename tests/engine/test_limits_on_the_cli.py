"""What the list of users leaves out, on the real CLI: plan and run count the same, and a brake holds in each."""

import os
import subprocess
import sys

REPORT = [sys.executable, "-c", "from pulumi_conduit.cli import main; main()", "report", "preview.json"]
ADA = """
    conduit.ConductorUser(
        "ada", email="ada@acme.example", first_name="Ada", last_name="Lovelace", type="STANDARD", initial_accounts=[1]
    )
"""


def report(stack, *limits):
    """Run the command on the plan, and return its exit code and what it said."""
    done = subprocess.run([*REPORT, *limits], cwd=stack.folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    return done.returncode, done.stdout + done.stderr


def previewed(stack):
    """Write the plan of the program, and the same as JSON."""
    arguments = ("--save-plan", "plan.bin", "--json", "--show-sames", "--show-replacement-steps", "--non-interactive")
    done = subprocess.run(  # noqa: S603 - the CLI
        ["pulumi", "preview", *arguments],  # noqa: S607 - found on PATH, as users do
        cwd=stack.folder,
        env={**os.environ, **stack.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    (stack.folder / "preview.json").write_text(done.stdout, encoding="utf-8")


def test_a_user_whom_the_list_lacks_is_reactivated_within_limits_of_plan_and_run_only(stack):
    """It was reported as created: every limit passed, and `up` reactivated and promoted somebody."""
    stack.sandbox.conductor.put_user(
        "ada@acme.example", first_name="Ada", last_name="Lovelace", status="INACTIVE", accounts=[1, 2]
    )
    stack.sandbox.faults.add("GET /users", status=200, body=[], times=None)
    stack.program(ADA)
    previewed(stack)

    code, text = report(stack, "--max-reactivations", "0", "--forbid-promotions")
    allowed, _ = report(stack, "--max-reactivations", "1", "--max-revocations", "1")
    stopped = stack.up("--plan", "plan.bin", CONDUIT_MAX_REACTIVATIONS="0")
    untouched = stack.sandbox.conductor.user("ada@acme.example")
    done = stack.up("--plan", "plan.bin", CONDUIT_MAX_REACTIVATIONS="1", CONDUIT_MAX_REVOCATIONS="1")
    ada = stack.sandbox.conductor.user("ada@acme.example")

    assert (1, True, True) == (code, "--max-reactivations 0" in text, "--forbid-promotions" in text), text
    assert 0 == allowed
    assert (1, True) == (stopped.code, "CONDUIT_MAX_REACTIVATIONS allows 0 in one run" in stopped.text), stopped.text
    assert ("INACTIVE", "READ_ONLY", [1, 2]) == (untouched["status"], untouched["type"], untouched["accounts"])
    assert (0, "ACTIVE", "STANDARD", [1]) == (done.code, ada["status"], ada["type"], ada["accounts"]), done.text
