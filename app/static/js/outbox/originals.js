/** The camera's own bytes, after the smaller pictures have arrived: over Wi-Fi, or when they are asked for. */

import { register } from "./kinds.js";
import { given } from "./wire.js";
import { word } from "./words.js";

register("originals", {
  patient: true,

  describe(item) {
    return { title: item.label, note: word("originals", { n: item.photos.length }) };
  },

  /** One that the server does not take (108 megapixels) stays on the phone, and is marked so. */
  async send(item, wire) {
    await wire.uploads((photo) => item.base + "/works/photos/" + photo.id.slice(0, 36) + "/original");
    wire.complete = item.photos.every(given);
  },
});
