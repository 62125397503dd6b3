// Makes charts.js (entry.js with the parts of ECharts that it uses, and their notices in front) and
// charts.sha256 (its digest as a content policy spells it). usage: node bundle.mjs OUT_DIRECTORY
import {createHash} from 'node:crypto';
import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {build} from 'esbuild';

const out = process.argv[2];
const made = await build({
  entryPoints: ['entry.js'],
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020'],
  charset: 'ascii',
  legalComments: 'none',
  write: false,
});
const notices = ['echarts/NOTICE', 'zrender/LICENSE', 'tslib/LICENSE.txt']
  .map((file) => `${file}\n\n${readFileSync(join('node_modules', file), 'utf8').trim()}\n`)
  .join('\n----\n\n');
// An HTML parser turns CR LF into LF before the policy's digest is taken.
const script = `/*!\n${notices.replaceAll('*/', '* /')}*/\n${made.outputFiles[0].text}`
  .replaceAll('\r\n', '\n');
if (/[\r\0]/.test(script)) throw new Error('the bundle would not be the same in a page');
if (/<\/script|<!--/i.test(script)) throw new Error('the bundle would end its own element');

const write = (name, text) => {
  writeFileSync(join(out, `${name}.new`), text);
  renameSync(join(out, `${name}.new`), join(out, name));
};
write('charts.sha256', createHash('sha256').update(script).digest('base64'));
write('charts.js', script);
