/* From one test image to another, and on through more: decoded along a path of latents, beside the
 * blend of their pixels.
 *
 * Contract: data -> trigger.
 *   data    {run, images: ids in the asset store, others: [{run: id, title}],
 *            method: "line" | "latents" | "pca", picked: [indices of test images], frames: how many,
 *            kind: "linear" | "spherical", placed: a counter,
 *            constants: {images, frames: [least, most], frameMs, endMs: milliseconds of a frame and
 *            of the ends, as in the GIF, leastTurn: see path.js},
 *            waits: whether nothing moves until it is asked to,
 *            yardstick: {distance, images}: MSE per pixel of so many test images to their own
 *            nearest neighbours, the median}
 *   picked  {images: [index], frames, kind}, once after the visitor has changed one of them
 * What Python picked is taken on the first call and when `placed` has changed; otherwise the
 * visitor's own stays.
 *
 * Every event only notes what has changed and asks for an animation frame: at most one picture of
 * each large image per frame. A large decoder works beside the page, in a worker, and its image comes
 * when it is done. Strips and distances are worked on in slices with the time that is left.
 * root.dataset.ready is there while nothing is left.
 */
import { LatentMap } from "../latent_map.js";
import { Pad } from "../pad.js";
import { themeOf } from "../theme.js";
import { arrivals, getAssets } from "../asset_store.js";
import { FrameBudget } from "../frame_budget.js";
import { Scrubber } from "../scrubber.js";
import { ImageGrid } from "./image_grid.js";
import { Interpolation, WAITS } from "./interpolation.js";
import { LargeImages, layoutFor } from "./large_images.js";
import { Player } from "./player.js";
import { RandomPair } from "./random_pair.js";
import { Strips } from "./strips.js";

export class InterpolationView {
  constructor(root) {
    this.root = root;
    this.active = 0;
    this.due = false; // whether the large images are not measured yet
    this.held = new Map(); // id -> asset: the asset store may drop it
    this.player = new Player(() => this.touch());
    this.grid = new ImageGrid(root, (index) => this.pick(index));
    this.random = new RandomPair(root, (slots) => this.take(slots));
    this.scrubber = new Scrubber(root.querySelector(".scrubber"), "Place on the path", {
      toggle: () => this.player.play(this.player.mode ? null : "round"),
      goTo: (position) => this.player.goTo(position),
      step: (by) => this.player.goTo(Math.round(this.player.position) + by),
    });
    this.view = new LargeImages(root, this.scrubber);
    this.strips = new Strips(root);
    this.budget = new FrameBudget(); // for strips and distances
    this.pad = new Pad(root.querySelector(".pad"), {
      ask: () => this.ask(),
      pick: (index) => this.pick(index),
      hover: (place) =>
        this.view.point(this.interpolation, this.pad, place ? this.pad.pointAt(place) : -1),
    });
  }

  listen() {
    if (this.listeners) return;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const on = (place, name, does) =>
      this.root.querySelector(place).addEventListener(name, does, { signal });
    on(".slots", "click", (event) => this.clickSlot(event.target.closest("button")));
    on(".add", "click", () => this.add());
    on(".swap", "click", () => this.change({ slots: this.interpolation.slots.toReversed() }));
    on(".next", "click", () =>
      this.change({
        slots: this.interpolation.slots.map((index) => (index + 1) % this.images.count),
      }),
    );
    on(".kinds", "click", (event) => this.turn(event.target.closest("button")));
    on(".frames input", "input", (event) => this.put({ frames: Number(event.target.value) }));
    on(".frames input", "change", () => this.report());
    on(".picker .chips", "click", (event) => this.filter(event.target.closest("button")));
    on(".strips", "click", (event) => this.clickFrame(event.target.closest("[data-frame]")));
    arrivals.addEventListener("arrival", () => this.arrive(), { signal });
    this.scrubber.listen(signal);
    this.grid.listen(signal);
    this.random.listen(signal);
    this.pad.listen(signal);
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.root);
  }

  /* Until the next call. */
  stop() {
    cancelAnimationFrame(this.request);
    this.listeners?.abort();
    this.observer?.disconnect();
    this.listeners = this.request = this.player.since = null;
  }

  /* A call from Python. */
  update(data, trigger) {
    Object.assign(this, { data, trigger, theme: themeOf(this.root) });
    this.player.timing = data.constants;
    this.view.limitFrames(data.constants.frames);
    this.grid.mostSlots = data.constants.images[1];
    this.listen();
    this.arrive();
    if (this.interpolation) this.write();
  }

  /* Takes from the asset store what is there by now. */
  arrive() {
    const { run: runId, images: imagesId, others, placed } = this.data;
    const ids = [runId, imagesId, ...others.map((other) => other.run)];
    this.held = new Map(ids.map((id) => [id, getAssets(id)?.[0] ?? this.held.get(id)]));
    const [run, images] = [this.held.get(runId), this.held.get(imagesId)];
    if (!run || !images) return;
    const other = this.interpolation?.run !== run || this.images !== images;
    if (other) this.begin(run, images);
    const beside = others
      .map(({ run: key, title }) => ({ key, title, run: this.held.get(key) }))
      .filter((way) => way.run?.images === imagesId);
    const names = beside.map(({ key }) => key).join();
    if (other || this.names !== names) this.interpolation.join(beside);
    const { picked, frames, kind } = this.data;
    if (other || this.placed !== placed) this.put({ slots: [...picked], frames, kind });
    else if (this.names !== names) this.put({});
    Object.assign(this, { placed, names });
  }

  begin(run, images) {
    const first = !this.interpolation;
    this.images = images;
    this.interpolation = new Interpolation(
      run,
      images,
      new LatentMap(run, images, this.data.method),
      this.data.constants,
      this.data.yardstick,
    );
    this.grid.begin(images, run.classes);
    this.random.begin(images, run.classes);
    this.pad.hidden = this.grid.hidden;
    if (first && !this.data.waits) this.show();
  }

  /* Moves along the path once, forth and back, for those who like motion. */
  show() {
    if (!this.player.still.matches) this.player.play("once");
  }

  /* ---- What the visitor does ---- */

  /* Slots, frames or kind are new: so is everything along the way. */
  put(what) {
    this.interpolation.put(what);
    const { slots, frames } = this.interpolation;
    this.active = Math.min(this.active, slots.length - 1);
    this.player.stretch(frames);
    this.random.pair = slots;
    [this.pad.path, this.pad.marks] = [this.interpolation.line, this.interpolation.marks];
    this.chores = this.interpolation.measured((way, frame, pixels) => {
      this.strips.paint(this.interpolation, way, frame, pixels);
      this.ask();
    });
    delete this.root.dataset.ready;
    this.write();
  }

  change(what) {
    this.put(what);
    this.report();
  }

  report() {
    const { slots, frames, kind } = this.interpolation;
    this.trigger("picked", { images: slots, frames, kind });
  }

  /* An image for the active slot; the next one is active then. */
  pick(index) {
    const slots = this.interpolation.slots.with(this.active, index);
    this.active = (this.active + 1) % slots.length;
    this.change({ slots });
  }

  /* All images at once: the first slot is active then. */
  take(slots) {
    this.active = 0;
    this.change({ slots });
  }

  clickSlot(button) {
    if (!button) return;
    const slot = Number(button.dataset.slot);
    if (button.className === "drop")
      return this.change({ slots: this.interpolation.slots.toSpliced(slot, 1) });
    this.active = slot;
    this.grid.write(this);
  }

  /* One more slot, for now with the first image of a class that is not yet among them. */
  add() {
    const { slots } = this.interpolation;
    const { labels, count } = this.images;
    const taken = new Set(slots.map((index) => labels[index]));
    const found = labels.findIndex((label) => !taken.has(label));
    this.active = slots.length;
    this.change({ slots: [...slots, found < 0 ? (slots.at(-1) + 1) % count : found] });
  }

  turn(button) {
    if (button && button.dataset.kind !== this.interpolation.kind)
      this.change({ kind: button.dataset.kind });
  }

  filter(chip) {
    if (!chip) return;
    this.grid.filter(Number(chip.dataset.index));
    this.grid.write(this);
    this.pad.repaint();
  }

  clickFrame(cell) {
    if (cell) this.player.goTo(Number(cell.dataset.frame));
  }

  /* ---- What is shown ---- */

  write() {
    this.grid.write(this);
    this.view.write(this.interpolation);
    this.strips.write(this.interpolation);
    this.arrange();
  }

  arrange() {
    if (!this.interpolation?.slots || !this.root.clientWidth) return;
    const layout = layoutFor(
      this.root.clientWidth,
      innerHeight,
      this.images.shape,
      this.interpolation.frames,
      this.interpolation.run.classes.length,
    );
    this.root.dataset.layout = layout.name;
    for (const part of ["side", "large", "tile", "cell"])
      this.root.style.setProperty(`--${part}`, `${layout[part]}px`);
    this.grid.arrange(layout);
    this.strips.cell = layout.cell;
    this.pad.show(this.interpolation.map, this.theme, layout.side);
    this.touch();
  }

  touch() {
    this.stale = true;
    this.ask();
  }

  ask() {
    this.request ??= requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.request = null;
    if (!this.interpolation?.slots || !this.listeners) return;
    const plays = Boolean(this.player.mode);
    const moving = plays || this.stale;
    if (plays) this.player.advance(now);
    if (moving) this.draw();
    this.pad.draw();
    const left = this.spend(this.budget.at(now, moving));
    if (plays || left) this.ask();
    else this.budget.idle();
  }

  /* The large images, and where they are. */
  draw() {
    const {
      interpolation,
      player: { shown, mode },
    } = this;
    const place = interpolation.placeOf(shown);
    this.view.show(interpolation, shown, place, mode);
    this.view.writeNote(interpolation.run);
    let inFrame = true;
    interpolation.ways.slice(0, 2).forEach((way, i) => {
      interpolation.follow(this, way, place, (pixels) => {
        if (interpolation !== this.interpolation) return;
        way.pixels.set(pixels);
        this.view.paint(interpolation, i, place);
        this.due = true;
        if (!inFrame) this.ask();
      });
    });
    inFrame = false;
    this.strips.outline(Math.round(shown));
    this.pad.place = interpolation.onMap(place);
    this.stale = false;
  }

  /* Does what is less urgent; true if some of it may be left. */
  spend(milliseconds) {
    if (!milliseconds) return true;
    const until = performance.now() + milliseconds;
    if (this.due) this.view.measure(this.interpolation);
    this.due = false;
    while (this.chores && performance.now() < until) {
      const { done, value } = this.chores.next();
      if (value === WAITS) return false; // the image that is being decoded will ask for a frame
      if (!done) continue;
      this.chores = null;
      this.strips.conclude(this.interpolation);
      this.root.dataset.ready = "";
    }
    return Boolean(this.chores);
  }
}
