// Writes a teacher's outputs as Parquet tables to resources/dev/retort/teacher/recorded, with DuckDB:
//   npm install @duckdb/node-api@1.5.6-r.1 && node golden_recorded.mjs
// Of image i, class c and view v the logit is 100 v + i + c / 4, and the embedding's number d is -i - d / 2.
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const folder = fileURLToPath(new URL('../resources/dev/retort/teacher/recorded', import.meta.url));
const database = await (await DuckDBInstance.create(':memory:')).connect();

async function write(file, select) {
  await database.run(`copy (${select}) to '${folder}/${file}' (format parquet, codec 'zstd')`);
}

const logits = (image, view) => `[100 * ${view} + ${image}, 100 * ${view} + ${image} + 0.25, 100 * ${view} + ${image} + 0.5]`;
await write('splits.parquet', `
  select 7 - r as index, 'train' as split, ${logits('7 - r', '0')}::float[] as logits, [r - 7, r - 7.5]::double[] as embedding, 'unread' as note
  from range(8) as t(r)
  union all
  select r, 'test', ${logits('20 + r', '0')}::float[], [-20 - r, -20.5 - r]::double[], 'unread' from range(3) as t(r)`);
await write('views.parquet', `
  select i as index, v as view, ${logits('i', 'v')}::double[] as logits
  from range(8) as s(i), range(2) as t(v) order by 7 * i % 8, v`);
await write('numbers.parquet', 'select r as index, r::float as logits from range(8) as t(r)');
