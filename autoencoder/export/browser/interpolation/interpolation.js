/* What lies where between the chosen images, by every way. Nothing of the page.
 *
 * A position counts frames, a place waypoints (path.js leads from one to the other). A way is {key,
 * title, run}: the path of a run's latents, or the blend of the pixels, which has no run.
 */
import { nearestImage } from "../latent_map.js";
import { clamp, mixed } from "../numbers.js";
import { withCopies } from "./left_out.js";
import { middleOf, placeAt, pointAt, stopsOf } from "./path.js";

const ON_MAP = 24; // pieces of the line that draws one leg of a path
const LETTERS = "ABCDEF";
export const WAITS = "waits"; // what is yielded while an image is being decoded

export class Interpolation {
  /* yardstick: {distance, images}, how far that many test images are from their own nearest
     neighbours. */
  constructor(run, images, map, { leastTurn }, yardstick) {
    Object.assign(this, {
      run,
      images,
      map,
      leastTurn,
      yardstick,
      ways: [],
      size: images.pixels.length / images.count,
    });
  }

  get letters() {
    return LETTERS.slice(0, this.slots.length);
  }

  /* The frames that meet the chosen images; -1 for those that none meets. */
  get stops() {
    const [waypoints, frames] = [this.slots.length, this.frames];
    if (frames >= waypoints) return stopsOf(waypoints, frames);
    return this.slots.map((_, slot) => (slot === 0 ? 0 : slot === waypoints - 1 ? frames - 1 : -1));
  }

  /* Whether there are test images that distances can be measured to. */
  get measurable() {
    return this.leftOut.size < this.images.count;
  }

  /* others: [{key, title, run}], runs on the same test images. `put` has to follow. */
  join(others) {
    const pixels = { key: "pixels", title: "Pixel blend", run: null };
    this.ways = [{ key: "latent", title: "Latent path", run: this.run }, pixels, ...others];
  }

  /* slots: indices of the images on the way; frames; kind. */
  put(what) {
    Object.assign(this, what);
    this.leftOut = withCopies(this.images, this.slots);
    this.middle = middleOf(this.slots.length, this.frames);
    for (const way of this.ways) {
      way.points = this.slots.map((index) =>
        way.run ? latentOf(way.run, index) : this.unitPixels(index),
      );
      way.point = new Float32Array(way.points[0].length); // of the last place it was asked for
      way.pixels ??= new Float32Array(this.size); // its large image
      way.near ??= 0; // the test image that was nearest last
      way.mse = [];
    }
  }

  unitPixels(index) {
    const bytes = this.images.pixels.subarray(index * this.size, (index + 1) * this.size);
    return Float32Array.from(bytes, (byte) => byte / 255);
  }

  placeOf(position) {
    return placeAt(position, this.slots.length, this.frames);
  }

  /* The point of a way at a place, which the next one overwrites: a latent, or an image
     (H, W, C). */
  pointOf({ run, points, point }, place) {
    return pointAt(points, place, run ? this : { kind: "linear" }, point);
  }

  /* Calls show(pixels) with the image (H, W, C) of a way at a place that is being moved: at once, or
     when it is decoded. The pixels are there for the time of the call. */
  follow(asker, way, place, show) {
    const point = this.pointOf(way, place);
    if (way.run) way.run.decoder.follow(asker, point, show);
    else show(point);
  }

  /* The nearest test image to an image on a way, {index, mse}: looked for first where the last one
     was. The chosen images and copies of them do not count. */
  nearestTo(way, pixels) {
    const found = nearestImage(pixels, this.images, way.near, this.leftOut);
    way.near = Math.max(0, found.index);
    return found;
  }

  /* Where a place lies on the map. With a single dimension the height there goes from class to
     class. */
  onMap(place) {
    const leg = clamp(Math.floor(place), 0, this.slots.length - 2);
    const [start, end] = this.slots.slice(leg, leg + 2).map((index) => this.images.labels[index]);
    const { points, point } = this.ways[0];
    return this.map.placeOf(pointAt(points, place, this, point), [
      0,
      mixed(start, end, place - leg),
    ]);
  }

  get line() {
    return Array.from({ length: (this.slots.length - 1) * ON_MAP + 1 }, (_, i) =>
      this.onMap(i / ON_MAP),
    );
  }

  /* The first of them last, so that it lies on top. */
  get marks() {
    return [...this.letters].map((text, i) => ({ place: this.onMap(i), text })).reverse();
  }

  /* Measures frame by frame, way by way; made(way, frame, pixels) after each. */
  *measured(made) {
    for (const way of this.ways) {
      for (let frame = 0; frame < this.frames; frame++) {
        const { mse } = way;
        const measure = (pixels) => {
          if (mse !== way.mse) return; // the images on the way are others by now
          mse.push(this.nearestTo(way, pixels).mse);
          made(way, frame, pixels);
        };
        const point = this.pointOf(way, this.placeOf(frame));
        if (way.run) way.run.decoder.ask(this, point, measure);
        else measure(point);
        while (mse.length === frame) yield WAITS;
        yield;
      }
    }
  }

  /* Mean distance of the frames in the middle half between the chosen images, of a way; NaN where
     there are none. */
  middleMean({ mse }) {
    const inside = mse.filter((_, frame) => this.middle[frame]);
    return inside.reduce((sum, value) => sum + value, 0) / inside.length;
  }
}

const latentOf = (run, index) =>
  run.latents.subarray(index * run.latentDim, (index + 1) * run.latentDim);
