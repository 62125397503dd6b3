// The charts of one run.
import {axis, figure, host_of, tip} from './figure.js';
import {count, percent, time, time_tick} from './format.js';
import {draw_sva} from './sva_charts.js';

const grid = {left: 8, right: 16, top: 34, bottom: 8, containLabel: true};
const time_axis = (c, low, high) => axis(c, {
  type: 'log', min: low, max: high,
  axisLabel: {formatter: time_tick, showMinLabel: false, showMaxLabel: false},
});

// [time, share of the transactions within it] at each step.
const cumulative = ({bins, count: all, max}) => {
  let done = 0;
  return bins.map(([edge, n]) => {
    done += n;
    return [Math.max(Math.min(edge, max), 1), done / all, all - done];
  });
};

const span_of = (series) => {
  const edges = series.flatMap((s) => s.points.map(([x]) => x));
  const low = Math.min(...edges);
  const high = Math.max(...edges);
  return [low / 1.3, high * 1.3];
};

function draw_distribution(data) {
  const host = host_of('distribution');
  const series = data.latency.filter((s) => s.count > 0)
    .map((s) => ({...s, points: cumulative(s)}));
  if (!host || series.length === 0) return;
  const [low, high] = span_of(series);
  const most = Math.max(...series.map((s) => s.count));
  const floor = 100 / 10 ** Math.min(6, Math.max(1, Math.ceil(Math.log10(most))));
  const look = {
    Translation: (c) => ({color: c.translation, width: 2.4}),
    'DMA read': (c) => ({color: c.soft, width: 1.6}),
    'DMA write': (c) => ({color: c.soft, width: 1.6, type: 'dashed'}),
  };
  const within = (s) => [[low, 0], ...s.points.map(([x, share]) => [x, share * 100]), [high, 100]];
  const beyond = (s) => [[low, 100],
    ...s.points.map(([x, , left]) => [x, Math.max(left / s.count * 100, floor)])];
  const lines = (c, points, value) => ({
    grid, legend: {icon: undefined, itemWidth: 24},
    tooltip: {
      trigger: 'axis',
      axisPointer: {type: 'line', lineStyle: {color: c.soft}},
      formatter: (at) => tip(`${value} ${time(Math.round(at[0].axisValue))}`,
        at.map((p) => [p.color, p.seriesName, `${Number(p.value[1].toPrecision(4))} %`])),
    },
    xAxis: time_axis(c, low, high),
    series: series.map((s) => ({
      type: 'line', step: 'end', name: s.name, data: points(s), showSymbol: false,
      lineStyle: look[s.name](c), itemStyle: {color: look[s.name](c).color},
    })),
  });
  figure(host, {
    title: 'Share of requests done within a time', name: 'latency-cdf', height: 300,
    option: (c) => ({
      ...lines(c, within, 'Within'),
      yAxis: axis(c, {type: 'value', min: 0, max: 100, axisLabel: {formatter: '{value} %'}}),
    }),
  });
  figure(host, {
    title: 'Share that takes longer: the tail', name: 'latency-tail', height: 300,
    option: (c) => ({
      ...lines(c, beyond, 'Longer than'),
      yAxis: axis(c, {
        type: 'log', min: floor, max: 100,
        axisLabel: {formatter: (v) => `${Number(v.toPrecision(2))} %`},
      }),
    }),
  });
}

// Shades of a group's colour, so that neighbours can be told apart.
const shades = (stages, c) => {
  const seen = {};
  return stages.map((s) => {
    const n = seen[s.group] = (seen[s.group] ?? 0) + 1;
    return {color: c[s.group], opacity: n % 3 === 1 ? 1 : n % 3 === 2 ? 0.86 : 0.72};
  });
};

function draw_breakdown(data) {
  const host = host_of('breakdown');
  const stages = data.stages.filter((s) => s.sum > 0);
  if (!host || stages.length === 0 || data.transactions === 0) return;
  const all = stages.reduce((sum, s) => sum + s.sum, 0);
  const own = stages.filter((s) => s.group === 'translation');
  const translation = own.reduce((sum, s) => sum + s.sum, 0);
  const rows = own.length > 1 ? ['Whole DMA', 'Translation alone'] : ['Whole DMA'];
  figure(host, {
    title: 'Mean time of a DMA by stage', name: 'breakdown', height: 190, wide: true,
    option: (c, width) => {
      const look = shades(stages, c);
      const narrow = width < 560;
      return {
        grid: {left: 8, right: 24, top: 8, bottom: 8, containLabel: true},
        tooltip: {
          trigger: 'item',
          formatter: (p) => {
            const s = stages[p.seriesIndex];
            return tip(s.label, [
              [p.color, 'Mean a DMA', time(Math.round(s.sum / data.transactions))],
              [null, p.dataIndex === 0 ? 'Share' : 'Share of translation',
                `${p.value.toFixed(2)} %`],
              [null, 'Times met', count(s.count)],
              [null, 'Longest', time(s.max)],
            ]);
          },
        },
        xAxis: axis(c, {type: 'value', max: 100, axisLabel: {formatter: '{value} %'}}),
        yAxis: axis(c, {type: 'category', inverse: true, data: rows,
          axisLabel: {formatter: (t) => (narrow ? t.replace(' ', '\n') : t)}}),
        series: stages.map((s, i) => ({
          type: 'bar', stack: 'all', name: s.label, barWidth: 34,
          itemStyle: {...look[i], borderColor: c.card, borderWidth: 0.5},
          emphasis: {focus: 'series', itemStyle: {opacity: 1}},
          label: {
            show: true, color: c.card, fontSize: 11, overflow: 'truncate',
            formatter: (p) => {
              const room = (width - 130) * p.value / 100;
              return room > s.label.length * 6.6 ? s.label : '';
            },
          },
          data: [s.sum / all * 100, s.group === 'translation' ? s.sum / translation * 100 : 0]
            .slice(0, rows.length),
        })),
      };
    },
  });
}

function draw_hits(data) {
  const host = host_of('hits');
  const used = data.structures.filter((s) => s.lookups > 0);
  if (!host || used.length === 0) return;
  figure(host, {
    title: 'Hit ratio', name: 'hit-ratio', height: 60 + 26 * used.length, wide: true,
    option: (c) => ({
      grid: {left: 8, right: 70, top: 8, bottom: 8, containLabel: true},
      tooltip: {
        trigger: 'axis', axisPointer: {type: 'shadow', shadowStyle: {color: c.track, opacity: 0.5}},
        formatter: ([p]) => {
          const s = used[p.dataIndex];
          return tip(s.label, [[c.translation, 'Hits', `${count(s.hits)} of ${count(s.lookups)}`],
            [c.track, 'Misses', count(s.misses)]]);
        },
      },
      xAxis: axis(c, {type: 'value', min: 0, max: 100, axisLabel: {formatter: '{value} %'}}),
      yAxis: axis(c, {type: 'category', inverse: true, data: used.map((s) => s.label),
        axisLabel: {width: 130, overflow: 'truncate'}}),
      series: [{
        type: 'bar', barWidth: 12, showBackground: true,
        backgroundStyle: {color: c.track, borderRadius: 3},
        itemStyle: {color: c.translation, borderRadius: 3},
        label: {show: false},
        data: used.map((s) => s.hits / s.lookups * 100),
      }, {
        type: 'bar', barWidth: 12, barGap: '-100%', itemStyle: {color: 'transparent'}, silent: true,
        label: {
          show: true, position: 'right', color: c.soft,
          formatter: (p) => percent(used[p.dataIndex].hits / used[p.dataIndex].lookups),
        },
        data: used.map(() => 100),
      }],
    }),
  });
}

function draw_occupancy(data) {
  const host = host_of('occupancy');
  const {ends, series} = data.occupancy;
  if (!host || ends.length === 0) return;
  figure(host, {
    title: 'Entries in use, mean of each window', name: 'occupancy', height: 300, wide: true,
    option: (c, width) => {
      const colours = [c.device, c.link, c.translation, c.memory, c.accent, c.ink];
      return {
        grid: {...grid, top: width < 560 ? 34 + 20 * Math.ceil(series.length / 2) : 40}, legend: {},
        tooltip: {
          trigger: 'axis',
          formatter: (at) => {
            const i = Math.max(at[0].dataIndex - 1, 0);  // the first point is the start
            const from = i === 0 ? 0 : ends[i - 1];
            return tip(`${time(from)} to ${time(ends[i])}`, at.map((p) => {
              const s = series[p.seriesIndex];
              const of = s.capacity === 0 ? s.unit : `of ${count(s.capacity)} ${s.unit}`;
              return [p.color, s.label, `${Number(p.value[1].toPrecision(4))} ${of}`];
            }));
          },
        },
        xAxis: axis(c, {type: 'value', min: 0, max: ends[ends.length - 1],
          axisLabel: {formatter: time_tick, showMaxLabel: false},
          splitNumber: width < 560 ? 3 : 6}),
        yAxis: axis(c, {type: 'value', min: 0}),
        series: series.map((s, k) => ({
          type: 'line', step: 'start', name: s.label, showSymbol: false,
          lineStyle: {width: 1.6, color: colours[k % colours.length]},
          itemStyle: {color: colours[k % colours.length]},
          data: [0, ...ends].map((end, i) => [end, s.means[Math.max(i - 1, 0)] / 1000]),
        })),
      };
    },
  });
}

function draw_walks(data) {
  const host = host_of('walks');
  const used = data.walks.filter((l) => l.reads > 0 || l.hits > 0);
  if (!host || used.length === 0) return;
  figure(host, {
    title: 'Descriptor reads and walk-cache hits by level', name: 'walk-reads',
    height: 80 + 30 * used.length, wide: true,
    option: (c) => ({
      grid: {...grid, right: 24}, legend: {},
      tooltip: {
        trigger: 'axis', axisPointer: {type: 'shadow', shadowStyle: {color: c.track, opacity: 0.5}},
        formatter: (at) => tip(at[0].name, at.map((p) => [p.color, p.seriesName, count(p.value)])),
      },
      xAxis: axis(c, {type: 'value', axisLabel: {formatter: count}}),
      yAxis: axis(c, {type: 'category', inverse: true,
        data: used.map((l) => `Stage ${l.stage} level ${l.level}`)}),
      series: [['Reads', 'reads', c.translation], ['Walk-cache hits', 'hits', c.link]]
        .map(([name, key, color]) => ({
          type: 'bar', name, barMaxWidth: 11, itemStyle: {color, borderRadius: 2},
          data: used.map((l) => l[key]),
        })),
    }),
  });
}

function draw_hops(data) {
  const host = host_of('faults');
  const used = data.hops.filter((h) => h.count > 0);
  if (!host || used.length === 0) return;
  figure(host, {
    title: 'Mean time of each hop of a fault', name: 'fault-hops', height: 60 + 26 * used.length,
    wide: true,
    option: (c) => ({
      grid: {left: 8, right: 76, top: 8, bottom: 8, containLabel: true},
      tooltip: {
        trigger: 'item',
        formatter: (p) => {
          const h = used[p.dataIndex];
          return tip(h.label, [[p.color, 'Mean', time(Math.round(h.sum / h.count))],
            [null, 'Times met', count(h.count)], [null, 'Longest', time(h.max)]]);
        },
      },
      xAxis: axis(c, {type: 'value', axisLabel: {formatter: time_tick}}),
      yAxis: axis(c, {type: 'category', inverse: true, data: used.map((h) => h.label),
        axisLabel: {width: 170, overflow: 'truncate'}}),
      series: [{
        type: 'bar', barMaxWidth: 14, itemStyle: {color: c.memory, borderRadius: 3},
        label: {show: true, position: 'right', color: c.soft,
          formatter: (p) => time(Math.round(p.value))},
        data: used.map((h) => h.sum / h.count),
      }],
    }),
  });
}

function draw_streams(data) {
  const host = host_of('streams');
  if (!host || data.streams.length < 2) return;
  const least = Math.min(...data.streams.map((s) => Math.min(s.p50, s.sum / s.requests)));
  const low = 10 ** Math.floor(Math.log10(Math.max(least, 2)));
  const kinds = [['Mean', (s) => s.sum / s.requests, 'device'], ['p50', (s) => s.p50, 'link'],
    ['p99', (s) => s.p99, 'translation']];
  figure(host, {
    title: 'Translation latency by stream', name: 'streams', height: 90 + 44 * data.streams.length,
    option: (c) => ({
      grid, legend: {},
      tooltip: {
        trigger: 'axis', axisPointer: {type: 'shadow', shadowStyle: {color: c.track, opacity: 0.5}},
        formatter: (at) => tip(at[0].name,
          at.map((p) => [p.color, p.seriesName, time(Math.round(p.value))])),
      },
      xAxis: axis(c, {type: 'log', min: low / 2,
        axisLabel: {formatter: time_tick, showMinLabel: false}}),
      yAxis: axis(c, {type: 'category', inverse: true, data: data.streams.map((s) => s.name),
        axisLabel: {width: 150, overflow: 'truncate'}}),
      series: kinds.map(([name, value, colour]) => ({
        type: 'bar', name, barMaxWidth: 9, itemStyle: {color: c[colour], borderRadius: 2},
        data: data.streams.map((s) => Math.max(value(s), low)),
      })),
    }),
  });
}

function draw_evictions(data) {
  const host = host_of('streams');
  const {label, parties, pairs} = data.evictions;
  if (!host || pairs.length === 0 || parties.length < 2) return;
  const most = Math.max(...pairs.map(([, , n]) => n));
  figure(host, {
    title: `Who evicted whom in the ${label}`, name: 'evictions', height: 160 + 34 * parties.length,
    option: (c, width) => ({
      grid: {left: 8, right: 12, top: 28, bottom: 66, containLabel: true},
      tooltip: {
        trigger: 'item',
        formatter: (p) => tip('', [[null, 'Evictor', parties[p.value[1]]],
          [null, 'Victim', parties[p.value[0]]], [p.color, 'Evictions', count(p.value[2])]]),
      },
      visualMap: {
        min: 0, max: most, calculable: false, orient: 'horizontal', left: 'center', bottom: 0,
        itemHeight: 120, itemWidth: 10, text: [count(most), '0 evictions'],
        textStyle: {color: c.soft}, inRange: {color: [c.low, c.high]},
      },
      xAxis: axis(c, {type: 'category', data: parties, name: 'victim', nameLocation: 'middle',
        nameGap: width / parties.length < 150 ? 48 : 26, axisLabel: {
          rotate: width / parties.length < 150 ? 30 : 0, width: 110,
          overflow: 'truncate', interval: 0}}),
      yAxis: axis(c, {type: 'category', inverse: true, data: parties, name: 'evictor',
        nameLocation: 'start', axisLabel: {width: 110, overflow: 'truncate', interval: 0}}),
      series: [{
        type: 'heatmap', data: pairs.map(([by, victim, n]) => [victim, by, n]),
        itemStyle: {borderColor: c.card, borderWidth: 2, borderRadius: 4},
        label: {show: parties.length <= 8, color: c.ink, formatter: (p) => count(p.value[2])},
      }],
    }),
  });
}

export function draw_run(data) {
  for (const draw of [draw_sva, draw_distribution, draw_breakdown, draw_hops, draw_occupancy,
    draw_hits, draw_streams, draw_evictions, draw_walks]) {
    draw(data);
  }
}
