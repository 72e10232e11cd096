/* The place on the way, counted in frames, and how it moves by itself. */
import { clamp } from "../numbers.js";

export class Player {
  /* moved() is called after every move but those of `advance`. The timing has to be there before
     anything is played. */
  constructor(moved, timing = null) {
    this.moved = moved;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    // {frameMs, endMs}: milliseconds per frame while playing, and at both ends
    this.timing = timing;
    this.position = 0;
    this.last = 1; // the position of the last frame
  }

  /* Without motion it goes from frame to frame. */
  get shown() {
    return this.still.matches ? Math.round(this.position) : this.position;
  }

  /* Another number of frames: the place stays where it is on the way. */
  stretch(frames) {
    this.position *= (frames - 1) / this.last;
    this.last = frames - 1;
  }

  goTo(position) {
    this.mode = null;
    this.position = clamp(position, 0, this.last);
    this.moved();
  }

  /* mode: "round" (forth and back until it is stopped), "once" (forth and back), or null. */
  play(mode) {
    Object.assign(this, {
      mode,
      heading: this.position < this.last ? 1 : -1,
      resting: 0,
      since: null,
    });
    this.moved();
  }

  /* A hidden page gets no frames: it goes on where it was left. */
  advance(now) {
    const elapsed = Math.min(100, now - (this.since ?? now));
    this.since = now;
    this.resting -= elapsed;
    if (this.resting > 0) return;
    this.position = clamp(
      this.position + (this.heading * elapsed) / this.timing.frameMs,
      0,
      this.last,
    );
    if (this.position !== (this.heading > 0 ? this.last : 0)) return;
    if (this.heading < 0 && this.mode === "once") this.mode = null;
    [this.heading, this.resting] = [-this.heading, this.timing.endMs];
  }
}
