/** What supervisors and the contractor do about a finding: raise it, judge what was done, answer. Text first, photos after. */

import { register } from "./kinds.js";
import { dateParts } from "./visit.js";
import { word } from "./words.js";

/** The facts of pictures that follow. */
function announced(draft) {
  return draft.photos.map(({ id, announced_sha256, source, device_at, exif_at, caption }) => (
    { id, announced_sha256, source, device_at, exif_at, caption }
  ));
}

/** The named fields, the rest of the form being the page's. */
function only(names, fields, draft) {
  const body = { photos: announced(draft) };
  for (const name of names.filter((one) => one in fields)) body[name] = fields[name];
  return body;
}

const note = (item) => word("when", dateParts(item.written_at));
const labelled = (item) => ({ title: item.label, note: note(item) });

/** A kind whose text and pictures go to the same address. */
function step(kind, names, addressOf) {
  register(kind, {
    describe: labelled,
    compose: (fields, draft) => only(names, fields, draft),
    async send(item, wire, half) {
      if (half === "text") await wire.text("PUT", addressOf(item), item.body);
      else await wire.photos(addressOf(item));
    },
  });
}

register("finding", {
  describe(item) {
    return { title: word("findingTitle", { place: JSON.parse(item.body).place }), note: note(item) };
  },

  compose(fields, draft) {
    const body = only(["visit_id", "place", "what", "basis", "demand", "severity", "due_on", "draft"], fields, draft);
    body.photo_ids = draft.fields.filter(([name]) => name === "photo_ids").map(([, value]) => value);
    return body;
  },

  /** The key of the form is its project. */
  async send(item, wire, half) {
    const { base, key, id } = item;
    if (half === "text") await wire.text("PUT", base + "/projects/" + key + "/findings/" + id, item.body);
    else await wire.photos(base + "/findings/" + id);
  },
});

step("act", ["kind", "text", "due_on"], ({ base, key, id }) => base + "/findings/" + key + "/acts/" + id);
step("answer", ["kind", "text", "answered_by"], ({ base, id }) => base + "/answers/" + id);
