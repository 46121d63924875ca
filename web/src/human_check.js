// The widget of Turnstile, reCAPTCHA v2 or hCaptcha, where the proxy asks for a human check; else nothing.
//
// The three have the same functions: render(container, options) gives a widget's id, and reset(id) begins it anew.

import { complain, whenShown } from "./views.js";

/** The entry of ClientMetadata that the proxy takes the token from (lambda/proxy/interceptors/human_check.py). */
const TOKEN = "humanCheckToken";

/** Provider → where its script is, and the global that it makes. */
const PROVIDERS = {
  turnstile: ["https://challenges.cloudflare.com/turnstile/v0/api.js", "turnstile"],
  recaptcha: ["https://www.google.com/recaptcha/api.js", "grecaptcha"],
  hcaptcha: ["https://js.hcaptcha.com/1/api.js", "hcaptcha"],
};
const READY = "humanCheckReady";

let token;
let place;
let reset = () => {};

/** Show the widget in each view that has a place for it. */
export function watchViews({ humanCheckProvider, humanCheckSiteKey, humanCheckScript }) {
  if (!humanCheckProvider) {
    return;
  }
  const [address, name] = PROVIDERS[humanCheckProvider];
  const api = loaded(humanCheckScript ?? address, name);
  async function showIn(view) {
    place = view.querySelector("[data-human-check]");
    forget();
    reset = () => {};
    if (!place) {
      return;
    }
    const shown = place;
    shown.hidden = false;
    const { render, reset: again } = await api;
    if (shown.isConnected) {
      const widget = render(shown, { sitekey: humanCheckSiteKey, callback: took, "expired-callback": forget });
      reset = () => again(widget);
    }
  }
  whenShown((view) => showIn(view).catch(complain));
}

/** Call with the token, if there is one, as an Amplify function takes it among its options; then begin anew. */
export async function withHumanCheck(call) {
  const options = token ? { clientMetadata: { [TOKEN]: token } } : {};
  try {
    return await call(options);
  } finally {
    // Whatever came of it, a token counts once.
    if (token) {
      forget();
      reset();
    }
  }
}

function took(given) {
  token = given;
  place?.setAttribute("data-done", "");
}

function forget() {
  token = undefined;
  place?.removeAttribute("data-done");
}

/** The provider's functions, once its script is there. */
function loaded(address, name) {
  return new Promise((resolve, reject) => {
    globalThis[READY] = () => resolve(globalThis[name]);
    const script = document.createElement("script");
    script.src = `${address}?render=explicit&onload=${READY}`;
    script.async = true;
    script.onerror = () => reject(Object.assign(new Error("the script did not load"), { name: "HumanCheckNotLoaded" }));
    document.head.append(script);
  });
}
