/* What a LiveDecoder has done in a worker: decoding, one latent after the other.
 *
 * Messages: first the decoder's bytes, then {latent, pixels: a buffer for the image}, each answered
 * by {pixels: the same buffer, milliseconds: of decoding}. The buffer goes to and fro, so that none
 * is made for an image.
 */
import { Decoder } from "./decoder.js";

let decoder = null;

self.onmessage = ({ data }) => {
  if (decoder) answer(data);
  else decoder = new Decoder(data);
};

function answer({ latent, pixels }) {
  const start = performance.now();
  const image = decoder.decode(latent);
  const milliseconds = performance.now() - start;
  new Float32Array(pixels).set(image);
  self.postMessage({ pixels, milliseconds }, [pixels]);
}
