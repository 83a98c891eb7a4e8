// The reader's own device computes the record's hash and the way to the log's root (RFC 9162 §2.1.3.2), and believes nobody.
(function () {
  "use strict";
  var box = document.querySelector("[data-check-proof]");
  if (!box) return;

  function show(outcome) {
    box.dataset.outcome = outcome;
    box.querySelectorAll("[data-when]").forEach(function (line) { line.hidden = line.dataset.when !== outcome; });
  }

  function bytes(hex) {
    return Uint8Array.from(hex.match(/../g) || [], function (pair) { return parseInt(pair, 16); });
  }

  async function sha256(parts) {
    var whole = new Uint8Array(await new Blob(parts).arrayBuffer());
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  }

  function same(a, b) {
    return a.length === b.length && a.every(function (byte, at) { return byte === b[at]; });
  }

  function node(left, right) { return sha256([Uint8Array.of(1), left, right]); }

  // Halved by division: a log may be longer than 32 bits.
  function half(number) { return Math.floor(number / 2); }

  async function included(leaf, proof, root) {
    var fn = proof.index, sn = proof.size - 1, computed = leaf;
    if (fn < 0 || fn > sn) return false;
    for (var sibling of proof.path.map(bytes)) {
      if (sn === 0) return false;
      if (fn % 2 || fn === sn) {
        computed = await node(sibling, computed);
        while (fn && fn % 2 === 0) { fn = half(fn); sn = half(sn); }
      } else {
        computed = await node(computed, sibling);
      }
      fn = half(fn);
      sn = half(sn);
    }
    return sn === 0 && same(computed, root);
  }

  async function check() {
    var replies = await Promise.all([fetch(box.dataset.entry), fetch(box.dataset.proof)]);
    if (!replies[0].ok || !replies[1].ok) return "unable";
    var leaf = await sha256([Uint8Array.of(0), await replies[0].arrayBuffer()]);
    var proof = await replies[1].json();
    return (await included(leaf, proof, bytes(box.dataset.root))) ? "good" : "bad";
  }

  box.hidden = false;
  show("busy");
  if (!window.crypto || !crypto.subtle) show("unable"); // only https and loopback have WebCrypto
  else check().then(show, function () { show("unable"); });
})();
