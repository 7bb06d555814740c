"""Which settings are shown, from where, and what only looks like one."""

from pathlib import Path

import pytest
from canaries import LINK_TOKEN, PASSWORD, Canaries

from pulumi_conduit.cli.doctor import settings as checks
from pulumi_conduit.cli.doctor.findings import Code, Examined
from pulumi_conduit.settings.sources import Names

LINK = {"CONDUIT_LINK_APP_TOKEN": LINK_TOKEN}
CONDUCTOR = {
    "CONDUCTOR_URL": "https://conductor.example/v1/",
    "CONDUCTOR_USERNAME": "admin@acme.example",
    "CONDUCTOR_PASSWORD": PASSWORD,
}
CREDENTIALS = (*LINK, "CONDUIT_LINK_URL", *CONDUCTOR, "CONDUCTOR_ROUTES")
"""What the two APIs and the route table need."""


def _found(check, environ=None, config=None, **more):
    return [(one.code, one.text) for one in check(Examined(environ or {}, config or {}, **more))]


def test_each_setting_is_shown_with_where_it_was_found():
    """A URL in its one spelling, a default as one, and a secret not at all."""
    config = {"conduit:conductorUrl": "https://c.example", "conduit:conductorUsername": "Ada"}
    config |= {"conduit:conductorPassword": PASSWORD}

    found = _found(checks.found_settings, {**LINK, "CONDUIT_WORKERS": "4"}, config)

    expected = [
        "CONDUIT_LINK_URL is https://api.getconduit.app, by default",
        "CONDUIT_LINK_APP_TOKEN is set, in the environment",
        "conduit:conductorUrl is https://c.example, in stack config",
        "conduit:conductorUsername is Ada, in stack config",
        "conduit:conductorPassword is set, in stack config",
        "CONDUIT_WORKERS is 4, in the environment",
    ]
    assert [(Code.SETTING, text) for text in expected] == found


def test_every_setting_of_a_program_can_be_shown():
    """Each of the others by the value that counts."""
    environ = {
        "CONDUIT_DEADLINE_SECONDS": "30.50",
        "CONDUIT_PREVIEW": "offline",
        "CONDUIT_MAX_MISSING": "007",
        "CONDUIT_MAX_DEACTIVATIONS": "1",
        "CONDUIT_MAX_REVOCATIONS": "2",
        "CONDUIT_MAX_REACTIVATIONS": "4",
        "CONDUIT_WORKERS": "3",
        "CONDUIT_ALLOW_MOVE": "https://Old.example/=>https://new.example",
        "CONDUIT_DEBUG": "1",
        "CONDUIT_SDK_HOOKS": "off",
    }

    shown = [
        text.removesuffix(", in the environment") for _, text in _found(checks.found_settings, {**LINK, **environ})[3:]
    ]

    values = ["30.5", "offline", "7", "1", "2", "4", "3", "https://old.example=>https://new.example", "true", "off"]
    assert {*CREDENTIALS, *environ} == {setting.variable for setting in Names().all}
    assert [f"{name} is {value}" for name, value in zip(environ, values, strict=True)] == shown


def test_without_settings_all_that_are_missing_are_problems():
    """One for each, since neither API can be reached."""
    expected = [
        "Conduit Link: CONDUIT_LINK_APP_TOKEN (stack config conduit:linkAppToken) is not set",
        "Conductor: CONDUCTOR_URL (stack config conduit:conductorUrl) is not set",
        "Conductor: CONDUCTOR_USERNAME (stack config conduit:conductorUsername) is not set",
        "Conductor: CONDUCTOR_PASSWORD (stack config conduit:conductorPassword) is not set",
    ]

    assert [(Code.SETTING_MISSING, text) for text in expected] == _found(checks.found_settings)


def test_half_of_an_api_is_named_with_what_is_missing():
    """In the environment of a job that gets no secrets, too."""
    environ = {"CONDUCTOR_URL": "https://c.example", "CONDUCTOR_PASSWORD": ""}

    assert [
        (Code.API_NOT_SET, "Conduit Link: no settings, so it is not tested"),
        (Code.SETTING, "CONDUCTOR_URL is set, in the environment"),
        (Code.SETTING_MISSING, "Conductor: CONDUCTOR_USERNAME (stack config conduit:conductorUsername) is not set"),
        (Code.SETTING_MISSING, "Conductor: CONDUCTOR_PASSWORD (stack config conduit:conductorPassword) is empty"),
    ] == _found(checks.found_settings, environ)


@pytest.mark.parametrize("environ", [LINK, CONDUCTOR], ids=["Link", "Conductor"])
def test_one_api_is_enough(environ):
    """Who uses one of the two lacks nothing."""
    codes = {code for code, _ in _found(checks.found_settings, environ)}

    assert {Code.SETTING, Code.API_NOT_SET} == codes


def test_a_mixture_of_sources_is_a_problem_that_names_both():
    """What is set is listed, but no value of it, since it counts for nothing."""
    found = _found(
        checks.found_settings, {"CONDUCTOR_PASSWORD": PASSWORD}, {"conduit:conductorUrl": "https://c.example"}
    )

    assert [Code.API_NOT_SET, Code.SETTING, Code.SETTING, Code.SETTING_WRONG] == [code for code, _ in found]
    assert "conduit:conductorUrl is set, in stack config" == found[1][1]
    assert found[-1][1].startswith("CONDUCTOR_PASSWORD is set in the environment and conduit:conductorUrl in stack con")


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        (
            {**CONDUCTOR, "CONDUCTOR_URL": f"https://u:{PASSWORD}@c.example"},
            "CONDUCTOR_URL must be plain ASCII without",
        ),
        (
            {**CONDUCTOR, "CONDUCTOR_URL": "https://u:hunter2@c.example"},
            "CONDUCTOR_URL must not carry a user name or pass",
        ),
        (
            {"CONDUIT_ALLOW_MOVE": "https://u:hunter2@a.example=>https://b.example"},
            "CONDUIT_ALLOW_MOVE must not carry a user",
        ),
        ({"CONDUIT_LINK_APP_TOKEN": f"{LINK_TOKEN}\n"}, "CONDUIT_LINK_APP_TOKEN has a line end"),
        ({"CONDUIT_DEADLINE_SECONDS": "soon"}, "CONDUIT_DEADLINE_SECONDS must be a number of seconds above 0"),
    ],
)
def test_a_setting_that_is_wrong_is_a_problem_and_is_not_shown(environ, text):
    """Neither the part of a URL that must not be there."""
    found = _found(checks.found_settings, environ)

    assert [text] == [said[: len(text)] for code, said in found if code is Code.SETTING_WRONG]
    assert not [said for _, said in found if "hunter2" in said]
    assert [] == Canaries(password=PASSWORD, token=LINK_TOKEN).hits(*(said for _, said in found))


@pytest.mark.parametrize("check", [checks.found_settings, checks.routes, checks.in_clear])
def test_profiles_that_cannot_be_read_are_reported_once(check):
    """One check says so, and the others go on."""
    found = _found(check, {}, {"conduit:profiles": "[]"}, profile="b")

    expected = "conduit:profiles in stack config must be an object of profiles; set it with --path"
    assert ([(Code.SETTING_WRONG, expected)] if check is checks.found_settings else []) == found


def test_a_profile_has_settings_of_its_own():
    """Under its own names."""
    found = _found(checks.found_settings, {"CONDUIT_LINK_APP_TOKEN_B": "t"}, profile="b")

    assert (Code.SETTING, "CONDUIT_LINK_APP_TOKEN_B is set, in the environment") in found


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CONDUIT_LINK_TOKEN", "CONDUIT_LINK_APP_TOKEN"),
        ("CONDUCTOR_USER_NAME", "CONDUCTOR_USERNAME"),
        ("CONDUCTER_URL", "CONDUCTOR_URL"),
        ("conductor_password", "CONDUCTOR_PASSWORD"),
        ("CONDUIT_WORKERS_B", "CONDUIT_WORKERS"),
        ("CONDUIT_SDK_HOOKS_B", "CONDUIT_SDK_HOOKS"),
        ("CONDUIT_ZZZ", None),
    ],
)
def test_a_variable_that_only_looks_like_ours_is_a_warning(name, meant):
    """With the one that was probably meant."""
    (finding,) = checks.unknown_variables(Examined({name: PASSWORD, "PATH": "/bin", "CONDA_PREFIX": "/opt"}))

    expected = (Code.UNKNOWN_SETTING, f"{name} in the environment is not a setting and has no effect")
    assert expected == (finding.code, finding.text)
    assert (
        f"did you mean {meant}?" if meant else "remove it, or correct its name; docs/settings.md lists all settings"
    ) == (finding.advice)


def test_settings_and_those_of_profiles_are_known():
    """So is the one of the test kit."""
    names = ["CONDUIT_LINK_URL", "CONDUCTOR_URL_B", "CONDUIT_MAX_MISSING_B2", "CONDUIT_TESTING_ANY_LOOPBACK"]

    assert [] == _found(checks.unknown_variables, dict.fromkeys(names, "x"))


def test_a_key_of_stack_config_that_is_none_of_ours_is_a_warning():
    """Only keys in our namespace come here; those of a split roster are known."""
    known = ["conduit:linkUrl", "conduit:profiles", "conduit:shard", "conduit:reshardFrom"]
    (finding,) = checks.unknown_keys(Examined({}, dict.fromkeys(["conduit:linkToken", *known], "x")))

    assert "conduit:linkToken in stack config is not a setting and has no effect" == finding.text
    assert "did you mean conduit:linkAppToken?" == finding.advice


def test_a_credential_in_clear_in_stack_config_is_a_warning():
    """A URL in clear is none."""
    config = {"conduit:conductorPassword": PASSWORD, "conduit:conductorUrl": "https://c.example"}
    in_clear = frozenset(config)

    (finding,) = checks.in_clear(Examined({}, config, in_clear))

    assert (Code.SECRET_IN_CLEAR, "conduit:conductorPassword is stored in stack config unencrypted") == (
        finding.code,
        finding.text,
    )
    assert finding.advice.startswith("`pulumi config set --secret conduit:conductorPassword`")
    assert [] == _found(checks.in_clear, {}, config, in_clear=frozenset({"conduit:conductorUrl"}))


def test_a_credential_of_a_profile_in_clear_is_a_warning():
    """The profiles are one value in stack config, which is encrypted if any of it is."""
    config = {"conduit:profiles": '{"b":{"linkAppToken":"t"}}'}

    (finding,) = checks.in_clear(Examined({}, config, frozenset(config), "b"))

    assert "conduit:profiles.b.linkAppToken is stored in stack config unencrypted" == finding.text
    assert finding.advice.startswith("`pulumi config set --path --secret conduit:profiles.b.linkAppToken`")


def test_other_profiles_are_named():
    """But for the one that is examined."""
    environ = {"CONDUCTOR_URL_B": "x", "CONDUIT_LINK_URL_C1": "x", "CONDUIT_WORKERS_D": "x", "CONDUIT_DEBUG": "1"}

    (finding,) = checks.profiles(Examined(environ, profile="b"))

    assert (Code.PROFILES, "the environment has settings of profile c1, too") == (finding.code, finding.text)
    assert "`pulumi-conduit doctor --profile c1` checks them" == finding.advice


def test_advice_names_the_stack_and_the_folder_that_are_examined():
    """Pasted as it is, a command must not go to the selected stack, or to another project."""
    config = {"conduit:linkAppToken": "t"}
    subject = Examined({"CONDUCTOR_URL_B": "x"}, config, frozenset(config), stack="prod", folder=Path("infra"))

    (profile,), (token,) = checks.profiles(subject), checks.in_clear(subject)

    assert "`pulumi-conduit doctor --profile b --stack prod --cwd infra` checks them" == profile.advice
    assert token.advice.startswith("`pulumi config set --secret conduit:linkAppToken --stack prod --cwd infra`")


def test_a_route_file_is_read(tmp_path):
    """What it changes is said, or what is wrong with it."""
    path = tmp_path / "routes.toml"
    path.write_text('[get_user]\npath = "/v2/users/{userEmail}"\n', encoding="utf-8")
    environ = {"CONDUCTOR_ROUTES": str(path)}

    assert [(Code.ROUTES, f"CONDUCTOR_ROUTES is {path}, and changes get_user")] == _found(checks.routes, environ)

    path.write_text('[get_user]\npath = "https://evil.example/{userEmail}"\n', encoding="utf-8")

    ((code, text),) = _found(checks.routes, environ)
    assert Code.ROUTES_WRONG is code
    assert text.startswith(f"CONDUCTOR_ROUTES, {path}: [get_user] `path` must be a plain path")
    assert [] == _found(checks.routes)
