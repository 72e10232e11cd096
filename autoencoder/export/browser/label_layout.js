/* Where names go on a map: at their places, or beside them where two names would cover each other.
 *
 * Places and sizes are in CSS pixels from the canvas's top left corner. A label is a box
 * [width, height]; its anchor [x, y] is the place that it names.
 */
import { clamp } from "./numbers.js";

const MOST_LETTERS = 24;
const APART = 2; // CSS pixels, at least, between two labels
const STEP = 4; // CSS pixels between two circles on which room is looked for
const DIRECTIONS = 24; // places that are tried on a circle
const NEAR = 3; // CSS pixels between a label and its anchor, up to which it needs no line

/* A name of at most 24 letters; a longer one is cut. */
export function shortName(name) {
  const letters = [...name];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join("")}…` : name;
}

/* The middle of each label: [[x, y], ...]. None is over another, all are inside the canvas, and all
   that can stand at their anchors do, the first ones before others. The rest go to the nearest room
   there is, rather outwards; where no room is left, to where they cover others least. The same
   labels always get the same places.

   boxes, anchors: of N labels; size: [width, height] of the canvas. */
export function placeLabels(boxes, anchors, size) {
  const placed = boxes.map(() => null);
  const taken = []; // {middle, box} of those that have a place
  const put = (i, middle) => taken.push({ middle: (placed[i] = middle), box: boxes[i] });
  anchors.forEach((anchor, i) => {
    const middle = inside(anchor, boxes[i], size);
    if (!covered(middle, boxes[i], taken)) put(i, middle);
  });
  const centre = [0, 1].map((axis) => mean(anchors.map((anchor) => anchor[axis])));
  anchors.forEach((anchor, i) => {
    if (!placed[i]) put(i, nearestRoom(anchor, boxes[i], size, taken, centre));
  });
  return placed;
}

/* The line [[x, y], [x, y]] from an anchor to its label; null where the label is at the anchor. */
export function lineToLabel([x, y], middle, [wide, high]) {
  const end = [
    clamp(x, middle[0] - wide / 2, middle[0] + wide / 2),
    clamp(y, middle[1] - high / 2, middle[1] + high / 2),
  ];
  return Math.hypot(x - end[0], y - end[1]) > NEAR ? [[x, y], end] : null;
}

/* The first free place on growing circles about the anchor, from the direction that leads away from
   the centre of all. */
function nearestRoom(anchor, box, size, taken, centre) {
  const outwards = Math.atan2(anchor[1] - centre[1], anchor[0] - centre[0]);
  let [best, least] = [anchor, Infinity];
  for (let radius = STEP; radius < Math.hypot(...size); radius += STEP) {
    for (let k = 0; k < DIRECTIONS; k++) {
      const turn = (k % 2 ? 1 : -1) * Math.ceil(k / 2); // 0, 1, -1, 2, -2, ...
      const angle = outwards + (turn * 2 * Math.PI) / DIRECTIONS;
      const place = [anchor[0] + radius * Math.cos(angle), anchor[1] + radius * Math.sin(angle)];
      const middle = inside(place, box, size);
      const area = covered(middle, box, taken);
      if (!area) return middle;
      if (area < least) [best, least] = [middle, area];
    }
  }
  return best;
}

/* The place, or the nearest one where the whole box is on the canvas; the middle for a box that is
   larger. */
const inside = (place, box, size) =>
  place.map((value, axis) => {
    const [half, middle] = [box[axis] / 2, size[axis] / 2];
    return clamp(value, Math.min(half, middle), Math.max(size[axis] - half, middle));
  });

/* How much of others a box would cover, in square pixels. */
function covered(middle, box, taken) {
  let area = 0;
  for (const other of taken) {
    const [across, down] = [0, 1].map(
      (axis) =>
        (box[axis] + other.box[axis]) / 2 + APART - Math.abs(middle[axis] - other.middle[axis]),
    );
    if (across > 0 && down > 0) area += across * down;
  }
  return area;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
