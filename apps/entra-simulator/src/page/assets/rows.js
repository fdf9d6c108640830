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

const effectOf = (effect) => {
  if ('cut' in effect) return `connection cut ${effect.cut}`;
  if ('slowMs' in effect) return `${effect.slowMs} ms slower`;
  if ('lagMs' in effect) return `shows after ${effect.lagMs} ms`;
  const code = effect.code ? ` ${effect.code}` : '';
  return `${statusOf(effect.status)}${code}${effect.commit ? ', though carried out' : ''}`;
};

export const faultRow = ({ name, match, effect, times, hits }) => [
  name ?? `${match.method ?? 'any method'} ${match.path ?? 'any path'}`,
  effect === undefined ? '' : effectOf(effect),
  times === undefined ? `${hits}, no end` : `${hits} of ${times}`,
];

/** The newest first, and no more than a page can show. */
export const withNews = (known, news, most) => [...news].reverse().concat(known).slice(0, most);
