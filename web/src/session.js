// What the signed-in person has: tokens, names, second factor.

import { fetchAuthSession, fetchMFAPreference } from "aws-amplify/auth";

/** Name of the error of whoever has no session any more. */
export const SIGNED_OUT = "UserUnAuthenticatedException";

const FACTORS = { TOTP: "authenticator app", SMS: "text message", EMAIL: "e-mail" };

/** The tokens, or an error that says that the session is over. `forceRefresh`: new ones. */
export async function tokens({ forceRefresh = false } = {}) {
  const { tokens: found } = await fetchAuthSession({ forceRefresh });
  if (!found) {
    // Amplify has thrown the tokens away, and does not say why.
    throw Object.assign(new Error("no tokens"), { name: SIGNED_OUT });
  }
  return found;
}

/** What the account's view tells: no token, but who they are for and how long they hold. */
export async function facts() {
  const { accessToken, idToken } = await tokens();
  const { given_name: given, family_name: family, "cognito:username": username } = idToken.payload;
  return {
    username,
    name: [given, family].filter(Boolean).join(" ") || "none",
    factor: await factorInWords(),
    validity: `valid until ${new Date(accessToken.payload.exp * 1000).toLocaleTimeString("en-GB")}`,
  };
}

/** The second factor that is asked for at sign-in. */
export async function factorInWords() {
  const { preferred, enabled = [] } = await fetchMFAPreference();
  return preferred ? FACTORS[preferred] : enabled.map((factor) => FACTORS[factor]).join(", ") || "none";
}
