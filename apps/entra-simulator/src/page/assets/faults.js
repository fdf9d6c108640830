// Faults in force, and a form that adds one of those that have a name.
import { faultRow } from './rows.js';
import { rowOf } from './tables.js';

const send = async (method, path, body) => {
  const answer = await fetch(`/__control${path}`, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
};

/**
 * @param build makes elements
 * @param {{ place: (id: string) => HTMLElement, tenant: () => string, say: (text: string) => void, look: () => void }} page
 * @returns `show(faults, readyFaults)`
 */
export const faultControls = (build, { place, tenant, say, look }) => {
  let ready = [];
  let shown = '';

  const act = async (method, path, body) => {
    try {
      await send(method, path, body);
    } catch (error) {
      say(`the simulator refused: ${error.message}`);
    }
    look();
  };

  place('add-fault').addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = ready.find(({ name }) => name === place('fault').value);
    if (chosen === undefined) return;
    const times = Number(place('times').value);
    act('POST', '/faults', { ...chosen.rule, tenantId: tenant() || undefined, ...(times > 0 && { times }) });
  });

  const remover = (fault, name) =>
    build(
      'button',
      {
        type: 'button',
        'aria-label': `Remove the fault ${name}`,
        // The button goes with its row: the keyboard goes on from the form.
        click: () =>
          act('DELETE', `/faults/${encodeURIComponent(fault.id)}`).then(() => place('fault').focus()),
      },
      'Remove',
    );

  const showRules = (faults) => {
    const table = place('faults');
    const headings = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = faults.map((fault) => {
      const cells = faultRow(fault);
      return rowOf(build, headings, [...cells, remover(fault, cells[0])]);
    });
    table.tBodies[0].replaceChildren(...rows);
  };

  return {
    show: (faults, readyFaults) => {
      if (ready.length === 0) {
        ready = readyFaults;
        place('fault').replaceChildren(
          ...ready.map(({ name, what }) => build('option', { value: name }, `${name}: ${what}`)),
        );
      }
      const text = JSON.stringify(faults);
      // A button that has the focus keeps it while nothing changes.
      if (text !== shown) showRules(faults);
      shown = text;
    },
  };
};
