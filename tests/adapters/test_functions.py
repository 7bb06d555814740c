"""Looking things up from a program, against the sandbox."""

import pulumi
import pytest
from pulumi.runtime import mocks

import pulumi_conduit as conduit
from pulumi_conduit.adapters import functions
from pulumi_conduit.sandbox import Sandbox


class Nothing(mocks.Mocks):
    """No resource and no function of the engine is used."""

    def new_resource(self, args):
        """Refuse."""
        raise AssertionError(args.name)

    def call(self, args):
        """Refuse."""
        raise AssertionError(args.token)


@pytest.fixture
def sandbox(monkeypatch):
    """Point this process at a sandbox of its own, as a program's environment would."""
    with Sandbox.start() as running:
        for name, value in running.environ().items():
            monkeypatch.setenv(name, value)
        mocks.set_mocks(Nothing(), preview=False)
        yield running


def test_accounts_are_found_by_name(sandbox):
    """One list and one login answer every question of a program."""
    accounts = conduit.get_accounts()
    first = accounts[0]

    assert list(range(1, 11)) == [account.account_id for account in accounts]
    assert first == conduit.get_account(name=first.name)
    assert {"POST /login": 1, "GET /accounts": 1} == sandbox.counts()


def test_another_program_in_the_same_process_looks_again(sandbox, monkeypatch):
    """Programs that one process runs in turn share a login, and none is shown what an earlier one saw."""
    programs = [pulumi.Resource("test:index:Program", f"program-{n}", custom=False, dependency=True) for n in range(2)]
    monkeypatch.setattr(functions, "get_root_resource", lambda: programs[0])
    before = [len(conduit.get_accounts()) for _ in range(2)]
    sandbox.conductor.add_account(50, "New")
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[*range(1, 11), 50])
    monkeypatch.setattr(functions, "get_root_resource", lambda: programs[1])

    assert [10, 10] == before
    assert 50 == conduit.get_account(name="New").account_id
    assert {"POST /login": 1, "GET /accounts": 2} == sandbox.counts()


def test_an_account_that_no_name_or_two_names_fit_is_an_error(sandbox):
    """A guess would grant the wrong access."""
    sandbox.conductor.add_account(50, "Twice")
    sandbox.conductor.add_account(51, "Twice")
    sandbox.conductor.edit_identity("admin@sandbox.example", accounts=[50, 51])

    for name, count in {"Nowhere": "no account", "Twice": "2 accounts"}.items():
        with pytest.raises(
            conduit.InvalidDeclaration, match=rf"^get_account: this identity owns {count} named '{name}'"
        ):
            conduit.get_account(name=name)


def test_users_are_read_whole(sandbox):
    """INACTIVE and ADMIN users are listed, and one user is read by any spelling of its address."""
    sandbox.conductor.put_user("ada@example.com", first_name="Ada", last_name="L", accounts=[2, 1], status="INACTIVE")

    ada = conduit.UserInfo(
        email="ada@example.com",
        first_name="Ada",
        last_name="L",
        view="COMPLETE",
        sso_access=False,
        type="READ_ONLY",
        status="INACTIVE",
        accounts=(1, 2),
    )

    assert ada == conduit.get_conductor_user("Ada@Example.com")
    assert ["ada@example.com", "admin@sandbox.example"] == [user.email for user in conduit.get_conductor_users()]
    with pytest.raises(conduit.NotFound, match=r"sees no user 'nobody@example\.com'"):
        conduit.get_conductor_user("nobody@example.com")


def test_a_company_is_read_without_its_token(sandbox):
    """What a program gets holds no secret."""
    made = sandbox.link.put_company("ACME", name="Acme", page_enabled=False)

    acme = conduit.CompanyInfo(
        company_id="ACME", name="Acme", page_enabled=False, link_page_url=None, created_at=made["created_at"]
    )

    assert acme == conduit.get_company("acme")


@pulumi.runtime.test
def test_outputs_wait_for_their_inputs(sandbox):
    """The twins take inputs and give outputs."""
    name = pulumi.Output.from_input(conduit.get_accounts()[1].name)

    return conduit.get_account_output(name=name).apply(lambda account: account.account_id == 2 or pytest.fail("wrong"))


@pulumi.runtime.test
def test_a_token_is_a_secret(sandbox):
    """It opens a company's data, so it must never be shown or stored in clear."""
    sandbox.link.put_company("ACME", name="Acme", page_enabled=False)
    token = conduit.get_company_token_output("acme")

    async def check():
        assert await token.is_secret()
        assert "default/acme" == sandbox.link.token_opens(await token.future()).lower()

    return pulumi.Output.from_input(check())


@pulumi.runtime.test
def test_a_token_is_not_minted_in_a_preview(sandbox):
    """A preview has no side effect and knows no token."""
    mocks.set_mocks(Nothing(), preview=True)
    token = conduit.get_company_token_output("acme")

    async def check():
        assert await token.is_secret()
        assert not await token.is_known()
        assert {} == sandbox.counts()

    return pulumi.Output.from_input(check())
