// Puts the page of oauth_page.mjs into a folder, for the browser to open. Argument: the folder.

import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { CLIENTS, esbuild } from "./packages.mjs";

const folder = process.argv[2];
await copyFile(fileURLToPath(new URL("oauth.html", import.meta.url)), join(folder, "oauth.html"));
await writeFile(join(folder, "bye.html"), '<!doctype html><title>Bye</title><h1 tabindex="-1">Bye</h1>\n');
await esbuild.build({
  entryPoints: [join(CLIENTS, "oauth_page.mjs")],
  outdir: folder,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  logLevel: "error",
});
