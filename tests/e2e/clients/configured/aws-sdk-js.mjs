// With a password: the SDK has no SRP arithmetic of its own.

import { InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";

import { tellSignIn } from "./sign_in.mjs";

await tellSignIn(async ({ cognito, clientId }, { username, password }) => {
  const { AuthenticationResult } = await cognito.send(new InitiateAuthCommand({
    ClientId: clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: username, PASSWORD: password },
  }));
  return {
    accessToken: AuthenticationResult.AccessToken,
    idToken: AuthenticationResult.IdToken,
    refreshToken: AuthenticationResult.RefreshToken,
  };
});
