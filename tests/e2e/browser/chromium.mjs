// A Chromium that needs nothing from the machine's package manager: the npm package carries the program, the libraries
// that a bare Linux lacks, and a font. It is unpacked once, beside the packages.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

import { CHROMIUM_VERSION, CLIENTS, inflate, packedChromium, PACKED_CHROMIUM, playwright } from "./packages.mjs";

const CACHE = join(CLIENTS, "node_modules", ".cache");

// LD_LIBRARY_PATH is searched before these: named there themselves, they keep their precedence over the package's.
const SYSTEM_LIBRARIES = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

// The package's own names the folders of AWS Lambda.
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

// Not the package's own arguments: they disable web security, and with it all that is tested here.
const ARGUMENTS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  "--no-proxy-server",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/** Start the packed browser, or the one that the variable CHROMIUM names. */
export async function launchChromium() {
  const { executablePath, env } = process.env.CHROMIUM ? { executablePath: process.env.CHROMIUM } : await unpacked();
  return playwright.chromium.launch({ executablePath, args: ARGUMENTS, env: { ...process.env, ...env } });
}

async function unpacked() {
  if (`${process.platform} ${process.arch}` !== "linux x64") {
    throw new Error(`no browser is packed for ${process.platform} ${process.arch}: let CHROMIUM name a Chromium program`);
  }
  const folder = join(CACHE, `chromium-${CHROMIUM_VERSION}`);
  if (!existsSync(folder)) {
    await unpackInto(folder);
  }
  const libraries = [process.env.LD_LIBRARY_PATH, ...SYSTEM_LIBRARIES, join(folder, "al2023", "lib")];
  return {
    executablePath: join(folder, "chromium"),
    env: {
      LD_LIBRARY_PATH: libraries.filter(Boolean).join(delimiter),
      FONTCONFIG_PATH: join(folder, "fonts"),
    },
  };
}

/** All or nothing, also when several processes do it at a time. */
async function unpackInto(folder) {
  await mkdir(CACHE, { recursive: true });
  const staging = await mkdtemp(`${folder}-`);
  try {
    await unpackIntoTemporary(staging);
    await writeFile(join(staging, "fonts", "fonts.conf"), FONTS_CONF);
    await rename(staging, folder).catch((error) => {
      if (!existsSync(folder)) {
        throw error;
      }
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The package unpacks into the folder for temporary files, whichever that is. */
async function unpackIntoTemporary(folder) {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    await packedChromium.executablePath();
    await inflate(join(PACKED_CHROMIUM, "bin", "al2023.tar.br"));
  } finally {
    if (before === undefined) {
      delete process.env.TMPDIR;
    } else {
      process.env.TMPDIR = before;
    }
  }
}
