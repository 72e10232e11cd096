/* How many milliseconds of an animation frame less urgent work may take while something moves: some
 * while frames are in time, none after a late one.
 *
 * A late frame starts a pause. Pauses double while frames are late again soon after them, up to
 * half a second, so that a slow machine tries rarely; every frame in time with such work shortens
 * the next one.
 */
const MOVING = 4,
  RESTING = 12; // milliseconds per frame
const LATE = 25; // milliseconds between two frames: one and a half of a display with 60 a second
const FIRST_PAUSE = 4,
  LONGEST_PAUSE = 32; // frames

export class FrameBudget {
  constructor() {
    this.pause = this.left = 0; // frames: the last pause, and what is left of it
    this.last = NaN; // time of the frame before, where frames follow each other
  }

  /* now: the frame's time in milliseconds, as requestAnimationFrame gives it. */
  at(now, moving) {
    const late = now - this.last > LATE;
    this.last = now;
    if (!moving) this.pause = this.left = 0;
    else if (late)
      this.left = this.pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, 2 * this.pause));
    else if (this.left) this.left--;
    else this.pause = Math.max(0, this.pause - 1);
    return moving ? (this.left ? 0 : MOVING) : RESTING;
  }

  /* No frame was asked for after the last one: when the next one comes says nothing. */
  idle() {
    this.last = NaN;
  }
}
