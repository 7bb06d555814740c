"""What `pulumi -v=9 --logflow` leaves on the disk, as docs/threat-model.md says."""

PASSWORD, IN_CONFIG = "canary-of-the-password", "canary-of-the-config"
PROGRAM = """
    pulumi.Config().require_secret("any")
    ada = conduit.ConductorUser(
        "ada", email="ada@acme.example", first_name="Ada", last_name="Lovelace", initial_accounts=[1]
    )
    conduit.UserAccountAccess("travel", user=ada, account_id=2)
"""


def test_the_engines_log_has_secrets_of_the_config_and_none_of_the_environment(stack, sandbox, tmp_path):
    """Nor a token, a body or a header of our requests; their paths are there."""
    logs = tmp_path / "logs"
    logs.mkdir()
    sandbox.conductor.edit_identity("admin@sandbox.example", password=PASSWORD)
    stack.environ["CONDUCTOR_PASSWORD"] = PASSWORD
    assert 0 == stack.run("config", "set", "--secret", "any", IN_CONFIG).code
    stack.program(PROGRAM)

    ran = stack.up("-v=9", "--logflow", TMPDIR=str(logs))

    assert 0 == ran.code, ran.text
    text = "".join(one.read_text(encoding="utf-8", errors="replace") for one in logs.rglob("*") if one.is_file())
    secret = [PASSWORD, stack.environ["CONDUIT_LINK_APP_TOKEN"], "eyJ", '"firstname"', "accessToken"]
    assert [] == [one for one in secret if one in text]
    assert (True, True) == (IN_CONFIG in text, "POST /users" in text)
