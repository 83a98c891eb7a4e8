/**
 * The outbox: a field record is safe on the phone before anything else happens to it, and is sent when it can be.
 *
 * The page owns the outbox; the service worker only answers GETs. Everything works without one while the page is open.
 * A later feature registers a kind of item (kinds.js, visit.js) and touches nothing else.
 *
 * Pages load start.js, which loads this when there is something to do.
 *
 * MARKUP. Anything left out is simply not shown.
 *
 * <template id="outbox-who" data-user="opaque id, empty when signed out; link:… for whoever holds the link of one finding" data-base="/api/v1/c/{slug}" data-ping="/ping"
 *   data-worker="/sw.js" data-signed-out (only on the page that answers a sign-out)>  once per page: whose records, and where to
 * <template id="outbox-words" data-…="sentence">  once per page; the sentences, with their {names}:
 *   lines     data-restored -other-tab -forked -queued -delivered -not-saved -not-readable -full -photo-empty
 *   photos    data-photo-saved -photo-queued -photo-sending {n} -photo-delivered -photo-fix -photo-alt {n} -count {n}
 *   originals data-item-wifi -originals {n}; findings data-finding-title {place} -finding-draft -act-draft -answer-draft
 *   items     data-item-queued -item-sending -item-delivered -item-fix -item-signin; data-badge {n};
 *             data-sum-delivered -sum-saved -sum-fix {n}; data-broken; data-visit-title {place} -visit-draft; data-check-in-title -check-out-title;
 *             data-when {month} {day} {hour} {minute}
 *   reasons   data-why-unreadable -why-unsaved -why-elsewhere -why-lost -why-broken -why-http413 … -why-other; the server's
 *             own detail is shown when there is no sentence for its code
 *   questions data-sure-drop -sure-delete -sign-out {n}
 *
 * <form data-outbox="visit" action method="post" enctype="multipart/form-data">  works without script as it stands
 *   data-outbox-key       what one draft is for (the project); default the action
 *   data-outbox-free      the values of its field `kind` that need no `text`
 *   data-outbox-label     what its card is called, where the fields do not tell
 *   data-outbox-base      overrides data-base; data-outbox-fragment="/…/{id}/…" a GET that gives the accepted record's card
 *   input[type=file][data-outbox-photo="camera"|"gallery"]; input[type=checkbox][data-outbox-position] consent to positions
 *   ul[data-outbox-photos] with a <template> of one tile; [data-outbox-add] in it stays last
 *   [data-outbox-count] "照片 n 张"; [data-outbox-plan-b] shown when the camera did not come back; [data-outbox-skip] not kept
 * Tile: [data-outbox-thumb] img, [data-outbox-state], [data-outbox-why], [data-outbox-when="saved queued sending delivered fix"]
 *   shown in those states, [data-outbox-bar] gets width="n%", [data-outbox-caption] input, data-outbox-fix-class on the root,
 *   button[type=button][data-outbox-act="retake"|"drop"|"retry"]. The root carries data-state.
 *
 * Anywhere:
 *   [data-outbox-status] one live line; [data-outbox-net="offline"|"online"|"signin"|"unknown"] shown when so
 *   [data-outbox-badge] "未送出 n 条"; [data-outbox-no-worker] shown where no service worker can run
 *   [data-outbox-list="queue"|"drafts"|"receipts"] (data-outbox-kind="visit" narrows) with a <template> of one card;
 *   [data-outbox-empty="queue"…] shown when it is empty
 * Card: [data-outbox-title], [data-outbox-note], [data-outbox-state], [data-outbox-why], [data-outbox-sum],
 *   [data-outbox-when="queued sending delivered fix signin wifi"], ul[data-outbox-photos], a[data-outbox-continue] (drafts),
 *   button[data-outbox-act="retry"|"delete"|"export"|"afresh"|"ask"]; outside a card [data-outbox-act="now"|"export"]
 * <form data-outbox-signout> with a hidden [data-outbox-ask] in it: [data-outbox-ask-text],
 *   button[type=button][data-outbox-act="export"], [data-outbox-stay], [data-outbox-leave]
 */

import "./check_in.js";
import * as drainer from "./drain.js";
import * as forms from "./form.js";
import "./finding.js";
import "./handover.js";
import { register } from "./kinds.js";
import * as lists from "./list.js";
import "./originals.js";
import "./visit.js";

export const outbox = { register, wake: drainer.wake, exportAll: lists.exportAll };

lists.start();
forms.start();
drainer.start();
