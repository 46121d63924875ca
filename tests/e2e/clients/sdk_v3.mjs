// One user's story with the AWS SDK for JavaScript v3. The SDK has no SRP arithmetic of its own:
// the numbers are amazon-cognito-identity-js's, the requests are the SDK's.

import { createHmac } from "node:crypto";

import { AuthenticationHelper, DateHelper } from "amazon-cognito-identity-js";
import BigIntegerModule from "amazon-cognito-identity-js/lib/BigInteger.js";
import {
  ChangePasswordCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";

import { called } from "./promises.mjs";
import { done, tellStory, tokenFacts } from "./story.mjs";

const BigInteger = BigIntegerModule.default;

function sessionFacts({ AccessToken, IdToken, RefreshToken }) {
  return tokenFacts({ accessToken: AccessToken, idToken: IdToken, refreshToken: RefreshToken });
}

function createSteps({ endpoint, region, user_pool_id, client_id, username, passwords, codes }) {
  const client = new CognitoIdentityProviderClient({ endpoint, region });
  const poolName = user_pool_id.split("_")[1];
  const app = { ClientId: client_id };
  const person = { ...app, Username: username };
  let session;

  const send = (command) => done(client.send(command));

  function signedIn({ AuthenticationResult }) {
    session = AuthenticationResult;
    return sessionFacts(session);
  }

  async function challengeResponses(helper, challenge, password) {
    const userId = challenge.USER_ID_FOR_SRP;
    const [serverB, salt] = [challenge.SRP_B, challenge.SALT].map((hex) => new BigInteger(hex, 16));
    const key = await called((callback) =>
      helper.getPasswordAuthenticationKey(userId, password, serverB, salt, callback));
    const timestamp = new DateHelper().getNowString();
    const signature = createHmac("sha256", key)
      .update(poolName)
      .update(userId)
      .update(Buffer.from(challenge.SECRET_BLOCK, "base64"))
      .update(timestamp)
      .digest("base64");
    return {
      USERNAME: userId,
      PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
      PASSWORD_CLAIM_SIGNATURE: signature,
      TIMESTAMP: timestamp,
    };
  }

  async function signInWithSrp(password) {
    const helper = new AuthenticationHelper(poolName);
    const largeA = await called((callback) => helper.getLargeAValue(callback));
    const { ChallengeName, ChallengeParameters, Session } = await client.send(new InitiateAuthCommand({
      ...app,
      AuthFlow: "USER_SRP_AUTH",
      AuthParameters: { USERNAME: username, SRP_A: largeA.toString(16) },
    }));
    return signedIn(await client.send(new RespondToAuthChallengeCommand({
      ...app,
      ChallengeName,
      Session,
      ChallengeResponses: await challengeResponses(helper, ChallengeParameters, password),
    })));
  }

  async function signInWithPassword(password) {
    return signedIn(await client.send(new InitiateAuthCommand({
      ...app,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: username, PASSWORD: password },
    })));
  }

  async function refreshWith(command) {
    const { AuthenticationResult } = await client.send(command);
    const newAccessToken = AuthenticationResult.AccessToken !== session.AccessToken;
    session = { ...session, ...AuthenticationResult };
    return { ...sessionFacts(session), new_access_token: newAccessToken };
  }

  const tokensFromRefreshToken = () =>
    new GetTokensFromRefreshTokenCommand({ ...app, RefreshToken: session.RefreshToken });

  async function endSession(command) {
    await signInWithSrp(passwords.reset);
    await client.send(command());
    const refused = await client
      .send(tokensFromRefreshToken())
      .then(() => false, (error) => error.name === "NotAuthorizedException");
    return { refresh_refused_afterwards: refused };
  }

  const resetWith = (code) =>
    send(new ConfirmForgotPasswordCommand({ ...person, ConfirmationCode: code, Password: passwords.reset }));

  return {
    async sign_up() {
      const attributes = [{ Name: "email", Value: username }];
      const result = await client.send(
        new SignUpCommand({ ...person, Password: passwords.initial, UserAttributes: attributes }),
      );
      return { confirmed: result.UserConfirmed };
    },
    confirm_with_wrong_code: () => send(new ConfirmSignUpCommand({ ...person, ConfirmationCode: codes.wrong })),
    resend_code: () => send(new ResendConfirmationCodeCommand(person)),
    confirm: () => send(new ConfirmSignUpCommand({ ...person, ConfirmationCode: codes.confirmation })),
    sign_in_with_srp: () => signInWithSrp(passwords.initial),
    sign_in_with_password: () => signInWithPassword(passwords.initial),
    sign_in_with_wrong_password: () => signInWithSrp(passwords.wrong),
    refresh: () => refreshWith(tokensFromRefreshToken()),
    refresh_with_initiate_auth: () => refreshWith(new InitiateAuthCommand({
      ...app,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: session.RefreshToken },
    })),
    async get_user() {
      const { UserAttributes } = await client.send(new GetUserCommand({ AccessToken: session.AccessToken }));
      return { email_is_username: UserAttributes.find(({ Name }) => Name === "email")?.Value === username };
    },
    change_password: () => send(new ChangePasswordCommand({
      AccessToken: session.AccessToken,
      PreviousPassword: passwords.initial,
      ProposedPassword: passwords.changed,
    })),
    sign_in_with_changed_password: () => signInWithSrp(passwords.changed),
    forgot_password: () => send(new ForgotPasswordCommand(person)),
    reset_with_wrong_code: () => resetWith(codes.wrong),
    reset_password: () => resetWith(codes.reset),
    sign_in_with_reset_password: () => signInWithSrp(passwords.reset),
    revoke_token: () => endSession(() => new RevokeTokenCommand({ ...app, Token: session.RefreshToken })),
    global_sign_out: () => endSession(() => new GlobalSignOutCommand({ AccessToken: session.AccessToken })),
  };
}

await tellStory(createSteps);
