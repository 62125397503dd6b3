// A chart in the page: its heading, a button that saves it as SVG, colours that follow the page's
// (light or dark), size that follows the window. Text reaches the page as text only: tooltips are
// elements made here, never strings of markup.
import * as echarts from 'echarts/core';
import {BarChart, HeatmapChart, LineChart, ScatterChart} from 'echarts/charts';
import {
  GridComponent, LegendComponent, TooltipComponent, VisualMapComponent,
} from 'echarts/components';
import {SVGRenderer} from 'echarts/renderers';

echarts.use([BarChart, HeatmapChart, LineChart, ScatterChart, GridComponent, LegendComponent,
  TooltipComponent, VisualMapComponent, SVGRenderer]);

export const element = (name, kind, text) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
};

// A tooltip: a title and lines of [colour or null, name, value].
export const tip = (title, lines) => {
  const box = element('div', 'tip');
  if (title) box.append(element('b', '', title));
  for (const [colour, name, value] of lines) {
    const line = element('div');
    if (colour) {
      const dot = element('i');
      dot.style.background = colour;
      line.append(dot);
    }
    line.append(element('span', '', name), element('b', '', value));
    box.append(line);
  }
  return box;
};

const names = ['page', 'card', 'ink', 'soft', 'faint', 'track', 'accent', 'translation', 'link',
  'memory', 'device', 'low', 'high', 'actor-dev', 'actor-rc', 'actor-smmu', 'actor-hk', 'actor-vmm',
  'actor-vcpu', 'actor-gk'];

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((n) => [n, style.getPropertyValue(`--${n}`).trim()]));
};

const base = (c) => ({
  animation: false,
  textStyle: {color: c.soft, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12},
  tooltip: {
    confine: true,
    backgroundColor: c.card,
    borderColor: c.faint,
    textStyle: {color: c.ink, fontSize: 13},
    transitionDuration: 0,
  },
  legend: {
    type: 'plain', top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: 'roundRect',
    textStyle: {color: c.soft, fontSize: 12}, inactiveColor: c.faint,
  },
});

export const axis = (c, more) => ({
  axisLine: {show: false}, axisTick: {show: false}, nameTextStyle: {color: c.soft},
  splitLine: {show: more.type !== 'category', lineStyle: {color: c.faint}},
  axisLabel: {color: c.soft, hideOverlap: true, ...more.axisLabel},
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'axisLabel')),
});

const save = (chart, name) => {
  const text = chart.renderToSVGString();
  const link = element('a');
  link.href = URL.createObjectURL(new Blob([text], {type: 'image/svg+xml'}));
  link.download = `${name}.svg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

const drawn = [];

// `option(colours, width)` gives the ECharts option; `height` is a number or a function of nothing.
// Returns a function that draws it again.
export function figure(host, {title, name, height, wide, option}) {
  const box = element('figure', wide ? 'chart wide-chart' : 'chart');
  const caption = element('figcaption', '', title);
  const button = element('button', 'save', 'Save SVG');
  button.type = 'button';
  button.setAttribute('aria-label', `Save \u201c${title}\u201d as SVG`);
  const area = element('div', 'area');
  area.style.height = `${height}px`;
  area.setAttribute('role', 'img');
  area.setAttribute('aria-label', title);
  caption.append(button);
  box.append(caption, area);
  host.append(box);
  const chart = echarts.init(area, null, {renderer: 'svg'});
  const draw = () => {
    const c = colours();
    const made = option(c, area.clientWidth);
    if (made.height) {
      area.style.height = `${made.height}px`;
      delete made.height;
      chart.resize();
    }
    const common = base(c);
    chart.setOption({
      ...common, backgroundColor: c.card, ...made,
      tooltip: {...common.tooltip, ...made.tooltip},
      legend: made.legend && {...common.legend, ...made.legend},
    }, true);
  };
  button.addEventListener('click', () => save(chart, name));
  draw();
  drawn.push({chart, draw, area, width: area.clientWidth});
  return draw;
}

let waiting = false;
addEventListener('resize', () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const item of drawn) {
      if (item.area.clientWidth === item.width) continue;
      item.width = item.area.clientWidth;
      item.chart.resize();
      item.draw();
    }
  });
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const item of drawn) item.draw();
});

export const host_of = (name) => document.querySelector(`[data-chart="${name}"]`);
