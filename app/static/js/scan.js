/* The camera as a reader of codes where the browser has BarcodeDetector; elsewhere the button stays hidden and one types. */
(function () {
  "use strict";
  if (!window.BarcodeDetector || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;

  function set(form) {
    var start = form.querySelector("[data-scan-start]");
    var box = form.querySelector("[data-camera]");
    var words = form.querySelector("[data-camera-words]");
    var video = box.querySelector("video");
    var field = form.querySelector("[name=q]");
    var stream = null;

    function stop() {
      if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
      stream = null;
      box.hidden = true;
    }

    function look(detector) {
      if (!stream) return;
      detector.detect(video).then(function (codes) {
        if (!codes.length) return setTimeout(look, 150, detector);
        stop();
        field.value = codes[0].rawValue.slice(0, 200);
        form.requestSubmit ? form.requestSubmit() : form.submit();
      }, function () { setTimeout(look, 300, detector); });
    }

    start.addEventListener("click", function () {
      if (stream) return stop();
      navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false }).then(function (opened) {
        stream = opened;
        box.hidden = false;
        video.srcObject = opened;
        video.play();
        look(new BarcodeDetector({ formats: ["qr_code"] }));
      }, function () { words.textContent = words.dataset.off; });
    });
    window.addEventListener("pagehide", stop);
    start.hidden = false;
  }

  document.querySelectorAll("[data-scan]").forEach(set);
})();
