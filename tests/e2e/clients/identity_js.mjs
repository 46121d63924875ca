// One user's story with amazon-cognito-identity-js. Its refresh is InitiateAuth with REFRESH_TOKEN_AUTH.

import {
  AuthenticationDetails,
  CognitoRefreshToken,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} from "amazon-cognito-identity-js";

import { called, succeeded } from "./promises.mjs";
import { done, tellStory, tokenFacts } from "./story.mjs";

function sessionFacts(session) {
  return tokenFacts({
    accessToken: session.getAccessToken().getJwtToken(),
    idToken: session.getIdToken().getJwtToken(),
    refreshToken: session.getRefreshToken().getToken(),
  });
}

function createSteps({ endpoint, user_pool_id, client_id, username, passwords, codes }) {
  const pool = new CognitoUserPool({ UserPoolId: user_pool_id, ClientId: client_id, endpoint });
  const newUser = () => new CognitoUser({ Username: username, Pool: pool });
  let user = newUser();
  let session;

  async function signIn(password, flow = "USER_SRP_AUTH") {
    const candidate = newUser();
    candidate.setAuthenticationFlowType(flow);
    const details = new AuthenticationDetails({ Username: username, Password: password });
    session = await succeeded((callbacks) => candidate.authenticateUser(details, callbacks));
    user = candidate;
    return sessionFacts(session);
  }

  const refreshWith = (token) =>
    called((callback) => user.refreshSession(new CognitoRefreshToken({ RefreshToken: token }), callback));

  // refreshSession would try a refused refresh six times, for many seconds: this is the request that it sends.
  const refreshOnceWith = (token) =>
    called((callback) => {
      const parameters = { REFRESH_TOKEN: token };
      pool.client.request(
        "InitiateAuth",
        { ClientId: client_id, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: parameters },
        callback,
      );
    });

  async function endSession(signOut) {
    await signIn(passwords.reset);
    const token = session.getRefreshToken().getToken();
    await signOut();
    const refused = await refreshOnceWith(token).then(() => false, (error) => error.code === "NotAuthorizedException");
    return { refresh_refused_afterwards: refused };
  }

  return {
    async sign_up() {
      const email = new CognitoUserAttribute({ Name: "email", Value: username });
      const result = await called((callback) => pool.signUp(username, passwords.initial, [email], null, callback));
      return { confirmed: result.userConfirmed };
    },
    confirm_with_wrong_code: () => done(called((callback) => user.confirmRegistration(codes.wrong, false, callback))),
    resend_code: () => done(called((callback) => user.resendConfirmationCode(callback))),
    confirm: () => done(called((callback) => user.confirmRegistration(codes.confirmation, false, callback))),
    sign_in_with_srp: () => signIn(passwords.initial),
    sign_in_with_password: () => signIn(passwords.initial, "USER_PASSWORD_AUTH"),
    sign_in_with_wrong_password: () => signIn(passwords.wrong),
    async refresh() {
      const before = session.getAccessToken().getJwtToken();
      session = await refreshWith(session.getRefreshToken().getToken());
      return { ...sessionFacts(session), new_access_token: session.getAccessToken().getJwtToken() !== before };
    },
    async get_user() {
      const attributes = await called((callback) => user.getUserAttributes(callback));
      return { email_is_username: attributes.find(({ Name }) => Name === "email")?.Value === username };
    },
    change_password: () =>
      done(called((callback) => user.changePassword(passwords.initial, passwords.changed, callback))),
    sign_in_with_changed_password: () => signIn(passwords.changed),
    forgot_password: () => done(succeeded((callbacks) => newUser().forgotPassword(callbacks))),
    reset_with_wrong_code: () =>
      done(succeeded((callbacks) => newUser().confirmPassword(codes.wrong, passwords.reset, callbacks))),
    reset_password: () =>
      done(succeeded((callbacks) => newUser().confirmPassword(codes.reset, passwords.reset, callbacks))),
    sign_in_with_reset_password: () => signIn(passwords.reset),
    revoke_token: () => endSession(() => called((callback) => user.signOut(callback))),
    global_sign_out: () => endSession(() => succeeded((callbacks) => user.globalSignOut(callbacks))),
  };
}

await tellStory(createSteps);
