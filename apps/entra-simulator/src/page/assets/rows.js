// From what the simulator tells to what stands in the page's tables: texts only, no document.

/** @param {{ passes: { isUsable: boolean, expiresAt: string }[] }} user */
const passesOf = ({ passes }) => {
  if (passes.length === 0) return '';
  const ends = passes.map((pass) => pass.expiresAt).sort();
  const usable = passes.filter((pass) => pass.isUsable).length;
  return `${passes.length} (${usable} usable), until ${momentOf(ends.at(-1))}`;
};

/** Short enough for a narrow screen, and plainly UTC. */
export const momentOf = (iso) => (iso ? iso.slice(0, 19).replace('T', ' ') : '');

export const userRow = (user) => [
  user.userPrincipalName,
  user.displayName ?? '',
  user.accountEnabled ? 'enabled' : 'disabled',
  user.roles.map((role) => role.name).join(', '),
  user.groups.map((group) => group.name).join(', '),
  passesOf(user),
];

export const roleRow = ({ name, holders }) => [name, holders.join(', ')];

export const signInRow = ({ at, who, how, outcome }) => [momentOf(at), who, how, outcome];

export const changeRow = ({ at, what, userPrincipalName, objectId, by }) => [
  momentOf(at),
  what,
  userPrincipalName ?? objectId,
  by === 'portal' ? 'portal' : `app ${by.appId}`,
];

/** 0 is no status: nothing was answered. */
const statusOf = (status) => (status === 0 ? 'cut' : String(status));

export const requestRow = ({ at, method, path, status, chargedMs, throttled, violations }) => ({
  cells: [momentOf(at), method, path, statusOf(status), `${chargedMs}`],
  isRefused: status === 0 || status >= 400,
  remarks: [...(throttled ? ['throttled'] : []), ...violations],
});

export const partRow = ({ id, method, url, status }) => `${id}: ${method} ${url} → ${statusOf(status)}`;

const answerOf = ({ status, code, garble, commit }) => {
  const what = garble ? `answer garbled (${garble})` : `${statusOf(status)}${code ? ` ${code}` : ''}`;
  return commit === true ? `${what}, though carried out` : what;
};

/** One sentence for each kind of effect, by the word that only this kind has. */
const effects = {
  cut: ({ cut }) => `connection cut ${cut}`,
  slowMs: ({ slowMs }) => `${slowMs} ms slower`,
  lagMs: ({ lagMs }) => `shows after ${lagMs} ms`,
  deferMs: ({ deferMs }) => `carried out ${deferMs} ms after its answer`,
  twice: () => 'delivered twice',
  withoutPermissions: ({ withoutPermissions }) => `without ${withoutPermissions.join(', ')}`,
  withoutRoles: () => 'without directory roles',
};

const effectOf = (effect) => {
  const kind = Object.keys(effects).find((name) => name in effect);
  return kind === undefined ? answerOf(effect) : effects[kind](effect);
};

export const faultRow = ({ named, match, effect, times, hits }) => [
  named ?? `${match.method ?? 'any method'} ${match.path ?? 'any path'}`,
  effectOf(effect),
  times === undefined ? `${hits}, no end` : `${hits} of ${times}`,
];

/** The newest first, and no more than a page can show. */
export const withNews = (known, news, most) => [...news].reverse().concat(known).slice(0, most);
