/* Latents on a map, and their neighbours.
 *
 * Shapes: D = numbers of a latent, N = points.
 */

import { clamp } from "./numbers.js";

/* The places of a run's latents on a map, and the way back from a place to a latent.
 *
 * method: "line" (D = 1: the class is the other axis), "latents" (D = 2), "pca" (the plane of the
 * latents' two principal axes), or the id of a map that Python has computed (UMAP, t-SNE): then
 * `projection` is {points, spacing, axes}. A place is [x, y].
 */
export class LatentMap {
  constructor(run, images, method, projection = null) {
    this.run = run;
    this.method = method;
    this.labels = images.labels;
    this.exact = isExact(method); // else a place has no latent of its own, only neighbours
    this.points = projection?.points ?? this.placed();
    this.spacing = projection?.spacing ?? run.spacing;
    this.axes =
      projection?.axes ??
      (method === "pca" ? ["PC 1", "PC 2"] : method === "line" ? ["z0", "class"] : ["z0", "z1"]);
    this.equal = method !== "line";
    this.count = this.points.length / 2;
  }

  placed() {
    const { latents, count, latentDim } = this.run;
    const points = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) {
      const latent = latents.subarray(i * latentDim, (i + 1) * latentDim);
      [points[2 * i], points[2 * i + 1]] =
        this.method === "line" ? [latent[0], this.labels[i]] : this.placeOf(latent);
    }
    return points;
  }

  /* Where a latent lies. On a map that Python has computed: at the nearest latent's point. The
     height on a line means nothing: it stays that of `at`. */
  placeOf(latent, at = [0, 0]) {
    if (this.method === "line") return [latent[0], at[1]];
    if (this.method === "latents") return [latent[0], latent[1]];
    if (this.method === "pca")
      return this.run.plane.map((axis) => projected(latent, this.run.mean, axis));
    const { index } = nearest(this.run.latents, this.run.latentDim, latent);
    return [this.points[2 * index], this.points[2 * index + 1]];
  }

  /* The latent of a place, into `latent` (Float32Array of D). */
  latentOf(place, latent) {
    if (this.method === "line") latent[0] = place[0];
    else if (this.method === "latents") latent.set(place);
    else if (this.method === "pca") {
      const [a, b] = this.run.plane;
      for (let i = 0; i < latent.length; i++)
        latent[i] = this.run.mean[i] + place[0] * a[i] + place[1] * b[i];
    } else blended(this.points, place, this.run.latents, latent);
    return latent;
  }

  /* How far from data: distance to the nearest test latent over what test latents usually are from
     each other; on a map without an exact inverse the same on the map, where it is more. */
  distance(place, latent) {
    const ratio = nearest(this.run.latents, this.run.latentDim, latent).distance / this.run.spacing;
    return this.exact
      ? ratio
      : Math.max(ratio, nearest(this.points, 2, place).distance / this.spacing);
  }
}

/* Whether the places of such a map have latents of their own. */
export const isExact = (method) => ["line", "latents", "pca"].includes(method);

const projected = (latent, mean, axis) =>
  latent.reduce((sum, value, i) => sum + (value - mean[i]) * axis[i], 0);

/* ---- Neighbours ---- */

/* The nearest of points (N x size) to one: {index, distance}. */
export function nearest(points, size, point) {
  let [index, least] = [0, Infinity];
  for (let at = 0, i = 0; at < points.length; at += size, i++) {
    let sum = 0;
    for (let k = 0; k < size && sum < least; k++) sum += (points[at + k] - point[k]) ** 2;
    if (sum < least) [index, least] = [i, sum];
  }
  return { index, distance: Math.sqrt(least) };
}

export const NEIGHBOURS = 8; // whose latents a place on a map without an inverse is made of

/* The local inverse: the mean of the latents of the nearest points, weighted by one over the
   squared distance. */
function blended(points, place, latents, latent) {
  const near = Array.from({ length: Math.min(NEIGHBOURS, points.length / 2) }, () => ({
    index: 0,
    square: Infinity,
  }));
  for (let i = 0; 2 * i < points.length; i++) {
    const square = (points[2 * i] - place[0]) ** 2 + (points[2 * i + 1] - place[1]) ** 2;
    let rank = near.length;
    while (rank && square < near[rank - 1].square) rank--;
    near.splice(rank, 0, { index: i, square });
    near.pop();
  }
  const weights = near.map(({ square }) => 1 / (square + 1e-12));
  const total = weights.reduce((a, b) => a + b);
  latent.fill(0);
  near.forEach(({ index }, rank) => {
    for (let k = 0; k < latent.length; k++)
      latent[k] += (weights[rank] / total) * latents[index * latent.length + k];
  });
}

const NONE = new Set();
const STRIDE = 28; // pixels between two looks at whether an image is still in the running

/* The nearest test image to pixels (float, in [0, 1]): {index, mse}; index -1 and mse NaN where
   there is none. A good `guess` makes it quick. Those in `without`, a Set of indices, do not
   count. */
export function nearestImage(pixels, images, guess = 0, without = NONE) {
  const size = pixels.length;
  const levels = pixels.map((value) => 255 * clamp(value, 0, 1));
  let [index, least] = [-1, Infinity];
  const look = (i) => {
    if (without.has(i)) return;
    const sum = squaredTo(levels, images.pixels, i * size, least);
    if (sum < least) [index, least] = [i, sum];
  };
  look(guess);
  for (let i = 0; i < images.count; i++) look(i);
  return { index, mse: index < 0 ? NaN : least / size / 255 ** 2 };
}

function squaredTo(levels, pixels, from, enough) {
  let sum = 0;
  for (let start = 0; start < levels.length && sum < enough; start += STRIDE) {
    const end = Math.min(levels.length, start + STRIDE);
    for (let k = start; k < end; k++) {
      const difference = levels[k] - pixels[from + k];
      sum += difference * difference;
    }
  }
  return sum;
}
