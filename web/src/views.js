// Shows one view at a time out of the page's templates, and says what went well and what did not.

import { described } from "./errors.js";

const view = document.querySelector("#view");
const problem = document.querySelector("#problem");
const news = document.querySelector("#news");

const shown = [];

/** Have `listener(view)` called whenever a view was shown. */
export function whenShown(listener) {
  shown.push(listener);
}

/**
 * Show a view, and move the focus to its heading, so that a screen reader begins there.
 *
 * `fill`: texts (`data-text`), values of fields by name, `lists` of elements (`data-list`), links (`data-link`) and
 * pictures (`data-picture`). `when`: names of the parts (`data-when`) that are shown. `action`: what the form does, where
 * several use the view.
 */
export function show(name, fill = {}) {
  const { texts = {}, values = {}, lists = {}, links = {}, pictures = {}, when = [], action } = fill;
  const content = document.querySelector(`#view-${name}`).content.cloneNode(true);
  each(content, "text", texts, (element, text) => (element.textContent = text ?? ""));
  each(content, "list", lists, (element, items = []) => element.replaceChildren(...items));
  each(content, "link", links, (element, address) => (element.href = address));
  each(content, "picture", pictures, (element, picture) => element.replaceChildren(picture));
  for (const part of content.querySelectorAll("[data-when]")) {
    part.hidden = !when.includes(part.dataset.when);
  }
  for (const field of content.querySelectorAll("input[name], textarea[name]")) {
    field.value = values[field.name] ?? field.value;
  }
  if (action) {
    content.querySelector("form").dataset.action = action;
  }
  view.replaceChildren(content);
  for (const listener of shown) {
    listener(view);
  }
  view.dataset.shown = name;
  clearMessages();
  const heading = view.querySelector("h1");
  document.title = heading.textContent;
  heading.focus();
}

function each(content, kind, values, put) {
  for (const element of content.querySelectorAll(`[data-${kind}]`)) {
    put(element, values[element.dataset[kind]]);
  }
}

/** An element with properties and children. */
export function element(tag, properties = {}, ...children) {
  const { dataset = {}, ...others } = properties;
  const made = Object.assign(document.createElement(tag), others);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/** Say what went well. */
export function tell(text) {
  news.textContent = text;
}

/** Say what went wrong, mark the field that has to be looked at, and put the focus there. */
export function complain(error) {
  const { text, type, field } = described(error);
  problem.replaceChildren(text, element("small", {}, type));
  const input = field && (view.querySelector(`input[name="${field}"]`) ?? fallback(field));
  if (input) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-errormessage", "problem");
    input.focus();
  }
}

const fallback = (field) => (field === "new_password" ? view.querySelector('input[name="password"]') : null);

export function clearMessages() {
  problem.replaceChildren();
  news.replaceChildren();
  for (const input of view.querySelectorAll('[aria-invalid="true"]')) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
}

/**
 * Let the views' forms and buttons do what their `data-action` and `data-go` say.
 *
 * @param actions name → async (values of the form) => void
 * @param go      (name of a view, values of the form) => void
 * @param fail    (error) => void
 */
export function listen(actions, { go, fail }) {
  let busy = false;

  async function act(name, form) {
    // A second click on the way to an answer would send a second request.
    if (busy) {
      return;
    }
    busy = true;
    view.classList.add("busy");
    clearMessages();
    try {
      await actions[name](form ? Object.fromEntries(new FormData(form)) : {});
    } catch (error) {
      fail(error);
    } finally {
      busy = false;
      view.classList.remove("busy");
    }
  }

  view.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.target.dataset.action, event.target);
  });
  view.addEventListener("click", ({ target }) => {
    const button = target.closest("button[type=button]");
    if (button?.dataset.go) {
      const typed = view.querySelector('input[name="username"]')?.value;
      go(button.dataset.go, { username: typed });
    } else if (button?.dataset.action) {
      act(button.dataset.action, button.closest("form"));
    }
  });
}
