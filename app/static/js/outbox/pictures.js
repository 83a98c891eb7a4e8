/** From what the camera hands over to what is sent: at most 1600 px, upright, checked. When in doubt, the original. */

import { exifOf, typeOf } from "./exif.js";
import { sha256 } from "./stamps.js";

const LONGEST = 1600; // px
const QUALITY = 0.82;
const PATIENCE = 20000; // ms; some kernels never finish decoding
const DECODABLE = ["image/jpeg", "image/png", "image/webp"];

/** The whole file at once: a File of the camera may be gone a second later. Raises when it is. */
export function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(file);
  });
}

/** What a picture says about itself, before anything is changed. */
export async function facts(bytes, file) {
  const type = typeOf(bytes);
  return Object.assign({
    announced_sha256: await sha256(bytes),
    type: type || (/^image\//.test(file.type) ? file.type : "image/jpeg"),
  }, exifOf(type === "image/jpeg" ? bytes : new ArrayBuffer(0)));
}

/**
 * A smaller JPEG as {bytes, type, scaled: whether it has fewer pixels}; null to send the original (a type we may not understand, already small, came out
 * blank, cannot be turned upright here). Raises when a picture this browser should be able to open does not open.
 */
export async function shrink(bytes, { type, orientation }) {
  if (!DECODABLE.includes(type)) return null;
  const source = await soon(decode(new Blob([bytes], { type }), orientation));
  if (!source) return null;
  const scale = Math.min(1, LONGEST / Math.max(source.width, source.height));
  const canvas = paint(source, Math.round(source.width * scale), Math.round(source.height * scale));
  if (source.close) source.close();
  if (isBlank(canvas)) return null;
  const blob = await soon(new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY)));
  canvas.width = 0; // WebKit frees the memory only so
  if (!blob || !blob.size || blob.size >= bytes.byteLength) return null;
  return { bytes: await readFile(blob), type: "image/jpeg", scaled: scale < 1 };
}

function soon(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), PATIENCE))]);
}

async function decode(blob, orientation) {
  try {
    return await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch (unknown) { // an old kernel without the option or the function, or no picture at all
    const address = URL.createObjectURL(blob);
    try {
      const image = await new Promise((resolve, reject) => {
        const loading = new Image();
        loading.onload = () => resolve(loading);
        loading.onerror = () => reject(new Error("unreadable"));
        loading.src = address;
      });
      return orientation === 1 ? image : null; // whether this kernel turns it cannot be known
    } finally {
      URL.revokeObjectURL(address);
    }
  }
}

function paint(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, width, height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(source, 0, 0, width, height);
  return canvas;
}

/** Short of memory, some kernels draw nothing and report success. */
function isBlank(canvas) {
  const sample = paint(canvas, 16, 16).getContext("2d").getImageData(0, 0, 16, 16).data;
  return sample.every((value, n) => Math.abs(value - sample[n % 4]) <= 2);
}
