// The chart of a fault of an SVA workload.
import {axis, figure, host_of, tip} from './figure.js';
import {percent, time, time_tick} from './format.js';

// A waterfall: each hop begins where the one before ends.
export function draw_sva(data) {
  const host = host_of('sva');
  const used = data.sva_hops.filter((h) => h.on_path && h.ps > 0);
  if (!host || used.length === 0) return;
  let whole = 0;
  const starts = used.map((h) => (whole += h.ps) - h.ps);
  figure(host, {
    title: 'When each hop begins, and how long it lasts', name: 'fault',
    height: 60 + 26 * used.length, wide: true,
    option: (c, width) => ({
      grid: {left: 8, right: 76, top: 8, bottom: 8, containLabel: true},
      tooltip: {
        trigger: 'item',
        formatter: (p) => {
          const h = used[p.dataIndex];
          return tip(h.what, [[c[`actor-${h.colour}`], h.actor, time(h.ps)],
            [null, 'Share', percent(h.ps / whole)],
            [null, 'Begins after', time(starts[p.dataIndex])], [null, 'Step', h.step]]);
        },
      },
      xAxis: axis(c, {type: 'value', min: 0, max: whole,
        axisLabel: {formatter: time_tick, showMaxLabel: false},
        splitNumber: width < 560 ? 3 : 6}),
      yAxis: axis(c, {type: 'category', inverse: true, data: used.map((h) => h.what),
        axisLabel: {width: width < 560 ? 110 : 250, overflow: 'truncate', interval: 0}}),
      series: [{
        type: 'bar', stack: 'all', silent: true, barMaxWidth: 14,
        itemStyle: {color: 'transparent'}, data: starts,
      }, {
        type: 'bar', stack: 'all', barMaxWidth: 14, barMinHeight: 1,
        label: {show: true, position: 'right', color: c.soft,
          formatter: (p) => time(used[p.dataIndex].ps)},
        data: used.map((h) => ({value: h.ps,
          itemStyle: {color: c[`actor-${h.colour}`], borderRadius: 3}})),
      }],
    }),
  });
}
