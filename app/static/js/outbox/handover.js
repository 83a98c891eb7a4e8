/** What a desk without signal handed out (desk/main.js): all in one text, and the answer says whether it became the claim. */

import { register } from "./kinds.js";
import { patchItem } from "./store.js";

register("handover", {
  describe({ about, conflict = "", why = "" }) {
    return { title: about.label, note: why || about.said, about, conflict, why };
  },

  async send(item, wire, half) {
    if (half !== "text") return;
    const { conflict, why } = await wire.text("PUT", item.base + "/handovers/" + item.id, item.body);
    await patchItem(item.id, (row) => Object.assign(row, { conflict, why }));
  },
});
