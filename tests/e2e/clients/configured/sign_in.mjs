// Signs in with what `cognito-proxy config` printed: node configured/<sdk>.mjs <the printed module>, with
// {username, password} on stdin. Prints what kinds of tokens came back, never a token.

import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

import { tokenFacts } from "../story.mjs";

/**
 * @param signIn (what the module exports, {username, password}) => {accessToken, idToken, refreshToken}
 */
export async function tellSignIn(signIn) {
  const person = JSON.parse(await text(process.stdin));
  const configured = await import(pathToFileURL(process.argv[2]));
  process.stdout.write(JSON.stringify(tokenFacts(await signIn(configured, person))));
}
