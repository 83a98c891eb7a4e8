/**
 * The few facts of a camera file that the outbox sends as fields, read before the picture is made smaller (a canvas drops
 * them). JPEG only. Evidence, never required: whatever is not understood is null.
 * Layout: JIS CP-3451 / Exif 2.32, TIFF 6.0 §2.
 */

import { deviceTime } from "./stamps.js";

/** The true type by its first bytes: names and types of phones are often wrong. "" when unknown. */
export function typeOf(bytes) {
  const head = String.fromCharCode(...new Uint8Array(bytes.slice(0, 12)));
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG")) return "image/png";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  if (/ftyp(heic|heix|hevc|mif1|msf1|heim|heis)$/.test(head)) return "image/heic";
  if (head.endsWith("ftypavif")) return "image/avif";
  return "";
}

/** {orientation, exif_at, lat, lon, accuracy}: orientation 1–8, time RFC 3339, degrees, metres; null where absent. */
export function exifOf(bytes) {
  const none = { orientation: 1, exif_at: null, lat: null, lon: null, accuracy: null };
  try {
    const start = tiffStart(new DataView(bytes));
    return start ? facts(new DataView(bytes, start)) : none;
  } catch (broken) { // an offset beyond the end: a phone wrote nonsense
    return none;
  }
}

/** Where the TIFF header of the APP1 Exif segment stands; 0 when there is none. */
function tiffStart(view) {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda) return 0;
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    at += 2 + view.getUint16(at + 2);
  }
  return 0;
}

function facts(view) {
  const little = view.getUint16(0) === 0x4949;
  const short = (at) => view.getUint16(at, little);
  const long = (at) => view.getUint32(at, little);

  /** A directory as {tag: value}: texts, numbers, or arrays of fractions. */
  const directory = (at) => {
    const found = {};
    for (let n = 0; n < short(at); n += 1) {
      const entry = at + 2 + 12 * n;
      const kind = short(entry + 2);
      const count = long(entry + 4);
      if (count > 200) continue; // maker notes; nothing we read is that long
      if (kind === 2) {
        const from = count > 4 ? long(entry + 8) : entry + 8;
        let text = "";
        for (let c = 0; c < count; c += 1) text += String.fromCharCode(view.getUint8(from + c));
        found[short(entry)] = text.replace(/\0.*$/, "").trim();
      } else if (kind === 3) {
        found[short(entry)] = short(entry + 8);
      } else if (kind === 4) {
        found[short(entry)] = long(entry + 8);
      } else if (kind === 5) {
        const from = long(entry + 8);
        found[short(entry)] = Array.from({ length: count }, (_, c) => long(from + 8 * c) / long(from + 8 * c + 4));
      }
    }
    return found;
  };

  const main = directory(long(4));
  const shot = main[0x8769] ? directory(main[0x8769]) : {};
  const place = main[0x8825] ? directory(main[0x8825]) : {};
  const lat = degrees(place[2], place[1] === "S");
  const lon = degrees(place[4], place[3] === "W");
  const known = lat !== null && lon !== null && (lat !== 0 || lon !== 0); // Android's picker zeroes the position
  const spread = place[0x1f] ? place[0x1f][0] : NaN;
  return {
    orientation: main[0x0112] >= 1 && main[0x0112] <= 8 ? main[0x0112] : 1,
    exif_at: moment(shot[0x9003], shot[0x9011]),
    lat: known ? lat : null,
    lon: known ? lon : null,
    accuracy: known && isFinite(spread) ? spread : null,
  };
}

function degrees(parts, negative) {
  if (!parts || parts.length < 3) return null;
  const value = parts[0] + parts[1] / 60 + parts[2] / 3600;
  return isFinite(value) ? Number((negative ? -value : value).toFixed(6)) : null;
}

/** "2026:11:23 15:04:05" and "+08:00". Without an offset the phone's own is taken: it took the picture. */
function moment(text, offset) {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text || "");
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  const local = new Date(year, month - 1, day, hour, minute, second);
  if (local.getMonth() !== month - 1 || local.getDate() !== day) return null; // "0000:00:00", a camera never set
  const own = deviceTime(local);
  return /^[+-]\d\d:\d\d$/.test(offset || "") ? own.slice(0, 19) + offset : own;
}
