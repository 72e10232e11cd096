/* The way from one point to another, and on through more: the browser's half of analysis/paths.py,
   whose words these are. */
import { clamp } from "../numbers.js";

const [LOW, HIGH] = [1 / 4, 3 / 4]; // shares of the way between two waypoints: its middle half
const ROUNDING = 1e-9; // of such a share

/* Waypoint w is met by frame w (F - 1) / (W - 1), halves rounded up. */
export const stopsOf = (waypoints, frames) =>
  Array.from({ length: waypoints }, (_, w) =>
    Math.floor((w * (frames - 1)) / (waypoints - 1) + 0.5),
  );

/* Where a frame, or a place between two, is: counted in waypoints. */
export function placeAt(position, waypoints, frames) {
  if (frames < waypoints) return (position * (waypoints - 1)) / (frames - 1);
  const stops = stopsOf(waypoints, frames);
  let leg = 0;
  while (leg < waypoints - 2 && position >= stops[leg + 1]) leg++;
  return leg + (position - stops[leg]) / (stops[leg + 1] - stops[leg]);
}

/* Which frames lie in the middle half of the way from one waypoint to the next. */
export const middleOf = (waypoints, frames) =>
  Array.from({ length: frames }, (_, frame) => {
    const share = placeAt(frame, waypoints, frames) % 1;
    return share >= LOW - ROUNDING && share <= HIGH + ROUNDING;
  });

/* The point at a place on the path through points (arrays of D), into `into` (Float32Array of D).
   kind: "linear" or "spherical"; leastTurn: the sine of the angle between two points below which
   the path between them is straight. */
export function pointAt(points, place, { kind, leastTurn }, into) {
  const leg = clamp(Math.floor(place), 0, points.length - 2);
  const [start, end] = [points[leg], points[leg + 1]];
  const [a, b] =
    kind === "spherical"
      ? turned(start, end, place - leg, leastTurn)
      : [1 - (place - leg), place - leg];
  for (let i = 0; i < into.length; i++) into[i] = a * start[i] + b * end[i];
  return into;
}

/* What start and end count in slerp: Shoemake 1985, with the length growing evenly. */
function turned(start, end, share, leastTurn) {
  const straight = [1 - share, share];
  const [near, far] = [Math.hypot(...start), Math.hypot(...end)];
  if (near === 0 || far === 0) return straight;
  let [apart, together] = [0, 0];
  for (let i = 0; i < start.length; i++) {
    apart += (start[i] / near - end[i] / far) ** 2;
    together += (start[i] / near + end[i] / far) ** 2;
  }
  const angle = 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
  const sine = Math.sin(angle);
  if (sine < leastTurn) return straight;
  const length = (1 - share) * near + share * far;
  return [
    (length * Math.sin((1 - share) * angle)) / sine / near,
    (length * Math.sin(share * angle)) / sine / far,
  ];
}
