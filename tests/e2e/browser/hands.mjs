// Does what a person does at a page: types, presses keys, clicks, looks. One JSON line a job, one for its answer.
//
// Prints {ready: <the browser's version>} once jobs can come. A job: {do: <name below>, …}. Its answer: {ok: true, value}
// or {ok: false, reason}. What is looked for is waited for. Ends with stdin.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { launchChromium } from "./chromium.mjs";
import { AXE } from "./packages.mjs";
import { scanned } from "./scan.mjs";

const WAIT_MILLISECONDS = 15_000;

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const browser = await launchChromium().catch((error) => {
  process.stderr.write(`${String(error.message).split("\n", 1)[0]}\n`);
  process.exit(1);
});
const axe = await readFile(AXE, "utf8");

let context;
let page;
let complaints = [];
let requests = [];
let answers = [];

/** The answer that was given for a call; without one it goes on to whom it is for. */
async function respond(route, request) {
  const target = request.headers()["x-amz-target"] ?? "";
  const place = answers.findIndex(({ operation }) => target.endsWith(`.${operation}`));
  if (place < 0) {
    return route.continue();
  }
  const [{ status = 200, body, plain }] = answers.splice(place, 1);
  return route.fulfill({
    status,
    headers: { "access-control-allow-origin": "*" },
    contentType: plain === undefined ? "application/x-amz-json-1.1" : "text/html",
    body: plain ?? JSON.stringify(body),
  });
}

/** The one element of this role and name that is there to be used. */
const named = (role, name) => page.getByRole(role, { name, exact: true });

const field = (label) => page.getByLabel(label, { exact: true });

const JOBS = {
  async open({ url, width = 1280, height = 900 }) {
    await context?.close();
    context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce", locale: "en-GB" });
    context.setDefaultTimeout(WAIT_MILLISECONDS);
    page = await context.newPage();
    complaints = [];
    requests = [];
    answers = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(url);
  },
  reload: () => page.reload(),
  resize: ({ width, height }) => page.setViewportSize({ width, height }),
  fill: ({ label, value }) => field(label).fill(value),
  value: ({ label }) => field(label).inputValue(),
  click: ({ name, role = "button" }) => named(role, name).click(),
  choose: ({ label }) => field(label).check(),
  select: ({ label, value }) => field(label).selectOption({ label: value }),
  type: ({ text }) => page.keyboard.type(text),
  press: ({ key }) => page.keyboard.press(key),
  heading: async ({ text }) => {
    await named("heading", text).waitFor();
    return JOBS.focused();
  },
  has: ({ selector, text }) => page.locator(selector).filter({ hasText: text }).first().waitFor(),
  text: ({ selector }) => page.locator(selector).innerText(),
  attributes: ({ selector, name }) =>
    page.locator(selector).evaluateAll((found, name) => found.map((element) => element.getAttribute(name)), name),
  focused: () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      const label = element.labels?.[0]?.textContent ?? element.textContent;
      return `${element.tagName.toLowerCase()} ${label.trim()}`;
    }),
  outlined: () =>
    page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    }),
  /** How many pixels the page is too wide. */
  overflow: () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  /** What axe-core finds, as "impact rule: selector". */
  async findings() {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const { violations } = await globalThis.axe.run();
      return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target }) => `${impact} ${id}: ${target}`));
    });
  },
  /** What the QR code on the page says. */
  async scanned({ selector }) {
    const shown = page.locator(selector);
    const size = await shown.evaluate((svg) => svg.viewBox.baseVal.width);
    const path = await shown.locator("path").getAttribute("d");
    return scanned(path, size);
  },
  picture: ({ path, of, hidden = [] }) =>
    page.locator(of).screenshot({
      path,
      animations: "disabled",
      maskColor: "#8b96a1",
      mask: hidden.map((selector) => page.locator(selector)),
    }),
  /** Give the page this answer to its next call of an operation, in Cognito's place. */
  async answer(answer) {
    answers.push(answer);
    if (answers.length === 1) {
      // Only now: while anything is intercepted, Playwright answers preflights itself.
      await page.route("**/*", respond);
    }
  },
  /** Let no call of the page come through any more, or again. */
  offline: ({ is }) => context.setOffline(is),
  complaints: () => complaints,
  requests: () => requests,
  stored: () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])),
};

print({ ready: browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { do: job, ...details } = JSON.parse(line);
  try {
    print({ ok: true, value: (await JOBS[job](details)) ?? null });
  } catch (error) {
    print({ ok: false, reason: String(error.message).split("\n").slice(0, 3).join(" ") });
  }
}
await browser.close();
