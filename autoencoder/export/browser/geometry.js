/* What a map asks of its points, without a canvas: which lie in a lasso, which is next, one per
 * cell, and where an arrow points to one that is out of sight.
 *
 * Points are [x, y, x, y, ...]; `shown(i)` says whether a point takes part.
 */

/* Indices of the points inside a closed polygon [[x, y], ...]: a ray from them crosses its outline
   an odd number of times. */
export function insideLasso(points, polygon, shown = () => true) {
  const found = [];
  if (polygon.length < 3) return found;
  const [left, right, bottom, top] = extentOf(polygon);
  for (let i = 0; 2 * i < points.length; i++) {
    const [x, y] = [points[2 * i], points[2 * i + 1]];
    if (x < left || x > right || y < bottom || y > top || !shown(i)) continue;
    if (crossings(x, y, polygon) % 2) found.push(i);
  }
  return found;
}

function crossings(x, y, polygon) {
  let count = 0;
  for (let k = 0, before = polygon.length - 1; k < polygon.length; before = k++) {
    const [[x0, y0], [x1, y1]] = [polygon[before], polygon[k]];
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) count++;
  }
  return count;
}

/* [left, right, bottom, top] of places. */
function extentOf(places) {
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
}

/* The polygon of a box between two corners. */
export const boxOf = ([x0, y0], [x1, y1]) => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
];

/* The nearest point from point `from` that lies within 45 degrees of a direction ([1, 0] is right,
   [0, 1] is up); -1 if none. */
export function nextPoint(points, from, [right, up], shown = () => true) {
  const [x, y] = [points[2 * from], points[2 * from + 1]];
  let [index, least] = [-1, Infinity];
  for (let i = 0; 2 * i < points.length; i++) {
    const [dx, dy] = [points[2 * i] - x, points[2 * i + 1] - y];
    const [ahead, aside] = [dx * right + dy * up, Math.abs(dx * up) + Math.abs(dy * right)];
    if (ahead <= 0 || aside > ahead || !shown(i)) continue;
    const square = dx * dx + dy * dy;
    if (square < least) [index, least] = [i, square];
  }
  return index;
}

/* One point per cell of a grid with cells of `size` map units, which stays put as the view shifts:
   Map "column,row" -> {index, column, row}. The first point has its cell, a preferred one before
   others. */
export function occupied(points, size, shown, preferred) {
  const cells = new Map();
  for (let i = 0; 2 * i < points.length; i++) {
    if (!shown(i)) continue;
    const [column, row] = [
      Math.floor(points[2 * i] / size[0]),
      Math.floor(points[2 * i + 1] / size[1]),
    ];
    const name = `${column},${row}`;
    const held = cells.get(name);
    if (!held || (preferred(i) && !preferred(held.index)))
      cells.set(name, { index: i, column, row });
  }
  return cells;
}

/* The arrow at a canvas's edge that points to a place outside of it: {at: [x, y], angle} with the
   angle in radians, 0 to the right, turning clockwise; null for a place on the canvas. All in CSS
   pixels from its top left corner; size: [width, height]; margin: from the edge to the arrow. */
export function edgeArrow([x, y], [wide, high], margin) {
  if (x >= 0 && x <= wide && y >= 0 && y <= high) return null;
  const [right, down] = [x - wide / 2, y - high / 2];
  const share = Math.min(
    (wide / 2 - margin) / Math.abs(right),
    (high / 2 - margin) / Math.abs(down),
  );
  return {
    at: [wide / 2 + share * right, high / 2 + share * down],
    angle: Math.atan2(down, right),
  };
}

/* Indices below 65,536 as base64 of uint16, little endian, ascending; and back. */
export function toText(indices) {
  const bytes = new Uint8Array(Uint16Array.from(indices).sort().buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const fromText = (text) =>
  new Uint16Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
