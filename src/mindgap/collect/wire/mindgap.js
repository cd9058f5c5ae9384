/*! mindgap.js, Apache-2.0 */ // what it stores and sends, and why: docs/snippet.md
(() => {
  const { src, dataset: options } = document.currentScript;

  const CHOICE_DAYS = 180, ID_DAYS = 395, QUEUE_DAYS = 6; // the collector knows repeats for 7 days
  const BATCH = 20, QUEUE = 500, EVENT_BYTES = 3e4, PIECE_BYTES = 6e4; // a page that closes may send 64 KB
  const RECEIPT = "Segment Consent Preference Updated";
  const url = `${options.host || new URL(src).origin}/beacon/v1/batch?writeKey=${encodeURIComponent(options.writeKey)}`;
  const offered = (options.purposes || "analytics,personalization,advertising").split(",");
  const optOut = options.consent === "opt-out";
  const gpc = navigator.globalPrivacyControl;
  const barred = (purpose) => gpc && /^(advertising|marketing|targeting)$/i.test(purpose);
  const some = (choices) => offered.some((purpose) => choices[purpose]);
  const debug = (text) => console.debug("mindgap:", text);
  const bytes = (value) => new TextEncoder().encode(JSON.stringify(value)).length;
  const newId = () => crypto.getRandomValues(new BigUint64Array(2)).join("-");

  // What stays on the device, or in memory where the browser refuses
  const ID = "mindgap.id", USER = "mindgap.user", CHOICE = "mindgap.consent", OWN = `mindgap.queue.${options.writeKey}.`;
  let store = {};
  try { store = localStorage || store; } catch {} // blocked
  const keep = (name, value) => {
    try { store[name] = JSON.stringify({ at: Date.now(), value }); } catch {} // full
    return value;
  };
  const kept = (name, days) => {
    try {
      const { at, value } = JSON.parse(store[name]);
      return Date.now() - at < days * 864e5 ? value : null;
    } catch { return null; }
  };

  // Consent: null before a choice
  const choice = () => {
    const chosen = kept(CHOICE, CHOICE_DAYS);
    for (const purpose in chosen) chosen[purpose] &&= !barred(purpose);
    return chosen;
  };
  const allowed = () => (choice() ? some(choice()) : optOut);

  function consent(choices) {
    const before = JSON.stringify(choice());
    const chosen = Object.fromEntries(offered.map((purpose) => [purpose, optOut]));
    for (const purpose in choices) chosen[purpose] = choices[purpose] === true;
    const anonymousId = allowed() || some(chosen) ? know() : newId(); // who refuses at once gets no lasting id
    keep(CHOICE, chosen);
    if (JSON.stringify(choice()) === before) return hide();
    queue.push(message({ type: "track", event: RECEIPT, anonymousId }));
    apply();
    flush();
  }

  function apply() { // a choice that was made here or in another tab
    const chosen = choice();
    if (!chosen) return;
    hide();
    if (!some(chosen)) leaving = reset();
    stamp();
    adopt();
    document.dispatchEvent(new CustomEvent("mindgap:consent", { detail: chosen }));
  }

  // Who: an id is made only once it may be kept
  let early = null, held = [];
  const user = () => early || kept(USER, ID_DAYS);
  function know() {
    if (early) keep(USER, early);
    early = null;
    return kept(ID, ID_DAYS) || keep(ID, newId());
  }
  function reset() {
    early = null;
    delete store[ID];
    delete store[USER];
  }

  // Messages
  const message = ({ context, ...said }) => ({
    messageId: newId(), timestamp: new Date(), ...(user() && { userId: user() }), ...said,
    context: { library: { name: "mindgap.js", version: api.version }, ...context },
  });
  function here() {
    const plain = (address) => address.replace(/[?#].*/, "");
    const campaign = {};
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (name.startsWith("utm_")) campaign[name.slice(4).replace("campaign", "name")] = value;
    }
    return {
      page: { url: plain(location.href), title: document.title, referrer: plain(document.referrer) },
      campaign, locale: navigator.language, userAgent: navigator.userAgent,
    };
  }
  function push(said) {
    if (!allowed() && choice()) return;
    const one = JSON.parse(JSON.stringify(message({ context: here(), ...said })));
    if (bytes(one) > EVENT_BYTES) return debug("event too large");
    held = [...held, one].slice(-QUEUE);
    stamp();
  }
  function stamp() { // what waits gets an id and its consent as soon as it may have them
    const chosen = choice();
    if (!chosen && !optOut) return;
    queue = [...queue, ...held.splice(0)];
    if (queue.length > QUEUE) debug("queue full");
    queue = queue.slice(-QUEUE);
    if (!allowed()) queue = queue.filter(({ event }) => event === RECEIPT);
    queue.forEach(sign);
    save();
    if (queue.length < BATCH) schedule();
    else flush();
  }
  function sign(one) { // never with more consent than there was, nor than there is
    const chosen = choice() || (gpc && { advertising: false }), { consent } = one.context;
    one.anonymousId ||= know();
    if (!consent && chosen) one.context.consent = { categoryPreferences: chosen };
    else if (one.event !== RECEIPT) for (const purpose in chosen) consent.categoryPreferences[purpose] &&= chosen[purpose];
    return one;
  }

  // Dwell: how long the page was visible
  let leaving = null;
  function left() {
    const { said, since } = leaving, now = performance.now();
    if (since) leaving.ms += now - since;
    leaving.since = !document.hidden && now;
    said.properties.dwell_seconds = Math.round(leaving.ms / 100) / 10;
    return said;
  }
  function leave() {
    if (leaving) push(left());
    leaving = null;
  }

  // The queue: each page has its own; a later page takes over what one that is gone left behind
  const own = OWN + newId();
  let queue = [], sending = [], timer, release, staying, notBefore, failures = 0;
  function begin() {
    notBefore = 0;
    navigator.locks?.request(own, () => new Promise((done) => { release = done; })).catch(debug);
    if (choice() || optOut) adopt();
    flush();
    if (options.autoPage !== "false") api.page();
  }
  function save() {
    const draft = leaving && allowed() && document.hidden ? [sign(message(left()))] : []; // if the page never comes back
    if (queue.length + draft.length) keep(own, [...queue, ...draft]);
    else delete store[own];
  }
  function adopt() {
    for (const name in store) {
      if (!name.startsWith(OWN) || name === own) continue;
      const take = (free) => {
        if (!free || !store[name]) return;
        queue.push(...kept(name, QUEUE_DAYS) || []);
        stamp();
        delete store[name];
      };
      if (navigator.locks) navigator.locks.request(name, { ifAvailable: true }, take).catch(debug);
      else take(true);
    }
  }

  // Sending
  const body = (batch) => JSON.stringify({ sentAt: new Date(), batch });
  const piece = (from) => (bytes(from) > PIECE_BYTES ? piece(from.slice(0, from.length / 2)) : from);
  const schedule = () => { timer ||= setTimeout(flush, Math.max(1e3, notBefore - Date.now())); };
  async function flush() {
    timer = clearTimeout(timer);
    if (sending.length || !queue.length) return;
    if (Date.now() < notBefore) return schedule();
    sending = piece(queue);
    let after = 0;
    failures++;
    try {
      const answer = await fetch(url, { // as text, which needs no preflight
        method: "POST", body: body(sending), headers: { "Content-Type": "text/plain" },
        keepalive: true, credentials: "omit", signal: AbortSignal.timeout(15e3),
      });
      await answer.text(); // until then its 60 KB count among the 64 that a page may have on the way
      if (/408|429|5../.test(answer.status)) after = answer.headers.get("Retry-After") * 1e3 || 0;
      else {
        if (!answer.ok) debug(`dropped ${sending.length} events, answer ${answer.status}`);
        queue = queue.filter((one) => !sending.includes(one));
        failures = 0;
      }
    } catch {} // no connection
    notBefore = failures && Date.now() + after + Math.min(2 ** failures, 64) * (500 + Math.random() * 500);
    sending = [];
    stamp();
  }
  function goodbye() {
    leave();
    const rest = piece(queue.filter((one) => !sending.includes(one)));
    const next = Date.now() - staying < 5e3; // the shop's next page will send it, and hear whether it arrived
    if (rest.length && !next && Date.now() > notBefore) navigator.sendBeacon?.(url, body(rest));
    save(); // whether a beacon arrives is never known: a later page sends it again, the collector keeps one
    notBefore = Date.now() + 6e4;
    release?.();
  }

  // The banner, unless the shop has its own
  const WORDS = { // title, text, refuse, accept, save, notice, GPC; purposes
    en: [
      "Your choice", "May we note what you view and buy here, for these purposes? The shop works the same either way, and you can change your mind at any time.",
      "Refuse all", "Accept all", "Save choice", "Privacy notice",
      "Advertising stays off, as your browser asks (Global Privacy Control).",
      { analytics: "Analytics: learn what works", personalization: "Personalization: show what suits you", advertising: "Advertising: show our offers" },
    ],
    zh: [
      "由您选择", "我们可以为以下用途记录您在本店的浏览和购买吗？无论如何选择，购物不受影响，且可随时更改。",
      "全部拒绝", "全部同意", "保存选择", "隐私声明", "广告保持关闭：您的浏览器如此要求（GPC）。",
      { analytics: "分析：了解效果", personalization: "个性化：展示适合您的内容", advertising: "广告：展示优惠" },
    ],
  };
  const STYLE = `div{position:fixed;inset:auto 0 0;z-index:999999;max-width:40rem;max-height:80vh;overflow:auto;margin:auto;
    padding:1rem;font:1rem/1.5 system-ui;color:#1b2430;background:#fff;box-shadow:0 0 2rem #0006;outline:0}
    nav{display:flex;gap:1rem;margin:1rem 0}label{display:block;padding:.5rem 0}
    button{flex:1;padding:.75rem 0;border:0;border-radius:8px;font:inherit;color:#fff;background:#0f6f66;outline-offset:2px}`;
  let banner, before;

  function show(wanted) {
    hide();
    before = document.activeElement;
    const lang = /^zh/i.test(options.language || document.documentElement.lang || navigator.language) ? "zh" : "en";
    const [ariaLabel, text, no, yes, save, notice, off, purposes] = WORDS[lang];
    const make = (tag, properties, ...inner) => {
      const element = Object.assign(document.createElement(tag), properties);
      element.append(...inner);
      return element;
    };
    const boxes = offered.map((name) => make("input", { type: "checkbox", name, checked: choice()?.[name], disabled: barred(name) }));
    const button = (text, all) => make("button", {
      onclick: () => consent(Object.fromEntries(boxes.map(({ name, checked }) => [name, all ?? checked]))),
    }, text);
    const dialog = make("div", { role: "dialog", ariaLabel, lang, tabIndex: -1, onkeydown: ({ key }) => { if (key === "Escape") hide(); } },
      make("b", {}, ariaLabel),
      make("p", {}, text, " ", options.notice ? make("a", { href: options.notice }, notice) : ""),
      gpc ? off : "",
      ...boxes.map((box) => make("label", {}, box, " ", purposes[box.name] || box.name)),
      make("nav", {}, button(no, false), button(save), button(yes, true)));
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    banner = make("mindgap-consent");
    const root = banner.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(dialog);
    document.body.prepend(banner);
    if (wanted || before === document.body) dialog.focus();
  }
  function hide() {
    const inside = banner && document.activeElement === banner;
    banner = banner?.remove();
    if (inside) before.focus();
  }

  // What the shop calls
  const api = {
    version: "1.0.0", consent, reset,
    ready: (call) => call(api),
    page(name, properties) {
      leave();
      const context = here();
      push({ type: "page", name, properties, context });
      const said = { type: "track", event: "Page Left", messageId: newId(), properties: { ...properties, name }, context };
      if (allowed() || !choice()) leaving = { said, ms: 0, since: !document.hidden && performance.now() };
    },
    track: (event, properties) => push({ type: "track", event, properties }),
    identify(id, traits) {
      if (user() && user() !== `${id}`) reset();
      early = `${id}`;
      push({ type: "identify", traits });
    },
    group: (id, traits) => push({ type: "group", groupId: `${id}`, traits }),
    alias: (id, previousId = user()) => push({ type: "alias", userId: `${id}`, previousId }),
    push: ([name, ...said]) => name.split(".").reduce((from, part) => from[part], api)(...said),
  };
  for (const name in api) {
    const call = api[name];
    if (call.call) api[name] = (...said) => { try { return call(...said); } catch (error) { debug(error); } };
  }
  Object.assign(api.consent, { get: choice, ask: () => show(true) });

  function start() {
    const calls = window.mindgap || [];
    if (calls.version) return;
    window.mindgap = api;
    begin();
    addEventListener("pagehide", goodbye);
    addEventListener("pageshow", ({ persisted }) => persisted && begin());
    addEventListener("visibilitychange", () => {
      if (leaving) left();
      save();
      if (document.hidden) flush();
    });
    addEventListener("online", () => flush(notBefore = 0));
    addEventListener("storage", ({ key }) => key === CHOICE && apply());
    calls.forEach(api.push);
    let { pathname } = location;
    window.navigation?.addEventListener("navigate", ({ destination: { url, sameDocument } }) => {
      staying = !sameDocument && url.startsWith(location.origin) && Date.now();
    });
    if (options.spa === "true") window.navigation?.addEventListener("currententrychange", () => setTimeout(() => {
      if (pathname !== ({ pathname } = location).pathname) api.page();
    }));
    if (!optOut && options.banner !== "none" && !offered.every((purpose) => purpose in (choice() || {}))) show(false);
  }
  const later = document.prerendering ? "prerenderingchange" : document.readyState === "loading" && "DOMContentLoaded";
  if (later) document.addEventListener(later, start);
  else start();
})();
