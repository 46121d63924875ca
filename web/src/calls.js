// The side panel of a local run: what the proxy made of each call. The run tells it redacted (local/page/calls.py).

import { element } from "./views.js";

const SECONDS = 1;
const MOST_SHOWN = 50;
const MARKS = { added: "ins", removed: "del" };

const panel = document.querySelector("#calls");
const list = panel.querySelector("ol");

/** Ask `address` for news every second, while somebody looks. */
export function watchCalls(address) {
  panel.hidden = false;
  let last = 0;

  async function look() {
    if (!document.hidden) {
      const answer = await fetch(`${address}?after=${last}`, { cache: "no-store" });
      const told = await answer.json();
      last = told.last;
      list.prepend(...told.calls.map(item).reverse());
      [...list.children].slice(MOST_SHOWN).forEach((old) => old.remove());
    }
  }

  // A run that has ended tells nothing: the page itself still shows what there was.
  const again = () => setTimeout(() => look().catch(() => {}).finally(again), SECONDS * 1000);
  again();
}

function item({ time, subject, what, status, milliseconds, wire }) {
  return element(
    "li",
    {},
    element("p", {}, element("time", {}, time), ` ${subject}`),
    element("p", {}, element("strong", {}, what), ` (${status}, ${milliseconds} ms)`),
    ...wire.map(({ label, pieces }) => element("p", {}, element("small", {}, `${label}: `, ...pieces.map(piece)))),
  );
}

const piece = ({ text, mark }) => (MARKS[mark] ? element(MARKS[mark], {}, text) : text);
