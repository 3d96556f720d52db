import { excerpt } from '../excerpt.js';
import { BASE_PROFILE, ONLY_NAME } from './config.js';
import { type Origin, optionOrigin, type Problem } from './problem.js';
import { at, type MapTree, mapAt, type Path, pathText, type Tree } from './tree.js';

/** Names that may be spoken of: in order, and for looking up. */
interface Names {
  readonly list: readonly string[];
  readonly set: ReadonlySet<string>;
}

/** What is wrong with the names by which one part of a config speaks of another. */
export function checkNames(root: MapTree, chosenProfile: string): Problem[] {
  const names = (kind: string) => [...mapAt(root, [kind]).entries.keys()];
  const known = { settings: namesOf(names('settings')), arms: namesOf(names('arms')) };
  const profiles = names('profiles');
  return [
    ...names('arms').flatMap((arm) => checkList(root, ['arms', arm, 'only'], 'a setting', known.settings)),
    ...profiles.flatMap((profile) => checkProfile(root, profile, known)),
    ...checkChosen(chosenProfile, [BASE_PROFILE, ...profiles.filter((name) => name !== BASE_PROFILE)]),
  ];
}

function checkProfile(
  root: MapTree,
  profile: string,
  known: { readonly settings: Names; readonly arms: Names },
): Problem[] {
  const path = ['profiles', profile];
  return [
    ...(['settings', 'arms'] as const).flatMap((kind) => [
      ...checkKeys(root, [...path, kind], kind === 'arms' ? 'an arm' : 'a setting', known[kind]),
      ...checkList(root, [...path, 'only', kind], kind === 'arms' ? 'an arm' : 'a setting', known[kind]),
    ]),
    ...(profile === BASE_PROFILE ? checkBaseProfile(root, path) : []),
  ];
}

/** The profile `paper` is the file itself. */
function checkBaseProfile(root: MapTree, path: Path): Problem[] {
  const message = `the profile ${BASE_PROFILE} is the file without an overlay; it can have a title only.`;
  return [...mapAt(root, path).entries]
    .filter(([key]) => key !== 'title')
    .map(([key, { origin }]) => ({ kind: 'other', origin, path: pathText([...path, key]), message }));
}

function checkKeys(root: MapTree, path: Path, what: string, known: Names): Problem[] {
  return [...mapAt(root, path).entries]
    .filter(([name]) => !known.set.has(name))
    .map(([name, { origin }]) => unknownName(origin, pathText([...path, name]), name, what, known.list));
}

/** What is no text in such a list the file's schema complains about. */
function checkList(root: MapTree, path: Path, what: string, known: Names): Problem[] {
  return textsAt(root, path)
    .filter(({ text }) => !known.set.has(text))
    .map(({ origin, text }) =>
      unknownName(origin, `"${excerpt(text)}" in ${pathText(path)}`, text, what, known.list),
    );
}

function checkChosen(profile: string, known: readonly string[]): Problem[] {
  if (known.includes(profile)) return [];
  const origin = optionOrigin('--profile', profile);
  return [unknownName(origin, `"${excerpt(profile)}"`, profile, 'a profile of this config', known)];
}

/** The texts in a list, each with its place; none where there is no list. */
export function textsAt(tree: MapTree, path: Path): { origin: Origin; text: string }[] {
  const list = at(tree, path);
  const items: readonly Tree[] = list?.kind === 'list' ? list.items : [];
  return items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string'
      ? [{ origin: item.origin, text: item.value }]
      : [],
  );
}

/** A name that is none of the known ones. */
export function unknownName(
  origin: Origin,
  path: string,
  name: string,
  what: string,
  known: readonly string[],
): Problem {
  return { kind: 'unknown-name', origin, path, name, what, known };
}

function namesOf(names: readonly string[]): Names {
  const list = names.length === 0 ? [ONLY_NAME] : names;
  return { list, set: new Set(list) };
}
