import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { loadConfig, type Overrides } from './load.js';
import { ConfigError } from './problem.js';
import { configFile, experiments, load, SOUND } from './toy.test-helper.js';

/** What the user reads, with the temporary folder cut off. */
function complaint(text: string | Uint8Array, overrides: Overrides = {}): string {
  return complaintAbout(configFile(text), overrides);
}

function complaintAbout(file: string, overrides: Overrides = {}): string {
  try {
    loadConfig(file, experiments, overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message.replaceAll(`${dirname(file)}/`, '');
  }
  return 'no complaint';
}

const change = (from: string, to: string) => {
  expect(SOUND).toContain(from);
  return SOUND.replace(from, to);
};

const complaints = (cases: Record<string, string>) =>
  `\n${Object.entries(cases)
    .map(([name, message]) => `-- ${name}\n${message}`)
    .join('\n')}\n`;

describe('a config with a mistake', () => {
  it('names the place, the rule and what was found', () => {
    expect(
      complaints({
        'unknown key': complaint(change('epochs: 5', 'epochs: 5\n  epoks: 6')),
        'misspelt key': complaint(change('epochs: 5', 'epoch: 5')),
        'unknown top-level key': complaint(`${SOUND}sedes: 1\n`),
        'wrong type': complaint(change('batchSize: 10', 'batchSize: ten')),
        'out of range': complaint(change('batchSize: 10', 'batchSize: 0')),
        'not a choice': complaint(change('source: digits', 'source: digit')),
        'section is not a map': complaint(change('{ source: digits }', '3')),
        'section is empty': complaint(change('data: { source: digits }', 'data:')),
        'missing key': complaint(
          change('  rate: 0.1\n', '').replace('  train.rate: [0.1, 0.01]', '  model.layers: [1, 2]'),
        ),
        'missing section': complaint(change('success: { metric: accuracy, above: 0.9 }\n', '')),
        'two levels of success': complaint(change('above: 0.9', 'above: 0.9, below: 1')),
        'unknown metric': complaint(change('metric: accuracy', 'metric: acuracy')),
        'unknown column': complaint(`${SOUND}table: { rows: point, columns: [acuracy] }\n`),
        'unknown experiment': complaint(change('experiment: toy', 'experiment: mnist')),
        'misspelt experiment': complaint(
          change('experiment: toy', 'experiment: toi').replace('epochs: 5', 'epochs: 0'),
        ),
        'no experiment': complaint('seeds: 1'),
        'not a list': complaint(change('[0.1, 0.01]', '0.1')),
        'impossible combination': complaint(change('batchSize: 10', 'batchSize: 200')),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- unknown key
      toy.yaml:9:3  train.epoks is not a known key. Did you mean epochs?
      1 problem; nothing was run.
      -- misspelt key
      toy.yaml:8:3  train.epoch is not a known key. Did you mean epochs?
      1 problem; nothing was run.
      -- unknown top-level key
      toy.yaml:27:1  sedes is not a known key. Did you mean seeds?
      1 problem; nothing was run.
      -- wrong type
      toy.yaml:6:14  train.batchSize must be a whole number above 0, got "ten" (text).
      1 problem; nothing was run.
      -- out of range
      toy.yaml:6:14  train.batchSize must be a whole number above 0, got 0.
      1 problem; nothing was run.
      -- not a choice
      toy.yaml:3:17  data.source must be digits or letters, got "digit" (text). Did you mean digits?
      1 problem; nothing was run.
      -- section is not a map
      toy.yaml:3:7  data must be a map with source, examples, got 3.
      1 problem; nothing was run.
      -- section is empty
      toy.yaml:3:6  data must be a map with source, examples, got nothing.
      1 problem; nothing was run.
      -- missing key
      toy.yaml:5:1  train.rate is missing; it must be a number above 0.
      1 problem; nothing was run.
      -- missing section
      toy.yaml:1:1  success.metric is missing; it must be accuracy or error.
      1 problem; nothing was run.
      -- two levels of success
      toy.yaml:9:10  success: needs one of above and below.
      1 problem; nothing was run.
      -- unknown metric
      toy.yaml:9:20  success.metric must be accuracy or error, got "acuracy" (text). Did you mean accuracy?
      1 problem; nothing was run.
      -- unknown column
      toy.yaml:27:16  table.rows must be arms or points, got "point" (text). Did you mean points?
      toy.yaml:27:33  table.columns[0] must be accuracy or error, got "acuracy" (text). Did you mean accuracy?
      2 problems; nothing was run.
      -- unknown experiment
      toy.yaml:1:13  experiment "mnist" (text) is not a known experiment. Known: toy, other.
      1 problem; nothing was run.
      -- misspelt experiment
      toy.yaml:1:13  experiment "toi" (text) is not a known experiment. Did you mean toy?
      toy.yaml:8:11  train.epochs must be a whole number above 0, got 0.
      2 problems; nothing was run.
      -- no experiment
      toy.yaml:1:1  experiment is missing; it must be one of toy, other.
      1 problem; nothing was run.
      -- not a list
      toy.yaml:18:15  grid.train.rate must be a list of at least one; each a number above 0, got 0.1.
      1 problem; nothing was run.
      -- impossible combination
      toy.yaml:6:14  train.batchSize: a batch cannot be larger than the data.
      1 problem; nothing was run.
      "
    `);
  });

  it('explains which kind of value was meant where several are possible', () => {
    const noise = (value: string) => complaint(change('{ eta: 0.01 }', value));
    const adam = (value: string) => complaint(change('{ name: adam }', value));
    expect(
      complaints({
        'misspelt decay': noise('{ eta: 0.01, gama: 0.5 }'),
        'two kinds at once': noise('{ eta: 0.01, deviation: 1 }'),
        'no kind at all': noise('{}'),
        'a wrong number': noise('{ eta: -1 }'),
        'a wrong word': noise('nonne'),
        'an unknown optimiser': adam('{ name: adm }'),
        'a key of another optimiser': adam('{ name: sgd, beta1: 0.5 }'),
        'no name': adam('{ beta1: 0.5 }'),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- misspelt decay
      toy.yaml:15:46  arms.with-noise.train.noise.gama is not a known key. Did you mean gamma?
      1 problem; nothing was run.
      -- two kinds at once
      toy.yaml:15:46  arms.with-noise.train.noise.deviation is not a known key. Known: eta, gamma.
      1 problem; nothing was run.
      -- no kind at all
      toy.yaml:15:26  train.noise.eta is missing; it must be a number above 0. (setting plain, arm with-noise and 1 more)
      1 problem; nothing was run.
      -- a wrong number
      toy.yaml:15:40  arms.with-noise.train.noise.eta must be a number above 0, got -1.
      1 problem; nothing was run.
      -- a wrong word
      toy.yaml:15:33  arms.with-noise.train.noise must be none, or a map with eta, gamma, or a map with deviation, got "nonne" (text). Did you mean none?
      1 problem; nothing was run.
      -- an unknown optimiser
      toy.yaml:16:53  arms.adam.train.optimiser.name must be sgd, adam or rmsprop, got "adm" (text). Did you mean adam?
      1 problem; nothing was run.
      -- a key of another optimiser
      toy.yaml:16:58  arms.adam.train.optimiser.beta1 is not a known key. Known: name.
      1 problem; nothing was run.
      -- no name
      toy.yaml:16:34  train.optimiser.name is missing; it must be sgd, adam or rmsprop. (setting deep, arm adam)
      1 problem; nothing was run.
      "
    `);
  });

  it('names every wrong name, and the right ones', () => {
    expect(
      complaints({
        'setting of an arm': complaint(change('only: [deep]', 'only: [depp]')),
        'setting of a profile': complaint(change('settings: [deep]', 'settings: [flat]')),
        'overlay for no setting': complaint(
          change('    seeds: 0\n', '    seeds: 0\n    settings: { deeep: { seeds: 1 } }\n'),
        ),
        'name that cannot be a name': complaint(change('  plain:', '  plain/simple:')),
        profile: complaint(SOUND, { profile: 'smok' }),
        'profile paper': complaint(`${SOUND}  paper: { title: full, seeds: 0-99 }\n`),
        'grid path': complaint(change('train.rate:', 'train.rat:')),
        'nothing left': complaint(change('settings: [deep]', 'settings: [plain], arms: [adam]')),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- setting of an arm
      toy.yaml:16:18  "depp" in arms.adam.only is not a setting. Did you mean deep?
      1 problem; nothing was run.
      -- setting of a profile
      toy.yaml:22:5  profiles.smoke: no setting is left that has an arm: see what \`only\` leaves out. (profile smoke)
      toy.yaml:26:24  "flat" in profiles.smoke.only.settings is not a setting. Known: plain, deep.
      2 problems; nothing was run.
      -- overlay for no setting
      toy.yaml:25:17  profiles.smoke.settings.deeep is not a setting. Did you mean deep?
      1 problem; nothing was run.
      -- name that cannot be a name
      toy.yaml:11:3  settings.plain/simple: a name has at most 100 letters, digits, hyphens and underscores, and begins with a letter or digit.
      1 problem; nothing was run.
      -- profile
      --profile smok  "smok" is not a profile of this config. Did you mean smoke?
      1 problem; nothing was run.
      -- profile paper
      toy.yaml:27:25  profiles.paper.seeds: the profile paper is the file without an overlay; it can have a title only.
      1 problem; nothing was run.
      -- grid path
      toy.yaml:18:3  grid.train.rat is not a known key. Did you mean train.rate?
      1 problem; nothing was run.
      -- nothing left
      toy.yaml:22:5  profiles.smoke: no setting is left that has an arm: see what \`only\` leaves out. (profile smoke)
      1 problem; nothing was run.
      "
    `);
  });

  it('says what is wrong with seeds and grids', () => {
    const seeds = (value: string) => complaint(change('seeds: 0-2', `seeds: ${value}`));
    const grid = (value: string) => complaint(change('train.rate: [0.1, 0.01]', value));
    expect(
      complaints({
        'no seeds': complaint(change('seeds: 0-2\n', '')),
        'empty seeds': seeds('[]'),
        'a word': seeds('all'),
        backwards: seeds('3-1'),
        twice: seeds('"0-3,2"'),
        negative: seeds('-1'),
        'too large': seeds('268435456'),
        'a map': seeds('{ from: 1 }'),
        'empty axis': grid('train.rate: []'),
        'a wrong value on an axis': grid('train.rate: [0.1, fast]'),
        'a value twice': grid('train.rate: [0.1, 0.1]'),
        'an axis through a word': grid('train.noise.eta: [1, 2]'),
        'far too many': grid(
          `train.rate: [${Array.from({ length: 1001 }, (_, i) => i + 1)}]\n  train.epochs: [${Array.from({ length: 1001 }, (_, i) => i + 1)}]`,
        ),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- no seeds
      toy.yaml:1:1  seeds is missing; it must be one or several, e.g. 0-19.
      1 problem; nothing was run.
      -- empty seeds
      toy.yaml:19:8  seeds: no seeds; write 3, 0-19, 0-3,7 or a list.
      1 problem; nothing was run.
      -- a word
      toy.yaml:19:8  seeds: "all" is not seeds; write 3, 0-19 or 0-3,7.
      1 problem; nothing was run.
      -- backwards
      toy.yaml:19:8  seeds: 3-1 runs backwards; write 1-3.
      1 problem; nothing was run.
      -- twice
      toy.yaml:19:8  seeds: seed 2 is named twice.
      1 problem; nothing was run.
      -- negative
      toy.yaml:19:8  seeds: -1 is not a seed; seeds are whole numbers from 0 to 268435455.
      1 problem; nothing was run.
      -- too large
      toy.yaml:19:8  seeds: 268435456 is not a seed; seeds are whole numbers from 0 to 268435455.
      1 problem; nothing was run.
      -- a map
      toy.yaml:19:8  seeds must be a whole number, or text, or a list of at least one; each a whole number, got a map with from.
      1 problem; nothing was run.
      -- empty axis
      toy.yaml:18:15  grid.train.rate must be a list of at least one; each a number above 0, got an empty list.
      1 problem; nothing was run.
      -- a wrong value on an axis
      toy.yaml:18:21  grid.train.rate[1] must be a number above 0, got "fast" (text).
      1 problem; nothing was run.
      -- a value twice
      toy.yaml:18:15  grid.train.rate: a value is there twice.
      1 problem; nothing was run.
      -- an axis through a word
      toy.yaml:18:3  train.noise.eta: cannot be set where train.noise is "none" (text); set it only where it applies, e.g. with arms.<name>.train.noise.eta, or set train.noise as a whole. (setting plain, arm no-noise and 2 more)
      1 problem; nothing was run.
      -- far too many
      toy.yaml:18:3  grid: these are 5010005 grid points in all settings and arms; at most 20000 make a config.
      1 problem; nothing was run.
      "
    `);
  });

  it('shows the two names of equal trials', () => {
    expect(
      complaints({
        arms: complaint(change('{ train: { noise: { eta: 0.01 } } }', '{}')),
        settings: complaint(
          change('{ title: Deep, model: { layers: 20 }, train: { clip: { at: 10 } } }', '{}'),
        ),
        'by an option': complaint(SOUND, { set: ['train.noise=none'] }),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- arms
      toy.yaml:15:3  arms.with-noise: trains the same trials as arms.no-noise.
      1 problem; nothing was run.
      -- settings
      toy.yaml:12:3  settings.deep: trains the same trials as settings.plain. (setting deep, arm no-noise and 1 more)
      1 problem; nothing was run.
      -- by an option
      toy.yaml:15:3  arms.with-noise: trains the same trials as arms.no-noise with these options.
      1 problem; nothing was run.
      "
    `);
  });

  it('points at the overlay or the option that a wrong value came from', () => {
    expect(
      complaints({
        profile: complaint(change('train: { epochs: 1 }', 'train: { epochs: 0 }')),
        'profile, only once merged': complaint(change('train: { epochs: 1 }', 'data: { examples: 5 }')),
        setting: complaint(change('layers: 20', 'layers: many')),
        'value of an option': complaint(SOUND, {
          set: ['train.epochs=x', 'train.rate=-1', 'data.examples=3'],
        }),
        'path of an option': complaint(SOUND, {
          set: ['train.epoch=1', 'tain.x=1', 'arms.noise.train.rate=1', 'rate=1'],
        }),
        'no value': complaint(SOUND, { set: ['train.epochs', 'train.epochs=', '=1', 'train.epochs=[1'] }),
        'seeds and population': complaint(SOUND, {
          set: ['seeds=a', 'population=0'],
          seeds: { option: '--seeds', text: '3-' },
        }),
        'through a word': complaint(SOUND, { set: ['train.noise.eta=1'] }),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- profile
      toy.yaml:23:22  profiles.smoke.train.epochs must be a whole number above 0, got 0.
      1 problem; nothing was run.
      -- profile, only once merged
      toy.yaml:6:14  train.batchSize: a batch cannot be larger than the data. (profile smoke)
      1 problem; nothing was run.
      -- setting
      toy.yaml:12:41  settings.deep.model.layers must be a whole number above 0, got "many" (text).
      1 problem; nothing was run.
      -- value of an option
      --set train.rate=-1  train.rate must be a number above 0, got -1.
      --set train.epochs=x  train.epochs must be a whole number above 0, got "x" (text).
      2 problems; nothing was run.
      -- path of an option
      --set train.epoch=1  train.epoch is not a known path. Did you mean train.epochs?
      --set tain.x=1  tain.x is not a known path. Known: data.source, data.examples, model.layers, model.init, train.batchSize, train.optimiser, train.optimiser.name, train.optimiser.beta1, train.optimiser.beta2, train.optimiser.epsilon, train.optimiser.decay, train.optimiser.momentum, train.rate, train.anneal, train.clip, train.clip.by, train.clip.at, train.noise, train.noise.eta, train.noise.gamma, train.noise.deviation, train.epochs, success.metric, success.above, success.below, seeds, population.
      --set arms.noise.train.rate=1  arms.noise.train.rate is not a known path. Did you mean arms.no-noise.train.rate?
      --set rate=1  rate is not a known path. Did you mean train.rate?
      4 problems; nothing was run.
      -- no value
      --set train.epochs  this must be a dotted path, an equals sign and a value, e.g. --set train.rate=0.1.
      --set train.epochs=  this must be a dotted path, an equals sign and a value, e.g. --set train.rate=0.1.
      --set =1  this must be a dotted path, an equals sign and a value, e.g. --set train.rate=0.1.
      --set train.epochs=[1  not valid YAML: Flow sequence must end with a ].
      4 problems; nothing was run.
      -- seeds and population
      --set seeds=a  seeds: "a" is not seeds; write 3, 0-19 or 0-3,7.
      --set population=0  population must be a whole number above 0 and at most 100000, got 0.
      --seeds 3-  seeds: "3-" is not seeds; write 3, 0-19 or 0-3,7.
      3 problems; nothing was run.
      -- through a word
      --set train.noise.eta=1  train.noise.eta: cannot be set where train.noise is "none" (text); set it only where it applies, e.g. with arms.<name>.train.noise.eta, or set train.noise as a whole. (setting plain, arm no-noise and 2 more)
      1 problem; nothing was run.
      "
    `);
  });

  it('names the option in which seeds were written', () => {
    const complaints = (['--seed', '--seeds'] as const).map((option) =>
      complaint(SOUND, { seeds: { option, text: '-1' } }),
    );
    expect(complaints.map((text) => text.split('  ')[0])).toEqual(['--seed -1', '--seeds -1']);
  });

  it('tells all problems at once, in the order of the file', () => {
    const text = change('epochs: 5', 'epochs: many')
      .replace('above: 0.9', 'abve: 0.9')
      .replace('eta: 0.01', 'eta: 0.01, gama: 1')
      .replace('seeds: 0-2', 'seeds: forty');
    expect(complaint(text, { profile: 'desk', set: ['train.rate=x'] })).toMatchInlineSnapshot(`
      "toy.yaml:8:11  train.epochs must be a whole number above 0, got "many" (text).
      toy.yaml:9:30  success.abve is not a known key. Did you mean above?
      toy.yaml:15:46  arms.with-noise.train.noise.gama is not a known key. Did you mean gamma?
      toy.yaml:19:8  seeds: "forty" is not seeds; write 3, 0-19 or 0-3,7.
      --profile desk  "desk" is not a profile of this config. Known: paper, smoke.
      --set train.rate=x  train.rate must be a number above 0, got "x" (text).
      6 problems; nothing was run."
    `);
  });

  it('is told as data first', () => {
    const file = configFile(change('batchSize: 10', 'batchSize: ten'));
    try {
      loadConfig(file, experiments);
    } catch (error) {
      expect((error as ConfigError).problems).toEqual([
        {
          kind: 'wrong-value',
          origin: { file, line: 6, column: 14 },
          path: 'train.batchSize',
          expected: 'a whole number above 0',
          received: '"ten" (text)',
        },
      ]);
    }
    expect.assertions(2);
  });
});

describe('a file that is no config', () => {
  it('is refused in words', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gnoise-'));
    mkdirSync(join(folder, 'folder.yaml'));
    const bomb = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`)}]`);
    expect(
      complaints({
        missing: complaintAbout(join(folder, 'none.yaml')),
        folder: complaintAbout(join(folder, 'folder.yaml')),
        empty: complaint(''),
        'only comments': complaint('# nothing\n'),
        'a list': complaint('- 1'),
        'a word': complaint('hello'),
        'not UTF-8': complaint(new Uint8Array([0x61, 0x3a, 0xff])),
        huge: complaint(`# ${'x'.repeat(1 << 20)}`),
        'a long line': complaint('- '.repeat(20_000)),
        'unclosed bracket': complaint('data: { a: 1\nmodel: 2'),
        tab: complaint('data:\n\tsource: 1'),
        'two documents': complaint('a: 1\n---\nb: 2\n'),
        'unknown tag': complaint('a: !date 2020-01-01'),
        'duplicate keys': complaint(change('epochs: 5', 'epochs: 5\n  rate: 0.2')),
        'alias of nothing': complaint('a: *b'),
        'alias of itself': complaint('a: &a [*a]'),
        'alias bomb': complaint(['a0: &a0 lol', ...bomb].join('\n')),
        'deeply nested': complaint(`${'['.repeat(5_000)}`)
          .split('\n')
          .at(-1)!,
        'merge key': complaint(change('train:\n', 'train:\n  <<: { rate: 1 }\n')),
        prototype: complaint(change('epochs: 5', 'epochs: 5\n  __proto__: { a: 1 }')),
        'hidden file': complaintAbout(configFile(SOUND, '.yaml')),
      }),
    ).toMatchInlineSnapshot(`
      "
      -- missing
      none.yaml:  there is no such file.
      1 problem; nothing was run.
      -- folder
      folder.yaml:  this is a folder; name a config file in it.
      1 problem; nothing was run.
      -- empty
      toy.yaml:  the file is empty; it must be a map with experiment, data, model, train and so on.
      1 problem; nothing was run.
      -- only comments
      toy.yaml:  the file is empty; it must be a map with experiment, data, model, train and so on.
      1 problem; nothing was run.
      -- a list
      toy.yaml:  the file is a list; it must be a map with experiment, data, model, train and so on.
      1 problem; nothing was run.
      -- a word
      toy.yaml:  the file is a single value; it must be a map with experiment, data, model, train and so on.
      1 problem; nothing was run.
      -- not UTF-8
      toy.yaml:  the file is not UTF-8 text.
      1 problem; nothing was run.
      -- huge
      toy.yaml:  a config of more than 128 KiB is surely a mistake.
      1 problem; nothing was run.
      -- a long line
      toy.yaml:1:100  values are nested more than 50 deep.
      1 problem; nothing was run.
      -- unclosed bracket
      toy.yaml:2:1  not valid YAML: Flow map in block collection must be sufficiently indented and end with a }.
      1 problem; nothing was run.
      -- tab
      toy.yaml:2:1  not valid YAML: Tabs are not allowed as indentation.
      1 problem; nothing was run.
      -- two documents
      toy.yaml:2:1  a second YAML document begins here; a config is one document.
      1 problem; nothing was run.
      -- unknown tag
      toy.yaml:1:4  not valid YAML: Unresolved tag: !date.
      1 problem; nothing was run.
      -- duplicate keys
      toy.yaml:9:3  the key rate is already there above.
      1 problem; nothing was run.
      -- alias of nothing
      toy.yaml:1:4  *b is an alias of nothing; no value above has the anchor &b.
      1 problem; nothing was run.
      -- alias of itself
      toy.yaml:1:8  *a is an alias of a value that it is a part of; a value cannot contain itself.
      1 problem; nothing was run.
      -- alias bomb
      toy.yaml:6:10  the file has more than 20000 values once its aliases are written out.
      1 problem; nothing was run.
      -- deeply nested
      1 problem; nothing was run.
      -- merge key
      toy.yaml:6:3  train.<< is not a known key. Known: batchSize, optimiser, rate, anneal, clip, noise, epochs.
      1 problem; nothing was run.
      -- prototype
      toy.yaml:9:3  no key can be called __proto__.
      1 problem; nothing was run.
      -- hidden file
      .yaml:  a config's file name names its results; it cannot begin with a dot or a space.
      1 problem; nothing was run.
      "
    `);
  });
});

describe('a sound config', () => {
  it('comes out complete and frozen', () => {
    const config = load(SOUND);
    expect(config).toMatchObject({
      name: 'toy',
      description: 'A toy.',
      profile: { name: 'paper', title: null },
      population: null,
      settings: [
        { name: 'plain', title: 'plain', seeds: [0, 1, 2], grid: { 'train.rate': [0.1, 0.01] } },
        { name: 'deep', title: 'Deep' },
      ],
      arms: [{ name: 'no-noise' }, { name: 'with-noise' }, { name: 'adam' }],
    });
    expect(config.variants).toHaveLength(2 * 2 + 2 * 3);
    expect(config.variants[7]).toEqual({
      setting: 'deep',
      arm: 'no-noise',
      variation: { 'train.rate': 0.01 },
      seeds: [0, 1, 2],
      data: { source: 'digits', examples: 100 },
      model: { layers: 20, init: 'simple' },
      train: {
        batchSize: 10,
        optimiser: { name: 'sgd' },
        rate: 0.01,
        clip: { by: 'global-norm', at: 10 },
        noise: 'none',
        epochs: 5,
      },
      success: { metric: 'accuracy', above: 0.9 },
    });
    expect(Object.isFrozen(config.variants[7]?.train.clip)).toBe(true);
  });

  it('needs neither settings nor arms nor a grid', () => {
    const text = SOUND.slice(0, SOUND.indexOf('settings:'));
    const { settings, arms, variants } = load(`${text}seeds: 7\n`);
    expect(settings).toMatchObject([{ name: 'default', seeds: [7], grid: {} }]);
    expect(arms).toEqual([{ name: 'default', title: 'default' }]);
    expect(variants).toHaveLength(1);
  });

  it('is read with anchors and aliases, a byte order mark and Windows line ends', () => {
    const text = change('data: { source: digits }', 'data: &data { source: digits }').replace(
      '  plain:',
      '  plain: { data: *data }',
    );
    expect(load(`\uFEFF${text.replaceAll('\n', '\r\n')}`).variants).toEqual(load(SOUND).variants);
  });
});

describe('layers', () => {
  const text = (layers: string) => `experiment: toy
data: { source: digits }
model: { init: simple }
train: { batchSize: 1, rate: 1, epochs: 1 }
success: { metric: accuracy, above: 0.9 }
seeds: 0
${layers}`;
  const epochs = (layers: string, overrides: Overrides = {}) =>
    load(text(layers), overrides).variants.map(({ train }) => train.epochs);

  it('lie in the order file, profile, setting, arm, grid point, --set', () => {
    const profile = 'profiles: { p: { train: { epochs: 2 } } }\n';
    const setting = 'settings: { s: { train: { epochs: 3 } } }\n';
    const arm = 'arms: { a: { train: { epochs: 4 } } }\n';
    const grid = 'grid: { train.epochs: [5, 6] }\n';
    const p = { profile: 'p' };
    expect(epochs(profile)).toEqual([1]);
    expect(epochs(profile, p)).toEqual([2]);
    expect(epochs(profile + setting, p)).toEqual([3]);
    expect(epochs(profile + setting + arm, p)).toEqual([4]);
    expect(epochs(profile + setting + arm + grid, p)).toEqual([5, 6]);
    expect(epochs(profile + setting + arm + grid, { ...p, set: ['train.epochs=7'] })).toEqual([7]);
  });

  it('let the last --set of a path win, and aim at single settings and arms', () => {
    const names =
      'settings: { s: , t: { model: { layers: 3 } } }\narms: { a: , b: { train: { rate: 2 } } }\n';
    expect(epochs(names, { set: ['train.epochs=7', 'train.epochs=8'] })).toEqual([8, 8, 8, 8]);
    expect(epochs(names, { set: ['settings.t.train.epochs=7'] })).toEqual([1, 1, 7, 7]);
    expect(epochs(names, { set: ['arms.b.train.epochs=7'] })).toEqual([1, 7, 1, 7]);
  });

  it('merge maps of one kind and replace everything else', () => {
    const train = (base: string, overlay: string) =>
      load(text(`arms: { a: { train: { ${overlay} } } }`).replace('rate: 1,', `rate: 1, ${base},`))
        .variants[0]?.train;
    expect(train('clip: { at: 3, by: tensor-norm }', 'clip: { at: 5 }')).toMatchObject({
      clip: { at: 5, by: 'tensor-norm' },
    });
    expect(train('clip: { at: 3 }', 'clip: none')).toMatchObject({ clip: 'none' });
    expect(train('clip: none', 'clip: { at: 3 }')).toMatchObject({ clip: { at: 3 } });
    expect(train('noise: { eta: 1, gamma: 1 }', 'noise: { deviation: 0.1 }')?.noise).toEqual({
      deviation: 0.1,
    });
    expect(train('optimiser: { name: adam, beta1: 0.5 }', 'optimiser: { name: sgd }')?.optimiser).toEqual({
      name: 'sgd',
    });
    expect(train('optimiser: { name: adam, beta1: 0.5 }', 'optimiser: { epsilon: 1e-4 }')).toMatchObject({
      optimiser: { name: 'adam', beta1: 0.5, epsilon: 1e-4 },
    });
  });

  it('let a profile change single settings and arms, and leave others out', () => {
    const config = load(
      text(`settings: { s: { seeds: 1-2 }, t: { model: { layers: 3 } } }
arms: { a: , b: { train: { rate: 2 } } }
profiles:
  p: { title: small, seeds: 5, population: 3, arms: { b: { train: { epochs: 9 } } }, only: { arms: [b] } }`),
      { profile: 'p' },
    );
    expect(config.profile).toEqual({ name: 'p', title: 'small' });
    expect(config.population).toBe(3);
    expect(config.arms.map(({ name }) => name)).toEqual(['b']);
    expect(config.variants.map(({ seeds, train }) => [seeds, train.epochs])).toEqual([
      [[1, 2], 9],
      [[5], 9],
    ]);
  });

  it('let a setting have its own grid and seeds, and --seeds replace them all', () => {
    const layers =
      'settings: { s: { grid: {} }, t: { seeds: 1-2, model: { layers: 3 } } }\ngrid: { train.rate: [1, 2] }';
    const own = load(text(layers));
    expect(own.settings.map(({ seeds, grid }) => [seeds, Object.keys(grid)])).toEqual([
      [[0], []],
      [[1, 2], ['train.rate']],
    ]);
    expect(
      load(text(layers), { seeds: { option: '--seeds', text: '8-9' } }).settings.map(({ seeds }) => seeds),
    ).toEqual([
      [8, 9],
      [8, 9],
    ]);
  });
});
