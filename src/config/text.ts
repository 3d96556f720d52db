import { stringify } from 'yaml';
import { canonicalJson, type Json } from '../json.js';
import { seedsText } from '../trials/seeds.js';
import type { Config, Setting, Variant } from './config.js';
import { SECTIONS } from './schema.js';

/**
 * A config as YAML, with its profile and all that was laid over it applied. What all trials share comes first; a setting,
 * and an arm within it, then shows only what it adds.
 */
export function configText(config: Config): string {
  const { file, profile } = config;
  const title = profile.title === null ? '' : `: ${profile.title}`;
  const header = [`# ${file}, profile ${profile.name}${title}`, `# ${countText(config)}`];
  const body = stringify(configJson(config), { aliasDuplicateObjects: false, lineWidth: 110 });
  return `${header.join('\n')}\n${body}`;
}

/** The same as plain values. */
export function configJson({
  experiment,
  description,
  table,
  profile,
  population,
  settings,
  variants,
}: Config) {
  const shared = sectionsShared(variants);
  return {
    experiment: experiment.name,
    ...(description === null ? {} : { description }),
    profile: profile.name,
    ...(Object.keys(table).length === 2 && table.rows === 'arms' && table.columns.length === 0
      ? {}
      : { table }),
    ...(population === null ? {} : { population }),
    trials: trialCount(variants),
    ...shared,
    settings: Object.fromEntries(
      settings.map((setting) => {
        const own = variants.filter((variant) => variant.setting === setting.name);
        return [setting.name, resolvedSetting(setting, own, shared)];
      }),
    ),
  };
}

function resolvedSetting(
  { name, title, paper, seeds, grid }: Setting,
  variants: readonly Variant[],
  above: Sections,
) {
  const shared = sectionsShared(variants);
  const arms = [...new Set(variants.map(({ arm }) => arm))];
  return {
    ...(title === name ? {} : { title }),
    ...(paper === null ? {} : { paper }),
    ...without(shared, above),
    arms: Object.fromEntries(
      arms.map((arm) => {
        const own = variants.filter((variant) => variant.arm === arm);
        return [arm, { trials: trialCount(own), ...without(sectionsShared(own), shared) }];
      }),
    ),
    ...(Object.keys(grid).length === 0 ? {} : { grid }),
    seeds: seedsText(seeds),
  };
}

type Sections = { readonly [key: string]: Json };

/** What is equal in the sections of all variants; where they differ, a key is left out. */
function sectionsShared(variants: readonly Variant[]): Sections {
  return mapOf(SECTIONS, (name) => shared(variants.map((variant) => variant[name])));
}

function shared(all: readonly Json[]): Json | undefined {
  // Variants share the sections in which they do not differ: most comparisons are of a thing with itself.
  const values = [...new Set(all)];
  const [first] = values;
  if (first === undefined || new Set(values.map(canonicalJson)).size === 1) return first;
  if (!values.every(isMap)) return undefined;
  const common = mapOf(Object.keys(first as Sections), (key) =>
    values.every((value) => key in value) ? shared(values.map((value) => value[key]!)) : undefined,
  );
  return Object.keys(common).length === 0 ? undefined : common;
}

/** The map without what is equal in the one above it. */
function without(map: Sections, above: Sections): Sections {
  return mapOf(Object.keys(map), (key) => {
    const [value, upper] = [map[key]!, above[key]];
    if (upper === undefined) return value;
    if (isMap(value) && isMap(upper)) {
      const rest = without(value, upper);
      return Object.keys(rest).length === 0 ? undefined : rest;
    }
    return canonicalJson(value) === canonicalJson(upper) ? undefined : value;
  });
}

function mapOf<K extends string>(keys: readonly K[], value: (key: K) => Json | undefined): Sections {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const found = value(key);
      return found === undefined ? [] : [[key, found] as const];
    }),
  );
}

function isMap(value: Json): value is Sections {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function countText({ settings, arms, variants }: Config): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${count(trialCount(variants), 'trial')} in ${count(settings.length, 'setting')} and ${count(arms.length, 'arm')}`;
}

function trialCount(variants: readonly Variant[]): number {
  return variants.reduce((sum, { seeds }) => sum + seeds.length, 0);
}
