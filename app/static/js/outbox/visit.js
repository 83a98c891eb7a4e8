/** The first kind of item: a supervisor's visit with its pictures. */

import { register } from "./kinds.js";
import { deviceTime } from "./stamps.js";
import { word } from "./words.js";

const TEXTS = [
  "project_id", "weather", "place", "progress", "checked", "tests", "present", "headcount", "materials", "problems", "complaints",
  "safety", "others", "next_on",
];
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
      const [what, which] = (photo.of || "").split("="); // as the input's name says it: "role=certificate"
      if (what) sent[what] = which;
      return sent;
    });
    return body;
  },

  async send(item, wire, half) {
    if (half === "text") await wire.text("PUT", address(item), item.body);
    else await wire.photos(address(item));
  },
});

/** What a kept draft brings back is seen: its section opens. */
document.addEventListener("change", ({ target }) => {
  const section = target.value && target.closest('[data-outbox="visit"] details');
  if (section && !/^(radio|checkbox|file)$/.test(target.type)) section.open = true;
});

/** Of an RFC 3339 time as the phone saw it. */
function dateParts(text) {
  const [, month, day, hour, minute] = /^\d+-(\d+)-(\d+)T(\d+):(\d+)/.exec(text);
  return { month: Number(month), day: Number(day), hour, minute };
}
