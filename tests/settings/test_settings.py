"""What the two sources say, asked one question at a time."""

import json

import pytest

from pulumi_conduit.errors import SettingsError
from pulumi_conduit.settings import ConductorSettings, LinkSettings, Secret, Settings
from pulumi_conduit.settings.sources import Names, set_secret_command, stack_config

LINK_TOKEN = "CONDUIT_LINK_APP_TOKEN"
CONDUCTOR = {"CONDUCTOR_URL": "https://c.example/v1", "CONDUCTOR_USERNAME": "admin", "CONDUCTOR_PASSWORD": "pässword "}
CONDUCTOR_CONFIG = {
    "conduit:conductorUrl": "https://c.example/v1",
    "conduit:conductorUsername": "admin",
    "conduit:conductorPassword": "pässword ",
}


def from_environ(**environ):
    """Return the settings that the environment alone gives."""
    return Settings(environ, {})


def from_profiles(profiles):
    """Return the settings that the profiles in stack config alone give."""
    return Settings({}, {"conduit:profiles": profiles if isinstance(profiles, str) else json.dumps(profiles)})


def test_link_is_read_from_the_environment():
    """Without a URL the documented one counts."""
    settings = from_environ(CONDUIT_LINK_APP_TOKEN="t").link(None)

    assert settings == LinkSettings("https://api.getconduit.app", Secret("t"))


def test_link_is_read_from_stack_config():
    """The default URL counts for this source, too."""
    settings = Settings({}, {"conduit:linkAppToken": "t"}).link(None)

    assert settings == LinkSettings("https://api.getconduit.app", Secret("t"))


def test_a_link_url_is_normalised():
    """Two spellings of one place must not be two places."""
    settings = from_environ(CONDUIT_LINK_APP_TOKEN="t", CONDUIT_LINK_URL="HTTPS://API.Example:443/").link(None)

    assert settings.url == "https://api.example"


@pytest.mark.parametrize("sources", [(CONDUCTOR, {}), ({}, CONDUCTOR_CONFIG)])
def test_conductor_is_read_from_either_source(sources):
    """A password is taken as it is, a space at its end included."""
    settings = Settings(*sources).conductor(None)

    assert settings == ConductorSettings("https://c.example/v1", "admin", Secret("pässword "), None)


def test_the_route_file_goes_with_either_source():
    """It has no name in stack config, so it cannot make a mixture."""
    settings = Settings({"CONDUCTOR_ROUTES": "r.toml"}, CONDUCTOR_CONFIG).conductor(None)

    assert settings.routes == "r.toml"


@pytest.mark.parametrize("left_out", CONDUCTOR)
def test_what_is_missing_is_named_for_both_sources(left_out):
    """The line names the variable and the config key."""
    environ = {name: text for name, text in CONDUCTOR.items() if name != left_out}
    key = {"CONDUCTOR_URL": "Url", "CONDUCTOR_USERNAME": "Username", "CONDUCTOR_PASSWORD": "Password"}[left_out]

    with pytest.raises(SettingsError) as caught:
        Settings(environ, {}).conductor(None)

    assert str(caught.value) == (
        f"{left_out} (stack config conduit:conductor{key}) is not set, and this program needs it; set one of the two"
    )


@pytest.mark.parametrize(
    ("environ", "profile", "named"),
    [
        ({**CONDUCTOR, "CONDUCTOR_PASSWORD": ""}, None, "CONDUCTOR_PASSWORD (stack config conduit:conductorPassword)"),
        ({"CONDUCTOR_URL": ""}, None, "CONDUCTOR_URL (stack config conduit:conductorUrl)"),
        ({"CONDUCTOR_URL_B": ""}, "b", "CONDUCTOR_URL_B (stack config conduit:profiles.b.conductorUrl)"),
    ],
)
def test_a_variable_that_is_set_to_nothing_is_called_empty(environ, profile, named):
    """A pipeline sets the variable of a secret that a pull request from a fork does not get."""
    with pytest.raises(SettingsError) as caught:
        Settings(environ, {}).conductor(profile)

    assert (
        f"{named} is empty, and this program needs it; set one of the two. A pull request from a fork gets no secrets:"
        " leave every credential of this API empty there, and its preview passes unverified"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("environ", "config", "ask"),
    [
        ({LINK_TOKEN: "t"}, {"conduit:linkUrl": "https://evil.example"}, Settings.link),
        ({"CONDUIT_LINK_URL": "https://a.example"}, {"conduit:linkAppToken": "t"}, Settings.link),
        ({LINK_TOKEN: "t"}, {"conduit:linkAppToken": "t"}, Settings.link),
        (CONDUCTOR, {"conduit:conductorUrl": "https://evil.example"}, Settings.conductor),
        ({"CONDUCTOR_PASSWORD": "p"}, CONDUCTOR_CONFIG, Settings.conductor),
    ],
)
def test_one_api_is_never_read_from_both_sources(environ, config, ask):
    """An edit of the stack file must not receive the environment's credentials; the line names both."""
    with pytest.raises(SettingsError, match="all settings of one API must come from one source") as caught:
        ask(Settings(environ, config), None)

    for name in (*environ, *config):
        assert name in str(caught.value)


def test_the_two_apis_may_come_from_different_sources():
    """The rule is per API."""
    settings = Settings({LINK_TOKEN: "t"}, CONDUCTOR_CONFIG)

    assert (settings.link(None).token, settings.conductor(None).username) == (Secret("t"), "admin")


def test_an_empty_text_counts_as_unset():
    """CI systems set what they do not have to nothing."""
    settings = Settings({LINK_TOKEN: "t", "CONDUIT_LINK_URL": ""}, {"conduit:linkUrl": "", "conduit:linkAppToken": ""})

    assert settings.link(None).url == "https://api.getconduit.app"


def test_a_profile_is_read_from_the_environment():
    """The names end with the profile in capitals."""
    environ = {f"{name}_EU2": text for name, text in CONDUCTOR.items()} | {"CONDUCTOR_ROUTES_EU2": "eu.toml"}

    assert Settings(environ, {}).conductor("eu2").routes == "eu.toml"


def test_a_profile_is_read_from_stack_config():
    """`pulumi config set --path` stores what looks like a number or a truth as one; it reads as it was typed."""
    settings = from_profiles(
        '{"b": {"conductorUrl": "https://c.example", "conductorUsername": true,'
        ' "conductorPassword": 12345678901234567890, "deadlineSeconds": 1.50, "maxMissing": 7, "preview": null}}'
    )

    assert settings.conductor("b") == ConductorSettings(
        "https://c.example", "true", Secret("12345678901234567890"), None
    )
    assert (settings.deadline_s("b"), settings.max_missing("b"), settings.preview("b")) == (1.5, 7, "online")


def test_a_profile_never_falls_back_to_the_default_profile():
    """What a profile lacks has the table's default or is an error."""
    settings = Settings(
        {
            LINK_TOKEN: "t",
            "CONDUIT_LINK_URL": "https://a.example",
            "CONDUIT_MAX_MISSING": "9",
            "CONDUIT_LINK_APP_TOKEN_B": "b",
        },
        {},
    )

    assert settings.link("b") == LinkSettings("https://api.getconduit.app", Secret("b"))
    assert settings.max_missing("b") == 3
    with pytest.raises(SettingsError) as caught:
        settings.link("c")
    assert "CONDUIT_LINK_APP_TOKEN_C (stack config conduit:profiles.c.linkAppToken) is not set" in str(caught.value)


def test_a_profile_is_never_read_from_both_sources():
    """The rule of one source holds in a profile, too."""
    settings = Settings(
        {"CONDUIT_LINK_APP_TOKEN_B": "t"}, {"conduit:profiles": '{"b": {"linkUrl": "https://evil.example"}}'}
    )

    with pytest.raises(SettingsError, match=r"CONDUIT_LINK_APP_TOKEN_B is set .* conduit:profiles.b.linkUrl in stack"):
        settings.link("b")


@pytest.mark.parametrize("profile", ["", "B", "1b", "b-c", "b_c", "é", "b\n"])
def test_a_profile_has_a_plain_name(profile):
    """It becomes part of a variable's name."""
    with pytest.raises(SettingsError, match="must be a lower-case letter, then letters or digits"):
        from_environ().link(profile)


@pytest.mark.parametrize(
    ("profiles", "reason"),
    [
        ("{", "conduit:profiles in stack config must be an object of profiles; set it with --path"),
        ("[" * 100_000, "conduit:profiles in stack config must be an object of profiles; set it with --path"),
        ("[]", "conduit:profiles in stack config must be an object of profiles; set it with --path"),
        ({"b": "x"}, "conduit:profiles.b in stack config must be an object of settings"),
        ({"b": {"linkUrll": "x"}}, "conduit:profiles.b.linkUrll in stack config is not a setting"),
        ({"b": {"linkUrl": ["s3cret"]}}, "conduit:profiles.b.linkUrl in stack config must be a plain value"),
    ],
)
def test_malformed_profiles_are_named(profiles, reason):
    """The line says where, and never what stands there."""
    with pytest.raises(SettingsError) as caught:
        from_profiles(profiles).has_link("b")

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("environ", "config", "expected"),
    [
        ({}, {}, (False, False)),
        ({"CONDUCTOR_URL": "https://c", "CONDUIT_LINK_URL": "https://l"}, {}, (False, False)),
        ({LINK_TOKEN: "t"}, {}, (True, False)),
        ({"CONDUCTOR_USERNAME": "u"}, {}, (False, True)),
        ({}, {"conduit:conductorPassword": "p", "conduit:linkAppToken": "t"}, (True, True)),
    ],
)
def test_credentials_in_either_source_count_as_there(environ, config, expected):
    """Half a credential is a mistake to report, not a wish to stay offline."""
    settings = Settings(environ, config)

    assert (settings.has_link(None), settings.has_conductor(None)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "s3cret\n",
        " s3cret",
        "s3cret\r\nX: y",
        "s3cret\x00",
        "s3cret\x85",
        "s3cret\u20ac",
        "s3cret\ud800",
        "\u00a0s3cret",
    ],
    ids=ascii,
)
def test_a_token_that_a_header_cannot_carry_is_refused_unseen(text):
    """A line end would make two headers of one; the line names the variable and not the token."""
    with pytest.raises(SettingsError, match=r"^CONDUIT_LINK_APP_TOKEN (has|begins)") as caught:
        from_environ(CONDUIT_LINK_APP_TOKEN=text).link(None)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD"])
def test_a_login_with_control_characters_is_refused_unseen(name):
    """Nobody types a line end; it comes from a file."""
    with pytest.raises(SettingsError) as caught:
        Settings({**CONDUCTOR, name: "s3cret\n"}, {}).conductor(None)

    assert str(caught.value) == f"{name} has a line end or another control character in it; set it again without"


@pytest.mark.parametrize("text", [" ann", "ann ", "ann\u00a0", "\u3000ann"], ids=ascii)
def test_a_user_name_with_space_at_an_end_is_refused(text):
    """It would cost a login and end in a password that seems to be wrong."""
    with pytest.raises(SettingsError) as caught:
        Settings({**CONDUCTOR, "CONDUCTOR_USERNAME": text}, {}).conductor(None)

    assert str(caught.value) == "CONDUCTOR_USERNAME begins or ends with white space; set it again without"


def test_limits_have_the_documented_defaults():
    """Nothing set means the table's last column."""
    settings = from_environ()

    assert (settings.deadline_s(None), settings.preview(None), settings.max_missing(None)) == (120.0, "online", 3)
    assert (settings.max_deactivations(None), settings.max_revocations(None)) == (None, None)
    assert settings.max_reactivations(None) is None
    assert (settings.workers(), settings.allow_move(), settings.debug()) == (16, {}, False)


def test_limits_are_read_from_stack_config():
    """Those with a key may stand there."""
    settings = Settings(
        {},
        {
            "conduit:deadlineSeconds": "30",
            "conduit:preview": "offline",
            "conduit:maxMissing": "0",
            "conduit:maxDeactivations": "1",
            "conduit:maxRevocations": "2",
            "conduit:maxReactivations": "3",
        },
    )

    assert (settings.deadline_s(None), settings.preview(None), settings.max_missing(None)) == (30.0, "offline", 0)
    assert (settings.max_deactivations(None), settings.max_revocations(None)) == (1, 2)
    assert settings.max_reactivations(None) == 3


def test_the_environment_wins_where_a_mixture_is_harmless():
    """A limit is no credential."""
    settings = Settings({"CONDUIT_MAX_MISSING": "1"}, {"conduit:maxMissing": "2"})

    assert settings.max_missing(None) == 1


@pytest.mark.parametrize(
    ("name", "text", "ask"),
    [
        *[
            ("CONDUIT_DEADLINE_SECONDS", text, lambda settings: settings.deadline_s(None))
            for text in ("0", "-1", "nan", "inf", "1e3", "86401", "soon", "1_0", " 5", "\u0665")
        ],
        *[
            ("CONDUIT_MAX_MISSING", text, lambda settings: settings.max_missing(None))
            for text in ("-1", "1.5", "x", "1_0", "9" * 5000)
        ],
        ("CONDUIT_MAX_DEACTIVATIONS", "-1", lambda settings: settings.max_deactivations(None)),
        ("CONDUIT_MAX_REVOCATIONS", "-1", lambda settings: settings.max_revocations(None)),
        ("CONDUIT_MAX_REACTIVATIONS", "-1", lambda settings: settings.max_reactivations(None)),
        ("CONDUIT_WORKERS", "0", Settings.workers),
        ("CONDUIT_WORKERS", "1001", Settings.workers),
        ("CONDUIT_PREVIEW", "maybe", lambda settings: settings.preview(None)),
        ("CONDUIT_DEBUG", "maybe", Settings.debug),
        ("CONDUIT_SDK_HOOKS", "on", Settings.sdk_hooks),
    ],
)
def test_a_setting_out_of_range_is_named(name, text, ask):
    """A typo in a limit must not become no limit."""
    with pytest.raises(SettingsError, match=f"^{name} must be "):
        ask(Settings({name: text}, {}))


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_debug_is_a_flag(text, expected):
    """Zero switches it off."""
    assert from_environ(CONDUIT_DEBUG=text).debug() is expected


@pytest.mark.parametrize(("text", "expected"), [("", "auto"), ("auto", "auto"), ("off", "off")])
def test_sdk_hooks_are_on_or_off(text, expected):
    """Unset, they are used where the SDK's version is known."""
    assert expected == from_environ(CONDUIT_SDK_HOOKS=text).sdk_hooks()


def test_workers_are_read():
    """The number of requests in flight."""
    assert from_environ(CONDUIT_WORKERS="4").workers() == 4


def test_moves_are_read_in_their_one_spelling():
    """Several by commas; a repeated one is no contradiction."""
    text = (
        "https://Old.example/=>https://new.example:443, http://127.0.0.1:1/a=>http://localhost/b,"
        "https://old.example=>https://new.example"
    )

    assert from_environ(CONDUIT_ALLOW_MOVE=text).allow_move() == {
        "https://old.example": "https://new.example",
        "http://127.0.0.1:1/a": "http://localhost/b",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://a.example", "must be written as '<old base URL>=><new base URL>'"),
        ("https://a.example=>", "must be plain ASCII"),
        ("https://a.example=>https://b.example,https://a.example=>https://c.example", "to two URLs; name one"),
    ],
)
def test_malformed_moves_are_named(text, reason):
    """A move that is not understood is not made."""
    with pytest.raises(SettingsError, match="CONDUIT_ALLOW_MOVE") as caught:
        from_environ(CONDUIT_ALLOW_MOVE=text).allow_move()

    assert reason in str(caught.value)


def test_the_source_of_each_setting_is_known():
    """A variable or a key of stack config, by name, never by value; what is nowhere is left out."""
    environ = {"CONDUCTOR_URL": "https://a.example", "CONDUIT_WORKERS": "4", "CONDUIT_PREVIEW": ""}
    settings = Settings(environ, {"conduit:linkUrl": "https://b.example", "conduit:conductorUrl": "https://c.example"})

    names = settings.names_found(None)

    expected = {"CONDUCTOR_URL": "CONDUCTOR_URL", "CONDUIT_LINK_URL": "conduit:linkUrl"}
    expected |= {"CONDUIT_WORKERS": "CONDUIT_WORKERS"}
    assert expected == {setting.variable: name for setting, name in names.items()}
    assert {} == settings.names_found("b")


@pytest.mark.parametrize(
    ("environ", "config", "expected"),
    [
        ({}, {"conduit:linkAppToken": "t"}, ["conduit:linkAppToken"]),
        ({}, {"conduit:linkAppToken": "t", "conduit:linkUrl": "http://[::1]:8/"}, []),
        ({"CONDUCTOR_URL": "http://localhost:1"}, {"conduit:conductorPassword": "p"}, []),
        ({}, {"conduit:conductorPassword": "p", "conduit:conductorUrl": "no URL"}, ["conduit:conductorPassword"]),
        ({"CONDUCTOR_PASSWORD": "p"}, {"conduit:conductorUrl": "https://a.example"}, []),
        (
            {},
            {"conduit:profiles": '{"a": {"x": 1}, "b": {"linkAppToken": "t"}, "C": {"linkAppToken": "t"}}'},
            ["conduit:profiles.b.linkAppToken"],
        ),
        ({}, {"conduit:profiles": "[]", "conduit:linkAppToken": "t"}, ["conduit:linkAppToken"]),
    ],
)
def test_the_credentials_in_stack_config_are_named_but_for_loopback(environ, config, expected):
    """A profile that cannot be read is left out, and hides no other."""
    assert expected == Settings(environ, config).credentials_in_config()


def test_stack_config_is_read_by_bare_keys_and_kept_by_full_ones():
    """Pulumi has two config objects: one of a program, one of a provider; both are asked for every setting."""
    asked = []
    config = {"linkUrl": "https://link.example", "maxMissing": "5"}

    found = stack_config(lambda key: asked.append(key) or config.get(key))

    assert {"conduit:linkUrl": "https://link.example", "conduit:maxMissing": "5"} == found
    assert {"linkAppToken", "conductorPassword", "profiles"} <= set(asked)


def test_the_command_that_encrypts_a_key_knows_the_keys_of_profiles():
    """A key below `conduit:profiles` is a path."""
    token = Names().link_token

    assert "pulumi config set --secret conduit:linkAppToken" == set_secret_command(token.key_of(None))
    assert "pulumi config set --path --secret conduit:profiles.b.linkAppToken" == set_secret_command(token.key_of("b"))


@pytest.mark.parametrize("profile", [None, "b"])
def test_what_is_missing_is_named_all_at_once(profile):
    """What either API needs, by its names in this profile; a URL of Link has a default."""
    end = f"_{profile.upper()}" if profile else ""
    settings = from_environ(**{f"CONDUCTOR_URL{end}": "https://c.example", f"CONDUCTOR_PASSWORD{end}": ""})

    key = "conduit:profiles.b." if profile else "conduit:"
    assert [
        f"CONDUIT_LINK_APP_TOKEN{end} (stack config {key}linkAppToken) is not set",
        f"CONDUCTOR_USERNAME{end} (stack config {key}conductorUsername) is not set",
        f"CONDUCTOR_PASSWORD{end} (stack config {key}conductorPassword) is empty",
    ] == list(settings.missing(profile).values())


def test_nothing_is_missing_where_both_apis_can_be_reached():
    """By either source."""
    assert {} == Settings({LINK_TOKEN: "t"}, CONDUCTOR_CONFIG).missing(None)
