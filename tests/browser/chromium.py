"""A page in a real Chromium, as tests look at it; must not know which page that is.

Driven by Selenium and Debian's `chromium-driver`: its keys are a person's keys, and the page's requests are reported by
the browser itself, not by the page.
"""

from __future__ import annotations

import base64
import json
import shutil
from typing import TYPE_CHECKING, Any

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver.remote.webelement import WebElement

_PATIENCE_S = 30  # a busy machine is no failure
_SIZE = (1280, 800)
_FLAGS = (
    "--headless",
    "--no-sandbox",  # containers refuse the browser its own, and every page here is ours
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    # No page may reach a network, whatever it tries.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

_CONTRAST = """
const light = (text) => {
  const parts = text.match(/[\\d.]+/g).map(Number).slice(0, 3).map((each) => each / 255);
  const [r, g, b] = parts.map((each) => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (each) => {
  const colour = getComputedStyle(each).backgroundColor;
  return colour === 'rgba(0, 0, 0, 0)' ? behind(each.parentElement) : colour;
};
const seen = [...document.querySelectorAll('body *')].filter((each) =>
  each.checkVisibility() && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
return seen.map((each) => {
  const [one, other] = [light(getComputedStyle(each).color), light(behind(each))].sort((a, b) => b - a);
  return [Math.round((one + 0.05) / (other + 0.05) * 100) / 100, `${each.className} ${each.textContent}`];
});
"""


def started(folder: Path) -> webdriver.Chrome:
    """Start a browser that keeps its profile in this empty folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in (*_FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.add_experimental_option("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    # The path is given, so that Selenium does not look for a driver on the network.
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


class Page:
    """The one window of the browser."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        """Use this browser, as if it were new."""
        self.driver = driver
        self.driver.get("about:blank")
        self.resize(*_SIZE)
        self.prefer("light")
        self.forget()

    def open(self, url: str) -> None:
        """Go to a page; what was asked and said before is forgotten."""
        self.forget()
        self.driver.get(url)

    def forget(self) -> None:
        """Forget what was asked and said until now."""
        self.requested()
        self.complaints()

    def find(self, css: str) -> WebElement:
        """Return the first element of this kind, as soon as there is one."""
        return self.until(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, css)), None), css)

    def all(self, css: str) -> list[WebElement]:
        """Return every element of this kind that there is now."""
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def until(self, condition: Callable[[], Any], what: str = "") -> Any:
        """Wait until something is so, and return it."""
        return WebDriverWait(self.driver, _PATIENCE_S, 0.05).until(lambda _: condition(), what)

    def fill(self, css: str, text: str) -> None:
        """Replace what is in a field."""
        field = self.find(css)
        field.clear()
        field.send_keys(text)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns."""
        return self.driver.execute_script(script, *arguments)

    def focused(self) -> WebElement:
        """Return the element that has the focus."""
        return self.driver.switch_to.active_element

    def prefer(self, scheme: str) -> None:
        """Let the reader prefer `light` or `dark`."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def resize(self, width: int, height: int) -> None:
        """Give the page this many pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def requested(self) -> list[str]:
        """Return the URL of every request since the last time, in order, as the browser reports it."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Return what the browser's console said since the last look: errors, refused scripts, failed requests."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def faint(self, least: float = 4.5) -> list[str]:
        """Return every visible text with less contrast than this to what is behind it; 4.5 is what WCAG's AA asks."""
        return [text for ratio, text in self.evaluate(_CONTRAST) if ratio < least]

    def picture(self) -> bytes:
        """Return the visible part of the page as a PNG."""
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])
