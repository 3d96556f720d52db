import fc from 'fast-check';

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** One change of a file's bytes: bits, runs, cuts, copies, zeros. */
const byteChange = fc
  .record({
    kind: fc.constantFrom('flip', 'set', 'cut', 'insert', 'remove', 'repeat', 'zero'),
    // Headers are short, and every byte of them means something.
    at: fc.oneof(place, fc.integer({ min: 0, max: 64 })),
    length: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5000 })),
    byte: fc.oneof(fc.constantFrom(0, 1, 10, 127, 128, 255), fc.integer({ min: 0, max: 255 })),
  })
  .map(({ kind, at, length, byte }) => (bytes) => {
    const start = Math.min(at < 1 ? Math.floor(at * bytes.length) : at, bytes.length);
    const [before, piece, after] = [
      bytes.subarray(0, start),
      bytes.subarray(start, start + length),
      bytes.subarray(start + length),
    ];
    const changed = {
      flip: () => piece.map((each, i) => (i === 0 ? each ^ (1 << (byte & 7)) : each)),
      set: () => piece.map((each, i) => (i === 0 ? byte : each)),
      cut: () => Buffer.alloc(0),
      insert: () => Buffer.concat([Buffer.alloc(length, byte), piece]),
      remove: () => Buffer.alloc(0),
      repeat: () => Buffer.concat([piece, piece]),
      zero: () => Buffer.alloc(piece.length),
    }[kind]();
    return Buffer.concat([before, changed, kind === 'cut' ? Buffer.alloc(0) : after]);
  });

/** One to four changes of a file's bytes; the file may come out as it was. */
export const byteMutation = fc
  .array(byteChange, { minLength: 1, maxLength: 4 })
  .map((changes) => (bytes) => changes.reduce((changed, change) => change(changed), bytes));

const VALUES = [null, true, '', 'NaN', 'constructor', '\u001b[2J', 0, -1, 0.5, 1e308, 2 ** 53, [], {}, [[]]];
const hostile = fc.oneof(
  fc.constantFrom(...VALUES, { toString: 1 }, { $number: 'x' }, 'x'.repeat(5000)),
  fc.jsonValue(),
);

/** One change of the structure of JSON: a part replaced, dropped, doubled, or given a strange key. */
const jsonChange = fc
  .record({
    at: place,
    kind: fc.constantFrom('replace', 'replace', 'drop', 'double', 'key'),
    key: fc.constantFrom('__proto__', 'constructor', 'toString', '', 'id', 'kind'),
    value: hostile,
  })
  .map(({ at, kind, key, value }) => (root) => {
    const places = partsOf(root);
    if (places.length === 0) return value;
    const [holder, name] = places[Math.floor(at * places.length)];
    if (kind === 'replace') holder[name] = value;
    else if (kind === 'drop') delete holder[name];
    else if (kind === 'double') holder[`${name}2`] = holder[name];
    else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
    return root;
  });

/** One to three changes of the structure of a JSON text. */
export const jsonMutation = fc
  .array(jsonChange, { minLength: 1, maxLength: 3 })
  .map(
    (changes) => (text) => JSON.stringify(changes.reduce((root, change) => change(root), JSON.parse(text))),
  );

/** Every entry of every map and list within a value, as [holder, key]. */
function partsOf(value) {
  if (value === null || typeof value !== 'object') return [];
  return Object.keys(value).flatMap((key) => [[value, key], ...partsOf(value[key])]);
}
