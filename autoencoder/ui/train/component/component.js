/* A training as a component: see export/browser/training/training_view.js, which also says what data
 * are.
 */
import { TrainingView } from "../../../export/browser/training/training_view.js";
import { mounted } from "../../components/mounting.js";

export default mounted(".training-view", (root) => new TrainingView(root));
