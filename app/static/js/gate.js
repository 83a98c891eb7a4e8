/* The gate. Every page works without script; where the browser can run htmx 4 whole, this loads it.
   Kernels older than Chrome 88 read htmx 4, take a form over and then fail: they stay with plain forms. */
(function () {
  "use strict";
  var HTMX = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn";
  var here = document.currentScript.dataset;
  if (!(window.CSS && CSS.supports && CSS.supports("selector(:not(a b))"))) return;

  function load(address, integrity, type) {
    var script = document.createElement("script");
    script.src = address;
    script.async = false;
    if (type) script.type = type;
    if (integrity) script.integrity = integrity;
    document.head.append(script);
  }

  /* One region speaks. A failure is shown too, because then the page itself does not change. */
  function voice() { return document.getElementById("say"); }
  function say(words, failed) {
    voice().classList.toggle("vh", !failed);
    voice().textContent = "";
    setTimeout(function () { voice().textContent = words; }, 60);
  }

  function extras() {
    if (here.photos && document.querySelector("[data-zoom],[data-compare],[data-chosen]")) {
      load(here.photos);
      here.photos = "";
    }
  }

  document.addEventListener("htmx:before:request", function () { voice().classList.add("vh"); });

  /* A whole page in answer to a request for a part (a redirect was followed, a refusal, a sign-in): show that page. */
  document.addEventListener("htmx:after:request", function (event) {
    var ctx = event.detail.ctx;
    if (ctx.select || ctx.response.status >= 500 || !/^\s*<!doctype/i.test(ctx.text)) return;
    ctx.whole = true;
    ctx.scripts = Array.from(new DOMParser().parseFromString(ctx.text, "text/html").querySelectorAll("head script[src]"));
    ctx.target = document.body;
    ctx.swap = "outerHTML";
    if (ctx.response.raw.redirected) ctx.push = "true";
  });

  document.addEventListener("htmx:before:swap", function (event) {
    event.detail.ctx.parts = event.detail.tasks;
  });

  /* After a swap that the person asked for, focus goes to the error summary or to the new heading. */
  document.addEventListener("htmx:after:swap", function (event) {
    var ctx = event.detail.ctx;
    var part = (ctx.parts || []).find(function (task) { return task.target && task.target.isConnected; });
    if (!part) return;
    var place = ctx.whole ? document.getElementById("main") : part.target;
    function find(selector) {
      return place.matches(selector) ? place : place.querySelector(selector);
    }
    var errors = find(".errors");
    var goal = errors || find("h1,h2,h3") || place;
    var told = find("[data-say]");
    var notice = find(".note[role=status]");
    if (ctx.sourceEvent && /^(submit|click)$/.test(ctx.sourceEvent.type)) {
      if (ctx.whole) window.scrollTo(0, 0);
      if (!goal.hasAttribute("tabindex")) goal.tabIndex = -1;
      goal.focus({ preventScroll: Boolean(ctx.whole && !errors) });
      if (!told && !errors) say((notice || goal).textContent.trim().slice(0, 120));
    }
    if (told) say(told.dataset.say);
    (ctx.scripts || []).forEach(function (script) {
      var address = script.getAttribute("src");
      if (!document.querySelector('head script[src="' + address + '"]')) load(address, "", script.type);
    });
    extras();
  });

  document.addEventListener("htmx:response:error", function (event) {
    if (event.detail.ctx.response.status >= 500) say(voice().dataset.broken, true);
  });
  document.addEventListener("htmx:error", function () { say(voice().dataset.lost, true); });

  var notice = document.querySelector("main .note[role=status]");
  if (notice) say(notice.textContent.trim());
  document.documentElement.classList.add("js");
  load(here.htmx, HTMX);
  extras();
})();
