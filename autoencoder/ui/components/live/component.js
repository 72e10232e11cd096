/* The live decoder as a component: see export/browser/live/live.js, which also says what data and
 * triggers are.
 */
import { Live } from "../../../export/browser/live/live.js";
import { mounted } from "../mounting.js";

export default mounted(".live", (root) => new Live(root));
