// Faults in force, and a form that adds one of those that have a name.
import { faultRow } from './rows.js';
import { rowOf } from './tables.js';

const send = async (method, path, body) => {
  const answer = await fetch(`/__control${path}`, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const told = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
};

/**
 * @param build makes elements
 * @param {{ place: (id: string) => HTMLElement, tenant: () => string, look: () => void }} page
 * @returns `show(faults)`
 */
export const faultControls = (build, { place, tenant, look }) => {
  let isOffered = false;
  let shown = '';

  const answerWith = (text) => (place('fault-answer').textContent = text);

  const act = async (method, path, body) => {
    try {
      await send(method, path, body);
      answerWith('done');
    } catch (error) {
      answerWith(`refused: ${error.message}`);
    }
    look();
  };

  place('add-fault').addEventListener('submit', (event) => {
    event.preventDefault();
    const times = Number(place('times').value);
    act('POST', '/faults', {
      named: place('fault').value,
      ...(tenant() && { tenantId: tenant() }),
      ...(times > 0 && { times }),
    });
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

  /** The names, once: those that need no rule cannot be added. */
  const offer = async () => {
    isOffered = true;
    const named = await send('GET', '/faults/named');
    const names = named.filter(({ rule }) => rule !== null);
    place('fault').replaceChildren(
      ...names.map(({ name, tells }) => build('option', { value: name, title: tells }, name)),
    );
    tell(names);
  };

  const tell = (names) => {
    const told = () => names.find(({ name }) => name === place('fault').value)?.tells ?? '';
    const show = () => (place('fault-tells').textContent = told());
    place('fault').addEventListener('change', show);
    show();
  };

  return {
    show: (faults) => {
      if (!isOffered) offer().catch(() => (isOffered = false));
      const text = JSON.stringify(faults);
      // A button that has the focus keeps it while nothing changes.
      if (text !== shown) showRules(faults);
      shown = text;
    },
  };
};
