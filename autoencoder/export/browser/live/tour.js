/* The tour: the point of a live map moves by itself, slowly, along a smooth loop through the middles
 * of the classes, until the visitor touches the view or focuses it. From then on, until the page is
 * loaded again, the point is theirs.
 *
 * It rests where nobody sees it: in a hidden tab, out of the window, and for those who have asked
 * for reduced motion.
 */
import { middlesOf } from "../map.js";
import { mixed } from "../numbers.js";

const INTERVAL = 36; // milliseconds between two frames, at least
const LONGEST = 100; // milliseconds that one frame may move the point for
const PER_CLASS = 4_000; // milliseconds from the middle of a class to the next, on average
const STEPS = 32; // places on the loop from one middle to the next

let isOver = false; // for all components of this kind that the page mounts until it is loaded again

export class Tour {
  constructor(live) {
    this.live = live;
    this.loop = null; // places, and how far each is from the first
    this.travelled = 0; // in the units of the map
    this.inView = false;
    this.reduced = matchMedia("(prefers-reduced-motion: reduce)");
  }

  listen(signal) {
    const { root, pad } = this.live;
    const end = () => this.end();
    for (const name of ["pointerdown", "wheel", "keydown", "focusin"])
      root.addEventListener(name, end, { signal, passive: true, capture: true });
    // A page that scrolls or grows under a resting pointer gives moves, too, of no length.
    const move = (event) => (event.movementX || event.movementY) && end();
    pad.canvas.addEventListener("pointermove", move, { signal, capture: true });
    document.addEventListener("visibilitychange", () => this.ask(), { signal });
    this.reduced.addEventListener("change", () => this.ask(), { signal });
    this.observer = new IntersectionObserver((entries) => {
      this.inView = entries.at(-1).isIntersecting;
      this.ask();
    });
    this.observer.observe(pad.canvas);
  }

  /* Until the next call of listen(). */
  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.observer?.disconnect();
    this.inView = false;
  }

  /* After a change of run or map. */
  begin({ map, run, view }) {
    const places = middlesOf(map, run.classes.length).map(({ place }) => place);
    this.loop = places.length > 1 ? smoothLoop(inOrder(places)) : null;
    this.travelled = 0;
    view.decoded.setAttribute("aria-label", "Decoded image");
    this.ask();
  }

  /* For good. */
  end() {
    if (isOver || !this.live.data?.tour) return;
    isOver = true;
    this.ask();
    this.live.touch();
  }

  get isMoving() {
    const isWanted = this.live.data.tour && this.loop && !isOver && !this.reduced.matches;
    const isSeen = this.inView && !document.hidden;
    return Boolean(isWanted && isSeen && this.live.run.decoder.canFollow);
  }

  /* Asks for the next frame, in which step() moves the point. */
  ask() {
    const { dataset } = this.live.root;
    const now = this.isMoving ? "moving" : "resting";
    if (dataset.tour !== now) dataset.tour = now;
    if (!this.isMoving || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.isDue = true;
      this.live.ask();
    }, INTERVAL);
  }

  /* In every frame; now: its time in milliseconds. */
  step(now) {
    if (!this.isDue || !this.isMoving) return;
    this.isDue = false;
    const elapsed = Math.min(LONGEST, now - (this.last ?? now));
    this.last = now;
    const { length, classes } = this.loop;
    this.travelled = (this.travelled + (length * elapsed) / (classes * PER_CLASS)) % length;
    this.live.show(placeAt(this.loop, this.travelled));
    this.ask();
  }
}

/* Places from the first on, each time the nearest that is left. */
export function inOrder([first, ...rest]) {
  const order = [first];
  const left = new Set(rest);
  while (left.size) {
    const from = order.at(-1);
    const next = [...left].reduce((a, b) => (apart(from, b) < apart(from, a) ? b : a));
    left.delete(next);
    order.push(next);
  }
  return order;
}

/* A closed curve through places, by centripetal Catmull-Rom splines (Yuksel, Schaefer and Keyser
   2011): {places, distances: of each along the curve from the first, length, classes: how many
   places were given}. */
export function smoothLoop(middles) {
  const at = (i) => middles.at(i % middles.length);
  const places = [];
  for (let i = 0; i < middles.length; i++) {
    for (let k = 0; k < STEPS; k++)
      places.push(between(at(i - 1), at(i), at(i + 1), at(i + 2), k / STEPS));
  }
  places.push(middles[0]);
  const distances = [0];
  for (let i = 1; i < places.length; i++)
    distances.push(distances[i - 1] + apart(places[i - 1], places[i]));
  return { places, distances, length: distances.at(-1), classes: middles.length };
}

/* The place at a share of the way from b to c, on the curve through a, b, c, d. */
function between(a, b, c, d, share) {
  const [before, here, after] = [knot(a, b), knot(b, c), knot(c, d)];
  const slope = (from, middle, to, first, second, axis) =>
    (middle[axis] - from[axis]) / first -
    (to[axis] - from[axis]) / (first + second) +
    (to[axis] - middle[axis]) / second;
  const [square, cube] = [share ** 2, share ** 3];
  return [0, 1].map((axis) => {
    const start = here * slope(a, b, c, before, here, axis);
    const end = here * slope(b, c, d, here, after, axis);
    return (
      (2 * cube - 3 * square + 1) * b[axis] +
      (cube - 2 * square + share) * start +
      (3 * square - 2 * cube) * c[axis] +
      (cube - square) * end
    );
  });
}

const apart = (a, b) => Math.hypot(b[0] - a[0], b[1] - a[1]);
const knot = (a, b) => Math.sqrt(apart(a, b)) || 1;

/* The place on a loop at a distance from its first place, along the curve. */
export function placeAt({ places, distances }, distance) {
  const next = Math.max(
    1,
    distances.findIndex((each) => each >= distance),
  );
  const [from, to] = [distances[next - 1], distances[next]];
  const share = to > from ? (distance - from) / (to - from) : 0;
  return [0, 1].map((axis) => mixed(places[next - 1][axis], places[next][axis], share));
}
