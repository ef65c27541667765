// Live rows and buttons. Everything the page says is there without this script, as of its load.
"use strict";
(() => {
  const store = "fleetsynth-token";
  const $ = (id) => document.getElementById(id);
  const live = $("live"), controls = $("controls"), field = $("token"), said = $("said");

  const age = (from, to) => {
    const seconds = Math.max(0, Math.round((to - from) / 1000));
    if (seconds < 120) return `${seconds} s`;
    if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86400)} d`;
  };
  const tick = (root) => {
    const now = Date.now();
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = Date.parse(time.dateTime);
      const text = at > now ? `in ${age(now, at)}` : `${age(at, now)} ago`;
      if (time.textContent !== text) time.textContent = text;
      if (!time.title) time.title = time.dateTime.replace("T", " ").replace("Z", " UTC");
    }
  };

  // Buttons: the token is asked for once and kept until the tab is closed.
  const showLock = () => {
    const isUnlocked = sessionStorage.getItem(store) !== null;
    field.closest(".fields").hidden = isUnlocked;
    $("token-hint").hidden = isUnlocked;
    $("unlocked").hidden = !isUnlocked;
  };
  const keep = () => {
    const token = field.value.trim();
    if (!token) return false;
    sessionStorage.setItem(store, token);
    field.value = "";
    showLock();
    return true;
  };
  const say = (text, tone) => {
    said.textContent = text;
    said.className = `said ${tone}`;
  };
  const press = async (button) => {
    if (!keep() && sessionStorage.getItem(store) === null) {
      say("The buttons need the token of the service.", "bad");
      field.focus();
      return;
    }
    button.setAttribute("aria-busy", "true");
    try {
      const path = "/api/v1" + new URL(button.formAction).pathname;
      const answer = await fetch(path, { method: "POST", headers: { Authorization: `Bearer ${sessionStorage.getItem(store)}` } });
      const body = await answer.json();
      if (answer.status === 401) {
        sessionStorage.removeItem(store);
        showLock();
        field.focus();
      }
      say(answer.ok ? body.message : body.detail, answer.ok ? "good" : "bad");
    } catch {
      say("The service does not answer.", "bad");
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  if (controls) {
    $("unlock").hidden = false;
    $("unlock").addEventListener("click", keep);
    $("lock").addEventListener("click", () => {
      sessionStorage.removeItem(store);
      showLock();
      field.focus();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") keep();
    });
    controls.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter) press(event.submitter);
    });
    showLock();
  }

  // News: rows of the table as they change; where more than a row is another, the page as a whole.
  const reload = () => {
    if (document.activeElement === field && field.value) field.addEventListener("blur", () => location.reload(), { once: true });
    else location.reload();
  };
  const put = (dataset, html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const row = holder.content.querySelector("tr");
    const own = document.querySelector("[data-page]");
    if (own) {
      if (own.dataset.page !== dataset || !row) return;
      // While a run goes on only its share changes; its end changes everything.
      if (!row.querySelector("progress")) return reload();
      $("state").replaceChildren(...row.querySelector('[data-label="State"]').childNodes);
      return;
    }
    const old = document.querySelector(`tr[data-dataset="${CSS.escape(dataset)}"]`);
    if (!old || !row) return;
    const verb = old.contains(document.activeElement) ? document.activeElement.getAttribute("formaction") : null;
    tick(row);
    old.replaceWith(row);
    if (verb !== null) row.querySelector(`button[formaction="${CSS.escape(verb)}"], button, a`)?.focus();
  };
  if (live && live.dataset.place && "EventSource" in window) {
    let place = live.dataset.place, stream = null;
    const show = (text, isOn) => {
      live.textContent = text;
      live.classList.toggle("on", isOn);
    };
    const listen = () => {
      stream = new EventSource(`/events?after=${encodeURIComponent(place)}`);
      stream.addEventListener("open", () => show("live", true));
      stream.addEventListener("error", () => show("not connected", false));
      stream.addEventListener("row", (event) => {
        const news = JSON.parse(event.data);
        put(news.dataset, news.row);
      });
      stream.addEventListener("place", (event) => { place = event.lastEventId; });
      stream.addEventListener("reload", reload);
    };
    const rest = () => {
      if (stream) stream.close();
      stream = null;
      show("resting", false);
    };
    // A browser opens six connections to a server, so pages that nobody sees must not hold them.
    const follow = () => {
      if (document.hidden) rest();
      else if (!stream) listen();
    };
    document.addEventListener("visibilitychange", follow);
    addEventListener("pagehide", rest);
    addEventListener("pageshow", follow);
    follow();
  }
  tick(document);
  setInterval(() => tick(document), 10000);
})();
