import { AuthenticationDetails, CognitoUser } from "amazon-cognito-identity-js";

import { succeeded } from "../promises.mjs";
import { tellSignIn } from "./sign_in.mjs";

await tellSignIn(async ({ userPool }, { username, password }) => {
  const user = new CognitoUser({ Username: username, Pool: userPool });
  const details = new AuthenticationDetails({ Username: username, Password: password });
  const session = await succeeded((callbacks) => user.authenticateUser(details, callbacks));
  return {
    accessToken: session.getAccessToken().getJwtToken(),
    idToken: session.getIdToken().getJwtToken(),
    refreshToken: session.getRefreshToken().getToken(),
  };
});
