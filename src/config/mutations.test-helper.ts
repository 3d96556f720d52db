import fc from 'fast-check';

/** A change of a text, e.g. of a config file. */
export type Mutation = (text: string) => string;

/** What YAML reads in ways of its own, and what breaks programs that take it for something else. */
const TOKENS = [
  ...[
    '- ',
    ': ',
    '? ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '&a ',
    '*a ',
    '! ',
    '!t ',
    '!!binary ',
    '|\n',
    '>-\n',
    "'",
    '"',
    '#',
    ' #',
    '%YAML 1.1\n',
  ],
  ...[
    '@',
    '`',
    '---\n',
    '...\n',
    '<<: *a\n',
    '\\',
    '\\x',
    '\t',
    '\r',
    '\n',
    '\n\n',
    ' ',
    '  ',
    '\u2028',
    '\ufeff',
    '\0',
    '\u001b[2J',
    '😀',
    '\ud800',
  ],
  ...['~', '=', ':', '-', ',', '"\\u', "''", '&', '*', '|', '>', '? - ? - ', '[{', '}]', '{a: ', '- - - '],
];

const VALUES = [
  ...[
    '0',
    '-1',
    '1',
    '0.5',
    '1e400',
    '-1e400',
    '.nan',
    '.inf',
    '1e308',
    '1e15',
    '9007199254740993',
    '1e-400',
    '0x7fffffff',
    '0o17',
    '1_000',
  ],
  ...[
    'null',
    '~',
    'true',
    'no',
    '""',
    '" "',
    '[]',
    '{}',
    '[[]]',
    '[1, 2]',
    '[a, a]',
    '[null]',
    '{ toString: 1 }',
    '{ __proto__: 1 }',
    '[{ valueOf: 1 }]',
  ],
  ...[
    '{ name: adam }',
    '{ eta: 1 }',
    '{ deviation: 1 }',
    '{ at: 1 }',
    'none',
    '*a',
    '&a 1',
    '!t 1',
    '!!float 1',
    '2001-01-01',
    'constructor',
    '0-5',
    '0-99999',
    '0,0',
  ],
  ...[
    '"\\e[31m"',
    `${'x'.repeat(3000)}`,
    `[${'1, '.repeat(500)}1]`,
    `${'['.repeat(60)}${']'.repeat(60)}`,
    `{ ${Array.from({ length: 200 }, (_, i) => `k${i}: ${i}`)} }`,
  ],
];

const KEYS = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '<<',
    '""',
    'a.b',
    '"a b"',
    '1',
    'null',
    '*a',
    '&a a',
    '? a',
    '!t a',
    '[a]',
    '{ a: 1 }',
    'x'.repeat(300),
  ],
  ...[
    'experiment',
    'data',
    'model',
    'train',
    'success',
    'settings',
    'arms',
    'grid',
    'seeds',
    'population',
    'profiles',
    'table',
    'only',
    'title',
    'paper',
    'description',
  ],
  ...[
    'train.rate',
    'model.units',
    'train.noise',
    'train.noise.eta',
    'data.source',
    'success.metric',
    'default',
    'smoke',
    'desk',
  ],
];

const place = fc.double({ min: 0, max: 1, noNaN: true });

/** Puts in, takes out and doubles pieces of the text anywhere, now and then very often. */
const pieces: fc.Arbitrary<Mutation> = fc
  .record({
    from: place,
    length: fc.nat({ max: 40 }),
    piece: fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: 'binary', maxLength: 6 }), fc.constant('')),
    times: fc.oneof(
      { weight: 20, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.nat({ max: 20_000 }) },
    ),
    removes: fc.boolean(),
  })
  .map(({ from, length, piece, times, removes }) => (text) => {
    const start = Math.floor(from * (text.length + 1));
    return text.slice(0, start) + piece.repeat(times) + text.slice(removes ? start + length : start);
  });

/** Changes the value or the key of a line that has one. */
const entries: fc.Arbitrary<Mutation> = fc
  .record({
    line: place,
    value: fc.option(fc.constantFrom(...VALUES)),
    key: fc.option(fc.constantFrom(...KEYS)),
  })
  .map(({ line, value, key }) => (text) => {
    const lines = text.split('\n');
    const chosen = lines.flatMap((each, i) => (/^\s*[\w.-]+:/.test(each) ? [i] : []));
    const index = chosen[Math.floor(line * chosen.length)];
    if (index === undefined) return text;
    lines[index] = lines[index]!.replace(
      /^(\s*)([\w.-]+):(.*)$/,
      (_, indent: string, name: string, rest: string) =>
        `${indent}${key ?? name}:${value === null ? rest : ` ${value}`}`,
    );
    return lines.join('\n');
  });

/** Changes the value of a key within a flow map, as in `{ at: 10 }`. */
const inner: fc.Arbitrary<Mutation> = fc
  .record({
    which: place,
    value: fc.constantFrom(...VALUES),
    isKey: fc.boolean(),
    key: fc.constantFrom(...KEYS),
  })
  .map(({ which, value, isKey, key }) => (text) => {
    const found = [...text.matchAll(/([\w.-]+): ([\w.-]+)/g)];
    const match = found[Math.floor(which * found.length)];
    if (match === undefined) return text;
    const changed = isKey ? `${key}: ${match[2]}` : `${match[1]}: ${value}`;
    return text.slice(0, match.index) + changed + text.slice(match.index + match[0].length);
  });

/** Moves, doubles, indents or drops lines; now and then repeats some of them with a number in their keys. */
const lines: fc.Arbitrary<Mutation> = fc
  .record({
    from: place,
    to: place,
    count: fc.nat({ max: 12 }),
    indent: fc.integer({ min: -4, max: 4 }),
    times: fc.oneof(
      { weight: 10, arbitrary: fc.nat({ max: 2 }) },
      { weight: 1, arbitrary: fc.nat({ max: 1500 }) },
    ),
  })
  .map(({ from, to, count, indent, times }) => (text) => {
    const all = text.split('\n');
    const start = Math.floor(from * all.length);
    const moved = all.slice(start, start + count).map((line) => shifted(line, indent));
    const rest = [...all.slice(0, start), ...all.slice(start + count)];
    const target = Math.floor(to * (rest.length + 1));
    const copies = Array.from({ length: times }, (_, i) => moved.map((line) => numbered(line, i))).flat();
    return [...rest.slice(0, target), ...copies, ...rest.slice(target)].join('\n');
  });

function shifted(line: string, indent: number): string {
  return indent >= 0 ? ' '.repeat(indent) + line : line.replace(new RegExp(`^ {0,${-indent}}`), '');
}

function numbered(line: string, i: number): string {
  return i === 0 ? line : line.replace(/^(\s*[\w-]+):/, `$1${i}:`);
}

/** One to four changes of a config: in its bytes, its YAML, its values, its keys, its lines. */
export const mutation: fc.Arbitrary<Mutation> = fc
  .array(fc.oneof(pieces, entries, inner, lines), { minLength: 1, maxLength: 4 })
  .map((changes) => (text) => changes.reduce((changed, change) => change(changed), text));

/** A value as an option may say it. */
export const optionValue = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.constantFrom(...TOKENS),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

/** A path, known or not. */
export const optionPath = fc.oneof(
  fc.constantFrom(...KEYS),
  fc.constantFrom(
    'train.epochs',
    'model.init',
    'train.clip.at',
    'train.optimiser.name',
    'arms.no-noise.train.rate',
    'settings.x.seeds',
    'arms.__proto__.train.rate',
  ),
  fc.string({ maxLength: 20 }),
);
