// Reads a QR code off a drawing, as a camera would.

import { decodeQr } from "./packages.mjs";

const PIXELS = 4; // each module's width

/** The text of a code drawn as a path of squares, `M<x> <y>h1v1h-1z`, in a square of `size` modules. */
export function scanned(path, size) {
  const width = size * PIXELS;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < PIXELS; row += 1) {
      for (let column = 0; column < PIXELS; column += 1) {
        const pixel = (y * PIXELS + row) * width + x * PIXELS + column;
        data.fill(0, pixel * 4, pixel * 4 + 3);
      }
    }
  }
  return decodeQr({ width, height: width, data });
}
