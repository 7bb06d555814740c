"""The console under attack, in a real browser: by texts in the state, and by other pages."""

from __future__ import annotations

import tenants
from attacker_page import attacking
from corpus import NAMES, SPEAKABLE, steering_of_lines
from selenium.webdriver.common.keys import Keys


def test_the_page_sends_no_request_but_the_sandbox(console, sandbox):
    """From the first request to the last it stays at home, and the browser has nothing against it."""
    page = console(tenants.documented)
    page.find("#log li")

    assert {sandbox.link_url} == {url[: len(sandbox.link_url)] for url in page.requested()}
    assert [] == page.complaints()


def test_hostile_texts_stay_texts(console, sandbox):
    """Names of people, accounts and companies, and paths, are shown and do nothing; what hides is shown escaped."""

    def prepare(sandbox):
        for number, text in enumerate(NAMES.values(), 200):
            sandbox.conductor.add_account(number, text)
            sandbox.conductor.put_user(f"p{number}@x.example", first_name=text, last_name=text, accounts=[number])
            sandbox.link.put_company(f"C{number}", name=text)
        sandbox.conductor.put_user("<img>@x.example", accounts=[1])
        sandbox.conductor.put_user("\u202e<b>`@\u200bx.example", accounts=[1])
        sandbox.link.add_app("img")
        with tenants.session("no-token") as anybody:
            for text in NAMES.values():
                anybody.request("GET", f"{sandbox.link_url}/link/{tenants.quoted(text)}?{tenants.quoted(text)}=1")

    page = console(prepare)
    elements = "return [...new Set([...document.querySelectorAll('body *')].map((each) => each.localName))].sort()"
    seen = page.evaluate("return document.body.innerText")
    names = page.evaluate("return [...document.querySelectorAll('#companies td')].map((each) => each.textContent)")

    assert set(SPEAKABLE.values()) <= set(names)
    assert [] == steering_of_lines(seen.replace("\t", ""))
    assert {"img", "iframe", "a", "b", "script", "svg"} & set(page.evaluate(elements)) == {"b"}  # the log's own
    for person in page.all("#people tbody th")[-3:]:
        person.click()
        page.until(lambda: page.find("#person").is_displayed())
        assert [] == steering_of_lines(page.find("#person h2").text)
        page.press(Keys.ESCAPE)
    assert {sandbox.link_url} == {url[: len(sandbox.link_url)] for url in page.requested()}
    assert [] == page.complaints()


def test_markup_is_refused_by_the_browser_itself(console):
    """Even a mistake in a script could not make a text into markup, run something inline or ask somebody else."""
    page = console()
    attempt = """try { document.body.innerHTML = '<i>x</i>'; return 'done' } catch (error) { return error.name }"""
    assert "TypeError" == page.evaluate(attempt)
    page.evaluate("""
        const inline = document.createElement('style');
        inline.textContent = 'body {display: none}';
        document.head.append(inline);
    """)
    assert page.find("header").is_displayed()
    beyond = "return fetch('http://127.0.0.1:1/').catch((error) => error.name)"
    assert "TypeError" == page.evaluate(beyond)

    assert 3 == len([each for each in page.complaints() if "Content Security Policy" in each])


def test_another_page_can_neither_press_the_buttons_nor_frame_them(page, sandbox):
    """What a hostile site can make a browser send changes nothing: fetches of every kind, and forms."""
    tenants.ada(sandbox)
    orders = """
    const target = arguments[0];
    const ada = target + '/_sandbox/users/ada@acme.example';
    const sent = [
      fetch(target + '/_sandbox/reset', {method: 'POST', mode: 'no-cors'}),
      fetch(target + '/_sandbox/reset', {method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer'}),
      fetch(target + '/_sandbox/clock', {method: 'POST', mode: 'no-cors', body: '{"advance_s": 99999}'}),
      fetch(ada, {method: 'DELETE'}),
      fetch(ada, {method: 'PATCH', headers: {'Content-Type': 'application/json'}, body: '{"status": "INACTIVE"}'}),
      fetch(target + '/_sandbox/state'),
    ];
    document.getElementById('reset').submit();
    document.getElementById('clock').submit();
    return Promise.allSettled(sent).then((all) => all.map((each) => each.value?.type ?? 'failed'));
    """
    before = sandbox.dump()
    with attacking(sandbox.link_url) as url:
        page.open(url)
        outcome = page.evaluate(orders, sandbox.link_url)
        page.evaluate("return new Promise((done) => setTimeout(done, 300))")
        framed = page.complaints()
        page.driver.get("about:blank")

    assert ["opaque", "opaque", "opaque", "failed", "failed", "failed"] == outcome
    assert before == sandbox.dump()
    assert any("frame-ancestors" in each or "X-Frame-Options" in each for each in framed)
