/* Chooses a folder, or many images, and hands them to Streamlit's uploader as one zip.
 *
 * Contract: data.
 *   data   {uploader: a selector of the uploader's <input type=file>, megabytes: the most that it
 *          takes, endings: those of image files}
 * A file of another kind goes into the zip without its content: the page then says that it was left
 * out.
 */
import { mounted } from "../../components/mounting.js";
import { packed } from "./zip.js";

const ARRAYS = /(\.npz|idx\d-ubyte(\.gz)?)$/i;
const MEBI = 2 ** 20;

export default mounted(".picker", (root) => new Picker(root));

class Picker {
  constructor(root) {
    this.zone = root.querySelector(".zone");
    this.status = root.querySelector("p");
    for (const way of ["folder", "files"]) {
      const input = root.querySelector(`input.${way}`);
      root.querySelector(`button.${way}`).onclick = () => input.click();
      input.onchange = () => {
        const files = [...input.files].map((file) => [file.webkitRelativePath || file.name, file]);
        input.value = "";
        this.take(files);
      };
    }
    this.zone.ondragover = (event) => {
      event.preventDefault();
      this.zone.classList.add("over");
    };
    this.zone.ondragleave = () => this.zone.classList.remove("over");
    this.zone.ondrop = async (event) => {
      event.preventDefault();
      this.zone.classList.remove("over");
      // The entries have to be asked for before anything is waited for.
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
      const files = [];
      for (const entry of entries) if (entry) await collect(entry, "", files);
      this.take(files);
    };
  }

  update(data) {
    this.data = data;
  }

  stop() {}

  say(words) {
    this.status.textContent = words;
  }

  async take(files) {
    if (!files.length) return;
    const { endings, megabytes } = this.data;
    const isWanted = (path) =>
      ARRAYS.test(path) || endings.some((ending) => path.toLowerCase().endsWith(ending));
    const chosen = files.map(([path, file]) => [path, isWanted(path) ? file : new Blob()]);
    const bytes = chosen.reduce((sum, [, file]) => sum + file.size, 0);
    if (bytes > megabytes * MEBI) {
      this.say(
        `These images have ${Math.ceil(bytes / MEBI).toLocaleString("en")} MB; this page takes at` +
          ` most ${megabytes.toLocaleString("en")} MB. The command line takes more.`,
      );
      return;
    }
    try {
      const zip = await packed(chosen, (done) =>
        this.say(
          `Reading ${done.toLocaleString("en")} of ${chosen.length.toLocaleString("en")} files`,
        ),
      );
      this.hand(new File([zip], `${files[0][0].split("/")[0]}.zip`, { type: "application/zip" }));
    } catch (error) {
      this.say(`The files cannot be read: ${error.message}`);
    }
  }

  hand(file) {
    const input = document.querySelector(this.data.uploader);
    if (!input) {
      this.say("This page has changed: reload it and choose the folder again");
      return;
    }
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    this.say(`Sending ${Math.ceil(file.size / MEBI).toLocaleString("en")} MB`);
  }
}

/* Adds the files under a dropped entry to `files`, as [path, file]. */
async function collect(entry, folder, files) {
  const path = folder + entry.name;
  if (entry.isFile) {
    files.push([path, await new Promise((resolve, reject) => entry.file(resolve, reject))]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return; // a reader gives some entries at a time, then none
    for (const each of some) await collect(each, `${path}/`, files);
  }
}
