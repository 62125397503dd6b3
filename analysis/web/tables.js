// A click on a heading sorts the rows below it by that column; a second one the other way round.
// Rows of class "whole" (totals) stay at the end.
import {number_in} from './format.js';

const compare = (a, b) => {
  const x = number_in(a);
  const y = number_in(b);
  if (Number.isNaN(x) && Number.isNaN(y)) return a.localeCompare(b);
  if (Number.isNaN(x)) return -1;
  return Number.isNaN(y) ? 1 : x - y;
};

export function sortable(table) {
  const [head, ...rows] = table.rows;
  const total = rows.filter((row) => row.classList.contains('whole'));
  const body = rows.filter((row) => !row.classList.contains('whole'));
  [...head.cells].forEach((cell, column) => {
    if (cell.textContent === '') return;
    const sort = () => {
      const down = cell.getAttribute('aria-sort') === 'descending';
      for (const other of head.cells) other.removeAttribute('aria-sort');
      cell.setAttribute('aria-sort', down ? 'ascending' : 'descending');
      const text = (row) => row.cells[column]?.textContent ?? '';
      body.sort((a, b) => (down ? 1 : -1) * compare(text(a), text(b)));
      head.parentNode.append(...body, ...total);
    };
    cell.tabIndex = 0;
    cell.setAttribute('role', 'columnheader');
    cell.title = 'Sort';
    cell.addEventListener('click', sort);
    cell.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        sort();
      }
    });
  });
}
