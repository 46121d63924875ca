// Begins: reads config.json, points Amplify at the proxy, and shows the first view.

import { Amplify } from "aws-amplify";
import { getCurrentUser } from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { sessionStorage } from "aws-amplify/utils";

import { accountActions, showAccount } from "./account.js";
import { watchCalls } from "./calls.js";
import { fetchConfig } from "./config.js";
import { watchViews } from "./human_check.js";
import { shapedFetch } from "./plain_answers.js";
import { SIGNED_OUT } from "./session.js";
import { signInActions } from "./sign_in.js";
import { complain, listen, show } from "./views.js";

function configure({ endpoint, userPoolId, clientId }) {
  globalThis.fetch = shapedFetch(endpoint, globalThis.fetch.bind(globalThis));
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: endpoint } },
  });
  // Tokens end with the tab. Amplify's default, localStorage, would keep them for whoever opens this browser next.
  cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage);
}

async function begin() {
  const config = await fetchConfig();
  configure(config);
  watchViews(config);
  const account = () => showAccount(config);
  listen(
    { ...signInActions(account), ...accountActions(config) },
    { go: (name, values) => (name === "start" ? start(account) : show(name, { values })), fail },
  );
  if (config.calls) {
    watchCalls(config.calls);
  }
  await start(account);
}

/** Whose session is over has to begin again. */
function fail(error) {
  if (error.name === SIGNED_OUT) {
    show("sign-in");
  }
  complain(error);
}

/** The account of whoever is signed in, else the sign-in. */
async function start(account) {
  const signedIn = await getCurrentUser().then(() => true, () => false);
  if (!signedIn) {
    show("sign-in");
    return;
  }
  try {
    await account();
  } catch (error) {
    show("sign-in");
    complain(error);
  }
}

begin().catch((error) => {
  show("broken");
  complain(error);
});
