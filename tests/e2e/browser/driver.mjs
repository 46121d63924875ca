// Tells users' stories in Chromium: builds the pages' scripts, starts one browser, and opens a page for each job.
//
// Arguments: the folder from which the pages are served. Prints {ready: <the browser's version>} once jobs can come.
// A job, one JSON line on stdin: {url, …configuration of story.mjs}. Its answer: each step's report as a line, and at
// last {finished: true, shown: <the page's text>, console: [<what the browser complained of>, …]}
// or {finished: false, reason}. Ends with stdin.

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { launchChromium } from "./chromium.mjs";
import { CLIENTS, esbuild } from "./packages.mjs";

const JOB_SECONDS = 60;

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function buildSite(folder) {
  await copyFile(fileURLToPath(new URL("page.html", import.meta.url)), join(folder, "page.html"));
  await esbuild.build({
    entryPoints: ["amplify.mjs", "identity_js.mjs"].map((name) => join(CLIENTS, name)),
    outdir: folder,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    // amazon-cognito-identity-js asks every bundler for this.
    define: { global: "globalThis" },
    logLevel: "error",
  });
}

/** What the page at `url` makes of the story: resolves after the last step's report. */
async function open(page, url, config) {
  let left = config.steps.length;
  const { promise: told, resolve, reject } = Promise.withResolvers();
  page.on("pageerror", reject);
  page.on("crash", () => reject(new Error("the page crashed")));
  await page.exposeFunction("tellConfig", () => config);
  await page.exposeFunction("takeReport", (report) => {
    print(report);
    left -= 1;
    if (left === 0) {
      resolve();
    }
  });
  const timeout = setTimeout(() => reject(new Error(`not done after ${JOB_SECONDS} seconds`)), JOB_SECONDS * 1000);
  try {
    await Promise.all([page.goto(url), told]);
  } finally {
    clearTimeout(timeout);
  }
}

async function tell(browser, { url, ...config }) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => complaints.push(message.text()));
    await open(page, url, config);
    print({ finished: true, shown: await page.innerText("body"), console: complaints });
  } catch (error) {
    print({ finished: false, reason: firstLine(error) });
  } finally {
    await context.close();
  }
}

const firstLine = (error) => String(error.message).split("\n", 1)[0];

/** Of what Playwright says of a browser that does not start, the browser's own words. */
function startFailure(error) {
  const said = /error while loading shared libraries.*|FATAL:.*/.exec(error.message);
  return said ? said[0] : firstLine(error);
}

await buildSite(process.argv[2]);
const browser = await launchChromium().catch((error) => {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
});
print({ ready: browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  await tell(browser, JSON.parse(line));
}
await browser.close();
