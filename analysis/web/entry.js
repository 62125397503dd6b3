// What a report page does beyond its HTML: draws the charts of the data in #data, sorts tables.
// Where it fails, or scripts are off, the static charts stay.
import {sortable} from './tables.js';
import {draw_run} from './run_charts.js';
import {draw_sweep} from './sweep_charts.js';

const holder = document.getElementById('data');
if (holder) {
  const data = JSON.parse(holder.textContent);
  document.documentElement.classList.add('interactive');
  (data.kind === 'sweep' ? draw_sweep : draw_run)(data);
  for (const table of document.querySelectorAll('table.sort')) sortable(table);
  document.documentElement.dataset.drawn = 'yes';
}
