// Bundles the page into web/dist: `make web`. What is there then can be served by any web server, beside a config.json.
//
// An argument names another folder. The versions of what is bundled are pinned once, with those of the tests' clients.

import { copyFile, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = dirname(fileURLToPath(import.meta.url));
const CLIENTS = join(WEB, "..", "tests", "e2e", "clients");
const DIST = process.argv[2] ?? join(WEB, "dist");

const { build } = createRequire(join(CLIENTS, "package.json"))("esbuild");

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });
await build({
  entryPoints: [join(WEB, "src", "app.js")],
  outdir: DIST,
  nodePaths: [join(CLIENTS, "node_modules")],
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  legalComments: "linked",
  logLevel: "warning",
});
await Promise.all(["index.html", "style.css", "icon.svg"].map((name) => copyFile(join(WEB, name), join(DIST, name))));
