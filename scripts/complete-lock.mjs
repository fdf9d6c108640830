// npm leaves out of package-lock.json each optional package that its registry can't serve (binaries for other systems),
// and `npm ci` then refuses the lockfile as incomplete. This puts them back by name, exact version and system: they are
// skipped here and fetched where they are needed. To be run after every change of a dependency.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(import.meta.dirname, '../package-lock.json');
/** How package names say for which system they are. */
const systems = {
  os: ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'],
  cpu: ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'],
  libc: { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' },
};

const systemOf = (name) => {
  const words = name.split(/[/-]/);
  const os = systems.os.find((each) => words.includes(each));
  const cpu = systems.cpu.find((each) => words.includes(each));
  const libc = os === 'linux' ? words.map((word) => systems.libc[word]).find(Boolean) : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
};

/** Where Node would look for a package that the one at `path` asks for, nearest first. */
const placesOf = (path, name) => {
  const above = path.lastIndexOf('/node_modules/');
  const here = `${path}/node_modules/${name}`;
  return above < 0 ? [here, `node_modules/${name}`] : [here, ...placesOf(path.slice(0, above), name)];
};

const missingFrom = (packages) =>
  Object.entries(packages)
    .filter(([path]) => path !== '')
    .flatMap(([path, { optionalDependencies = {}, dev }]) =>
      Object.entries(optionalDependencies)
        .filter(([name]) => !placesOf(path, name).some((place) => packages[place]))
        .map(([name, version]) => ({ name, version, dev })),
    );

const entryOf = ({ name, version, dev }) => {
  const system = systemOf(name);
  if (!/^\d/.test(version) || !system.os) {
    throw new Error(`${name}@${version}: neither an exact version nor a system to tell. Add it by hand.`);
  }
  return { version, ...system, ...(dev && { dev }), optional: true };
};

const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingFrom(lock.packages);
const entries = missing.map((each) => [`node_modules/${each.name}`, entryOf(each)]);
const all = [...Object.entries(lock.packages), ...entries].sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(all) }, null, 2)}\n`);
console.log(`${missing.length} packages for other systems added to package-lock.json`);
