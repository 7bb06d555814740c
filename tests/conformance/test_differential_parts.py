"""The suite's own machinery distinguishes facts from chance; no engine is needed."""

from dataclasses import replace

from differential.comparison import differences
from differential.fuzzing.courses import random_course
from differential.fuzzing.shrink import shrink
from differential.normalization import normal_calls, normal_plan, normal_resources, normal_value
from differential.recording import files
from differential.validity import disorder

_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def _provider(id_, **rest):
    return {"urn": "urn:p", "type": "pulumi:providers:pulumi-python", "id": id_, **rest}


def test_a_secret_is_readable_and_still_a_secret():
    """A secret and the same value in the clear must differ, and the secret's value must show."""
    secret = {**_SECRET, "plaintext": '{"pw":"x"}'}

    assert {"a": [{"<secret>": {"pw": "x"}}]} == normal_value({"a": [secret]})


def test_a_blob_is_named_and_not_copied():
    """The provider's code is not a fact to compare, that there is some is."""
    assert {"__provider": "<blob>", "x": 1} == normal_value({"__provider": "gASV", "x": 1})


def test_times_and_places_are_no_facts():
    """When and where a resource was made must not make a difference."""
    made = {"urn": "urn:a", "type": "t", "created": "now", "modified": "now", "sourcePosition": "x", "stackTrace": []}

    assert [{"urn": "urn:a", "type": "t"}] == normal_resources({"resources": [made]})


def test_a_random_provider_id_keeps_its_relation():
    """Whose a resource is can be seen although the id of the provider is random."""
    old, new = _provider("11", delete=True), _provider("22")
    mine = {"urn": "urn:a", "type": "t", "provider": "urn:p::11"}
    yours = {"urn": "urn:b", "type": "t", "provider": "urn:p::22"}
    lost = {"urn": "urn:c", "type": "t", "provider": "urn:p::33"}
    named = normal_resources({"resources": [old, new, mine, yours, lost]})

    assert ["urn:p::<old provider>", "urn:p::<provider>", "urn:p::<unknown provider>"] == [
        one["provider"] for one in named if "provider" in one
    ]


def test_the_order_of_calls_matters_only_where_it_is_forced():
    """Calls compare as a multiset unless the scenario says that their order is forced."""
    one, two = {"call": "create", "props": {"name": "b"}}, {"call": "create", "props": {"name": "a"}}

    assert normal_calls([one, two], is_ordered=False) == normal_calls([two, one], is_ordered=False)
    assert normal_calls([one, two], is_ordered=True) != normal_calls([two, one], is_ordered=True)


def test_steps_of_default_providers_are_no_facts():
    """The CLI does not show them, explicit ones it does."""
    explicit = ("create", "urn:pulumi:dev::p::pulumi:providers:pulumi-python::mine")
    default = ("create", "urn:pulumi:dev::p::pulumi:providers:pulumi-python::default_1_2_3")

    assert [list(explicit)] == normal_plan([default, explicit])


def test_a_state_out_of_order_is_found():
    """A resource that stands before its parent, provider or dependency makes a state that cannot be read back."""
    child = {"urn": "urn:a", "type": "t", "parent": "urn:s", "provider": "urn:p::1", "dependencies": ["urn:b"]}
    others = [{"urn": "urn:s", "type": "t"}, _provider("1"), {"urn": "urn:b", "type": "t"}]

    assert [] == disorder({"resources": [*others, child]})
    assert ["urn:a stands before urn:b", "urn:a stands before urn:p::1", "urn:a stands before urn:s"] == disorder(
        {"resources": [child, *others]}
    )


def test_a_difference_says_where_it_is():
    """One line per fact that differs, with the step, and none where all is the same."""
    right = [{"operation": "up", "ok": True, "calls": [1, 2]}]

    assert [] == differences(right, right)
    assert [
        "step 1 up: calls: missing 2",
        "step 1 up: calls: surplus 3",
        "step 1 up: ok: expected True, got False",
    ] == (differences(right, [{"operation": "up", "ok": False, "calls": [1, 3]}]))
    assert ["step 1 up: calls: the same, in another order: expected 1, 2, got 2, 1"] == (
        differences(right, [{"operation": "up", "ok": True, "calls": [2, 1]}])
    )


def test_a_lane_that_stops_early_differs():
    """A step that one runner did not perform is a difference of every fact."""
    assert ["step 1 up: ok: expected True, got None", "step 1 up: operation: expected 'up', got None"] == (
        differences([{"operation": "up", "ok": True}], [])
    )


def test_a_seed_decides_a_course():
    """The same seed makes the same programs, and another seed others."""
    assert random_course(1, 8).steps() == random_course(1, 8).steps()
    assert random_course(1, 8).steps() != random_course(2, 8).steps()


def test_random_programs_can_be_compiled():
    """Nothing is declared twice, or used before it is declared."""
    for seed in range(100):
        for step in random_course(seed, 10).steps():
            assert step.source
            compile(step.source, f"seed {seed}", "exec")


def test_shrinking_keeps_what_matters_and_drops_the_rest():
    """The smallest course that still has an operation and a resource is that operation and that resource."""
    course = random_course(3, 8)
    wanted = course.moves[-1].parts[0].label

    def still_differs(smaller):
        return any(part.label == wanted for part in smaller.moves[-1].parts)

    small = shrink(course, still_differs, attempts=500)

    assert [wanted] == [part.label for move in small.moves for part in move.parts]
    assert [] == [trait for move in small.moves for part in move.parts for trait in part.traits()]


def test_shrinking_gives_up_after_its_attempts():
    """Every attempt runs both engines, so their number is kept."""
    tried = []
    shrink(random_course(3, 8), lambda smaller: bool(tried.append(smaller)), attempts=5)

    assert 5 == len(tried)


def test_dropping_a_resource_leaves_no_mention_of_it():
    """A shrunken program still runs: every name it uses is declared before."""
    for seed in range(30):
        course = random_course(seed, 6)
        gone = course.moves[-1].parts[0].label
        parts = tuple(one.without(gone) for one in course.moves[-1].parts if one.label != gone)
        moves = (replace(course.moves[-1], parts=parts),)
        (step,) = replace(course, moves=moves).steps()
        assert step.source
        names = {"pulumi", "Alias", "Output", "Opts", "Gadget", "Group", "Toy", *(one.label for one in parts)}

        assert set() == set(compile(step.source, "program", "exec").co_names) & {gone} - names


def test_recordings_know_no_machine():
    """A recording must be the same wherever it was made."""
    for file in files():
        text = file.read_text(encoding="utf-8")
        assert [] == [word for word in ("/tmp", "/home", "/usr", "site-packages", "passphrase") if word in text]  # noqa: S108 - a word
