// A page that signs its user in with the code grant, by one of two libraries, and tells what came of it.
//
// `oauth.html?library=…&config=…` begins; both are kept for when the browser comes back. `config` names a JSON file
// beside the page: {endpoint, issuer, client_id, redirect_uri, post_logout_redirect_uri}.

import * as oauth from "oauth4webapi";
import { UserManager, WebStorageStateStore } from "oidc-client-ts";

const SCOPE = "openid email";
const INSECURE = { [oauth.allowInsecureRequests]: true };

const asked = new URLSearchParams(location.search);
for (const name of ["library", "config"]) {
  if (asked.has(name)) {
    sessionStorage.setItem(name, asked.get(name));
  }
}
const config = await (await fetch(sessionStorage.getItem("config"))).json();

function oidcClientTs() {
  const manager = new UserManager({
    authority: config.endpoint,
    client_id: config.client_id,
    redirect_uri: config.redirect_uri,
    post_logout_redirect_uri: config.post_logout_redirect_uri,
    scope: SCOPE,
    loadUserInfo: true,
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
  let refreshToken;
  return {
    signIn: () => manager.signinRedirect(),
    async comeBack() {
      const user = await manager.signinCallback();
      refreshToken = user.refresh_token;
      return user.profile;
    },
    async refresh() {
      const before = (await manager.getUser()).access_token;
      return { changed: (await manager.signinSilent()).access_token !== before };
    },
    async revoke() {
      await manager.revokeTokens(["refresh_token"]);
      const user = await manager.getUser();
      user.refresh_token = refreshToken;
      await manager.storeUser(user);
      return {};
    },
    signOut: () => manager.signoutRedirect(),
  };
}

async function oauth4webapi() {
  const found = await fetch(`${config.endpoint}/.well-known/openid-configuration`);
  const server = await oauth.processDiscoveryResponse(new URL(config.issuer), found);
  const client = { client_id: config.client_id };
  const nobody = oauth.None();
  let tokens;
  return {
    async signIn() {
      const verifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      sessionStorage.setItem("verifier", verifier);
      sessionStorage.setItem("state", state);
      const url = new URL(server.authorization_endpoint);
      url.search = new URLSearchParams({
        client_id: config.client_id,
        response_type: "code",
        redirect_uri: config.redirect_uri,
        scope: SCOPE,
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      location.assign(url);
    },
    async comeBack() {
      const parameters = oauth.validateAuthResponse(
        server,
        client,
        new URL(location.href),
        sessionStorage.getItem("state"),
      );
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        nobody,
        parameters,
        config.redirect_uri,
        sessionStorage.getItem("verifier"),
        INSECURE,
      );
      tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { requireIdToken: true });
      await oauth.validateApplicationLevelSignature(server, answer, INSECURE);
      const { sub } = oauth.getValidatedIdTokenClaims(tokens);
      const info = await oauth.userInfoRequest(server, client, tokens.access_token, INSECURE);
      return oauth.processUserInfoResponse(server, client, sub, info);
    },
    async refresh() {
      const before = tokens.access_token;
      const answer = await oauth.refreshTokenGrantRequest(server, client, nobody, tokens.refresh_token, INSECURE);
      const fresh = await oauth.processRefreshTokenResponse(server, client, answer);
      return { changed: fresh.access_token !== before };
    },
    async revoke() {
      const answer = await oauth.revocationRequest(server, client, nobody, tokens.refresh_token, INSECURE);
      await oauth.processRevocationResponse(answer);
      return {};
    },
    signOut() {
      const url = new URL(server.end_session_endpoint);
      url.search = new URLSearchParams({
        client_id: config.client_id,
        post_logout_redirect_uri: config.post_logout_redirect_uri,
      });
      location.assign(url);
    },
  };
}

const library = await { oidcClientTs, oauth4webapi }[sessionStorage.getItem("library")]();

function tell(step, text) {
  document.querySelector("#told").textContent = `${step}: ${text}`;
}

async function take(step) {
  tell(step, "…");
  try {
    tell(step, JSON.stringify((await library[step]()) ?? null));
  } catch (error) {
    tell(step, `${error.name}: ${error.error ?? error.cause?.error ?? error.message}`);
  }
}

for (const [step, name] of Object.entries({
  signIn: "Sign in here",
  refresh: "Refresh",
  revoke: "Revoke",
  signOut: "Sign out",
})) {
  const button = document.createElement("button");
  button.textContent = name;
  button.addEventListener("click", () => take(step));
  document.body.append(button);
}
if (asked.has("code")) {
  await take("comeBack");
} else {
  tell("ready", "");
}
