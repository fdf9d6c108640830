interface TableSpec {
  readonly id: string;
  readonly caption: string;
  readonly headings: readonly string[];
}

const users: TableSpec = {
  id: 'users',
  caption: 'Users of the tenant',
  headings: ['Name', 'Shown as', 'Account', 'Roles', 'Groups', 'Passes'],
};
const roles: TableSpec = { id: 'roles', caption: 'Who holds a role', headings: ['Role', 'Held by'] };
const signIns: TableSpec = {
  id: 'sign-ins',
  caption: 'Sign-ins, the newest first',
  headings: ['At (UTC)', 'Who', 'How', 'Outcome'],
};
const changes: TableSpec = {
  id: 'changes',
  caption: 'Changes, the newest first',
  headings: ['At (UTC)', 'What', 'Whom', 'By'],
};
const requests: TableSpec = {
  id: 'requests',
  caption: 'Requests, the newest first',
  headings: ['At (UTC)', 'Method', 'Path', 'Status', 'Charged ms', 'More'],
};
const faults: TableSpec = {
  id: 'faults',
  caption: 'Faults in force',
  headings: ['Fault', 'Effect', 'Hits', ''],
};

const columnsOf = (headings: readonly string[]): string =>
  headings.map((heading) => `<th scope="col" role="columnheader">${heading}</th>`).join('');

/** The roles are said, since narrow screens lay the rows out as blocks and would lose them. */
const tableOf = ({ id, caption, headings }: TableSpec): string => `
      <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
        <table id="${id}" role="table">
          <caption>${caption}</caption>
          <thead role="rowgroup"><tr role="row">${columnsOf(headings)}</tr></thead>
          <tbody role="rowgroup"></tbody>
        </table>
      </div>`;

/** The page without anything in it: nothing that a tenant holds is ever written into markup. */
export const shell = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Entra simulator</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/__page/style.css">
    <script type="module" src="/__page/page.js"></script>
  </head>
  <body>
    <header>
      <h1>Entra simulator</h1>
      <p>What is really so, whatever the replicas still say. Connection: <strong id="status" role="status">not started</strong></p>
      <noscript><p>This page needs JavaScript. The same stands in JSON under /__control.</p></noscript>
      <div class="bar">
        <label>Tenant <select id="tenant"></select></label>
        <button id="pause" type="button" aria-pressed="false">Pause</button>
      </div>
      <p id="facts"></p>
    </header>
    <main>
      <h2>Users</h2>
      <div class="bar">
        <label>Find by name <input id="find" type="search" autocomplete="off" maxlength="100"></label>
        <p id="users-count"></p>
      </div>${tableOf(users)}
      <h2>Roles</h2>${tableOf(roles)}
      <h2>Sign-ins</h2>${tableOf(signIns)}
      <h2>Requests</h2>
      <p class="quiet">Of every tenant; a batch can be opened.</p>${tableOf(requests)}
      <h2>Changes</h2>${tableOf(changes)}
      <h2>Faults</h2>
      <form id="add-fault" class="bar">
        <label>Fault <select id="fault" required></select></label>
        <label>How often (0: as usual for it) <input id="times" type="number" min="0" max="1000" value="1"></label>
        <button type="submit">Add</button>
      </form>
      <p id="fault-tells" class="quiet"></p>
      <p id="fault-answer" role="status"></p>${tableOf(faults)}
    </main>
  </body>
</html>
`;
