import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { experiments } from '../experiments/index.js';
import { jsonSchema } from './schema.js';
import { SOUND, experiments as toys } from './toy.test-helper.js';

describe('the JSON Schema of configs', () => {
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(jsonSchema(toys) as object);
  const isValid = (text: string) => validate(parse(text));

  it('accepts a sound config, overlays with a part of a section included', () => {
    expect(isValid(SOUND)).toBe(true);
    expect(isValid(SOUND.replace('experiment: toy', 'experiment: other'))).toBe(true);
  });

  it.each([
    ['experiment: toy', 'experiment: mnist'],
    ['epochs: 5', 'epoch: 5'],
    ['batchSize: 10', 'batchSize: ten'],
    ['eta: 0.01', 'eta: -1'],
    ['layers: 20', 'layers: many'],
    ['train.rate: [', 'train.rat: ['],
    ['[0.1, 0.01]', '[]'],
    ['{ epochs: 1 }', '{ epochs: 0 }'],
    ['name: adam', 'name: adm'],
    ['metric: accuracy', 'metric: acc'],
  ])('refuses it with %j changed to %j', (from, to) => {
    expect(isValid(SOUND.replace(from, to))).toBe(false);
  });

  it('describes every key for editors', () => {
    const text = JSON.stringify(jsonSchema(toys));
    expect(text).toContain('Variance of the noise at the first update (t = 0).');
    expect(text).toContain('Hidden layers.');
  });

  it('is committed as it is now; renew it with `npx gnoise schema > schema/gnoise.schema.json`', () => {
    const committed = readFileSync(new URL('../../schema/gnoise.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(jsonSchema(experiments))));
  });
});
