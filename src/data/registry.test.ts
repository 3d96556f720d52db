import { expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { dataSetNamed, dataSets } from './registry.js';

test('every file has a size and a checksum', () => {
  for (const file of dataSets.flatMap((dataSet) => dataSet.files)) {
    expect(file.bytes).toBeGreaterThan(0);
    expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('what comes in single files has two mirrors under https for each', () => {
  for (const { files } of dataSets.filter(({ archives }) => !archives)) {
    for (const file of files) {
      expect(file.mirrors.length).toBeGreaterThanOrEqual(2);
      for (const mirror of file.mirrors) expect(mirror).toMatch(/^https:\/\/.*\/[^/]+$/);
    }
  }
});

test('what comes in archives can be had from two of them', () => {
  for (const { archives } of dataSets.filter(({ archives }) => archives)) {
    const mirrors = archives!.flatMap((archive) => archive.mirrors);
    expect(mirrors.length).toBeGreaterThanOrEqual(2);
    for (const mirror of mirrors) expect(mirror).toMatch(/^https?:\/\/.*\/[^/]+$/);
  }
});

test('a data set is found by its name, a mistyped name gets the nearest, and another one all there are', () => {
  expect(dataSetNamed('mnist').title).toMatch(/handwritten digits/);
  expect(() => dataSetNamed('minst')).toThrow(UserError);
  expect(() => dataSetNamed('minst')).toThrow("There is no data set called 'minst'. Did you mean mnist?");
  expect(() => dataSetNamed('imagenet')).toThrow("called 'imagenet'. Known: mnist, babi.");
});
