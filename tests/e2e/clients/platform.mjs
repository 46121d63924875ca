// Where a story's configuration comes from and its reports go to: in Node.js, stdin and a JSON line on stdout.

import { text } from "node:stream/consumers";

export async function readConfig() {
  return JSON.parse(await text(process.stdin));
}

export function report(outcome) {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
