// Writes tables of pictures as the Hugging Face hub lays them out to resources/dev/retort/data/parquet, with DuckDB:
//   npm install @duckdb/node-api@1.5.6-r.1 && node golden_parquet.mjs
// Row r has picture r mod 3 of rgb.png, orientation6.jpg, grey.png, and the label r mod 2.
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const resources = fileURLToPath(new URL('../resources/dev/retort/data', import.meta.url));
const pictures = ['rgb.png', 'orientation6.jpg', 'grey.png'];
const hub = JSON.stringify({
  info: { features: { image: { _type: 'Image' }, label: { names: ['cat', 'dog'], _type: 'ClassLabel' } } },
});
const database = await (await DuckDBInstance.create(':memory:')).connect();

async function write(file, rows, codec, label, settings) {
  const cases = pictures.map((name, i) =>
    `when r % 3 = ${i} then (select content from read_blob('${resources}/pictures/${name}'))`).join(' ');
  await database.run(`copy (
    select {'bytes': case ${cases} end, 'path': 'picture' || r} as image, ${label} as label
    from range(${rows}) as t(r) order by r
  ) to '${resources}/parquet/${file}' (format parquet, codec '${codec}'${settings})`);
}

const described = `, kv_metadata {huggingface: '${hub}'}`;
await write('data/train-00000-of-00001.parquet', 40, 'snappy', 'r % 2', described);
await write('data/test-00000-of-00001.parquet', 6, 'zstd', 'r % 2', described);
await write('names.parquet', 20, 'gzip', "case when r % 2 = 0 then 'tabby' else 'beagle' end", '');
await write('numbers.parquet', 20, 'uncompressed', 'r % 2', '');
