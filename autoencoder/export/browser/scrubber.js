/* A button that plays and pauses a film, a slider over its places, and words about the place that
 * is shown.
 *
 * The slider glides from frame to frame, so it has no steps of its own: the keys go from frame to
 * frame.
 */
import { clamp } from "./numbers.js";

const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const CONTROLS = `
  <button class="play" type="button" aria-label="Play" disabled>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path class="to-play" d="M4 2.2v11.6L13.6 8z" />
      <path class="to-pause" d="M3.6 2.4h3v11.2h-3zM9.4 2.4h3v11.2h-3z" />
    </svg>
  </button>
  <input type="range" step="any" disabled />`;

export class Scrubber {
  /* The controls become the first children of `bar`, which has a `.caption` for the words.
     acts: toggle(), goTo(place), and step(by): that many frames onwards. */
  constructor(bar, label, acts) {
    bar.insertAdjacentHTML("afterbegin", CONTROLS);
    [this.play, this.slider] = bar.children;
    this.caption = bar.querySelector(".caption");
    this.slider.setAttribute("aria-label", label);
    this.acts = acts;
  }

  listen(signal) {
    const { play, slider, acts } = this;
    play.addEventListener("click", () => acts.toggle(), { signal });
    slider.addEventListener("input", () => acts.goTo(Number(slider.value)), { signal });
    slider.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  key(event) {
    const { last, page } = this;
    const pages = { PageDown: -page, PageUp: page, Home: -last, End: last };
    const by = { ...ARROWS, ...pages }[event.key];
    if (!by) return;
    event.preventDefault();
    this.acts.step(by);
  }

  /* Places from `low` to `high`, on which there are so many frames by now. */
  span(low, high, frames, page = Math.max(2, Math.round((frames - 1) / 10))) {
    Object.assign(this.slider, { min: low, max: high });
    Object.assign(this, { last: frames - 1, page });
    this.play.disabled = this.slider.disabled = frames < 2;
  }

  /* The place that is shown, and the last one that there is. */
  show(place, loaded, playing) {
    const { min, max, style } = this.slider;
    const share = (at) => clamp((at - min) / (max - min), 0, 1);
    this.slider.value = place;
    style.setProperty("--at", share(place));
    style.setProperty("--loaded", share(loaded));
    this.play.classList.toggle("playing", playing);
    this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  say(words) {
    this.caption.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
  }
}
