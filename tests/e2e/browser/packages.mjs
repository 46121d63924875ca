// The npm packages that drive the browser. They are installed beside the clients, where an import from here does not look.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const CLIENTS = fileURLToPath(new URL("../clients", import.meta.url));

const require = createRequire(join(CLIENTS, "package.json"));

export const esbuild = require("esbuild");
export const playwright = require("playwright-core");
export const { default: packedChromium, inflate } = require("@sparticuz/chromium");

/** Folder of the compressed browser; it is named after the version, which is that of the browser. */
export const PACKED_CHROMIUM = dirname(dirname(require.resolve("@sparticuz/chromium")));
export const { version: CHROMIUM_VERSION } = require(join(PACKED_CHROMIUM, "package.json"));

/** The file that looks for barriers in a page. */
export const AXE = require.resolve("axe-core/axe.min.js");
export const { default: decodeQr } = require("qr/decode.js");
