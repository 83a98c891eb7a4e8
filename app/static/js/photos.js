/* Photos: a larger view on the same page, the slider between before and after, and what was just chosen for a form.
   Without it links open the photo. */
(function () {
  "use strict";
  var view, image, words, group, at;

  function show(index) {
    at = (index + group.length) % group.length;
    var link = group[at];
    var small = link.querySelector("img");
    image.src = link.href;
    image.alt = small ? small.alt : "";
    words.textContent = link.dataset.zoom + (group.length > 1 ? "  " + (at + 1) + " / " + group.length : "");
    view.querySelectorAll("[data-step]").forEach(function (button) { button.hidden = group.length < 2; });
  }

  function open(link) {
    var template = document.getElementById("zoom");
    if (!template || !window.HTMLDialogElement) return false;
    if (!view) {
      document.body.append(template.content.cloneNode(true));
      view = document.body.lastElementChild;
      image = view.querySelector("img");
      words = view.querySelector("p");
      view.addEventListener("click", function (event) {
        var button = event.target.closest("[data-step]");
        if (button) show(at + Number(button.dataset.step));
        else if (event.target === view) view.close();
      });
      view.addEventListener("keydown", function (event) {
        var step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (step) show(at + step);
      });
      view.addEventListener("close", function () { group[at].focus(); });
    }
    var box = link.closest("[data-zooms]");
    group = box ? Array.from(box.querySelectorAll("a[data-zoom]")) : [link];
    show(group.indexOf(link));
    view.showModal();
    return true;
  }

  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    var link = event.target.closest("a[data-zoom]");
    if (link && open(link)) event.preventDefault();
  });

  /* The input holds its last choice only, so its pictures take the place of those it held before. */
  document.addEventListener("change", function (event) {
    var input = event.target.closest("[data-chosen]");
    if (!input) return;
    var tile = input.closest("li");
    while (tile.previousElementSibling && tile.previousElementSibling.dataset.of === input.name) {
      URL.revokeObjectURL(tile.previousElementSibling.firstElementChild.src);
      tile.previousElementSibling.remove();
    }
    Array.from(input.files).forEach(function (file, index) {
      var shown = document.createElement("li");
      var picture = new Image(320, 240);
      var words = document.createElement("p");
      shown.dataset.of = input.name;
      picture.src = URL.createObjectURL(file);
      picture.alt = "";
      words.className = "sent";
      words.textContent = input.dataset.chosen.replace("#", index + 1);
      shown.append(picture, words);
      tile.before(shown);
    });
    if (input.files.length && tile.closest("[data-sent-when-chosen]")) input.form.querySelector("button").click();
  });

  document.addEventListener("input", function (event) {
    var box = event.target.closest("[data-compare]");
    if (box) box.style.setProperty("--at", event.target.value + "%");
  });
})();
