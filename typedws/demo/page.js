// The page of the chat. One seat (a name in a room), at most one socket, and
// what is drawn follows from the two. Whatever people wrote is shown through
// textContent only.

const byId = (id) => document.getElementById(id);
const door = byId("door");
const joinForm = byId("join-form");
const joinButton = byId("join");
const joinError = byId("join-error");
const nameField = byId("name");
const roomField = byId("room");
const chat = byId("chat");
const roomName = byId("room-name");
const statusLine = byId("status");
const anotherTab = byId("another-tab");
const trouble = byId("trouble");
const troubleText = byId("trouble-text");
const countdown = byId("countdown");
const people = byId("people");
const peopleCount = byId("people-count");
const log = byId("log");
const toEnd = byId("to-end");
const hint = byId("hint");
const composer = byId("composer");
const text = byId("text");
const sendButton = byId("send");

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
const WELCOME_WITHIN = 10_000;
const STABLE_AFTER = 5_000;
const MOST_LINES = 500;

const LOST = "The connection is lost.";
const REFUSED = "The server is up, but it refused the connection.";

let seat = null; // { name, room } as long as the user wants to be in a room
let socket = null;
let wasInside = false; // this seat has been welcomed at least once
let stableTimer = 0;
let attempts = 0;
let retryTimer = 0;
let ticker = 0;
let lastSent = "";
let lastSpeaker = null;
let unread = 0;
let following = true; // the end of the log is in view, and stays there

// ---- The connection ------------------------------------------------------

function connect() {
  clearTimeout(retryTimer);
  clearInterval(ticker);
  countdown.textContent = "";
  showStatus("connecting", wasInside ? "reconnecting" : "connecting");

  const address = new URL(`/rooms/${encodeURIComponent(seat.room)}`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.search = new URLSearchParams({ name: seat.name });

  const mine = new WebSocket(address);
  socket = mine;
  // A peer that is silent for good would leave the browser waiting for minutes.
  const alarm = setTimeout(() => {
    mine.close();
    lose(mine, { code: 1006, reason: "" });
  }, WELCOME_WITHIN);
  mine.addEventListener("message", (event) => {
    clearTimeout(alarm);
    if (mine === socket) hear(JSON.parse(event.data));
  });
  mine.addEventListener("close", (event) => {
    clearTimeout(alarm);
    lose(mine, event);
  });
}

function lose(mine, { code, reason }) {
  if (mine !== socket) return; // the user has left, or a newer socket took over
  socket = null;
  clearTimeout(stableTimer);
  if (code >= 4400 && code < 4500) {
    showDoor(capitalised(reason) || "The server refused this name or room.");
  } else if (wasInside) {
    retryLater(code, reason);
  } else {
    explain(REFUSED).then((why) => {
      if (socket === null && seat !== null) showDoor(`${why} Please try again.`);
    });
  }
}

function retryLater(code, reason) {
  // Jitter: after a restart, not every page knocks in the same instant.
  const full = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempts);
  const wait = full * (0.5 + Math.random() / 2) + (code === 1013 ? 3_000 : 0);
  attempts += 1;

  const wasOnline = statusLine.dataset.state === "online";
  showStatus("offline", "offline");
  hint.hidden = true;
  if (wasOnline) {
    addNotice("Connection lost");
    showTrouble(reason ? `The server closed the connection: ${reason}.` : LOST);
  }
  const lost = seat;
  explain(wasOnline ? troubleText.textContent : REFUSED).then((why) => {
    if (socket === null && seat === lost) showTrouble(why);
  });
  const due = Date.now() + wait;
  const tick = () => {
    const seconds = Math.max(1, Math.ceil((due - Date.now()) / 1000));
    countdown.textContent = `Trying again in ${seconds} s.`;
  };
  tick();
  ticker = setInterval(tick, 1000);
  retryTimer = setTimeout(connect, wait);
}

// A browser does not tell why a handshake failed, so ask over plain HTTP.
async function explain(otherwise) {
  try {
    const options = { cache: "no-store", signal: AbortSignal.timeout(3_000) };
    const answer = await fetch("/page.svg", options);
    if (answer.ok) return otherwise;
  } catch {
    // Not reachable: said below.
  }
  return `The server at ${location.host} cannot be reached.`;
}

function hear(message) {
  switch (message.type) {
    case "welcome":
      return enter(message);
    case "joined":
      showPeople(message.people);
      return addNotice(`${message.name} joined`);
    case "left":
      showPeople(message.people);
      return addNotice(`${message.name} left`);
    case "said":
      return addSaid(message);
    case "error":
      return showHint(message.message);
  }
}

function enter({ room, name, people: present }) {
  seat = { room, name };
  if (!wasInside) {
    log.replaceChildren();
    lastSpeaker = null;
  }
  addNotice(wasInside ? "You are back" : `You joined #${room}`);
  wasInside = true;
  // A server that lets go of each newcomer at once must not be called in a hurry.
  stableTimer = setTimeout(() => { attempts = 0; }, STABLE_AFTER);
  history.replaceState(null, "", `/?${new URLSearchParams({ room, name })}`);
  showChat(room);
  showPeople(present);
}

function leave() {
  const mine = socket;
  socket = null;
  clearTimeout(stableTimer);
  mine?.close(1000, "left");
  history.replaceState(null, "", "/");
  showDoor("");
}

// ---- The two views -------------------------------------------------------

function showDoor(problem) {
  clearTimeout(retryTimer);
  clearInterval(ticker);
  if (seat !== null) {
    nameField.value = seat.name;
    roomField.value = seat.room;
  }
  seat = null;
  chat.hidden = true;
  door.hidden = false;
  joinButton.disabled = false;
  joinButton.textContent = "Join the room";
  joinError.textContent = problem;
  joinError.hidden = problem === "";
  document.title = "typedws chat";
  nameField.focus();
  nameField.select();
}

function showChat(room) {
  const focused = document.activeElement;
  door.hidden = true;
  chat.hidden = false;
  trouble.hidden = true;
  hint.hidden = true;
  roomName.textContent = `#${room}`;
  anotherTab.href = `/rooms/${encodeURIComponent(room)}`;
  showStatus("online", "online");
  showTitle();
  // Whoever is reading back in the log keeps the focus there.
  if (focused === document.body || door.contains(focused)) text.focus();
}

function showStatus(state, words) {
  const offline = state !== "online";
  statusLine.dataset.state = state;
  statusLine.textContent = words;
  chat.classList.toggle("offline", offline);
  text.disabled = offline;
  sendButton.disabled = offline;
  text.placeholder = offline ? "Waiting for the connection" : "Write a message";
}

function showTrouble(words) {
  trouble.hidden = false;
  if (troubleText.textContent !== words) troubleText.textContent = words;
}

function showHint(words) {
  hint.textContent = capitalised(words);
  hint.hidden = false;
  // The server took none of it: give the words back to their writer.
  if (text.value === "") text.value = lastSent;
  fitText();
}

function showTitle() {
  const mark = unread > 0 ? `(${unread}) ` : "";
  document.title = seat ? `${mark}#${seat.room} · typedws chat` : "typedws chat";
}

function showPeople(names) {
  peopleCount.textContent = String(names.length);
  people.replaceChildren(
    ...names.map((name) => {
      const item = element("li", "", face(name), element("span", "who", name));
      if (name === seat.name) item.append(element("span", "you", "you"));
      return item;
    }),
  );
}

// ---- The messages --------------------------------------------------------

function addNotice(words) {
  lastSpeaker = null;
  addLine(element("li", "notice", words));
}

function addSaid({ name, text: words }) {
  const own = name === seat.name;
  const line = element("li", own ? "said own" : "said");
  line.classList.toggle("more", name === lastSpeaker);
  lastSpeaker = name;
  const meta = element("div", "meta", element("span", "who", own ? "You" : name), now());
  line.append(face(name), meta, element("div", "bubble", words));
  addLine(line, own);
  if (document.hidden) {
    unread += 1;
    showTitle();
  }
}

function addLine(line, follow = false) {
  log.append(line);
  while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
  if (following || follow) {
    scrollToEnd();
  } else {
    toEnd.hidden = false;
  }
}

function scrollToEnd() {
  following = true;
  log.scrollTop = log.scrollHeight;
  toEnd.hidden = true;
}

function element(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content); // strings become text nodes, never markup
  return made;
}

function face(name) {
  const made = element("span", "face", [...name][0].toUpperCase());
  made.setAttribute("aria-hidden", "true");
  let hue = 7;
  for (const character of name) hue = (hue * 31 + character.codePointAt(0)) % 360;
  made.style.setProperty("--hue", String(hue));
  return made;
}

function now() {
  const made = element("time", "");
  const moment = new Date();
  made.dateTime = moment.toISOString();
  const style = { hour: "2-digit", minute: "2-digit" };
  made.textContent = moment.toLocaleTimeString([], style);
  return made;
}

function capitalised(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// ---- What the user does --------------------------------------------------

function join(name, room) {
  seat = { name, room: room.trim().replace(/^#/, "") || "lobby" };
  wasInside = false;
  attempts = 0;
  joinError.hidden = true;
  joinButton.disabled = true;
  joinButton.textContent = "Joining…";
  connect();
}

function say() {
  const words = text.value.trim();
  if (words === "" || socket?.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ type: "say", text: words }));
  lastSent = words;
  text.value = "";
  hint.hidden = true;
  fitText();
}

function fitText() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

joinForm.addEventListener("submit", (event) => {
  event.preventDefault();
  join(nameField.value, roomField.value);
});

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  say();
  text.focus();
});

text.addEventListener("keydown", (event) => {
  // An Enter that ends an input method's composition is not a "send".
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say();
});

text.addEventListener("input", () => {
  hint.hidden = true;
  fitText();
});
byId("leave").addEventListener("click", leave);
byId("retry").addEventListener("click", () => socket ?? connect());
toEnd.addEventListener("click", scrollToEnd);
log.addEventListener("scroll", () => {
  following = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  if (following) toEnd.hidden = true;
});
// A banner, a hint or a phone's keyboard takes its place from the log.
new ResizeObserver(() => following && scrollToEnd()).observe(log);

window.addEventListener("online", () => {
  if (seat !== null && socket === null && wasInside) connect();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
});

// ---- The start -----------------------------------------------------------

const asked = new URLSearchParams(location.search);
const inPath = location.pathname.match(/^\/rooms\/([^/]+)$/);
roomField.value = asked.get("room") ?? (inPath ? decodeURIComponent(inPath[1]) : "lobby");
nameField.value = asked.get("name") ?? "";
if (asked.has("name")) {
  door.hidden = false;
  join(nameField.value, roomField.value);
} else {
  showDoor("");
}
