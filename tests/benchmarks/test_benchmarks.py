"""The benchmark's peers at a tiny size, on the embedded engine: what they call and what they leave, never how fast."""

import dataclasses
import shutil

import pytest

from benchmarks.__main__ import main
from benchmarks.declared import Declared
from benchmarks.formulas import ONCE
from benchmarks.lives import Life, WrongCallsError, WrongStateError
from benchmarks.measuring import FailedRunError, measured
from benchmarks.peer import PEERS, WORKLOADS, peer_named
from benchmarks.results import Results

SIZE, COMPANIES, CHANGES = 11, 1, 10
PULUMI = ("ours", "ours-no-hooks", "ours-parallel-diff", "naive", "tuned", "floor")
SCRIPTS = ("script", "script-10")
TERRAFORM = ("terraform-count", "terraform-for-each")


def live(peer, service, workloads=WORKLOADS):
    """Walk through a life, and return the calls of each workload; a life checks what it leaves."""
    life = Life(peer, SIZE, 0, is_embedded=True)
    return {sample.cell.workload: sample.calls for sample in life.live(service, workloads)}


def test_every_peer_is_run_by_one_of_these_tests():
    """A peer that nobody tries could measure anything."""
    assert {*PULUMI, *SCRIPTS, *TERRAFORM} == set(PEERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ours", "ours-no-hooks", "ours-parallel-diff"])
def test_ours_makes_exactly_these_calls(service, name):
    """One list answers for all users and grants, and each new user that it lacks is asked for once."""
    calls = live(peer_named(name), service)

    assert calls == {
        "up": {
            "POST /login": 1,
            "GET /users": 1,
            "GET /accounts": 1,
            "GET /users/{userEmail}": SIZE,
            "POST /users": SIZE,
            "PUT /users/{userEmail}/accounts": SIZE,
            "GET /link/company/{id}/": COMPANIES,
            "POST /link/company/": COMPANIES,
        },
        "no-op": {},
        "preview": {},
        "preview-change": {},
        "refresh": {"POST /login": 1, "GET /users": 1, "GET /link/company/{id}/": COMPANIES},
        "change": {"POST /login": 1, "PUT /users/{userEmail}/type": CHANGES},
        "destroy": {"POST /login": 1, "PUT /users/{userEmail}/status": SIZE},
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_shall_with_the_calls_of_its_formula(service, name):
    """What creates faster than we do must have created the same."""
    calls = live(peer_named(name), service)

    assert 1 + SIZE + COMPANIES == sum(calls["up"].values())
    looked = {"POST /login": 1, "GET /users": 1, "GET /link/company/{id}/": COMPANIES}
    assert [looked] * 4 == [calls[one] for one in ("no-op", "preview", "preview-change", "refresh")]
    assert {"POST /login": 1, "PUT /users/{userEmail}/status": SIZE} == calls["destroy"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "logins"), [("naive", 2 * SIZE), ("tuned", 1)])
def test_a_provider_as_tutorials_show_it_gets_everything_one_by_one(service, name, logins):
    """It creates what is declared, and asks once for each object that it refreshes."""
    calls = live(peer_named(name), service, ("up", "refresh"))

    assert {
        "POST /login": logins,
        "POST /users": SIZE,
        "PUT /users/{userEmail}/accounts": SIZE,
        "POST /link/company/": COMPANIES,
    } == calls["up"]
    assert {
        "POST /login": logins,
        "GET /users/{userEmail}": SIZE,
        "GET /users/{userEmail}/accounts": SIZE,
        "GET /link/company/{id}/": COMPANIES,
    } == calls["refresh"]


@pytest.mark.slow
def test_the_floor_sends_no_request(service):
    """It is what the engine costs, and nothing else."""
    assert {"up": {}} == live(peer_named("floor"), service, ("up",))


@pytest.mark.slow
@pytest.mark.parametrize("name", TERRAFORM)
def test_terraforms_floor_sends_no_request(service, name):
    """Its configuration can be applied, changed and destroyed without a network."""
    if shutil.which("terraform") is None:
        pytest.skip("Terraform is not on PATH")

    assert {workload: {} for workload in WORKLOADS} == live(peer_named(name), service)


def test_a_call_more_than_the_formula_ends_the_benchmark(service):
    """A number for other calls than those that are named would be worth nothing."""
    script = peer_named("script-10")
    wrong = dataclasses.replace(script, calls={**script.calls, "up": {"POST /login": ONCE}})

    with pytest.raises(WrongCallsError, match=r"^script-10, up of 11: .*, not \{'POST /login': 1\}$"):
        live(wrong, service, ("up",))


def test_a_sandbox_that_does_not_hold_what_is_declared_ends_the_benchmark(service, mocker):
    """A peer that did less would be faster."""
    mocker.patch.object(Declared, "differences", return_value=["person00000@bench.example"])

    with pytest.raises(WrongStateError, match=r"^script-10, up of 11: 1 not as declared, such as person00000@"):
        live(peer_named("script-10"), service, ("up",))


def test_a_command_that_fails_ends_the_benchmark_with_what_it_said(tmp_path):
    """A failed run is often a fast one."""
    with pytest.raises(FailedRunError, match=r"^sh -c echo oh no; exit 3 ended with 3:\noh no\n$"):
        measured(["sh", "-c", "echo oh no; exit 3"], cwd=tmp_path, environ={})


@pytest.mark.slow
def test_one_command_measures_and_writes_all_three(tmp_path, capsys):
    """Raw numbers, a page and a plot; and it says what it is at."""
    asked = ["--sizes=10", "--latencies=0", "--runs=2", "--peers=script-10", "--startup=0", "--checkpoints-at=0"]

    assert 0 == main([*asked, "--out", str(tmp_path)])

    assert ["results.json", "results.md", "wall-10-0ms.svg"] == sorted(path.name for path in tmp_path.iterdir())
    assert 2 * len(WORKLOADS) == len(Results.load(tmp_path / "results.json").samples)
    assert "round 2 of 2: up, N = 10: script-10 " in capsys.readouterr().out


def test_the_latency_is_waited_by_every_request(service):
    """It is what the whole benchmark rests on, so the sandbox is asked what it is set to."""
    service.reset(50)

    assert 0.05 == service.state()["switches"]["latency_s"]
