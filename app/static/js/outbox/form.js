/** A plain form that never loses what was typed or photographed, with or without network, camera reload or a second tab. */

import { say, tiles } from "./cards.js";
import { wake } from "./drain.js";
import { kindOf } from "./kinds.js";
import { hold } from "./locks.js";
import { facts, readFile, shrink } from "./pictures.js";
import { deviceTime, here, newId, sha256 } from "./stamps.js";
import { Taken, bytesOf, drafts, dropFromMemory, enqueue, forkDraft, keepInMemory, saveDraft, takeDraft } from "./store.js";
import { Wire, ping } from "./wire.js";
import { byLink, page, word } from "./words.js";

const FIRST_WAIT = 1500; // ms; the page that was here before a reload lets go of its draft within this

/** Named controls a person fills: the rest of the form is the server's. */
const controls = (form) => Array.from(form.elements).filter(
  (one) => one.name && !["file", "hidden", "password", "submit", "button", "image", "reset"].includes(one.type),
);

/** What the pictures of a file input are of, for the kind to compose: "role=certificate" of "camera:role=certificate". */
const ofWhat = (input) => input.name.split(":")[1] || "";

function answers(form) {
  const given = controls(form).filter((one) => !/^(radio|checkbox)$/.test(one.type) || one.checked);
  return given.map((one) => [one.name, one.value]);
}

/** What the server rendered, whatever the browser has put back since. */
function defaults(form) {
  const shown = controls(form).filter((one) => !/^(radio|checkbox)$/.test(one.type) || one.defaultChecked);
  return shown.map((one) => {
    if (!one.options) return [one.name, /^(radio|checkbox)$/.test(one.type) ? one.value : one.defaultValue];
    const option = Array.from(one.options).find((each) => each.defaultSelected) || one.options[0];
    return [one.name, option ? option.value : ""];
  });
}

/** Words that were typed before this script had loaded are not in the draft: keep both. */
function together(control, kept) {
  const typed = control.type === "textarea" && control.value !== control.defaultValue ? control.value : "";
  return kept.includes(typed) ? kept : kept + "\n" + typed;
}

function refill(form, fields, except = new Set()) {
  for (const one of controls(form).filter(({ name }) => !except.has(name))) {
    const values = fields.filter(([name]) => name === one.name).map(([, value]) => value);
    if (/^(radio|checkbox)$/.test(one.type)) one.checked = values.includes(one.value);
    else if (values.length) one.value = together(one, values[0]);
    one.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

class FieldForm {
  constructor(form) {
    this.form = form;
    this.kind = form.dataset.outbox;
    this.list = form.querySelector("[data-outbox-photos]");
    this.key = form.dataset.outboxKey || form.getAttribute("action") || location.pathname;
    this.empty = JSON.stringify(defaults(form));
    this.draft = null;
    this.plain = false; // the phone refuses to store: the form posts as if there were no script
    this.lanes = { keep: Promise.resolve(), shrink: Promise.resolve() }; // a new picture never waits for another's resizing
    this.saving = null; // text, never behind a picture
    this.forking = null;
    this.dirty = false;
    this.touched = new Set();
    this.filling = false;
    this.submitting = false;
    this.taking = new Set(); // file inputs whose files are being read
    this.replaced = ""; // the picture that a new one is to replace
    this.pressed = null; // the button that submits; old kernels do not say it with the event
    form.addEventListener("submit", (event) => this.onSubmit(event));
    form.addEventListener("input", (event) => this.onInput(event));
    form.addEventListener("change", (event) => this.onChange(event));
    form.addEventListener("click", (event) => this.onClick(event));
    form.addEventListener("cancel", () => this.afterCamera());
    this.ready = this.begin().catch(() => { this.plain = true; }).then(() => {
      form.dataset.outboxReady = this.plain ? "plain" : "kept";
      for (const input of form.querySelectorAll('input[type="file"]')) { // chosen before this script had loaded
        if (input.files.length && !this.plain && !this.taking.has(input)) this.take(input);
      }
    });
  }

  // The draft

  async begin() {
    const kept = (await drafts(page.user)).filter((row) => !row.blank && row.kind === this.kind && row.key === this.key);
    const wanted = new URLSearchParams(location.search).get("draft");
    kept.sort((a, b) => (b.id === wanted) - (a.id === wanted));
    let patience = FIRST_WAIT;
    for (const { id } of kept) {
      const draft = await hold("draft:" + id, patience) && await takeDraft(id);
      if (draft) return this.resume(draft);
      patience = 100;
    }
    this.fresh();
    if (kept.length) say("otherTab");
    if (JSON.stringify(answers(this.form)) !== this.empty) this.save();
    return null;
  }

  base() {
    return this.form.dataset.outboxBase || page.base;
  }

  /** A draft of its own, kept from the first word or the first press on the camera. */
  fresh() {
    const draft = {
      id: newId(), kind: this.kind, owner: page.user, key: this.key, href: location.pathname,
      base: this.base(), label: this.form.dataset.outboxLabel || "",
      fields: [], photos: [], blank: true, nonce: null, started_at: deviceTime(), updated_at: deviceTime(),
    };
    this.draft = draft;
    hold("draft:" + draft.id, 100);
    this.greet(draft);
  }

  /** The server's facts of the start, if there is a network now. Never waited for. */
  async greet(draft) {
    const { begin } = kindOf(this.kind);
    if (!begin) return;
    const who = await ping();
    if (!who || who.user !== draft.owner) return;
    try {
      const known = await begin(draft, new Wire(draft, who));
      if (draft === this.draft && !draft.photos.length) {
        Object.assign(draft, known);
        if (draft.saved) this.save();
      }
    } catch (offline) { /* then the record goes without */ }
  }

  resume(draft) {
    this.draft = Object.assign(draft, { base: this.base() }); // of a link, the one that opened this page
    this.filling = true;
    refill(this.form, draft.fields, this.touched); // somebody may have been faster than the store
    this.filling = false;
    say("restored");
    for (const hint of this.form.querySelectorAll("[data-outbox-plan-b]")) hint.hidden = !draft.at_camera;
    this.drawTiles();
    for (const photo of draft.photos.filter((one) => !one.settled)) this.queue("shrink", () => this.prepare(photo.key));
  }

  /** After what is in the lane before it; a failure is said and never stops the next. */
  queue(lane, step) {
    this.lanes[lane] = this.lanes[lane].then(step).catch(() => say("notSaved"));
    return this.lanes[lane];
  }

  onChange(event) {
    const { target } = event;
    if (target.type !== "file") this.onInput(event);
    else if (target.files.length) this.take(target);
  }

  onInput({ target }) {
    if (this.filling || target.type === "file" || target.closest("[data-outbox-skip]")) return;
    this.touched.add(target.name);
    const tile = target.closest("[data-outbox-row]");
    if (tile) this.shown(tile).caption = target.value;
    this.save();
  }

  /** The whole draft, at once. Typing during a save leads to one more; typing during a submit belongs to the next draft. */
  save() {
    this.dirty = true;
    if (!this.saving && !this.submitting) {
      this.saving = this.saveWhileDirty().catch(() => {
        this.dirty = true;
        say("notSaved");
      }).then(() => { this.saving = null; });
    }
    return this.saving;
  }

  async saveWhileDirty() {
    await this.ready;
    while (this.dirty && !this.plain) {
      this.dirty = false;
      this.gather();
      if (!this.draft.blank || this.draft.saved) await this.keep(() => saveDraft(this.draft));
    }
  }

  gather() {
    const fields = answers(this.form);
    const same = JSON.stringify(fields) === this.empty;
    Object.assign(this.draft, { fields, blank: same && !this.draft.photos.length && !this.draft.at_camera, updated_at: deviceTime() });
  }

  /** When another tab has the draft, this tab goes on with one of its own. */
  async keep(write) {
    const before = this.draft;
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof Taken)) throw error;
      if (before === this.draft) {
        this.forking = this.forking || this.fork();
        await this.forking;
      }
      return write();
    }
  }

  async fork() {
    try {
      this.draft = await forkDraft(this.draft);
      hold("draft:" + this.draft.id, 100);
      say("forked");
      this.drawTiles();
    } finally {
      this.forking = null;
    }
  }

  // Pictures. A fork gives them other ids; the key stays.

  photo(key) {
    return this.draft.photos.find((photo) => photo.key === key);
  }

  shown(tile) {
    return this.draft.photos.find((photo) => photo.id === tile.dataset.outboxRow);
  }

  drawTiles() {
    this.form.dispatchEvent(new CustomEvent("outbox:photos", { detail: this.draft.photos }));
    for (const count of this.form.querySelectorAll("[data-outbox-count]")) count.textContent = word("count", { n: this.draft.photos.length });
    if (!this.list) return;
    const stateOf = (photo) => (photo.doubt ? ["fix", word("why" + photo.doubt)] : ["saved", ""]);
    tiles(this.list, this.draft.photos, stateOf, this.list.querySelector("[data-outbox-add]"));
  }

  onClick(event) {
    const input = event.target.closest('input[type="file"]');
    if (input) this.beforeCamera(event, input);
    this.pressed = event.target.closest("button[name]");
    const button = event.target.closest("[data-outbox-act]");
    const tile = button && button.closest("[data-outbox-row]");
    if (!tile) return;
    const retake = button.dataset.outboxAct === "retake";
    if (!retake && (button.dataset.outboxAct !== "drop" || !window.confirm(word("sureDrop")))) return;
    const { key, source, of } = this.shown(tile);
    if (retake) {
      this.replaced = key;
      const inputs = Array.from(this.form.querySelectorAll('[data-outbox-photo="' + source + '"]'));
      inputs.find((input) => ofWhat(input) === (of || "")).click();
    } else {
      this.queue("shrink", () => this.drop(key));
    }
  }

  /** The camera may reload the page, or the phone may end it: everything is on disk before it opens. */
  beforeCamera(event, input) {
    if (this.plain || !this.draft || input.dataset.saved) {
      delete input.dataset.saved;
      return;
    }
    if (this.draft.at_camera && !this.dirty) return;
    event.preventDefault();
    this.draft.at_camera = true;
    const go = () => {
      input.dataset.saved = "yes";
      input.click();
    };
    // a press on a button counts for about a second with WebKit: a slow store must not swallow it
    Promise.race([this.save(), new Promise((resolve) => setTimeout(resolve, 700))]).then(go);
  }

  /** Back without a picture. */
  afterCamera() {
    this.replaced = "";
    this.draft.at_camera = false;
    this.save();
  }

  async drop(key) {
    const { id } = this.photo(key);
    this.draft.photos = this.draft.photos.filter((photo) => photo.key !== key);
    this.gather();
    await this.keep(() => saveDraft(this.draft, {}, [id]));
    dropFromMemory(id);
    this.drawTiles();
  }

  /** Read at once, whatever else is going on; store; only then think about sizes. */
  take(input) {
    this.taking.add(input);
    const source = input.dataset.outboxPhoto === "gallery" ? "gallery" : "camera";
    const of = ofWhat(input);
    const caption = input.dataset.outboxCaption || "";
    const reading = Array.from(input.files).map((file) => ({ file, bytes: readFile(file) }));
    for (const { bytes } of reading) bytes.catch(() => {}); // each is looked at in its turn
    const taken_at = deviceTime();
    const consent = this.form.querySelector("[data-outbox-position]");
    const placed = Boolean(consent && consent.checked);
    this.queue("keep", async () => {
      await this.ready;
      if (this.plain) return;
      const keys = [];
      for (const { file, bytes } of reading) {
        const key = await this.store(file, bytes, { source, of, caption, taken_at, placed });
        if (key) keys.push(key);
      }
      input.value = "";
      this.taking.delete(input);
      const old = keys.length ? this.replaced : "";
      this.replaced = "";
      if (old) this.queue("shrink", () => this.drop(old));
      if (placed && source === "camera") this.locate(keys);
      for (const key of keys) this.queue("shrink", () => this.prepare(key));
    });
  }

  async store(file, reading, { source, of, caption, taken_at, placed }) {
    const bytes = await reading.catch(() => null);
    if (!bytes || !bytes.byteLength) {
      say("photoEmpty");
      return "";
    }
    const { orientation, type, announced_sha256, exif_at, lat, lon, accuracy } = await facts(bytes, file);
    const photo = Object.assign({
      id: newId(), key: newId(), announced_sha256, source, of, device_at: taken_at, exif_at, caption,
      type, orientation, sha: announced_sha256, size: bytes.byteLength, settled: false, tried: false, doubt: "",
    }, placed ? { lat, lon, accuracy } : { lat: null, lon: null, accuracy: null });
    await this.forking;
    this.draft.photos.push(photo);
    this.draft.at_camera = false;
    for (const hint of this.form.querySelectorAll("[data-outbox-plan-b]")) hint.hidden = true;
    await this.put(photo.key, bytes);
    this.drawTiles();
    return photo.key;
  }

  /** Bytes and draft in one transaction. No room: the text is kept, the picture lives in this page, and both is said. */
  async put(key, bytes, original = null) {
    keepInMemory(this.photo(key).id, bytes);
    this.gather();
    try {
      await this.keep(() => {
        const { id, doubt } = this.photo(key);
        Object.assign(this.photo(key), { only_in: null, doubt: doubt === "Unsaved" ? "" : doubt });
        return saveDraft(this.draft, { [id]: bytes }, [], original ? { [id]: original } : {});
      });
      dropFromMemory(this.photo(key).id);
    } catch (full) {
      if (original) { // the small one matters more
        this.photo(key).original = null;
        return this.put(key, bytes);
      }
      Object.assign(this.photo(key), { only_in: here, doubt: "Unsaved" });
      say("full");
      await this.keep(() => saveDraft(this.draft));
    }
    return null;
  }

  /** Make it smaller. If that killed the page once, the original goes as it is. */
  async prepare(key) {
    if (!this.photo(key)) return;
    if (!this.photo(key).tried) {
      this.photo(key).tried = true;
      await this.keep(() => saveDraft(this.draft));
      const bytes = await bytesOf(this.photo(key).id);
      let small = null;
      try {
        small = bytes && await shrink(bytes, this.photo(key));
      } catch (unreadable) {
        this.photo(key).doubt = this.photo(key).doubt || "Unreadable";
      }
      if (small) {
        const sha = await sha256(small.bytes);
        const { type, sha: announced, size } = this.photo(key);
        // without its header a picture of the same pixels is no less; a link's holder has nobody to ask later
        const original = small.scaled && !byLink ? { type, sha: announced, size } : null;
        Object.assign(this.photo(key), { type: small.type, sha, size: small.bytes.byteLength, settled: true, original });
        await this.put(key, small.bytes, original && bytes);
      }
    }
    this.photo(key).settled = true;
    await this.keep(() => saveDraft(this.draft));
    this.drawTiles();
  }

  /** Where the phone is, asked only with consent; late answers of a submitted draft are dropped. */
  locate(keys) {
    if (!navigator.geolocation) return;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      for (const photo of keys.map((key) => this.photo(key)).filter((one) => one && one.lat === null)) {
        Object.assign(photo, { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy });
      }
      this.save();
    }, () => {}, { enableHighAccuracy: true, maximumAge: 60000, timeout: 10000 });
  }

  // Submitting

  onSubmit(event) {
    if (this.plain) return;
    event.preventDefault();
    if (this.submitting || !this.whole()) return;
    this.submitting = true;
    this.submit().catch(() => say("notSaved")).then(() => {
      this.submitting = false;
      if (this.dirty) this.save();
    });
  }

  /** What the server would refuse is said while it can still be mended: nobody reads its answer in a cellar. */
  whole() {
    const { outboxFree } = this.form.dataset;
    if (outboxFree !== undefined) {
      const chosen = Array.from(this.form.elements).find((one) => one.name === "kind" && (one.checked || one.type === "hidden"));
      this.form.elements.text.required = Boolean(chosen) && !outboxFree.split(" ").includes(chosen.value);
    }
    return this.form.reportValidity();
  }

  async submit() {
    await this.ready;
    if (this.plain) {
      this.form.submit();
      return;
    }
    await this.lanes.keep;
    await this.lanes.shrink;
    await this.saving;
    for (const { id, key } of this.draft.photos.filter((one) => one.only_in === here)) { // there may be room by now
      const bytes = await bytesOf(id);
      if (bytes) await this.put(key, bytes);
    }
    this.dirty = false;
    this.gather();
    await this.keep(() => enqueue(this.draft, this.item()));
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    this.restart();
    this.drawTiles();
    say("queued");
    const line = document.querySelector("[data-outbox-status]");
    if (line) {
      line.setAttribute("tabindex", "-1");
      line.focus();
    }
    wake();
  }

  /** An empty form and a draft of its own; what was typed while the last one was being stored stays. */
  restart() {
    const sent = this.draft.fields;
    const values = (fields, name) => JSON.stringify(fields.filter(([one]) => one === name));
    const now = answers(this.form);
    const later = now.filter(([name]) => values(now, name) !== values(sent, name));
    this.form.reset();
    this.touched.clear();
    this.fresh();
    if (!later.length) return;
    const others = controls(this.form).map(({ name }) => name).filter((name) => !later.some(([one]) => one === name));
    this.filling = true;
    refill(this.form, later, new Set(others));
    this.filling = false;
    this.dirty = true;
  }

  /** Frozen here: the text that is sent is made once and never again. */
  item() {
    const { id, kind, owner, base, key, label, photos } = this.draft;
    const fields = {};
    new FormData(this.form).forEach((value, name) => { if (typeof value === "string") fields[name] = value; });
    if (this.pressed) fields[this.pressed.name] = this.pressed.value;
    const fragment = (this.form.dataset.outboxFragment || "").replace("{id}", id);
    return {
      id, kind, owner, base, key, label, fragment, written_at: deviceTime(), body: JSON.stringify(kindOf(kind).compose(fields, this.draft)), text_sent: false, parked: null,
      photos: photos.map(({ id: photo, sha, size, type, only_in = null, original = null }) => (
        { id: photo, sha, size, type, only_in, original, state: "", problem: null }
      )),
    };
  }
}

export function start() {
  for (const form of document.querySelectorAll("form[data-outbox]")) {
    if (kindOf(form.dataset.outbox)) new FieldForm(form);
  }
}
