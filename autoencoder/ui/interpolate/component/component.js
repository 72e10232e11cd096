/* The interpolation as a component: see export/browser/interpolation/interpolation_view.js, which also
 * says what data and triggers are.
 */
import { InterpolationView } from "../../../export/browser/interpolation/interpolation_view.js";
import { mounted } from "../../components/mounting.js";

export default mounted(".interpolation", (root) => new InterpolationView(root));
