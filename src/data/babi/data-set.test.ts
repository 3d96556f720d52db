import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { obtainPublished } from '../../experiments/obtain.js';
import { sha256 } from '../../files/sha256.js';
import { inspectDataSet } from '../find.js';
import { babi, findBabi, loadBabi } from './data-set.js';

const real = resolve('../shared/data/babi');
const tasks = 'tasks_1-20_v1-2';
const present = existsSync(real);
if (!present)
  console.log(`Skipped: the layouts of the real bAbI, because there is no ${real} to make them of`);

/** As Hugging Face's `datasets` calls what it downloads: the SHA-256 of the address, and that of the ETag. */
const cached = `${sha256(Buffer.from(babi.archives![0]!.mirrors[0]!))}.${'0'.repeat(64)}`;

describe.skipIf(!present)('bAbI', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gnoise babi '));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const archive = async (name: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await create({ gzip: true, cwd: real, file: join(folder, name) }, [`${tasks}/en`]);
  };
  const layouts: [string, () => Promise<unknown>][] = [
    ['in its archive', () => archive(`${tasks}.tar.gz`)],
    ["in Hugging Face's downloads", () => archive(`datasets/downloads/${cached}`)],
    [
      'as Hugging Face unpacks it',
      () => cp(join(real, tasks), join(folder, 'downloads/extracted/1f/', tasks), { recursive: true }),
    ],
    ['as the folder of the tasks itself', () => linked(join(real, tasks, 'en'))],
  ];

  /** The files themselves in the folder. */
  async function linked(from: string): Promise<void> {
    for (const { aliases } of babi.files) await symlink(join(from, aliases![0]!), join(folder, aliases![0]!));
  }

  test.each(layouts)('is found and read %s, without a network', async (_, make) => {
    await make();
    const notice = () => {};
    expect(await obtainPublished(babi, { folders: [folder], offline: true, notice })).toBe(true);
    const place = await findBabi([folder]);
    const [fifteen] = await loadBabi(place!, [15]);
    expect(fifteen!.test).toHaveLength(250);
  });

  test('is not taken from a damaged archive, which is named once and left', async () => {
    const path = join(folder, `${tasks}.tar.gz`);
    await writeFile(path, 'damaged');
    await writeFile(`${join(folder, cached)}.json`, '{}');
    const found = await inspectDataSet(babi, [folder]);
    expect(found!.intact).toBe(false);
    const notice = () => {};
    const error = await obtainPublished(babi, { folders: [folder], offline: true, notice }).catch(String);
    expect(String(error).split(path)).toHaveLength(2);
    expect(existsSync(path)).toBe(true);
  });
});
