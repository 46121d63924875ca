// A QR code as a drawing of the page's own: no picture is fetched, and no text is parsed as markup.

import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg";

/** The code for a text, with the quiet zone that readers need. `label` is what a screen reader says of it. */
export function qrCode(text, label) {
  const rows = encodeQR(text, "raw", { border: 4 });
  const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])));
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${rows.length} ${rows.length}`, role: "img" })) {
    drawing.setAttribute(name, value);
  }
  drawing.setAttribute("aria-label", label);
  drawing.setAttribute("shape-rendering", "crispEdges");
  path.setAttribute("d", dark.join(""));
  drawing.append(path);
  return drawing;
}
