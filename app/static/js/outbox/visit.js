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

/** Of which items something stands in a field of this name: "found:…" and "words:…" of a check, and so on. */
const which = (fields, name) => (
  Array.from(new Set(Object.keys(fields).filter((one) => name.test(one) && fields[one].trim()).map((one) => one.replace(name, ""))))
);

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
    body.checks = which(fields, /^(found|words):/).map((id) => (
      { item_id: id, found: fields["found:" + id] || "not_seen", words: fields["words:" + id] || null }
    ));
    body.rechecks = which(fields, /^(seen|rewords):/).map((id) => (
      { finding_id: id, seen: fields["seen:" + id] || "not_mended", words: fields["rewords:" + id] || null }
    ));
    body.raises = which(fields, /^what:/).map((n) => (
      { what: fields["what:" + n], demand: fields["demand:" + n] || "", severity: fields["severity:" + n] || "" }
    ));
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

/** What was looked at and owes a photo is named before it is sent; it is never asked for. */
function showOwed(form, photos) {
  const line = form.querySelector("[data-photos-owed]");
  if (!line) return;
  const taken = new Set(photos.map((photo) => photo.of));
  const owed = Array.from(form.querySelectorAll("[data-photo-owed]")).filter((item) => {
    const found = item.querySelector("input[type=radio]:checked");
    return found && found.value !== "not_seen" && !taken.has("item_id=" + item.dataset.photoOwed);
  });
  const words = { n: owed.length, what: owed.map((item) => item.dataset.what).join("、") };
  line.querySelector("span").textContent = line.dataset.photosOwed.replace(/\{(\w+)\}/g, (_all, name) => words[name]);
  line.hidden = !owed.length;
}

const photosIn = new WeakMap();
document.addEventListener("outbox:photos", ({ target, detail }) => {
  photosIn.set(target, detail);
  showOwed(target, detail);
}, true);
document.addEventListener("change", ({ target }) => {
  if (target.form && /^found:/.test(target.name || "")) showOwed(target.form, photosIn.get(target.form) || []);
});

/** Of an RFC 3339 time as the phone saw it. */
export function dateParts(text) {
  const [, month, day, hour, minute] = /^\d+-(\d+)-(\d+)T(\d+):(\d+)/.exec(text);
  return { month: Number(month), day: Number(day), hour, minute };
}
