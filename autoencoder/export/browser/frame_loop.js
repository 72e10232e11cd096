/* Animation frames for what moves: one is asked for at a time, and while something moves the next
   one follows by itself. */

const LONGEST = 100; // milliseconds: a hidden page gets no frames, and goes on where it was left

export class FrameLoop {
  /* draw(elapsed, now): milliseconds since the frame before, 0 if nothing moved then, and the
     frame's time as requestAnimationFrame gives it; true if something moves. */
  constructor(draw) {
    this.draw = draw;
  }

  ask() {
    this.request ??= requestAnimationFrame((now) => this.next(now));
  }

  next(now) {
    this.request = null;
    const moves = this.draw(Math.min(LONGEST, now - (this.last ?? now)), now);
    this.last = moves ? now : null;
    if (moves) this.ask();
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.request = this.last = null;
  }
}
