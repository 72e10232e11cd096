/* How test images fill the width of the page in whole rows. */
const LEAST = 28,
  MOST = 112; // CSS pixels of an image
const BUDGET = 740; // CSS pixels: no taller, if images need not be smaller than LEAST for it
const GAP = 2,
  BAND_GAP = 14;
const ACROSS = [64, 32, 16, 8, 4]; // images in a row: the 64 that are usual make whole rows of each

/* How many images stand in a row, and at which multiple: the largest that the width and the budget
   have room for. */
export function arranged(width, count, rows, [, high, wide]) {
  let best = { columns: 4, zoom: Math.max(1, Math.floor((width / 4 - GAP) / wide)), found: false };
  for (const columns of ACROSS) {
    const least = Math.ceil(LEAST / Math.max(high, wide));
    const widest = Math.floor(
      Math.min(width / columns - GAP, MOST * (wide / Math.max(high, wide))) / wide,
    );
    for (let zoom = Math.max(widest, 0); zoom >= least; zoom--) {
      const tall = Math.ceil(count / columns) * (rows * (zoom * high + 1) + BAND_GAP);
      if (tall > BUDGET && zoom > least) continue;
      const fits = tall <= BUDGET;
      if (!best.found || (fits && (!best.fits || zoom > best.zoom)))
        best = { columns, zoom, fits, found: true };
      break;
    }
  }
  return best;
}
