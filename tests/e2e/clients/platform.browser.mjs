// Where a story's configuration comes from and its reports go to: in a page, the driver that opened it and the page's
// own text, so that what a user sees is there to be judged, too.

function shown({ step, ok, error_name, error_message }) {
  const item = document.createElement("li");
  item.textContent = ok ? `${step}: done` : `${step}: ${error_name}: ${error_message}`;
  if (!ok) {
    item.setAttribute("role", "alert");
  }
  return item;
}

export function readConfig() {
  return globalThis.tellConfig();
}

export async function report(outcome) {
  document.querySelector("#steps").append(shown(outcome));
  await globalThis.takeReport(outcome);
}
