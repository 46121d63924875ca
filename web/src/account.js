// What a signed-in person does: tokens, data, password, second factor, calls of the APIs, sign-out.

import {
  confirmUserAttribute,
  fetchMFAPreference,
  fetchUserAttributes,
  getCurrentUser,
  setUpTOTP,
  signOut,
  updateMFAPreference,
  updatePassword,
  updateUserAttributes,
  verifyTOTPSetup,
} from "aws-amplify/auth";

import { call, documentPath } from "./api.js";
import { factorInWords, facts, tokens } from "./session.js";
import { deliveryInWords, showTotpSetup } from "./sign_in.js";
import { element, show, tell } from "./views.js";

/** Kind of second factor → its name in Amplify. */
const FACTORS = { TOTP: "totp", SMS: "sms", EMAIL: "email" };

/** Show who is signed in. */
export async function showAccount({ apis }) {
  show("account", {
    texts: await facts(),
    when: apis.length ? ["api"] : [],
    lists: {
      greetings: apis.map(({ id, name }) =>
        element("button", { type: "button", dataset: { action: `greet-${id}` } }, `Call the ${name}`)),
      apis: apis.map(({ id, name }) => element("option", { value: id }, name)),
    },
  });
}

/** The actions of this deployment's page. */
export function accountActions(config) {
  let attributes = {};
  let unconfirmed = "";
  const { apis } = config;
  const account = () => showAccount(config);

  async function ask(id, request = {}) {
    const api = apis.find((candidate) => candidate.id === id);
    const { text } = await call(api, await tokens(), request);
    const { method = "GET", path = "" } = request;
    document.querySelector("#answer").textContent = `${api.name}, ${method} /${path}: ${text}`;
  }

  async function leave(options, text) {
    await signOut(options);
    show("sign-in");
    tell(text);
  }

  return {
    ...Object.fromEntries(apis.map(({ id }) => [`greet-${id}`, () => ask(id)])),
    "store-document": ({ api, name, text }) => ask(api, { method: "POST", path: documentPath(name), body: { text } }),
    "read-document": ({ api, name }) => ask(api, { path: documentPath(named(name)) }),
    "list-documents": ({ api }) => ask(api, { path: "documents" }),
    refresh: async () => {
      await tokens({ forceRefresh: true });
      await account();
      tell("You have new tokens.");
    },
    "change-password": async ({ password, new_password: newPassword }) => {
      await updatePassword({ oldPassword: password, newPassword });
      await account();
      tell("Your password is changed.");
    },
    "open-attributes": async () => {
      attributes = await fetchUserAttributes();
      show("attributes", { values: attributes });
    },
    "save-attributes": async (form) => {
      const { next, attribute } = await save(form, attributes);
      if (next) {
        unconfirmed = attribute;
        show("confirm-attribute", { texts: { delivery: deliveryInWords(next.codeDeliveryDetails) } });
        return;
      }
      // The names in the ID token are those of the moment in which it was made.
      await tokens({ forceRefresh: true });
      await account();
      tell("Your data is saved.");
    },
    "confirm-attribute": async ({ code }) => {
      await confirmUserAttribute({ userAttributeKey: unconfirmed, confirmationCode: code.trim() });
      await account();
      tell("Your address is confirmed.");
    },
    "open-factors": async () => show("factors", { texts: { factor: `Asked for at sign-in: ${await factorInWords()}` } }),
    "start-totp-setup": async () => {
      const { username } = await getCurrentUser();
      showTotpSetup(await setUpTOTP(), { username, action: "verify-totp" });
    },
    "verify-totp": async ({ code }) => {
      await verifyTOTPSetup({ code: code.trim() });
      await updateMFAPreference({ totp: "PREFERRED" });
      await account();
      tell("Your authenticator app is set up. From now on you are asked for its code.");
    },
    "prefer-factor": async ({ factor }) => {
      await updateMFAPreference(await preference(factor));
      await account();
      tell("Saved.");
    },
    "sign-out": () => leave({}, "You are signed out here."),
    "sign-out-everywhere": () => leave({ global: true }, "You are signed out on all your devices."),
  };
}

/** The preferred factor; or, for none, those that are on switched off. What is off may not even be named to a user pool
 * that does not offer it. */
async function preference(factor) {
  if (factor !== "NONE") {
    return { [FACTORS[factor]]: "PREFERRED" };
  }
  const { enabled = [] } = await fetchMFAPreference();
  return Object.fromEntries(enabled.map((name) => [FACTORS[name], "DISABLED"]));
}

function named(name) {
  if (!name) {
    throw Object.assign(new Error("Enter the document's name."), { name: "InvalidParameterException" });
  }
  return name;
}

/**
 * Save what was changed. Gives the first attribute that a code was sent for, if any.
 *
 * An address that stays as it is is not sent: Cognito could take it for a new one, which has to be confirmed.
 */
async function save(form, before) {
  const changed = Object.entries(form).filter(([name, value]) => value !== (before[name] ?? ""));
  if (!changed.length) {
    return {};
  }
  const outcome = await updateUserAttributes({ userAttributes: Object.fromEntries(changed) });
  const waiting = Object.entries(outcome).find(
    ([, { nextStep }]) => nextStep.updateAttributeStep === "CONFIRM_ATTRIBUTE_WITH_CODE",
  );
  return waiting ? { attribute: waiting[0], next: waiting[1].nextStep } : {};
}
