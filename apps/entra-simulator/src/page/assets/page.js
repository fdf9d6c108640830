/* global document, location, URLSearchParams */
// The page: asks the simulator for news while somebody looks, and shows them.
import { builder } from './dom.js';
import { faultControls } from './faults.js';
import { requestLine, tableOf } from './tables.js';
import { changeRow, roleRow, signInRow, userRow, withNews } from './rows.js';

/** Often enough to look live; a hidden page asks nothing. */
const EVERY_MS = 2_000;
const MOST_LINES = 200;

const build = builder(document);
const place = (id) => document.getElementById(id);
const state = {
  run: '',
  tenant: '',
  find: '',
  changes: [],
  seen: { requests: 0, changes: 0 },
  isPaused: false,
};
let timer;
let isAsking = false;
let isWanted = false;

const say = (text) => {
  const status = place('status');
  // Said once: a reader is not told every two seconds that all is as it was.
  if (status.textContent !== text) status.textContent = text;
};

const ask = async () => {
  const query = new URLSearchParams({ tenant: state.tenant, find: state.find, ...state.seen });
  const answer = await fetch(`/__page/news?${query}`);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
};

const showTenants = ({ tenants, tenant }) => {
  const select = place('tenant');
  const known = [...select.options].map((option) => `${option.value} ${option.textContent}`).join();
  const names = tenants.map(({ id, displayName, users }) => [id, `${displayName} (${users} users)`]);
  if (known !== names.map((pair) => pair.join(' ')).join()) {
    select.replaceChildren(...names.map(([value, text]) => build('option', { value }, text)));
  }
  state.tenant = tenant?.id ?? '';
  select.value = state.tenant;
  place('facts').textContent =
    tenant === null
      ? 'There is no tenant yet: PUT /__control/tenants/{id} makes one, and so does a seed file.'
      : `${tenant.id}, licence ${tenant.licence}, domains ${tenant.domains.join(', ')}`;
};

const show = (news) => {
  const { tenant, cursors, run } = news;
  // Another run counts anew: what stands here is of the one before.
  if (state.run !== '' && state.run !== run) return location.reload();
  state.run = run;
  showTenants(news);
  state.changes = withNews(state.changes, news.changes, MOST_LINES);
  state.seen = cursors;
  place('users-count').textContent = tenant === null ? '' : `${tenant.users.length} of ${tenant.usersFound}`;
  tableOf(build, place('users'), (tenant?.users ?? []).map(userRow));
  tableOf(build, place('roles'), (tenant?.roles ?? []).map(roleRow));
  tableOf(build, place('sign-ins'), news.signIns.map(signInRow));
  tableOf(build, place('changes'), state.changes.map(changeRow));
  if (news.requests.length > 0) {
    const fresh = news.requests.map((entry) => requestLine(build, place('requests'), entry)).reverse();
    const body = place('requests').tBodies[0];
    // The lines that stand stay the same elements: one that is opened stays open.
    body.prepend(...fresh);
    while (body.rows.length > MOST_LINES) body.lastElementChild.remove();
  }
  faults.show(news.faults);
};

const look = async () => {
  isWanted = isAsking;
  if (isAsking) return;
  isAsking = true;
  const { tenant, find } = state;
  try {
    const news = await ask();
    // Whoever chose something else meanwhile is not thrown back.
    if (tenant === state.tenant && find === state.find) show(news);
    say('live');
  } catch (error) {
    say(`no answer from the simulator (${error.message}); asking again`);
  } finally {
    isAsking = false;
    if (isWanted) look();
  }
};

const begin = () => {
  clearInterval(timer);
  const isLooking = !state.isPaused && !document.hidden;
  if (!isLooking) return say('paused');
  timer = setInterval(look, EVERY_MS);
  look();
};

const faults = faultControls(build, { place, tenant: () => state.tenant, look });

const choose = () => {
  state.changes = [];
  state.seen = { ...state.seen, changes: 0 };
  look();
};

place('tenant').addEventListener('change', (event) => {
  state.tenant = event.target.value;
  choose();
});
place('find').addEventListener('input', (event) => {
  state.find = event.target.value;
  look();
});
place('pause').addEventListener('click', (event) => {
  state.isPaused = !state.isPaused;
  event.target.setAttribute('aria-pressed', String(state.isPaused));
  begin();
});
document.addEventListener('visibilitychange', begin);
begin();
