// The charts of a design sweep. The metric is chosen once, at the top, for all of them.
import {axis, element, figure, host_of, tip} from './figure.js';
import {quantity, tick} from './format.js';

const grid = {left: 8, right: 24, top: 16, bottom: 8, containLabel: true};

// Points that differ in the seed only are one design, with means.
function designs_of(data, metric) {
  const storage = data.metrics.findIndex((m) => m.name === 'storage_bits');
  const found = new Map();
  for (const [values, metrics] of data.points) {
    if (metrics[metric] === null || (storage >= 0 && metrics[storage] === null)) continue;
    const at = values.map((v, i) => (data.axes[i].repeat ? 0 : v));
    const key = at.join();
    const design = found.get(key) ?? {values: at, sum: 0, storage: 0, count: 0};
    design.sum += metrics[metric];
    design.storage += storage >= 0 ? metrics[storage] : 0;
    design.count += 1;
    found.set(key, design);
  }
  return [...found.values()].map((d) => (
    {values: d.values, metric: d.sum / d.count, storage: d.storage / d.count, count: d.count}));
}

function front_of(designs, more) {
  const better = (a, b) => (more ? a > b : a < b);
  const sorted = [...designs].sort((a, b) => a.storage - b.storage
    || (more ? b.metric - a.metric : a.metric - b.metric));
  const front = [];
  for (const d of sorted) {
    if (front.length === 0 || better(d.metric, front[front.length - 1].metric)) front.push(d);
  }
  return front;
}

function effects_of(data, designs) {
  const all = data.axes.map((a, i) => {
    const sums = a.values.map(() => [0, 0]);
    for (const d of designs) {
      sums[d.values[i]][0] += d.metric * d.count;
      sums[d.values[i]][1] += d.count;
    }
    const means = sums.map(([sum, n]) => (n === 0 ? null : sum / n));
    const seen = means.filter((m) => m !== null);
    return {axis: i, means, spread: Math.max(...seen) - Math.min(...seen), seen: seen.length};
  });
  return all.filter((e) => !data.axes[e.axis].repeat && e.seen > 1)
    .sort((a, b) => b.spread - a.spread);
}

const select = (label, names, chosen, change) => {
  const box = element('label', '', label);
  const list = element('select');
  names.forEach(([name, value]) => {
    const item = element('option', '', name);
    item.value = value;
    item.selected = value === chosen;
    list.append(item);
  });
  list.addEventListener('change', () => change(Number(list.value)));
  box.append(list);
  return box;
};

// Lines of a tooltip: the value of each axis that varies.
const axis_lines = (data, values) => data.axes
  .map((a, i) => [null, a.name, a.values[values[i]]])
  .filter((_, i) => !data.axes[i].repeat);

function pareto(data, state) {
  const host = host_of('pareto');
  if (!host) return [];
  const unit = () => data.metrics[state.metric].unit;
  return [figure(host, {
    title: 'Designs by storage; the line joins those that no other beats', name: 'pareto',
    height: 340, wide: true,
    option: (c, width) => {
      const {designs, front} = state;
      const show = (p) => tip('', [[p.color, data.metrics[state.metric].name,
        quantity(p.data.design.metric, unit())],
        [null, 'storage', quantity(p.data.design.storage, 'bits')],
        ...axis_lines(data, p.data.design.values)]);
      const point = (d) => ({value: [d.storage, d.metric], design: d});
      return {
        grid: {...grid, top: 34}, legend: {},
        tooltip: {trigger: 'item', formatter: show},
        xAxis: axis(c, {type: 'value', scale: true, splitNumber: width < 560 ? 3 : 6,
          axisLabel: {formatter: (v) => tick(v, 'bits')}}),
        yAxis: axis(c, {type: 'value', scale: true,
          axisLabel: {formatter: (v) => tick(v, unit())}}),
        series: [
          {type: 'scatter', name: 'Designs', symbolSize: 7,
            itemStyle: {color: c.device, opacity: 0.6},
            data: designs.map(point)},
          {type: 'line', name: 'On the front', step: 'end', symbol: 'circle', symbolSize: 9,
            itemStyle: {color: c.translation}, lineStyle: {color: c.translation, width: 2},
            data: front.map(point)},
        ],
      };
    },
  })];
}

function sensitivity(data, state) {
  const host = host_of('sensitivity');
  if (!host) return [];
  const m = () => data.metrics[state.metric];
  return [figure(host, {
    title: 'Spread of the means by value of each parameter', name: 'sensitivity',
    height: 60 + 30 * data.axes.length, wide: true,
    option: (c, width) => ({
      height: 50 + 30 * Math.max(state.effects.length, 1),
      grid: {...grid, right: 90},
      tooltip: {
        trigger: 'item',
        formatter: (p) => {
          const e = state.effects[p.dataIndex];
          const a = data.axes[e.axis];
          return tip(a.name, a.values.map((v, i) => [null, v,
            e.means[i] === null ? '\u2013' : quantity(Math.round(e.means[i]), m().unit)])
            .slice(0, 24));
        },
      },
      xAxis: axis(c, {type: 'value', axisLabel: {formatter: (v) => tick(v, m().unit)},
        splitNumber: width < 560 ? 2 : 5}),
      yAxis: axis(c, {type: 'category', inverse: true,
        data: state.effects.map((e) => data.axes[e.axis].name),
        axisLabel: {width: width < 560 ? 130 : 260, overflow: 'truncate'}}),
      series: [{
        type: 'bar', barMaxWidth: 14, itemStyle: {color: c.translation, borderRadius: 3},
        label: {show: true, position: 'right', color: c.soft,
          formatter: (p) => quantity(Math.round(p.value), m().unit)},
        data: state.effects.map((e) => e.spread),
      }],
    }),
  })];
}

function heat_cells(state) {
  const cells = new Map();
  for (const d of state.designs) {
    const key = `${d.values[state.x]},${d.values[state.y]}`;
    const cell = cells.get(key) ?? [0, 0];
    cell[0] += d.metric * d.count;
    cell[1] += d.count;
    cells.set(key, cell);
  }
  return [...cells].map(([key, [sum, n]]) => [...key.split(',').map(Number), sum / n]);
}

function heat(data, state) {
  const host = host_of('heat');
  if (!host || state.effects.length < 2) return [];
  const names = data.axes.map((a, i) => [a.name, i]).filter(([, i]) => !data.axes[i].repeat);
  const choose = element('div', 'choose');
  host.append(choose);
  const unit = () => data.metrics[state.metric].unit;
  const draw = figure(host, {
    title: 'Mean over all points that share two values', name: 'heat-map', height: 320, wide: true,
    option: (c, width) => {
      const cells = heat_cells(state);
      const values = cells.map(([, , v]) => v);
      const [x, y] = [data.axes[state.x], data.axes[state.y]];
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const room = (width - 140) / x.values.length;
      return {
        height: 130 + Math.min(Math.max(y.values.length, 3), 24) * 34,
        grid: {...grid, bottom: 74},
        tooltip: {
          trigger: 'item',
          formatter: (p) => tip(data.metrics[state.metric].name, [
            [p.color, 'mean', quantity(Math.round(p.value[2]), unit())],
            [null, x.name, x.values[p.value[0]]], [null, y.name, y.values[p.value[1]]]]),
        },
        visualMap: {
          min: least, max: most === least ? least + 1 : most, calculable: false,
          orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 10,
          text: [quantity(Math.round(most), unit()), quantity(Math.round(least), unit())],
          textStyle: {color: c.soft}, inRange: {color: [c.low, c.high]},
        },
        xAxis: axis(c, {type: 'category', data: x.values, name: x.name, nameLocation: 'middle',
          nameGap: 28, axisLabel: {interval: 'auto'}}),
        yAxis: axis(c, {type: 'category', data: y.values,
          axisLabel: {width: 110, overflow: 'truncate'}}),
        series: [{
          type: 'heatmap', data: cells,
          itemStyle: {borderColor: c.card, borderWidth: 2, borderRadius: 4},
          label: {show: room > 62, color: c.ink, fontSize: 11,
            formatter: (p) => quantity(Math.round(p.value[2]), unit())},
        }],
      };
    },
  });
  choose.append(
    select('Columns', names, state.x, (v) => {
      state.x = v;
      draw();
    }),
    select('Rows', names, state.y, (v) => {
      state.y = v;
      draw();
    }));
  return [draw];
}

export function draw_sweep(data) {
  const top = host_of('choose');
  if (!top || data.points.length === 0) return;
  const state = {metric: data.metrics.findIndex((m) => m.name === data.main)};
  const calculate = () => {
    state.designs = designs_of(data, state.metric);
    state.front = front_of(state.designs, data.metrics[state.metric].more);
    state.effects = effects_of(data, state.designs);
  };
  calculate();
  [state.x, state.y] = state.effects.map((e) => e.axis);
  const draws = [...pareto(data, state), ...sensitivity(data, state), ...heat(data, state)];
  const names = data.metrics.map((m, i) => [m.name, i]).filter(([name]) => name !== 'storage_bits');
  const bar = element('div', 'choose');
  bar.append(select('Metric of the charts', names, state.metric, (v) => {
    state.metric = v;
    calculate();
    for (const draw of draws) draw();
  }));
  top.append(bar);
}
