"""The state file is private, atomic and locked, and a journal that was cut off anywhere gives a valid state."""

import json
import os
import random
import stat

import pytest
from crash_stack import disorder

from pulumi_conduit.testing.engine import EngineError
from pulumi_conduit.testing.engine.files import StateFile
from pulumi_conduit.testing.engine.states import Snapshot, State
from pulumi_conduit.testing.engine.values import SECRET, SIGNATURE


def _urn(name):
    return f"urn:pulumi:dev::proj::t::{name}"


def _state(name, **fields):
    return State(_urn(name), "t", custom=True, id=name, **fields)


@pytest.fixture
def path(tmp_path):
    """Name a state file that there is not yet, in a folder that there is not yet."""
    return tmp_path / "stack" / "state.json"


@pytest.fixture
def opened(path):
    """Open the state file."""
    file = StateFile(path)
    yield file
    file.close()


def _of_one(version=3, **fields):
    resource = {"urn": "u", "type": "t", "custom": True, **fields}
    return json.dumps({"version": version, "deployment": {"resources": [resource]}})


def _saved(path, *states, **others):
    """Write a state file, with what else a deployment may hold."""
    file = StateFile(path)
    file.save(Snapshot(states))
    file.close()
    document = json.loads(path.read_text(encoding="utf-8"))
    document["deployment"].update(others)
    path.write_text(json.dumps(document), encoding="utf-8")


def _loaded(path):
    file = StateFile(path)
    try:
        return file.load()
    finally:
        file.close()


def test_state_and_journal_are_their_owners_alone(path, opened):
    """Both hold secrets in the clear, so that nobody else may read them, whatever the mask."""
    before = os.umask(0)
    try:
        opened.save(Snapshot([_state("a")]))
    finally:
        os.umask(before)

    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}

    assert {"state.json": 0o600, "state.json.journal": 0o600} == modes


def test_a_state_that_cannot_be_written_leaves_the_old_one(path, opened):
    """The file is replaced in one step or not at all, and no half-written one stays behind."""
    opened.save(Snapshot([_state("a")]))
    before = path.read_bytes()

    with pytest.raises(TypeError, match="not JSON serializable"):
        opened.save(Snapshot([_state("a", inputs={"odd": object()})]))

    assert before == path.read_bytes()
    assert {"state.json", "state.json.journal"} == {one.name for one in path.parent.iterdir()}


def test_a_second_operation_is_refused_while_one_runs(path, opened):
    """Two operations on one state would lose each other's changes."""
    with pytest.raises(EngineError, match="another operation runs on this state") as refused:
        StateFile(path)

    assert 1 == len(str(refused.value).splitlines())


def test_the_lock_ends_with_the_operation(path):
    """The next operation finds the state free, and no journal beside it."""
    StateFile(path).close()

    StateFile(path).close()

    assert [] == list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "is not a Pulumi deployment"),
        ("[]", "is not a Pulumi deployment"),
        ('"state"', "is not a Pulumi deployment"),
        ("{}", "is not a Pulumi deployment"),
        ('{"version": 3, "deployment": {"resources": [{"type": "t"}]}}', "is not a Pulumi deployment"),
        ('{"version": 3, "deployment": {"resources": 1}}', "is not a Pulumi deployment"),
        ('{"version": 3, "deployment": []}', "is not a Pulumi deployment"),
        ('{"version": 4, "deployment": {}}', "has version 4; only 3 is supported"),
        (
            _of_one(version=4, new=1),
            "has version 4; only 3 is supported",
        ),
        (
            _of_one(importID="i"),
            "the state of u has importID, which the embedded engine does not support",
        ),
        (
            _of_one(inputs={"a": {SIGNATURE: SECRET, "ciphertext": "v1:"}}),
            "the state holds encrypted secrets; export it with `pulumi stack export --show-secrets`",
        ),
    ],
)
def test_a_file_that_is_no_readable_state_is_refused_in_one_line(path, opened, text, expected):
    """A foreign, broken or encrypted file is neither overwritten nor taken for an empty state."""
    path.write_text(text, encoding="utf-8")

    with pytest.raises(EngineError) as refused:
        opened.load()

    assert expected in str(refused.value)
    assert 1 == len(str(refused.value).splitlines())
    assert text == path.read_text(encoding="utf-8")


def test_bytes_that_are_no_text_are_refused_in_one_line(path, opened):
    """A file that is not even text is no deployment."""
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(EngineError, match="is not a Pulumi deployment"):
        opened.load()


def test_what_the_target_stack_wants_to_see_again_is_kept(path):
    """The secrets manager of the stack that the state came from survives, for the way back."""
    _saved(path, _state("a"), secrets_providers={"type": "passphrase", "state": {"salt": "v1"}}, metadata={"x": {}})

    file = StateFile(path)
    file.save(file.load())
    file.close()

    deployment = json.loads(path.read_text(encoding="utf-8"))["deployment"]
    assert {"type": "passphrase", "state": {"salt": "v1"}} == deployment["secrets_providers"]
    assert {"x": {}} == deployment["metadata"]


def _play(snapshot):
    """Do to a state whatever an operation may do, with a failure and something left pending."""
    kept, edited, moved, doomed = snapshot.base
    same = kept.copy()
    snapshot.end(same, made=same, done=[kept], urgent=False)
    new = edited.copy()
    snapshot.begin("updating", new)
    new.inputs = {"size": 2}
    snapshot.end(new, made=new, done=[edited])
    second = _state("moved-2", dependencies=[_urn("edited")])
    second.urn = moved.urn
    snapshot.begin("creating", second)
    moved.delete = True
    snapshot.end(second, made=second, rewritten=[moved])
    failing = _state("failing", parent=_urn("moved"))
    snapshot.begin("creating", failing)
    snapshot.fail(failing)
    second.outputs = {"späť": "ä"}
    snapshot.rewrite(second)
    snapshot.begin("deleting", moved)
    snapshot.end(moved, done=[moved])
    snapshot.begin("deleting", doomed)
    snapshot.end(doomed, done=[doomed])
    pending = _state("pending", dependencies=[_urn("moved")])
    snapshot.begin("creating", pending)


@pytest.fixture
def played(path):
    """Return a state file and the journal of an operation that never ended."""
    base = [_state("kept"), _state("edited"), _state("moved", dependencies=[_urn("kept")]), _state("doomed")]
    _saved(path, *base)
    file = StateFile(path)
    snapshot = file.load()
    file.record(snapshot)
    _play(snapshot)
    journal = path.with_name("state.json.journal").read_bytes()
    file.close()
    return path.read_bytes(), journal, snapshot


def test_a_journal_gives_the_state_that_was_there_when_it_ended(path, played):
    """After the death of its process an operation's whole work is in the state, and what was pending is pending."""
    *_, snapshot = played

    loaded = _loaded(path)

    assert [one.to_json() for one in snapshot.resources()] == [one.to_json() for one in loaded.resources()]
    assert [(kind, one.to_json()) for kind, one in snapshot.pending()] == [
        (kind, one.to_json()) for kind, one in loaded.inherited_pending
    ]
    assert not path.with_name("state.json.journal").exists()


def test_a_journal_cut_off_anywhere_gives_a_valid_state(path, played, monkeypatch):
    """Whatever the last byte that was written, the state loads, is in order, and has lost nobody."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # thousands of states that no disk needs to keep
    base, journal, _ = played
    chance = random.Random(1)  # noqa: S311 - bytes of no meaning
    line_ends = [number + 1 for number, sign in enumerate(journal) if sign == ord("\n")]
    for end in sorted({*line_ends, *range(0, len(journal) + 1, 7)}):
        path.write_bytes(base)
        tail = chance.randbytes(chance.randrange(20)) if end % 2 else b""
        path.with_name("state.json.journal").write_bytes(journal[:end] + tail)

        snapshot = _loaded(path)

        resources = snapshot.resources()
        assert [] == list(disorder(resources)), end
        assert {"kept", "edited"} <= {one.id for one in resources}, end
        assert {"moved", "moved-2"} & {one.id for one in resources}, end
        assert len(resources) == len({(one.urn, one.delete) for one in resources}), end


def test_a_journal_of_another_state_is_not_replayed(path, played):
    """Once the state has been written, or replaced by hand, what an older journal says is void."""
    _, journal, _ = played
    _saved(path, _state("other"))
    path.with_name("state.json.journal").write_bytes(journal)

    assert ["other"] == [one.id for one in _loaded(path).resources()]


def test_an_interrupted_create_stays_pending_through_further_operations(path, played):
    """Nobody knows whether it took place, so that it stays in the state through further operations, as in Pulumi."""
    file = StateFile(path)
    file.save(file.load())
    file.close()

    assert [("creating", _urn("pending"))] == [(kind, one.urn) for kind, one in _loaded(path).inherited_pending]
