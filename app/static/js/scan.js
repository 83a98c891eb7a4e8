/**
 * The camera as a reader of codes, beside a search field: what it reads is sent as if it had been typed.
 *
 * BarcodeDetector reads where it can. iOS, most PCs and WeChat's browser have none, and on phones without Google's services
 * it is there and reads nothing: then vendor/jsqr reads, fetched when it is first needed unless the page brought it along for
 * a place without signal. WeChat's browser may also lack getUserMedia (no button then) or refuse it (a sentence says so). So
 * every code has a number beside it, to be typed.
 *
 * MARKUP, by components/scan.html: <form data-scan="name of the field" data-scan-code="what a code of ours looks like"> with
 *   <template data-scan-parts>: the button [data-scan-open] and the <dialog> with <video>, [role=status], [data-scan-shut];
 *   its data-… are the sentences, the address of the decoder and its digest. [data-scan-said] is spoken when there is nothing
 *   to see.
 * EVENT: `scan:next` at the form, or #scan in the page's address: the next one, please. The camera opens at once where it has
 *   been allowed before; otherwise it waits for the button.
 */

const LONGEST = 800; // px of a picture's longer side: with 640 jsQR misses a code of 45 modules that fills 40% of its height
const PAUSE = 120; // ms between two pictures: the view stays smooth on an old phone
const PATIENCE = 15000; // ms until it says to type; the camera goes on looking
const WHY = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing" };

function load({ decoder, integrity }) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = decoder;
    script.integrity = integrity;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

/** A reader is given the video and promises the text of the code in it, or "". */
async function detector() {
  if (!window.BarcodeDetector || !(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return null;
  const own = new BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => ((await own.detect(video))[0] || { rawValue: "" }).rawValue;
}

async function decoder(words) {
  if (!window.jsQR) await load(words);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const part = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * part);
    canvas.height = Math.round(video.videoHeight * part);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return (window.jsQR(data, width, height, { inversionAttempts: "dontInvert" }) || { data: "" }).data;
  };
}

function set(form) {
  const parts = form.querySelector("[data-scan-parts]");
  const words = parts.dataset;
  const said = form.querySelector("[data-scan-said]");
  const ours = new RegExp(form.dataset.scanCode);
  parts.replaceWith(parts.content);
  form.querySelectorAll(".go:not([type=button])").forEach((typed) => typed.classList.remove("go")); // one is the way
  const view = form.querySelector("dialog");
  const video = view.querySelector("video");
  const hint = view.querySelector("[role=status]");
  let turn = 0; // one for each time the view is opened: what was begun in an earlier one has no effect in a later
  let stream = null;

  /** On every way out: the camera's light goes out. */
  function shut() {
    turn += 1;
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    if (view.open) view.close();
  }

  async function look(mine) {
    const here = () => mine === turn && view.isConnected;
    const opened = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    if (!here()) return opened.getTracks().forEach((track) => track.stop()); // the answer came after they had left
    stream = video.srcObject = opened;
    setTimeout(() => { if (here()) hint.textContent = words.slow; }, PATIENCE);
    let read = (await detector()) || (await decoder(words));
    while (here()) {
      const seen = video.readyState < video.HAVE_CURRENT_DATA ? "" : await read(video).catch(() => null);
      if (!here()) break;
      if (seen && ours.test(seen)) return found(seen);
      if (seen) hint.textContent = words.foreign;
      if (seen === null) read = await decoder(words);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    if (mine === turn) shut(); // the page was exchanged under the view
  }

  function found(text) {
    shut();
    form.elements[form.dataset.scan].value = text;
    form.querySelector("button:not([type=button])").click(); // Safari before 16 has no requestSubmit
  }

  function open() {
    const mine = (turn += 1);
    said.textContent = "";
    hint.textContent = words.aim;
    view.showModal();
    look(mine).catch((trouble) => {
      if (mine !== turn) return;
      shut();
      said.textContent = words[WHY[trouble.name] || "broken"];
      form.elements[form.dataset.scan].focus();
    });
  }

  async function next() {
    const leave = navigator.permissions && (await navigator.permissions.query({ name: "camera" }).catch(() => null));
    if (leave && leave.state === "granted" && !view.open) open();
  }

  form.querySelector("[data-scan-open]").addEventListener("click", open);
  view.querySelector("[data-scan-shut]").addEventListener("click", shut);
  view.addEventListener("close", () => { if (!view.open) shut(); }); // Escape
  window.addEventListener("pagehide", shut);
  document.addEventListener("visibilitychange", () => { if (document.hidden) shut(); });
  form.addEventListener("scan:next", next);
  if (location.hash === "#scan") next();
}

// Outside https and loopback there are no mediaDevices.
if (window.HTMLDialogElement && navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
  document.querySelectorAll("[data-scan]").forEach(set);
}
