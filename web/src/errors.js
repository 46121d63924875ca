// Every error that Cognito, the proxy, the firewall or the network can give, as a sentence for the person at the page.

/**
 * Type of error → what it says. A text may depend on Cognito's own message: then it is a list of [pattern, text], of
 * which the first that matches counts. `%` stands for Cognito's own message, where that helps more than any other words.
 *
 * The types are those of the public operations in Cognito's service model (a test holds this table against botocore's),
 * then the proxy's and the firewall's, Amplify's own, and answers of others that stand on the way.
 */
export const TEXTS = {
  AliasExistsException: "Another account has this e-mail address or phone number.",
  CodeDeliveryFailureException: "The code could not be sent. Check the address, or try again later.",
  CodeMismatchException: "This code is wrong. Look again, or ask for another one.",
  ConcurrentModificationException: "Somebody else changed this at the same moment. Try again.",
  DeviceKeyExistsException: "This device is known already.",
  EnableSoftwareTokenMFAException:
    "This code is wrong. Wait for the app's next code, and check that the clock of your device is right.",
  ExpiredCodeException: "This code is too old or was used already. Ask for another one.",
  ForbiddenException: [
    [/origin/i, "The proxy does not allow pages of this address: it has to be among its allowed origins."],
    [/.?/, "The firewall refused this request. If you are on a VPN, try without it."],
  ],
  InternalErrorException: "Cognito has a problem of its own. Try again in a minute.",
  InvalidEmailRoleAccessPolicyException: "The user pool may not send e-mail. Only its administrator can change that.",
  InvalidLambdaResponseException: "The user pool's own rules failed. Only its administrator can mend that.",
  InvalidParameterException: "Something that you entered is not accepted. Cognito says: %",
  InvalidPasswordException: "This password is too weak. Cognito says: %",
  InvalidSmsRoleAccessPolicyException: "The user pool may not send text messages. Only its administrator can change that.",
  InvalidSmsRoleTrustRelationshipException:
    "The user pool may not send text messages. Only its administrator can change that.",
  InvalidUserPoolConfigurationException: "The user pool is not set up for this. Only its administrator can change that.",
  LimitExceededException: "Too many attempts. Wait a while, then try again.",
  MFAMethodNotFoundException: "No second factor is set up that could be used.",
  NotAuthorizedException: [
    [/Incorrect username or password/i, "User name or password is wrong."],
    [/Password attempts exceeded/i, "Too many wrong passwords. Wait a while, then try again."],
    [/User is disabled/i, "This account is disabled."],
    [/Current status is CONFIRMED/i, "This account is confirmed already: sign in."],
    [/(Refresh|Access) Token/i, "You are no longer signed in. Sign in again."],
    [/session/i, "This took too long. Start again."],
    [/Temporary password has expired/i, "The temporary password is too old. Ask the administrator for another one."],
    [/secret/i, "The proxy could not prove this app to Cognito. Its administrator has to look at the app client's secret."],
    [/.?/, "Cognito refused this. It says: %"],
  ],
  OperationNotEnabledException: "The user pool does not offer this.",
  PasswordHistoryPolicyViolationException: "You had this password before. Choose another one.",
  PasswordResetRequiredException: "Your password has to be reset: use “Forgot your password?”.",
  RefreshTokenReuseException: "You are no longer signed in. Sign in again.",
  ResourceNotFoundException: "This page is set up for a user pool or app client that does not exist.",
  SoftwareTokenMFANotFoundException: "No authenticator app is set up, or the user pool does not offer it.",
  TooManyFailedAttemptsException: "Too many wrong codes. Wait a while, then try again.",
  ServiceUnavailableException: "This cannot be done at the moment. Try again in a minute.",
  TooManyRequestsException: "Too many requests from your network. Wait a few minutes, then try again.",
  UnauthorizedException: "Cognito did not accept this. Sign in again.",
  UnexpectedLambdaException: "The user pool's own rules failed. Only its administrator can mend that.",
  UnsupportedOperationException: "The user pool does not offer this.",
  UnsupportedTokenTypeException: "Tokens of this kind cannot be revoked.",
  UserLambdaValidationException: "The user pool's own rules refused this. They say: %",
  UserNotConfirmedException: "This account is not confirmed yet. Enter the code that was sent to you.",
  UserNotFoundException: "There is no such account.",
  UserPoolAddOnNotEnabledException: "The user pool does not offer this.",
  UsernameExistsException: "This user name is taken. Choose another one, or sign in.",
  WebAuthnChallengeNotFoundException: "This passkey's set-up took too long. Start again.",
  WebAuthnClientMismatchException: "Passkeys cannot be used with this app.",
  WebAuthnConfigurationMissingException: "The user pool is not set up for passkeys.",
  WebAuthnCredentialNotSupportedException: "The user pool does not take this kind of passkey.",
  WebAuthnNotEnabledException: "The user pool does not offer passkeys.",
  WebAuthnOriginNotAllowedException: "Passkeys cannot be used on this page.",
  WebAuthnRelyingPartyMismatchException: "Passkeys cannot be used on this page.",

  // The proxy's human check (lambda/proxy/interceptors/human_check.py).
  HumanCheckFailedException: "The check that you are a human did not succeed. It begins anew: wait for it, then try again.",
  HumanCheckRequiredException: "The check that you are a human is not finished. Wait for it, then try again.",
  HumanCheckUnavailableException: "Whether you are a human cannot be checked right now. Try again in a minute.",

  // The proxy's own, besides those that it shares with Cognito (lambda/proxy/errors.py).
  MethodNotAllowedException: "The proxy takes calls of Cognito's API only.",
  SerializationException: "The proxy could not read this request.",
  UnknownOperationException: "The proxy does not offer this operation.",

  // This page's own.
  HumanCheckNotLoaded: "The check that you are a human did not load. If a blocker of advertisements is on, try without it.",

  // Amplify's own.
  NetworkError:
    "No answer came. Check your connection. If others get through, the proxy may not allow pages of this address: " +
    "it has to be among its allowed origins.",
  UserUnAuthenticatedException: "You are no longer signed in. Sign in again.",
  UserAlreadyAuthenticatedException: "You are signed in already.",
  SignInException: "The sign-in was interrupted. Start again.",
  EmptySignInUsername: "Enter your user name.",
  EmptySignInPassword: "Enter your password.",
  EmptySignUpUsername: "Enter a user name.",
  EmptySignUpPassword: "Enter a password.",

  // Answers without Cognito's form: `plain_answers.js` names them by their status.
  PlainAnswer403: "The request was refused before it reached the proxy, perhaps by a firewall on the way.",
  PlainAnswer413: "This is too long.",
  PlainAnswer429: "Too many requests. Wait a few minutes, then try again.",
  PlainAnswer502: "The proxy does not answer properly right now. Try again in a minute.",
  PlainAnswer503: "The proxy is not available right now. Try again in a minute.",
  PlainAnswer504: "The proxy took too long. Try again in a minute.",
};

const UNKNOWN = "Something went wrong. The answer was: %";

/** Type of error → the field of a form that has to be looked at. */
const FIELDS = {
  AliasExistsException: "email",
  CodeMismatchException: "code",
  EnableSoftwareTokenMFAException: "code",
  ExpiredCodeException: "code",
  InvalidPasswordException: "new_password",
  PasswordHistoryPolicyViolationException: "new_password",
  UsernameExistsException: "username",
};

/** {text, type, field}: what to say of an error, its type for whoever looks closer, and the form's field, if any. */
export function described({ name, message = "" }) {
  const entry = Object.hasOwn(TEXTS, name) ? TEXTS[name] : UNKNOWN;
  const text = typeof entry === "string" ? entry : entry.find(([pattern]) => pattern.test(message))[1];
  return { text: text.replace("%", () => message || "nothing more"), type: name, field: FIELDS[name] };
}
