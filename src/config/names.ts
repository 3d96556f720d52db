import { suggest } from '../suggest.js';
import { BASE_PROFILE, ONLY_NAME } from './config.js';
import type { Origin, Problem } from './problem.js';
import { at, type MapTree, mapAt, type Path, pathText, plain, type Tree } from './tree.js';

/** What is wrong with the names by which one part of a config speaks of another. */
export function checkNames(root: MapTree, chosenProfile: string): Problem[] {
  const names = (kind: string) => [...mapAt(root, [kind]).entries.keys()];
  const known = { settings: orOnly(names('settings')), arms: orOnly(names('arms')) };
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
  known: { readonly settings: readonly string[]; readonly arms: readonly string[] },
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

function checkKeys(root: MapTree, path: Path, what: string, known: readonly string[]): Problem[] {
  return [...mapAt(root, path).entries]
    .filter(([name]) => !known.includes(name))
    .map(([name, { origin }]) => unknownName(origin, pathText([...path, name]), name, what, known));
}

function checkList(root: MapTree, path: Path, what: string, known: readonly string[]): Problem[] {
  const list = at(root, path);
  if (list?.kind !== 'list') return [];
  const name = (item: Tree) => String(plain(item));
  return list.items
    .filter((item) => !known.includes(name(item)))
    .map((item) => unknownName(item.origin, `"${name(item)}" in ${pathText(path)}`, name(item), what, known));
}

function checkChosen(profile: string, known: readonly string[]): Problem[] {
  if (known.includes(profile)) return [];
  return [
    unknownName(
      { option: `--profile ${profile}` },
      `"${profile}"`,
      profile,
      'a profile of this config',
      known,
    ),
  ];
}

/** A name that is none of the known ones, with a suggestion if one is near. */
export function unknownName(
  origin: Origin,
  path: string,
  name: string,
  what: string,
  known: readonly string[],
): Problem {
  const suggestion = suggest(name, known);
  return {
    kind: 'unknown-name',
    origin,
    path,
    what,
    known,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function orOnly(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [ONLY_NAME] : names;
}
