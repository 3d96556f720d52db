import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectWithin, processorTime } from '../processor-time.test-helper.js';
import type { Config } from './config.js';
import { loadConfig, type Overrides } from './load.js';
import { ConfigError } from './problem.js';
import { configFile, experiments, load, SOUND } from './toy.test-helper.js';

/** A sound config without settings, arms and grid, to which parts are added. */
const BARE = `${SOUND.slice(0, SOUND.indexOf('settings:'))}seeds: 0\n`;

const list = <T>(length: number, item: (i: number) => T) => Array.from({ length }, (_, i) => item(i));

const seeds = (text: string) => ({ option: '--seeds', text }) as const;

/** What becomes of a text: a config, or the complaint; with the processor's time for it, in seconds. */
function outcome(text: string | Uint8Array, overrides: Overrides = {}) {
  const file = configFile(text);
  const seconds = processorTime();
  try {
    const config: Config = loadConfig(file, experiments, overrides);
    return { config, complaint: '', seconds: seconds() };
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return { complaint: (error as Error).message.replaceAll(file, 'toy.yaml'), seconds: seconds() };
  }
}

/** The complaint, which must come in time and be no more than a handful of lines. */
function refusal(text: string | Uint8Array, overrides: Overrides = {}): string {
  const { complaint, seconds } = outcome(text, overrides);
  expect(complaint).not.toBe('');
  expect(complaint.length).toBeLessThan(5000);
  expect(complaint.split('\n').length).toBeLessThanOrEqual(11);
  expectWithin(seconds, 1.5);
  return complaint;
}

// Once before anything is timed.
load(SOUND);

describe('a value where a name is expected', () => {
  it.each([
    'profiles: { p: { only: { settings: [{ toString: 1 }] } } }',
    'profiles: { p: { only: { arms: [[{ valueOf: 1 }]] } } }',
    'arms: { a: { only: [{ toString: 1 }] } }',
    'experiment: { toString: 1 }',
    'settings: { a: { title: { toString: 1 } } }',
    'seeds: { toString: 1 }',
    'seeds: [{ toString: 1 }]',
    'population: { valueOf: 1 }',
    'table: { columns: [{ toString: 1 }] }',
    'grid: { train.rate: [{ toString: 1 }] }',
    'grid: { model.init: [{ toString: 1 }, toString] }',
  ])('is refused in words: %s', (part) => {
    const key = part.slice(0, part.indexOf(':'));
    const text = BARE.replace(new RegExp(`^${key}:.*\n`, 'm'), '');
    expect(refusal(`${part}\n${text}`)).toMatch(/a map with (toString|valueOf)|got a list/);
  });
});

describe('a name that plain objects have of their own', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])('names settings and arms: %s', (name) => {
    const text = `${BARE}settings: { ${name}: }\narms: { ${name}: }\nprofiles: { ${name}: { title: x } }\n`;
    const { config } = outcome(text, { profile: name, set: [`settings.${name}.train.rate=3`] });
    expect(config?.profile).toEqual({ name, title: 'x' });
    expect(config?.variants).toMatchObject([{ setting: name, arm: name, train: { rate: 3 } }]);
  });

  it.each(['settings', 'arms', 'profiles', 'model', 'grid'])('is no key if it is __proto__: in %s', (key) => {
    const text =
      key === 'model'
        ? BARE.replace('init: simple', 'init: simple, __proto__: {}')
        : `${BARE}${key}: { __proto__: {} }\n`;
    expect(refusal(text)).toContain('no key can be called __proto__.');
  });

  it.each([
    'toString',
    'train.toString',
    '__proto__.rate',
    'train.__proto__',
    'settings.constructor.train.rate',
  ])('is no path: %s', (path) => {
    expect(refusal(BARE, { set: [`${path}=1`] })).toContain(`${path} is not a known path.`);
  });

  it.each(['toString', '__proto__', 'constructor'])('is no choice, profile or experiment: %s', (word) => {
    expect(refusal(BARE.replace('accuracy', word))).toContain('success.metric must be accuracy or error');
    expect(refusal(BARE.replace('init: simple', `init: ${word}`))).toContain('model.init must be');
    expect(refusal(BARE, { profile: word })).toContain('is not a profile');
    expect(refusal(BARE.replace('experiment: toy', `experiment: ${word}`))).toContain(
      'is not a known experiment',
    );
  });
});

describe('nesting', () => {
  it.each([
    ['three long lines of dashes', list(3, () => '- '.repeat(4900)).join('\n')],
    ['dashes below a key', `x:\n${list(3, () => `  ${'- '.repeat(4900)}`).join('\n')}`],
    ['question marks', '? '.repeat(4900)],
    ['brackets', '['.repeat(4900)],
    ['closed brackets', `a: ${'['.repeat(4900)}${']'.repeat(4900)}`],
    ['braces', '{'.repeat(4900)],
    ['maps in maps', '{a: '.repeat(4900)],
    ['keys on a line', 'a: '.repeat(4900)],
    ['indentation', list(400, (i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('is refused when it is deep: %s', (_, text) => {
    expect(refusal(text)).toContain('values are nested more than 50 deep.');
    expect(refusal(BARE, { set: [`train.rate=${text}`] })).toContain('values are nested more than 50 deep.');
  });

  it('is read as deep as any config is', () => {
    const nested = `${'['.repeat(45)}${']'.repeat(45)}`;
    expect(refusal(BARE.replace('rate: 0.1', `rate: ${nested}`))).toContain(
      'must be a number above 0, got a list',
    );
  });
});

describe('aliases', () => {
  const bomb = (levels: number, width: number) =>
    ['a0: &a0 lol', ...list(levels, (i) => `a${i + 1}: &a${i + 1} [${Array(width).fill(`*a${i}`)}]`)].join(
      '\n',
    );

  it.each([
    [
      'of one value, 14,000 times',
      `a: &a 1\nb:\n${list(14_000, () => '- *a').join('\n')}`,
      /experiment is missing/,
    ],
    [
      'of as many values',
      list(3500, (i) => `k${i}: &a${i} 1\nj${i}: *a${i}`).join('\n'),
      /experiment is missing/,
    ],
    ['of aliases, tenfold', bomb(9, 10), /more than 20000 values/],
    ['of aliases, twofold', bomb(40, 2), /more than 20000 values/],
    [
      'of a large list',
      `a: &a [${list(400, () => 1)}]\nb: [${list(400, () => '*a')}]`,
      /more than 20000 values/,
    ],
    ['in a chain', bomb(5000, 1), /more than 20000 values/],
    ['of what they are part of', 'a: &a { b: [*a] }', /a value cannot contain itself/],
    ['of what comes later', 'a: *b\nb: &b 1', /no value above has the anchor &b/],
    ['as keys', `${BARE}a: &a b\n*a : 1\n`, /keys must be strings/],
  ])('%s, are read or refused at once', (_, text, complaint) => {
    expect(refusal(text)).toMatch(complaint);
  });

  it('stand for the last value above that has the anchor, of keys too', () => {
    const text = BARE.replace('init: simple', '&init init: &init simple').replace('description: A toy.', '');
    expect(outcome(`${text}description: *init\n`).config?.description).toBe('simple');
    const key = BARE.replace('init: simple', '&key init: simple').replace('description: A toy.', '');
    expect(outcome(`${key}description: *key\n`).config?.description).toBe('init');
  });

  it('in another section are read by the schema of that section', () => {
    const text = `${BARE.replace('{ source: digits }', '&data { source: digits }')}settings: { a: { model: *data } }\n`;
    expect(refusal(text)).toContain('settings.a.model.source is not a known key');
  });
});

it('YAML 1.1 gives no dates, sets or merged maps: a file that asks for it is read as YAML 1.2', () => {
  const title = (value: string) => `%YAML 1.1\n---\n${BARE}settings: { a: { title: ${value} } }\n`;
  for (const text of ['2001-01-01', '1:30', 'yes', '0b11', '1_000'])
    expect(outcome(title(text)).config?.settings[0]?.title).toBe(text);
  expect(refusal(title('!!set {a, b}'))).toContain('Unresolved tag');
  expect(refusal(title('!!timestamp 2001-01-01'))).toContain('Unresolved tag');
  expect(refusal(title('{ <<: { x: 1 } }'))).toContain('got a map with <<');
});

describe('a large file', () => {
  const KIB = 125;
  const filled = (piece: string) => piece.repeat(Math.floor((KIB * 1024) / piece.length));

  it.each([
    ...[
      '[,',
      '- 1\n',
      '- \n',
      'a: 1\n',
      '? a\n',
      '"',
      "'",
      '&a ',
      '! ',
      '%F\n',
      '#\n',
      '\n',
      '} ',
      '] ',
      'a: |\n',
      '---\n',
    ],
    ...['x', 'x ', ' x\n', ':', '*', '\t', '\\x', '\r\n', '\u2028', '😀', '\0', '@', '`'],
  ])('of %j and nothing else is refused at once', (piece) => {
    refusal(filled(piece));
    refusal(`a: "${filled(piece)}`);
    refusal(`a: [${filled(piece)}`);
  });

  it('is refused by its size', () => {
    expect(refusal(`# ${'x'.repeat(1 << 17)}`)).toContain('more than 128 KiB is surely a mistake');
  });

  // Files of /proc say that they are empty.
  it.skipIf(process.platform !== 'linux')('is read to the limit, whatever it says of its size', () => {
    const read = (file: string) => () => loadConfig(file, experiments);
    expect(read('/proc/self/status')).toThrow(ConfigError);
    expect(read('/proc/self/status')).not.toThrow(/the file is empty/);
    expect(read('/proc/kallsyms')).toThrow(/more than 128 KiB/);
  });
});

describe('a wrong file', () => {
  const shipped = readFileSync('configs/mnist20.yaml', 'utf8');

  it.each([
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '- ',
    '? ',
    ': ',
    '&',
    '*',
    '!',
    '|',
    '>',
    '%',
    '@',
    '`',
    '...',
    '---\n',
    '\t',
  ])('with a stray %j in its first line is told of in a handful of lines', (stray) => {
    expect(outcome(`${stray}${shipped}`).complaint.length).toBeLessThan(1500);
  });

  it('is told of in ten lines, and the rest is counted', () => {
    const complaint = refusal(`${BARE}${list(3000, (i) => `key${i}: 1\n`).join('')}`);
    expect(complaint.split('\n').at(-1)).toBe('3000 problems, the first 10 of them above; nothing was run.');
    expect(complaint).toContain('key9 is not a known key');
    expect(complaint).not.toContain('key10');
  });

  it.each([
    ['keys in an overlay', `arms: { a: { train: { ${list(3000, (i) => `k${i}: 1`)} } } }`],
    ['keys of a union', `arms: { a: { train: { noise: { ${list(3000, (i) => `k${i}: 1`)} } } } }`],
    ['numbers on an axis', `grid: { train.rate: [${list(10_000, (i) => -i)}] }`],
    ['words on an axis', `grid: { model.init: [${list(10_000, (i) => `w${i}`)}] }`],
    ['maps on an axis', `grid: { train.noise: [${list(3000, (i) => `{ eta: ${-i} }`)}] }`],
    ['kinds on an axis', `grid: { train.optimiser: [${list(3000, (i) => `{ name: o${i} }`)}] }`],
    ['settings that are equal', `settings: { ${list(2000, (i) => `s${i}: `)} }`],
    ['arms that are equal', `arms: { ${list(5000, (i) => `a${i}: `)} }`],
    ['settings with a wrong value', `settings: { ${list(2000, (i) => `s${i}: { model: { layers: -1 } }`)} }`],
    [
      'combinations that make no sense',
      `arms: { ${list(2000, (i) => `a${i}: { train: { batchSize: ${200 + i} } }`)} }`,
    ],
    [
      'profiles with a mistake',
      `profiles: { ${list(2000, (i) => `p${i}: { train: { batchSize: ${200 + i} } }`)} }`,
    ],
    [
      'names of nothing',
      `settings: { ${list(1500, (i) => `s${i}: { seeds: ${i} }`)} }\nprofiles: { p: { settings: { ${list(1500, (i) => `t${i}: `)} } } }`,
    ],
    ['names in lists', `arms: { a: { only: [${list(5000, (i) => `s${i}`)}] } }`],
  ])('with thousands of %s is refused at once', (_, part) => {
    expect(refusal(`${BARE}${part}\n`)).toMatch(/\d{3,} problems, the first 10 of them above/);
  });

  it.each([
    ['key', `${BARE}${'k'.repeat(1000)}: 1`],
    ['value', BARE.replace('simple', 'k'.repeat(9000))],
    ['title', `${BARE}settings: { a: { title: ${'k'.repeat(9000)} } }`],
    ['description', BARE.replace('A toy.', 'k'.repeat(9000))],
    ['name', `${BARE}profiles: { ${'p'.repeat(1000)}: }`],
    ['list of keys', BARE.replace('rate: 0.1', `rate: { ${list(3000, (i) => `key${i}: 1`)} }`)],
    ['text of seeds', BARE.replace('seeds: 0', `seeds: "${'0,'.repeat(4000)}"`)],
    ['number', BARE.replace('seeds: 0', `seeds: "${'9'.repeat(9000)}"`)],
  ])('shows a part of a very long %s', (_, text) => {
    expect(refusal(text).length).toBeLessThan(500);
  });

  it('does not hand its escape codes to the terminal', () => {
    const text = `${BARE}"\\e[2J\\a": 1\n${'"\\u202e": 1'}\n`;
    expect(refusal(text)).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect(refusal(text)).toContain('\\u{1b}[2J\\u{7} is not a known key');
  });
});

describe('a grid', () => {
  const axes = (a: number, b: number) =>
    `${BARE}grid:\n  train.rate: [${list(a, (i) => i + 1)}]\n  train.epochs: [${list(b, (i) => i + 1)}]\n`;

  it('of 10,000 points is planned in about a second', () => {
    const { config, seconds } = outcome(axes(100, 100));
    expect(config?.variants).toHaveLength(10_000);
    expectWithin(seconds, 1.5);
  });

  it.each([
    [360, 360, 129_600],
    [1000, 1000, 1_000_000],
    [5000, 5000, 25_000_000],
  ])('of %d x %d points is refused at once, with their number', (a, b, count) => {
    expect(refusal(axes(a, b))).toContain(`grid: these are ${count} grid points`);
  });

  it('is counted for all settings and arms together', () => {
    const text = `${axes(50, 50)}arms: { ${list(10, (i) => `a${i}: { model: { layers: ${i + 1} } }`)} }\n`;
    expect(refusal(text)).toContain(
      'these are 25000 grid points in all settings and arms; at most 20000 make a config.',
    );
  });

  it('of a profile that nobody asked for is refused where it is too large, and costs no time where it is large', () => {
    const profile = (size: number) =>
      `{ grid: { train.rate: [${list(size, (i) => i + 1)}], model.layers: [${list(size, (i) => i + 1)}] } }`;
    expect(refusal(`${BARE}profiles: { p: ${profile(200)} }`)).toMatch(/40000 grid points.*\(profile p\)/);
    const { config, seconds } = outcome(`${BARE}profiles: { ${list(60, (i) => `p${i}: ${profile(60)}`)} }`);
    expect(config?.profiles).toHaveLength(61);
    expectWithin(seconds, 1.5);
  });
});

describe('settings, arms and seeds', () => {
  const arms = (count: number) => `arms: { ${list(count, (i) => `a${i}: { train: { rate: ${i + 1} } }`)} }\n`;
  const settings = (count: number) =>
    `settings: { ${list(count, (i) => `s${i}: { model: { layers: ${i + 1} } }`)} }\n`;

  it('are counted before they are put together', () => {
    expect(refusal(`${BARE}${settings(300)}${arms(300)}`)).toContain(
      'arms: these are 90000 pairs of a setting and an arm',
    );
  });

  it('make up to 100,000 trials in all', () => {
    const text = `${BARE.replace('seeds: 0', 'seeds: 0-9999')}${arms(11)}`;
    expect(refusal(text)).toContain(
      'seeds: these are 110000 trials in all settings and arms; at most 100000',
    );
    expect(refusal(`${BARE}${arms(11)}`, { seeds: seeds('0-9999') })).toMatch(
      /^--seeds 0-9999 {2}seeds: these are 110000/,
    );
    expect(outcome(`${BARE.replace('seeds: 0', 'seeds: 0-9999')}${arms(10)}`).config?.variants).toHaveLength(
      10,
    );
  });

  it.each([
    [
      'thousands of settings with 100,000 seeds',
      `settings: { ${list(2500, (i) => `s${i}: { seeds: 0-99999 }`)} }`,
    ],
    [
      'one setting of many seeds, and many of one of them',
      `settings: { s: { seeds: 0-89999 }, ${list(2500, (i) => `s${i}: { seeds: 5 }`)} }`,
    ],
    [
      'thousands of profiles with 100,000 seeds',
      `profiles: { ${list(2500, (i) => `p${i}: { seeds: "0-99999,5" }`)} }`,
    ],
    ['thousands of ranges', `settings: { s: { seeds: "${list(2000, (i) => `${3 * i}-${3 * i + 1}`)},0" } }`],
  ])('are refused at once: %s', (_, part) => {
    refusal(`${BARE}${part}\n`);
  });

  it('of a setting that shares a seed with another in other words are found', () => {
    const text = `${BARE}settings: { a: { seeds: 0-5 }, b: { seeds: 6-9 }, c: { seeds: 9-12 } }`;
    expect(refusal(text)).toContain('settings.c: trains the same trials as settings.b');
  });
});

describe('an option', () => {
  const bomb = `[&a0 1, ${list(9, (i) => `&a${i + 1} [${Array(9).fill(`*a${i}`)}]`)}]`;

  it.each([
    ['a bomb of aliases', { set: [`train.rate=${bomb}`] }],
    ['a long path', { set: [`${'x'.repeat(100_000)}=1`] }],
    ['a path of many parts', { set: [`${'x.'.repeat(50_000)}=1`] }],
    ['a long value', { set: [`train.rate=${'x'.repeat(100_000)}`] }],
    ['a long value of many parts', { set: [`data.examples=[${list(10_000, (i) => i)}]`] }],
    ['a thousand wrong paths', { set: list(1000, (i) => `train.rat${i}=1`) }],
    ['a thousand wrong values', { set: list(1000, (i) => `train.rate=${-i}`) }],
    ['ten thousand values', { set: list(10_000, (i) => `train.rate=${i + 1}`) }],
    ['a value of a million letters', { set: [`train.rate=${'"\\x'.repeat(333_333)}`] }],
    ['many seeds', { seeds: seeds('0,'.repeat(50_000)) }],
    ['seeds that are junk', { seeds: seeds(`1${' '.repeat(100_000)}x`) }],
    ['seeds without end', { seeds: seeds('0-99999999999999999999') }],
    ['a profile of many letters', { profile: 'p'.repeat(100_000) }],
    ['escape codes', { set: ['train.rate=\u001b[31m'] }],
  ])('of %s is refused at once', (_, options) => {
    expect(refusal(SOUND, options)).not.toContain('\u001b');
  });

  it('given a thousand times is read at once', () => {
    const { config, seconds } = outcome(SOUND, { set: list(1000, (i) => `train.rate=${i + 1}`) });
    expect(config?.variants[0]?.train.rate).toBe(1000);
    expectWithin(seconds, 1.5);
  });

  it('given a thousand times for thousands of settings and arms is read in about a second', () => {
    const names = (count: number) => list(count, (i) => `n${i}: { model: { layers: ${i + 1} } }`);
    const text = `${BARE}settings: { ${names(140)} }\narms: { ${list(140, (i) => `a${i}: { train: { clip: { at: ${i + 1} } } }`)} }`;
    const { config, seconds } = outcome(text, {
      set: list(1000, (i) => `settings.n${i % 140}.train.rate=${i + 1}`),
    });
    expect(config?.variants).toHaveLength(19_600);
    expectWithin(seconds, 2.5);
  });
});

it('never opens what is no ordinary file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gnoise-'));
  mkdirSync(join(folder, 'a.yaml'));
  for (const file of [join(folder, 'a.yaml'), '/dev/zero', '/dev/tty', join(folder, 'x'.repeat(300))])
    expect(() => loadConfig(file, experiments)).toThrow(ConfigError);
});
