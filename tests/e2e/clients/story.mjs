// Runs one user's story with one client, in Node.js or in a browser: is told a configuration, reports each step.
//
// Configuration: {endpoint, region, user_pool_id, client_id, username,
//                 passwords: {initial, wrong, changed, reset}, codes: {confirmation, reset, wrong}, steps: [name, …]}
// A report: {step, ok, …facts} or {step, ok: false, error_name, error_message}. Facts never hold a token or a password,
// and the passwords, codes and the user name are blotted out of error messages.

import { readConfig, report } from "#platform";

/** The claims of a JSON Web Token, unverified: the tests look at what kind of token a client was given. */
export function claims(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
}

/** What a sign-in or a refresh is judged by. */
export function tokenFacts({ accessToken, idToken, refreshToken }) {
  return {
    access_token_use: claims(accessToken).token_use,
    access_token_client_id: claims(accessToken).client_id,
    id_token_use: claims(idToken).token_use,
    has_refresh_token: Boolean(refreshToken),
  };
}

/** For a step of which nothing but its success is told. */
export async function done(promise) {
  await promise;
  return {};
}

function redacted(message, { passwords, codes, username }) {
  const secrets = [...Object.values(passwords), ...Object.values(codes), username];
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message);
}

async function outcome(action, config) {
  if (!action) {
    return { ok: false, error_name: "UnknownStep", error_message: "this client has no such step" };
  }
  try {
    return { ok: true, ...(await action()) };
  } catch (error) {
    const message = redacted(String(error.message), config);
    return { ok: false, error_name: error.code ?? error.name, error_message: message };
  }
}

/**
 * @param createSteps (config) => {name: async () => facts}; the steps of a story share what their closure holds.
 */
export async function tellStory(createSteps) {
  const config = await readConfig();
  const steps = createSteps(config);
  for (const step of config.steps) {
    await report({ step, ...(await outcome(steps[step], config)) });
  }
}
