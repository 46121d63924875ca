// One user's story with aws-amplify v6. Its refresh is GetTokensFromRefreshToken.

import { Amplify } from "aws-amplify";
import {
  confirmResetPassword,
  confirmSignUp,
  fetchAuthSession,
  fetchUserAttributes,
  resendSignUpCode,
  resetPassword,
  signIn,
  signOut,
  signUp,
  updatePassword,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";

import { done, tellStory, tokenFacts } from "./story.mjs";

/** Amplify's token store, whose content can be put back after a sign-out to see what the old tokens are still worth. */
class TokenStore {
  #items = new Map();

  async setItem(key, value) {
    this.#items.set(key, value);
  }

  async getItem(key) {
    return this.#items.get(key) ?? null;
  }

  async removeItem(key) {
    this.#items.delete(key);
  }

  async clear() {
    this.#items.clear();
  }

  snapshot() {
    return new Map(this.#items);
  }

  restore(items) {
    this.#items = new Map(items);
  }
}

function createSteps({ endpoint, user_pool_id, client_id, username, passwords, codes }) {
  const store = new TokenStore();
  Amplify.configure({
    Auth: { Cognito: { userPoolId: user_pool_id, userPoolClientId: client_id, userPoolEndpoint: endpoint } },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(store);

  async function sessionFacts(tokens) {
    const refreshToken = [...store.snapshot().keys()].some((key) => key.endsWith(".refreshToken"));
    return tokenFacts({ accessToken: tokens.accessToken.toString(), idToken: tokens.idToken.toString(), refreshToken });
  }

  async function signInAfresh(password, authFlowType = "USER_SRP_AUTH") {
    store.restore([]);
    const { nextStep } = await signIn({ username, password, options: { authFlowType } });
    const { tokens } = await fetchAuthSession();
    return { next_step: nextStep.signInStep, ...(await sessionFacts(tokens)) };
  }

  // Amplify's signOut never rejects, whatever the answer was: what counts is that the old tokens are worth nothing.
  async function endSession(options) {
    await signInAfresh(passwords.reset);
    const tokens = store.snapshot();
    await signOut(options);
    store.restore(tokens);
    const { tokens: refreshed } = await fetchAuthSession({ forceRefresh: true });
    return { refresh_refused_afterwards: refreshed === undefined };
  }

  return {
    async sign_up() {
      const options = { userAttributes: { email: username } };
      const { isSignUpComplete } = await signUp({ username, password: passwords.initial, options });
      return { confirmed: isSignUpComplete };
    },
    confirm_with_wrong_code: () => done(confirmSignUp({ username, confirmationCode: codes.wrong })),
    resend_code: () => done(resendSignUpCode({ username })),
    confirm: () => done(confirmSignUp({ username, confirmationCode: codes.confirmation })),
    sign_in_with_srp: () => signInAfresh(passwords.initial),
    sign_in_with_password: () => signInAfresh(passwords.initial, "USER_PASSWORD_AUTH"),
    async sign_in_with_wrong_password() {
      const tokens = store.snapshot();
      try {
        return await signInAfresh(passwords.wrong);
      } finally {
        store.restore(tokens);
      }
    },
    async refresh() {
      const before = (await fetchAuthSession()).tokens.accessToken.toString();
      const { tokens } = await fetchAuthSession({ forceRefresh: true });
      return { ...(await sessionFacts(tokens)), new_access_token: tokens.accessToken.toString() !== before };
    },
    get_user: async () => ({ email_is_username: (await fetchUserAttributes()).email === username }),
    change_password: () =>
      done(updatePassword({ oldPassword: passwords.initial, newPassword: passwords.changed })),
    sign_in_with_changed_password: () => signInAfresh(passwords.changed),
    forgot_password: () => done(resetPassword({ username })),
    reset_with_wrong_code: () =>
      done(confirmResetPassword({ username, confirmationCode: codes.wrong, newPassword: passwords.reset })),
    reset_password: () =>
      done(confirmResetPassword({ username, confirmationCode: codes.reset, newPassword: passwords.reset })),
    sign_in_with_reset_password: () => signInAfresh(passwords.reset),
    revoke_token: () => endSession(),
    global_sign_out: () => endSession({ global: true }),
  };
}

await tellStory(createSteps);
