/* Boxes over a voucher, by finger, mouse and keyboard. The rows of numbers are what is sent, with script or without. */
(function () {
  "use strict";
  var SIDES = ["left", "top", "width", "height"];
  var LEAST = 1; /* per cent: what is smaller was a tap */
  var STEP = 1;
  var GRIP = 28; /* px around the lower right corner */

  function set(form) {
    var stage = form.querySelector("[data-stage]");
    var list = form.querySelector("[data-list]");
    var rows = form.querySelector("[data-rows]");
    var pattern = form.querySelector("[data-row-pattern]");
    var undo = form.querySelector("[data-undo]");
    var said = form.querySelector("[data-said]");
    var how = form.querySelector("#how");
    var words = form.dataset;
    var past = [];
    var picked = -1;
    var drag = null;
    if (!window.PointerEvent) return;

    function tenth(value) { return Math.round(value * 10) / 10; }
    function within(value, least, most) { return Math.max(least, Math.min(most, value)); }
    function filled(text, facts) {
      return text.replace(/\{(\w+)\}/g, function (_all, name) { return facts[name]; });
    }
    function copied(some) { return some.map(function (box) { return Object.assign({}, box); }); }
    function facts(index) { return Object.assign({ n: index + 1 }, boxes[index]); }

    function read() {
      return Array.from(rows.querySelectorAll("[data-row]")).map(function (row) {
        var box = {};
        SIDES.forEach(function (side) {
          box[side] = parseFloat(row.querySelector("[name=" + side + "]").value.normalize("NFKC"));
        });
        return box;
      });
    }
    function good(box) {
      return SIDES.every(function (side) { return box[side] >= 0 && box[side] <= 100; }) && box.width > 0 && box.height > 0 &&
        box.left < 100 && box.top < 100;
    }
    var boxes = read().filter(good);

    function many(parent, count, make) {
      while (parent.children.length > count) parent.lastElementChild.remove();
      while (parent.children.length < count) parent.append(make());
    }

    function item() {
      var line = document.createElement("li");
      ["data-pick", "data-drop"].forEach(function (name) {
        var button = document.createElement("button");
        button.type = "button";
        button.className = name === "data-pick" ? "btn" : "btn txt";
        button.setAttribute(name, "");
        if (name === "data-pick") button.setAttribute("aria-describedby", "keys");
        line.append(button);
      });
      return line;
    }

    function draw() {
      stage.querySelectorAll("div").forEach(function (old) { old.remove(); });
      many(list, boxes.length, item);
      rows.querySelectorAll("[data-row]").forEach(function (row, index) { if (index >= boxes.length) row.remove(); });
      boxes.forEach(function (box, index) {
        var shape = document.createElement("div");
        shape.setAttribute("aria-hidden", "true");
        SIDES.forEach(function (side) { shape.style[side] = box[side] + "%"; });
        shape.dataset.index = index;
        shape.classList.toggle("on", index === picked);
        shape.textContent = index + 1;
        stage.append(shape);

        var pick = list.children[index].querySelector("[data-pick]");
        pick.textContent = filled(words.words, facts(index));
        pick.setAttribute("aria-pressed", String(index === picked));
        var bin = list.children[index].querySelector("[data-drop]");
        bin.textContent = words.drop;
        bin.setAttribute("aria-label", filled(words.dropThis, facts(index)));

        var row = rows.querySelectorAll("[data-row]")[index];
        if (!row) {
          rows.append(pattern.content.cloneNode(true));
          row = rows.querySelectorAll("[data-row]")[index];
        }
        row.querySelector("legend").textContent = filled(words.legend, facts(index));
        SIDES.forEach(function (side) { row.querySelector("[name=" + side + "]").value = box[side]; });
      });
      undo.disabled = !past.length;
    }

    function remember() { past.push(copied(boxes)); }
    function say(text) { said.textContent = text; }

    function fitted(box) {
      box.width = within(tenth(box.width), LEAST, 100);
      box.height = within(tenth(box.height), LEAST, 100);
      box.left = within(tenth(box.left), 0, tenth(100 - box.width));
      box.top = within(tenth(box.top), 0, tenth(100 - box.height));
      return box;
    }

    function add(box) {
      remember();
      picked = boxes.push(fitted(box)) - 1;
      draw();
      say(filled(words.words, facts(picked)));
    }
    function drop(index) {
      remember();
      boxes.splice(index, 1);
      picked = Math.min(index, boxes.length - 1);
      draw();
      (picked < 0 ? form.querySelector("[data-add]") : list.children[picked].querySelector("[data-pick]")).focus();
      say(filled(words.dropped, { n: boxes.length }));
    }
    function back() {
      if (!past.length) return;
      boxes = past.pop();
      picked = Math.min(picked, boxes.length - 1);
      draw();
      say(filled(words.undone, { n: boxes.length }));
    }

    /* finger and mouse */
    function place(event) {
      var edge = stage.getBoundingClientRect();
      return {
        x: within((event.clientX - edge.left) / edge.width * 100, 0, 100),
        y: within((event.clientY - edge.top) / edge.height * 100, 0, 100)
      };
    }
    stage.addEventListener("pointerdown", function (event) {
      if (!event.isPrimary || event.button) return;
      event.preventDefault();
      var at = place(event);
      var shape = event.target.closest("[data-index]");
      var index = shape ? Number(shape.dataset.index) : -1;
      var edge = shape && shape.getBoundingClientRect();
      var corner = shape && index === picked && edge.right - event.clientX < GRIP && edge.bottom - event.clientY < GRIP;
      drag = { from: at, index: index, corner: corner, before: copied(boxes), was: index < 0 ? null : Object.assign({}, boxes[index]) };
      picked = index;
      stage.setPointerCapture(event.pointerId);
      draw();
    });
    stage.addEventListener("pointermove", function (event) {
      if (!drag || !event.isPrimary) return;
      var at = place(event);
      var x = at.x - drag.from.x;
      var y = at.y - drag.from.y;
      if (drag.index < 0) {
        if (Math.abs(x) < LEAST || Math.abs(y) < LEAST) return;
        drag.index = picked = boxes.push({}) - 1;
        drag.corner = true;
      }
      var box = boxes[drag.index];
      if (!drag.was) Object.assign(box, { left: Math.min(at.x, drag.from.x), top: Math.min(at.y, drag.from.y), width: Math.abs(x), height: Math.abs(y) });
      else if (drag.corner) Object.assign(box, { width: Math.min(drag.was.width + x, 100 - box.left), height: Math.min(drag.was.height + y, 100 - box.top) });
      else Object.assign(box, { left: drag.was.left + x, top: drag.was.top + y });
      fitted(box);
      draw();
    });
    stage.addEventListener("pointerup", function () {
      if (drag && JSON.stringify(drag.before) !== JSON.stringify(boxes)) {
        past.push(drag.before);
        draw();
        say(filled(words.words, facts(drag.index)));
      }
      drag = null;
    });
    stage.addEventListener("pointercancel", function () { /* a second finger: they zoom */
      if (!drag) return;
      boxes = drag.before;
      picked = -1;
      drag = null;
      draw();
    });

    /* keys and buttons */
    list.addEventListener("keydown", function (event) {
      var index = Array.from(list.children).indexOf(event.target.closest("li"));
      var move = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (!event.target.closest("[data-pick]") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        drop(index);
      } else if (move) {
        event.preventDefault();
        if (!event.repeat) remember();
        picked = index;
        var box = boxes[index];
        if (event.shiftKey) {
          box.width = Math.min(box.width + move[0], 100 - box.left);
          box.height = Math.min(box.height + move[1], 100 - box.top);
        } else {
          box.left += move[0];
          box.top += move[1];
        }
        fitted(box);
        draw();
        say(filled(words.words, facts(index)));
      }
    });
    list.addEventListener("click", function (event) {
      var index = Array.from(list.children).indexOf(event.target.closest("li"));
      if (event.target.closest("[data-drop]")) drop(index);
      else if (index >= 0) {
        picked = index;
        draw();
      }
    });
    form.querySelector("[data-add]").addEventListener("click", function () {
      add({ left: 30, top: 45, width: 40, height: 10 });
      list.lastElementChild.querySelector("[data-pick]").focus();
    });
    undo.addEventListener("click", back);
    form.addEventListener("keydown", function (event) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && event.target.nodeName !== "INPUT") {
        event.preventDefault();
        back();
      }
    });
    rows.addEventListener("change", function () {
      var typed = read();
      if (typed.every(good)) {
        remember();
        boxes = typed.map(fitted);
      }
      draw(); /* what is no box becomes again what it was */
    });

    how.textContent = how.dataset.ready;
    form.classList.add("drawing");
    form.querySelectorAll("[data-tools]").forEach(function (part) { part.hidden = false; });
    rows.open = false;
    draw();
  }

  document.querySelectorAll("[data-redact]").forEach(set);
})();
