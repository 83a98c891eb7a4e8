/** A ZIP archive without compression, enough to carry pictures off a phone. APPNOTE 6.3: store only, UTF-8 names, under 4 GB. */

const TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (let n = 0; n < bytes.length; n += 1) crc = TABLE[(crc ^ bytes[n]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** [size in bytes, value] pairs, little-endian. */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return view.buffer;
}

/** @param {{name: string, bytes: Uint8Array}[]} files @returns {Blob} */
export function zip(files, date = new Date()) {
  const time = [2, (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1)];
  const day = [2, ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate()];
  const parts = [];
  const central = [];
  let at = 0;
  let directory = 0;
  for (const { name, bytes } of files) {
    const label = new TextEncoder().encode(name);
    const common = [[2, 20], [2, 0x0800], [2, 0], time, day, [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, label.length], [2, 0]];
    parts.push(record([4, 0x04034b50], ...common), label, bytes);
    central.push(record([4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), label);
    at += 30 + label.length + bytes.length;
    directory += 46 + label.length;
  }
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, directory], [4, at], [2, 0]);
  return new Blob([...parts, ...central, end], { type: "application/zip" });
}
