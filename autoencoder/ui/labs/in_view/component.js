/* The place of something that is drawn once the visitor scrolls near it.
 *
 * Contract: data -> trigger.
 *   data   {words: what stands there meanwhile, height: in CSS pixels}
 *   near   true when the place is in view or less than AHEAD away, until it is replaced: of two
 *          places that say so at the same moment, Streamlit hears one
 */
import { mounted } from "../../components/mounting.js";

const AHEAD = "400px 0px"; // so that most are drawn before they are seen
const AGAIN = 400; // milliseconds until it is said again; then twice as many, and so on

export default mounted(".in-view", (root) => new Place(root));

class Place {
  constructor(root) {
    this.root = root;
  }

  update(data, trigger) {
    this.trigger = trigger;
    this.root.textContent = data.words;
    this.root.style.height = `${data.height}px`;
    if (this.observer) return;
    // Streamlit's pages scroll inside an element of their own: a margin counts from there only.
    const host = this.root.getRootNode().host ?? this.root;
    const root = host.closest('[data-testid="stMain"]');
    this.observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.observer.disconnect();
        this.say(AGAIN);
      },
      { root, rootMargin: AHEAD },
    );
    this.observer.observe(this.root);
  }

  say(pause) {
    this.trigger("near", true);
    this.timer = setTimeout(() => this.say(2 * pause), pause);
  }

  stop() {
    clearTimeout(this.timer);
    this.observer?.disconnect();
    this.observer = null;
  }
}
