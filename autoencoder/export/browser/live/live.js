/* The live decoder: a point on the latent map or a slider is dragged, and the decoded image follows
 * at display rate.
 *
 * Contract: data -> triggers.
 *   data      {run, images: ids in the asset store, method: "line" | "latents" | "pca" | id of a map
 *             in the asset store, holes: id or null, latent: [D] or null (then the first test
 *             image's), placed: a counter, parts: "all" | "pad", tour: whether the point moves by
 *             itself until it is touched}
 *   released  {latent: [D]}, once when the pointer, the keys or a button have put the visitor's
 *             point somewhere
 *   holes     true, when the hole map is first wanted
 * A latent from Python is taken on the first call and when `placed` has changed; otherwise the
 * visitor's own stays.
 *
 * Every event only notes where the point is now and asks for a frame: one callback and one decode
 * per frame, the newest latent wins. A large decoder works beside the page, in a worker, and the
 * image comes when it is done. What is less urgent (nearest image, the sliders, the map's ground) is
 * done in slices of the frames that are in time, and at rest; what has to be decoded for it by a
 * large decoder, at rest only. For whoever drives it: root.dataset.ready is the id of the run whose
 * image is shown, and root.latest = {frames: how many were decoded, decodeMs: from asking for the
 * last of them until they were shown, in milliseconds, a ring}; root.dataset.tour is "moving" while
 * the point moves by itself.
 */
import { LatentMap, isExact } from "../latent_map.js";
import { Pad } from "../pad.js";
import { themeOf } from "../theme.js";
import { arrivals, getAssets } from "../asset_store.js";
import { toggleChip, writeChips } from "../elements.js";
import { FrameBudget } from "../frame_budget.js";
import { Ground } from "./ground.js";
import { Sliders } from "./sliders.js";
import { Tour } from "./tour.js";
import { View, layoutFor, randomLatent } from "./view.js";

const MEASURED = 240; // decode times that are kept
const REST = 150; // milliseconds after the last move, from which on nothing moves

export class Live {
  constructor(root) {
    this.root = root;
    this.turn = 0;
    this.latest = root.latest = { frames: 0, decodeMs: new Float32Array(MEASURED) };
    this.view = new View(root);
    this.budget = new FrameBudget();
    this.pad = new Pad(root.querySelector(".pad"), {
      ask: () => this.ask(),
      move: (place, phase) => this.drag(place, phase),
      hover: (place) => this.hover(place),
      pick: (index) => this.pick(index),
      view: () => {
        this.view.point(this, -1);
        this.ground.outdated();
      },
    });
    this.ground = new Ground(this);
    this.sliders = new Sliders(this);
    this.tour = new Tour(this);
    this.tasks = [() => this.view.step(this), () => this.sliders.step(), () => this.ground.step()];
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (place, name, does) =>
      this.root.querySelector(place).addEventListener(name, does, { signal });
    on(
      ".chips",
      "click",
      (event) => toggleChip(event.target.closest("button"), this.pad.hidden) && this.pad.repaint(),
    );
    on(".grounds", "click", (event) =>
      this.ground.choose(event.target.closest("button")?.dataset.ground),
    );
    on(".starts", "click", (event) => this.start(event.target.closest("button")?.dataset.start));
    on(".starts input", "input", () => this.putImage(this.view.chosen));
    on(".starts input", "change", () => this.release());
    on(".more", "click", () => this.sliders.more());
    arrivals.addEventListener("arrival", () => this.arrive(), { signal });
    this.pad.listen(signal);
    this.sliders.listen(signal);
    this.tour.listen(signal);
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  /* Until the next call. */
  stop() {
    cancelAnimationFrame(this.request);
    this.listeners?.abort();
    this.observer?.disconnect();
    this.ground.stop();
    this.tour.stop();
    this.listeners = this.request = null;
  }

  /* A call from Python. */
  update(data, trigger) {
    Object.assign(this, { data, trigger, theme: themeOf(this.root) });
    this.root.dataset.parts = data.parts;
    this.listen();
    this.arrive();
    if (this.map) this.write();
  }

  /* Takes from the asset store what is there by now. */
  arrive() {
    const { run: runId, images: imagesId, method, placed } = this.data;
    const assets = getAssets(runId, imagesId, ...(isExact(method) ? [] : [method]));
    if (!assets) return;
    const [run, images, projection] = assets;
    const [other, elsewhere] = [
      this.run !== run || this.images !== images,
      this.map?.method !== method,
    ];
    if (other) this.begin(run, images);
    if (other || elsewhere) this.map = new LatentMap(run, images, method, projection);
    if (other && !this.data.latent) this.putImage(0);
    else if (other || this.placed !== placed) this.put(this.data.latent ?? this.latent);
    else if (elsewhere) this.put(this.latent);
    this.placed = placed;
    if (other || elsewhere) this.write();
    if (this.data.tour && (other || elsewhere)) this.tour.begin(this);
    this.ground.arrived();
  }

  begin(run, images) {
    const [latent, spare] = [new Float32Array(run.latentDim), new Float32Array(run.latentDim)];
    Object.assign(this, { run, images, latent, spare, draws: 0 });
    this.place = this.hovered = null;
    this.pad.hidden.clear();
    this.view.begin(images);
    this.sliders.begin(run);
  }

  write() {
    writeChips(
      this.root.querySelector(".chips"),
      this.run.classes,
      this.theme.classes,
      this.pad.hidden,
    );
    this.view.write(this);
    this.ground.write();
    this.arrange();
  }

  arrange() {
    if (!this.map || !this.root.clientWidth) return;
    const layout = layoutFor(this.root.clientWidth, this.data.parts, this.images.shape);
    this.root.dataset.layout = layout.name;
    for (const part of ["side", "picture", "nearest", "frame"])
      this.root.style.setProperty(`--${part}`, `${layout[part]}px`);
    this.pad.show(this.map, this.theme, layout.side);
    this.sliders.arrange(layout);
    this.ask();
  }

  /* ---- Where the point is ---- */

  drag(place, phase) {
    this.show(place);
    if (phase === "end") this.release();
  }

  /* The own point is at a place of the map. */
  show(place) {
    this.place = this.pad.place = place;
    this.map.latentOf(place, this.latent);
    this.moved();
  }

  hover(place) {
    this.hovered = place && { place, latent: this.map.latentOf(place, this.spare) };
    this.view.point(this, place ? this.pad.pointAt(place) : -1);
    this.touch();
  }

  pick(index) {
    this.putImage(index);
    this.release();
  }

  /* One number of the latent. */
  slide(dimension, value) {
    this.latent[dimension] = value;
    this.put(this.latent, undefined, dimension);
  }

  start(from) {
    if (from === "mean") this.put(this.run.mean);
    else if (from === "random") this.put(randomLatent(this.run, ++this.draws));
    else if (from === "image") this.putImage(this.view.chosen);
    else return;
    this.release();
  }

  putImage(index) {
    const { latents, latentDim } = this.run;
    const { points } = this.map;
    this.put(latents.subarray(index * latentDim, (index + 1) * latentDim), [
      points[2 * index],
      points[2 * index + 1],
    ]);
  }

  put(latent, place, dimension) {
    this.latent.set(latent);
    const middle = [0, (this.run.classes.length - 1) / 2];
    this.place = this.pad.place = place ?? this.map.placeOf(this.latent, this.place ?? middle);
    this.moved(dimension);
  }

  /* dimension: the only one that has changed, if it is one. */
  moved(dimension) {
    this.hovered = this.pad.ghost = null;
    this.view.point(this, -1);
    this.sliders.changed(dimension);
    this.touch();
  }

  release() {
    this.view.speak();
    this.trigger("released", { latent: Array.from(this.latent) });
    this.ask();
  }

  /* ---- Frames ---- */

  touch() {
    this.stale = this.isBehind = true;
    this.ask();
  }

  ask() {
    this.request ??= requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.request = null;
    if (!this.map || !this.listeners) return;
    this.tour.step(now);
    this.pad.draw();
    if (this.stale) {
      this.stale = false;
      this.last = now;
      this.decode(this.hovered?.latent ?? this.latent);
    }
    if (this.tour.isMoving) return this.budget.idle(); // what is less urgent waits for its end
    this.isMoving = now - (this.last ?? 0) < REST;
    const left = this.spend(this.budget.at(now, this.isMoving));
    if (this.isMoving || left) this.ask();
    else this.budget.idle();
  }

  /* What the decoded image is of. */
  get words() {
    if (this.hovered) return "Decoded under the pointer";
    return this.tour.isMoving ? "Decoded at the ring. Touch the map to move it" : "Decoded";
  }

  decode(latent) {
    const { run, words } = this;
    const asked = (this.asked = { start: performance.now() });
    run.decoder.follow(this, latent, (pixels) => {
      if (run !== this.run) return;
      this.isBehind = this.stale || asked !== this.asked;
      this.view.show(pixels, words);
      this.latest.decodeMs[this.latest.frames++ % MEASURED] = performance.now() - asked.start;
      if (this.root.dataset.ready !== run.id) this.root.dataset.ready = run.id;
      if (asked.waits) this.ask();
    });
    asked.waits = true;
    this.view.writeNote(this);
  }

  /* Whether something else than the image of the point may be decoded now. */
  get hasTimeToDecode() {
    const { isQuick, isBusy } = this.run.decoder;
    return isQuick || !(this.isMoving || isBusy);
  }

  /* Does what is less urgent, in turns; true if some of it may be left. */
  spend(milliseconds) {
    if (!milliseconds) return true;
    const until = performance.now() + milliseconds;
    for (let idle = 0; idle < this.tasks.length;) {
      idle = this.tasks[this.turn++ % this.tasks.length]() ? 0 : idle + 1;
      if (performance.now() > until) return true;
    }
    return false;
  }
}
