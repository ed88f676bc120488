const rows = document.getElementById('rows');
const form = document.getElementById('publish');

const act = (path) => fetch(path, { method: 'POST' });

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void act(`publish/${form.elements.price.value}`);
  form.elements.price.value = Number(form.elements.price.value) + 1;
});

function cell(text, className) {
  const td = document.createElement('td');
  td.textContent = text ?? '';
  if (className) td.className = className;
  return td;
}

function button(text, action, name) {
  const element = document.createElement('button');
  element.textContent = text;
  element.addEventListener('click', () => void act(`${action}/${encodeURIComponent(name)}`));
  return element;
}

function row({ name, up, stopped, state, generation, price }) {
  const tr = document.createElement('tr');
  const shown = up ? (state ?? 'running') : stopped ? 'stopped' : 'killed, starts again soon';
  const buttons = document.createElement('td');
  if (up) buttons.append(button('Kill', 'kill', name), ' ');
  if (!name.includes('worker')) {
    buttons.append(stopped ? button('Start', 'start', name) : button('Stop', 'stop', name));
  }
  tr.append(cell(name), cell(shown, up ? 'up' : 'down'), cell(generation), cell(price), buttons);
  return tr;
}

let shown = '';

async function refresh() {
  const text = await fetch('fleet').then(
    (response) => response.text(),
    () => '[]',
  );
  // Buttons stay as long as nothing changes, so that they can be pressed.
  if (text !== shown) rows.replaceChildren(...JSON.parse(text).map(row));
  shown = text;
  setTimeout(() => void refresh(), 300);
}

void refresh();
