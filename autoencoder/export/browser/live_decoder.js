/* A decoder for pages: it decodes on the page's thread where that is over within a frame, else in a
 * worker, so that the page never waits for it. Which of both, and whether it can follow a drag at
 * all, is found by measuring in the visitor's browser.
 *
 * Whoever asks is told apart as an object. One latent is decoded at a time; of those that wait, only
 * the newest of each asker is kept.
 */
import { Decoder } from "./decoder.js";

/* Milliseconds of a decode.
   page          up to which it is done on the page's thread. An answer from a worker comes after the
                 frame that asked for it, and is seen one frame later: small decoders would become
                 slower there. A quarter of a frame leaves room for all else that a page draws.
   dragOnPage    up to which a page without workers decodes during a drag: what takes longer is a
                 long task, by which browsers count a page as one that does not answer (W3C, Long
                 Tasks)
   dragInWorker  up to which a worker decodes during a drag: ten images a second */
export const LIMITS = { page: 4, dragOnPage: 50, dragInWorker: 100 };
const TOO_SLOW = "Decoding is slow in this browser: the image follows when you pause.";
const REST = 150; // milliseconds without another latent, after which a drag pauses
const TRIALS = [2, 10]; // decodes at the beginning, at least and at most: the first ones are slow
const LONGEST_TRIAL = 50; // milliseconds
const MEASURED = 5; // decodes whose times are remembered

let hasWorkers = typeof Worker !== "undefined"; // until one cannot be made
let source = null; // the address of the worker's

export class LiveDecoder {
  /* bytes: Uint8Array, as decoder.py writes it. */
  constructor(bytes, limits = LIMITS) {
    Object.assign(this, { bytes, limits });
    this.times = []; // milliseconds of the last decodes
    this.waiting = new Map(); // asker -> {latent, show}
    this.pauses = new Map(); // asker -> timer
    this.worker = this.current = null; // current: what is decoded in the worker
    this.decoder = new Decoder(bytes); // on the page's thread; null where a worker has it
    this.imageBytes = 4 * this.decoder.shape.reduce((product, length) => product * length);
    this.tryOut();
    if (hasWorkers && !this.isQuick) [this.decoder, this.times] = [null, []];
  }

  /* Decodes until that is quick, or it is clear that it is not. */
  tryOut() {
    const latent = new Float32Array(this.decoder.latentDim);
    const [least, most] = TRIALS;
    const until = performance.now() + LONGEST_TRIAL;
    for (let tried = 0; tried < least || !this.isQuick; tried++) {
      if (tried === most || (tried >= least && performance.now() > until)) return;
      this.decode(latent);
    }
  }

  /* The fastest decodes tell what can be done: a slow one may have waited for the browser's compiler
     or for another program. 0 where nothing is known yet. */
  get fastest() {
    return this.times.length ? Math.min(...this.times) : 0;
  }

  /* Whether a decode is so short that it fits beside everything else. */
  get isQuick() {
    return this.decoder !== null && this.fastest <= this.limits.page;
  }

  /* Whether the image can follow a drag. */
  get canFollow() {
    const { dragOnPage, dragInWorker } = this.limits;
    return this.fastest <= (this.decoder ? dragOnPage : dragInWorker);
  }

  /* What a visitor should know: a sentence, or nothing. */
  get note() {
    return this.canFollow ? "" : TOO_SLOW;
  }

  get isBusy() {
    return this.current !== null || this.waiting.size > 0;
  }

  /* Calls show(pixels) with the image (H, W, C) of a latent: at once where it is decoded on the
     page's thread. The pixels are there for the time of the call. */
  ask(asker, latent, show) {
    if (this.decoder) return show(this.decode(latent));
    this.waiting.set(asker, { latent: Float32Array.from(latent), show });
    this.next();
  }

  /* The same for a latent that is dragged about: where decoding is too slow to follow, it waits for
     a pause. */
  follow(asker, latent, show) {
    clearTimeout(this.pauses.get(asker));
    this.pauses.delete(asker);
    if (this.canFollow) return this.ask(asker, latent, show);
    const copy = Float32Array.from(latent);
    const pause = () => {
      this.pauses.delete(asker);
      this.ask(asker, copy, show);
    };
    this.pauses.set(asker, setTimeout(pause, REST));
  }

  /* Ends the worker, and forgets what was asked. Another question starts it again. */
  close() {
    for (const timer of this.pauses.values()) clearTimeout(timer);
    this.pauses.clear();
    this.waiting.clear();
    this.worker?.terminate();
    this.worker = this.current = null;
  }

  /* ---- On the page's thread ---- */

  decode(latent) {
    const start = performance.now();
    const pixels = this.decoder.decode(latent);
    this.remember(performance.now() - start);
    return pixels;
  }

  remember(milliseconds) {
    this.times = [...this.times.slice(1 - MEASURED), milliseconds];
  }

  /* ---- In a worker ---- */

  next() {
    const [asker] = this.waiting.keys();
    if (this.current || !asker) return;
    this.current = this.waiting.get(asker);
    this.waiting.delete(asker);
    try {
      this.worker ??= this.start();
      const { latent } = this.current;
      this.worker.postMessage({ latent, pixels: this.pixels }, [this.pixels]);
    } catch {
      this.stay();
    }
  }

  start() {
    source ??= new URL("./decode_worker.js", import.meta.url);
    const worker = new Worker(source); // no module: files (file://) have no workers of that kind
    worker.onmessage = ({ data }) => this.answer(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.worker === worker) this.stay();
    };
    worker.postMessage(this.bytes);
    this.pixels = new ArrayBuffer(this.imageBytes); // belongs to the worker while it decodes
    return worker;
  }

  answer({ pixels, milliseconds }) {
    this.remember(milliseconds);
    try {
      this.current.show(new Float32Array(pixels));
    } finally {
      this.pixels = pixels;
      this.current = null;
      this.next();
    }
  }

  /* No worker can be made, for instance because of the page's Content-Security-Policy: everything is
     decoded here. */
  stay() {
    hasWorkers = false;
    this.decoder = new Decoder(this.bytes);
    const requests = [this.current, ...this.waiting.values()];
    this.close();
    for (const { latent, show } of requests) show(this.decode(latent));
  }
}
