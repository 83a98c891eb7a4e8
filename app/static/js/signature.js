/* A signature drawn with a finger, kept as an SVG path in a field of 1000 x 400. Without script the other ways remain. */
(function () {
  "use strict";
  var LONGEST = 20000;

  function set(pad) {
    var canvas = pad.querySelector("[data-pad-canvas]");
    var clear = pad.querySelector("[data-pad-clear]");
    var words = pad.querySelector("[data-pad-words]");
    var field = pad.querySelector("[name=signature]");
    var form = pad.closest("form");
    var pen = canvas.getContext("2d");
    var last = null;
    if (!pen || !window.PointerEvent) return;

    function place(event) {
      var box = canvas.getBoundingClientRect();
      function inside(part, most) { return Math.max(0, Math.min(most, Math.round(part * most))); }
      return [inside((event.clientX - box.left) / box.width, 1000), inside((event.clientY - box.top) / box.height, 400)];
    }

    function ink() {
      pen.lineWidth = 10;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = getComputedStyle(canvas).color;
    }

    function draw(path) {
      ink();
      pen.stroke(new Path2D(path));
    }

    canvas.addEventListener("pointerdown", function (event) {
      if (field.value.length > LONGEST - 20) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      last = place(event);
      field.value += "M" + last.join(" ") + "L" + last.join(" ");
      draw("M" + last.join(" ") + "L" + last.join(" "));
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!last || field.value.length > LONGEST - 20) return;
      var next = place(event);
      if (Math.abs(next[0] - last[0]) + Math.abs(next[1] - last[1]) < 6) return;
      field.value += "L" + next.join(" ");
      draw("M" + last.join(" ") + "L" + next.join(" "));
      last = next;
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function () { last = null; });
    });
    function wipe() {
      field.value = "";
      pen.clearRect(0, 0, canvas.width, canvas.height);
    }
    clear.addEventListener("click", wipe);

    function choose() {
      var way = form.querySelector("[name=way]:checked");
      form.querySelectorAll("[data-way]").forEach(function (part) {
        part.hidden = !way || part.dataset.way !== way.value;
      });
    }
    form.addEventListener("change", choose);

    words.textContent = words.dataset.ready;
    canvas.hidden = clear.hidden = false;
    canvas.style.width = "100%";
    canvas.style.height = "auto";
    canvas.style.touchAction = "none";
    form.addEventListener("reset", function () {
      wipe();
      setTimeout(choose);
    });
    if (field.value) draw(field.value);
    var pads = form.querySelector("[name=way][value=signature]");
    var tick = form.querySelector("[name=way][value=tick_with_witness]");
    if (pads && tick.checked && !form.querySelector(".bad")) {
      tick.defaultChecked = false;
      pads.checked = pads.defaultChecked = true; // also what a reset goes back to
    }
    choose();
  }

  document.querySelectorAll("[data-pad]").forEach(set);
})();
