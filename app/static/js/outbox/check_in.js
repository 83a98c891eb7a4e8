/**
 * Checking in by the code on the leader's screen. Where the server answers, the form goes to it as a plain one, and its page
 * says how it went; where it does not, what was read is kept with the phone's time and sent later: then the server judges by
 * the minute in the code.
 *
 * MARKUP: <form data-check-in> with the fields id and code, on a page with [data-outbox-list] and [data-outbox-status].
 */

import { say } from "./cards.js";
import { wake } from "./drain.js";
import { register } from "./kinds.js";
import { deviceTime, newId } from "./stamps.js";
import { enqueue } from "./store.js";
import { dateParts } from "./visit.js";
import { ping } from "./wire.js";
import { page, word } from "./words.js";

register("check_in", {
  describe(item) {
    const { code, device_at } = JSON.parse(item.body);
    return { title: word(/\.out\./.test(code) ? "checkOutTitle" : "checkInTitle"), note: word("when", dateParts(device_at)) };
  },

  async send(item, wire, half) {
    if (half === "text") await wire.text("PUT", item.base + "/check-ins/" + item.id, item.body);
  },
});

async function keep(form) {
  const read = deviceTime();
  const who = await ping();
  if (who && who.user === page.user) return form.submit();
  const id = newId();
  const body = JSON.stringify({ code: form.elements.code.value, device_at: read });
  await enqueue({ id }, { id, kind: "check_in", owner: page.user, base: page.base, fragment: "", body, text_sent: false, parked: null, photos: [] });
  form.elements.code.value = "";
  say("queued");
  const line = document.querySelector("[data-outbox-status]");
  line.setAttribute("tabindex", "-1");
  line.focus();
  return wake();
}

/** A page kept for offline use knows neither the code in its own address nor an id that was never sent. */
function set(form) {
  let busy = false;
  form.elements.id.value = newId();
  form.elements.code.value = form.elements.code.value || new URLSearchParams(location.search).get("t") || "";
  form.addEventListener("submit", (event) => {
    if (!form.elements.code.value.trim()) return; // the server says what is missing
    event.preventDefault();
    if (busy) return;
    busy = true;
    keep(form).catch(() => say("notSaved")).then(() => { busy = false; });
  });
}

document.querySelectorAll("form[data-check-in]").forEach(set);
