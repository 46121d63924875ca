// What one deployment's page is told: config.json, beside it. One bundle serves every deployment.
//
// {"endpoint": URL of the proxy, "userPoolId", "clientId",
//  "humanCheckProvider", "humanCheckSiteKey": optional; "humanCheckScript": optional, of a stand-in;
//  "restApiUrl", "httpApiUrl": optional; "calls": optional, where a local run tells what the proxy did}

import { apisOf } from "./api.js";

const REQUIRED = ["endpoint", "userPoolId", "clientId"];
const URLS = ["endpoint", "restApiUrl", "httpApiUrl", "humanCheckScript"];

/** The configuration that a document holds. Throws an Error that names what is missing or wrong. */
export function readConfig(document) {
  for (const name of REQUIRED) {
    if (typeof document?.[name] !== "string" || !document[name]) {
      throw new Error(`config.json: ${name} is missing`);
    }
  }
  for (const name of URLS.filter((name) => document[name] !== undefined)) {
    if (!URL.canParse(document[name])) {
      throw new Error(`config.json: ${name} is no URL`);
    }
  }
  return { ...document, apis: apisOf(document) };
}

/** What comes from the page's own server, never from a cache: a deployment may have changed it. */
export async function fetchConfig() {
  const answer = await fetch("config.json", { cache: "no-store" });
  if (!answer.ok) {
    throw new Error(`config.json: the server answers ${answer.status}`);
  }
  return readConfig(await answer.json());
}
