// Signing up and in, and a forgotten password: what a person without a session does.

import {
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  resendSignUpCode,
  resetPassword,
  signIn,
  signUp,
} from "aws-amplify/auth";

import { withHumanCheck } from "./human_check.js";
import { qrCode } from "./qr.js";
import { element, show, tell } from "./views.js";

const MEDIA = { EMAIL: "e-mail", SMS: "text message", PHONE: "text message" };
const FACTORS = {
  TOTP: "In my authenticator app",
  SMS: "In a text message",
  EMAIL: "In an e-mail",
};

/** What the app is called in an authenticator app. */
const APP = "Sign-in proxy";

/** The form's attributes as Cognito takes them: empty ones are not sent. */
const given = (attributes) => Object.fromEntries(Object.entries(attributes).filter(([, value]) => value));

/** Where a code went, in words. */
export function deliveryInWords({ destination, deliveryMedium } = {}) {
  return destination
    ? `A code was sent to ${destination} by ${MEDIA[deliveryMedium] ?? "message"}.`
    : "Enter the code that was sent to you.";
}

/** Show how an authenticator app is set up; its first code goes to `action`. */
export function showTotpSetup(details, { username, action }) {
  const address = details.getSetupUri(APP, username).href;
  show("totp-setup", {
    action,
    texts: { secret: details.sharedSecret },
    links: { otpauth: address },
    pictures: { otpauth: qrCode(address, "QR code for an authenticator app. The secret stands below as text.") },
  });
}

/**
 * The actions. `signedIn` is called when a sign-in is complete.
 */
export function signInActions(signedIn) {
  let username = "";

  /** Sign-in step → what is shown for it. A step that is not here is one that this page cannot take. */
  const STEPS = {
    DONE: signedIn,
    CONFIRM_SIGN_IN_WITH_TOTP_CODE: () => show("totp-code"),
    CONFIRM_SIGN_IN_WITH_SMS_CODE: ({ codeDeliveryDetails }) => showMessageCode(codeDeliveryDetails),
    CONFIRM_SIGN_IN_WITH_EMAIL_CODE: ({ codeDeliveryDetails }) => showMessageCode(codeDeliveryDetails),
    CONTINUE_SIGN_IN_WITH_MFA_SELECTION: ({ allowedMFATypes }) => showFactors(allowedMFATypes),
    CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION: ({ allowedMFATypes }) => showFactors(allowedMFATypes),
    CONTINUE_SIGN_IN_WITH_TOTP_SETUP: ({ totpSetupDetails }) =>
      showTotpSetup(totpSetupDetails, { username, action: "answer-challenge" }),
    CONTINUE_SIGN_IN_WITH_EMAIL_SETUP: () => show("email-setup"),
    CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: ({ missingAttributes }) => showNewPassword(missingAttributes),
    CONFIRM_SIGN_UP: () => {
      show("confirm-sign-up", { values: { username }, texts: { delivery: deliveryInWords() } });
      tell("This account is not confirmed yet.");
    },
    RESET_PASSWORD: () => {
      show("forgot-password", { values: { username } });
      tell("Your password has to be reset.");
    },
  };

  function go({ nextStep }) {
    const step = STEPS[nextStep.signInStep];
    if (!step) {
      throw new Error(`the user pool asks for a step that this page does not know: ${nextStep.signInStep}`);
    }
    return step(nextStep);
  }

  const answer = async (challengeResponse, options) => go(await confirmSignIn({ challengeResponse, options }));

  return {
    "sign-in": async (form) => {
      username = form.username.trim();
      const { password } = form;
      await go(
        await withHumanCheck((checked) =>
          signIn({ username, password, options: { authFlowType: "USER_SRP_AUTH", ...checked } }),
        ),
      );
    },
    "sign-up": async ({ username: name, password, ...attributes }) => {
      username = name.trim();
      const { nextStep } = await withHumanCheck((checked) =>
        signUp({ username, password, options: { userAttributes: given(attributes), ...checked } }),
      );
      if (nextStep.signUpStep === "DONE") {
        show("sign-in", { values: { username } });
        tell("Your account is ready. Sign in.");
        return;
      }
      show("confirm-sign-up", {
        values: { username },
        texts: { delivery: deliveryInWords(nextStep.codeDeliveryDetails) },
      });
    },
    "confirm-sign-up": async (form) => {
      username = form.username.trim();
      await confirmSignUp({ username, confirmationCode: form.code.trim() });
      show("sign-in", { values: { username } });
      tell("Your account is confirmed. Sign in.");
    },
    "resend-code": async (form) => {
      const sent = await withHumanCheck((options) => resendSignUpCode({ username: form.username.trim(), options }));
      tell(deliveryInWords(sent));
    },
    "answer-challenge": ({ code }) => answer(code.trim()),
    "answer-with-email": ({ email }) => answer(email),
    "choose-factor": ({ factor }) => answer(factor),
    "set-new-password": ({ new_password: password, ...attributes }) =>
      answer(password, { userAttributes: given(attributes) }),
    "forgot-password": async (form) => {
      username = form.username.trim();
      const { nextStep } = await withHumanCheck((options) => resetPassword({ username, options }));
      show("reset-password", {
        values: { username },
        texts: { delivery: deliveryInWords(nextStep.codeDeliveryDetails) },
      });
    },
    "reset-password": async (form) => {
      username = form.username.trim();
      await confirmResetPassword({ username, confirmationCode: form.code.trim(), newPassword: form.new_password });
      show("sign-in", { values: { username } });
      tell("Your password is changed. Sign in with the new one.");
    },
  };
}

const showMessageCode = (details) => show("message-code", { texts: { delivery: deliveryInWords(details) } });

function showFactors(types = []) {
  const choices = types.map((type) =>
    element(
      "label",
      { className: "choice" },
      element("input", { type: "radio", name: "factor", value: type, required: true }),
      ` ${FACTORS[type] ?? type}`,
    ),
  );
  show("choose-factor", { lists: { factors: choices } });
}

function showNewPassword(missing = []) {
  const fields = missing.flatMap((name) => [
    element("label", { htmlFor: name }, name.replaceAll("_", " ")),
    element("input", { id: name, name, required: true }),
  ]);
  show("new-password", { lists: { missing: fields } });
}
