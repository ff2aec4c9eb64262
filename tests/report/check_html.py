#!/usr/bin/env python3
"""An HTML report in a real browser: headless Chromium, driven through chromedriver.

Looks at the page in light and dark, wide and narrow, and on paper: nothing on the console, nothing fetched, landmarks and
headings, tables and pictures with names, links that lead somewhere, details that open with the keyboard, a focus that can be
seen, and the contrast of every piece of text (WCAG 2.1 AA, computed from the colours that the browser computed).
Exit code 77: Chromium, chromedriver or selenium is not here, nothing was checked.

usage: check_html.py FILE...
"""
import json
import os
import shutil
import sys
import tempfile

NOT_RUN = 77

# Every text with its contrast against what is behind it.
CONTRAST = r"""
const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return {r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1}; };
const over = (top, below) => ({r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
                               b: top.b * top.a + below.b * (1 - top.a), a: 1});
const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const luminance = c => 0.2126 * channel(c.r) + 0.7152 * channel(c.g) + 0.0722 * channel(c.b);
const ratio = (a, b) => { const x = luminance(a), y = luminance(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
const backgroundOf = element => {
  const layers = [];
  for (let at = element; at && at.nodeType === 1; at = at.parentElement) {
    const own = parse(getComputedStyle(at).backgroundColor);
    if (own.a > 0) layers.push(own);
    if (own.a === 1) break;
  }
  let colour = parse(getComputedStyle(document.body).backgroundColor);
  for (const layer of layers.reverse()) colour = over(layer, colour);
  return colour;
};
// Text of a picture stands on the rectangle of its group, or on the page.
const behindText = text => {
  const rect = text.parentElement.tagName === 'g' ? text.parentElement.querySelector(':scope > rect') : null;
  const page = backgroundOf(text.ownerSVGElement.parentElement);
  if (!rect) return page;
  const fill = parse(getComputedStyle(rect).fill);
  return over(fill, page);
};
const bad = [];
let seen = 0;
const look = (element, colour, behind, size, weight) => {
  seen += 1;
  const large = size >= 24 || (size >= 18.66 && weight >= 700);
  const got = ratio(over(colour, behind), behind), least = large ? 3 : 4.5;
  if (got < least)
    bad.push(`${element.tagName}.${element.getAttribute('class') || ''} "${element.textContent.trim().slice(0, 40)}": ${got.toFixed(2)} < ${least}`);
};
for (const element of document.querySelectorAll('body *')) {
  const style = getComputedStyle(element);
  if (element instanceof SVGElement) {
    if (element.tagName === 'text' && element.textContent.trim())
      look(element, parse(style.fill), behindText(element), parseFloat(style.fontSize), Number(style.fontWeight));
    continue;
  }
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  if (own && element.getClientRects().length)
    look(element, parse(style.color), backgroundOf(element), parseFloat(style.fontSize), Number(style.fontWeight));
}
return {seen, bad: [...new Set(bad)]};
"""

# What a screen reader, a keyboard and a parser need.
STRUCTURE = r"""
const wrong = [];
const all = selector => [...document.querySelectorAll(selector)];
const one = (selector, what) => { if (all(selector).length !== 1) wrong.push(`${all(selector).length} of ${what}`); };
one('main', 'main'); one('body > header', 'header'); one('body > footer', 'footer'); one('h1', 'h1');
if (document.documentElement.lang !== 'en') wrong.push('no language');
if (!document.title.trim()) wrong.push('no title');
if (all('script').length) wrong.push('a script');
const ids = all('[id]').map(e => e.id);
if (new Set(ids).size !== ids.length) wrong.push('an id twice: ' + ids.find((id, i) => ids.indexOf(id) !== i));
for (const link of all('a[href]')) {
  const target = link.getAttribute('href');
  if (!target.startsWith('#')) wrong.push('a link out of the page: ' + target);
  else if (!document.getElementById(target.slice(1))) wrong.push('a link to nothing: ' + target);
  if (!link.textContent.trim()) wrong.push('a link without text: ' + target);
}
for (const element of all('[aria-labelledby]'))
  for (const id of element.getAttribute('aria-labelledby').split(' '))
    if (!document.getElementById(id)) wrong.push('labelled by nothing: ' + id);
let level = 0;
for (const heading of all('h1,h2,h3,h4,h5,h6')) {
  const now = Number(heading.tagName[1]);
  if (now > level + 1) wrong.push(`h${level} is followed by h${now}: ${heading.textContent.slice(0, 40)}`);
  if (!heading.textContent.trim()) wrong.push('an empty heading');
  level = now;
}
for (const table of all('table')) {
  if (!table.caption || !table.caption.textContent.trim()) wrong.push('a table without a caption');
  for (const cell of table.querySelectorAll('th'))
    if (!['row', 'col'].includes(cell.getAttribute('scope'))) wrong.push('a heading cell without a scope: ' + cell.textContent.slice(0, 40));
}
for (const picture of all('svg'))
  if (picture.getAttribute('role') !== 'img' || !picture.querySelector(':scope > title')?.textContent.trim() || !picture.querySelector(':scope > desc')?.textContent.trim())
    wrong.push('a picture without a name or a description');
for (const part of all('section,article,nav,[role=region]'))
  if (!part.getAttribute('aria-labelledby') && !part.getAttribute('aria-label')) wrong.push(`a ${part.tagName} without a name`);
for (const box of all('.scroll,pre'))
  if (box.tabIndex !== 0) wrong.push('what may scroll is out of the keyboard\'s reach');
if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
  wrong.push(`the page is ${document.documentElement.scrollWidth} wide where ${document.documentElement.clientWidth} are shown`);
return wrong;
"""

CLOSED_ON_PAPER = r"""
return [...document.querySelectorAll('details:not([open])')].filter(d => {
  const inside = [...d.children].find(c => c.tagName !== 'SUMMARY');
  return inside && inside.getBoundingClientRect().height === 0;
}).length;
"""


class Browser:
    def __init__(self, folder):
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
                         "--disable-component-update", "--no-first-run", f"--user-data-dir={folder}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(120)
        self.driver.set_script_timeout(120)

    def look(self, scheme, width, media="screen"):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme},
                                                                                       {"name": "prefers-reduced-motion", "value": "reduce"}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})

    def said(self):
        """What the page wrote on the console, and what it asked for beside itself."""
        lines = [entry["message"] for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url, page = message["params"]["request"]["url"], message["params"]["documentURL"]
                if page.startswith("file://") and url.split("#")[0] != page.split("#")[0]:
                    lines.append("asked for " + url)
        return lines


def check_links(driver):
    """Each link brings what it names into view."""
    wrong = []
    targets = driver.execute_script("return [...new Set([...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href')))].slice(0, 60)")
    for target in targets:
        shown = driver.execute_script(
            "const a = document.querySelector(`a[href=\"${arguments[0]}\"]`); for (let d = a.closest('details:not([open])'); d; d = d.parentElement.closest('details:not([open])')) d.open = true;"
            "a.click(); const r = document.getElementById(arguments[0].slice(1)).getBoundingClientRect();"
            "return location.hash === arguments[0] && r.bottom > 0 && r.top < innerHeight", target)
        if not shown:
            wrong.append(f"the link to {target} does not show it")
    return wrong


def check_keyboard(driver):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    wrong = []
    driver.get(driver.current_url.split("#")[0])
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = driver.execute_script("const e = document.activeElement, r = e.getBoundingClientRect(); return [e.className, r.left >= 0 && r.top >= 0 && r.width > 0]")
    if skip != ["skip", True]:
        wrong.append(f"the first stop of the keyboard is no visible link to the content, but {skip}")
    focus = "const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2"
    for _ in range(25):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        if driver.execute_script("return document.activeElement === document.body"):
            break  # past the last stop
        if not driver.execute_script(focus):
            wrong.append("the focus cannot be seen on " + driver.execute_script("return document.activeElement.outerHTML.slice(0, 80)"))
    for number in range(min(8, driver.execute_script("return document.querySelectorAll('summary').length"))):
        # Those inside closed details cannot be reached, and need not be.
        opened = driver.execute_script("const s = document.querySelectorAll('summary')[arguments[0]]; if (s.parentElement.parentElement.closest('details:not([open])')) return null;"
                                       "s.focus(); return s.parentElement.open", number)
        if opened is None:
            continue
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        if driver.execute_script("return document.querySelectorAll('summary')[arguments[0]].parentElement.open", number) == opened:
            wrong.append(f"Enter does nothing to the details number {number}")
    return wrong


def check_reader(driver):
    """The tree that a screen reader gets."""
    driver.execute_cdp_cmd("Accessibility.enable", {})
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {}
    wrong = []
    for node in nodes:
        if node.get("ignored"):
            continue
        role = node.get("role", {}).get("value", "")
        roles[role] = roles.get(role, 0) + 1
        if role in ("image", "img", "region", "navigation", "article", "table", "link") and not node.get("name", {}).get("value", "").strip():
            wrong.append(f"a {role} without a name")
    for role in ("main", "banner", "contentinfo", "heading"):
        if not roles.get(role):
            wrong.append(f"no {role} for a screen reader")
    return sorted(set(wrong))


def check(browser, path):
    driver = browser.driver
    wrong = []
    texts = 0
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            browser.look(scheme, width)
            driver.get("file://" + os.path.abspath(path))
            where = f"{path} ({scheme}, {width}): "
            driver.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
            contrast = driver.execute_script(CONTRAST)
            texts += contrast["seen"]
            wrong += [where + "contrast of " + line for line in contrast["bad"]]
            wrong += [where + line for line in driver.execute_script(STRUCTURE)]
            wrong += [where + "on the console: " + line for line in browser.said()]
    browser.look("light", 1280)
    driver.get("file://" + os.path.abspath(path))
    wrong += [f"{path}: {line}" for check_one in (check_links, check_keyboard, check_reader) for line in check_one(driver)]
    browser.look("light", 800, media="print")
    driver.get("file://" + os.path.abspath(path))
    closed = driver.execute_script(CLOSED_ON_PAPER)
    if closed:
        wrong.append(f"{path}: {closed} details are closed on paper")
    if texts < 20:
        wrong.append(f"{path}: {texts} texts were looked at: the check sees nothing")
    return wrong, texts


def main():
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    try:
        import selenium  # noqa: F401
    except ImportError:
        missing.append("python3-selenium")
    if missing:
        print("not run: there is no", ", ".join(missing), "(apt-get install chromium chromium-driver python3-selenium)")
        return NOT_RUN
    wrong, texts = [], 0
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(folder)
        try:
            for path in sys.argv[1:]:
                found, seen = check(browser, path)
                wrong += found
                texts += seen
        finally:
            browser.driver.quit()
    print("\n".join(wrong))
    print(f"{len(sys.argv) - 1} pages, {texts} texts, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
