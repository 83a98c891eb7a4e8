/** The first kind of item: a supervisor's visit with its pictures. */

import { register } from "./kinds.js";
import { deviceTime } from "./stamps.js";
import { word } from "./words.js";

const TEXTS = ["project_id", "weather", "place", "progress", "checked", "problems", "others"];
const PHOTO = ["id", "announced_sha256", "source", "device_at", "exif_at", "lat", "lon", "accuracy", "caption"];

const address = (item) => item.base + "/visits/" + item.id;

register("visit", {
  describe(item) {
    const body = JSON.parse(item.body);
    return { title: word("visitTitle", { place: body.place }), note: word("when", dateParts(body.device_at)) };
  },

  /** The signed not-before: evidence that the record is not older. Offline there is none, and that is legal. */
  async begin(draft, wire) {
    const { nonce } = await wire.text("POST", draft.base + "/visits/nonce");
    return { nonce, started_at: deviceTime() };
  },

  compose(fields, draft) {
    const body = { nonce: draft.nonce || null, started_at: draft.started_at, device_at: deviceTime() };
    for (const name of TEXTS) body[name] = fields[name] || "";
    body.photos = draft.photos.map((photo) => {
      const sent = {};
      for (const name of PHOTO) sent[name] = photo[name];
      return sent;
    });
    return body;
  },

  async send(item, wire, half) {
    if (half === "text") await wire.text("PUT", address(item), item.body);
    else await wire.photos(address(item));
  },
});

/** Of an RFC 3339 time as the phone saw it. */
export function dateParts(text) {
  const [, month, day, hour, minute] = /^\d+-(\d+)-(\d+)T(\d+):(\d+)/.exec(text);
  return { month: Number(month), day: Number(day), hour, minute };
}
