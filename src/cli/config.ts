import { stringify } from 'yaml';
import type { Config, Setting, Variant } from '../config/config.js';
import { type LoadOptions, loadConfig } from '../config/load.js';
import { seedsText } from '../trials/seeds.js';

/**
 * `gnoise config <file>`: what a config comes to with the profile, settings, arms and options applied, as YAML.
 * @throws ConfigError if the config is wrong.
 */
export function configCommand(file: string, options: LoadOptions): string {
  const config = loadConfig(file, options);
  const title = config.profile.title === null ? '' : `: ${config.profile.title}`;
  const header = [
    `# ${config.file}, profile ${config.profile.name}${title}`,
    `# ${countText(config)}`,
    '# Where there is a grid, the sections show its first point.',
  ];
  const body = stringify(resolved(config), { aliasDuplicateObjects: false, lineWidth: 110 });
  return `${header.join('\n')}\n${body}`;
}

function resolved({ experiment, description, profile, population, settings, variants }: Config) {
  return {
    experiment: experiment.name,
    ...(description === null ? {} : { description }),
    profile: profile.name,
    ...(population === null ? {} : { population }),
    trials: trialCount(variants),
    settings: Object.fromEntries(
      settings.map((setting) => [
        setting.name,
        resolvedSetting(
          setting,
          variants.filter((v) => v.setting === setting.name),
        ),
      ]),
    ),
  };
}

function resolvedSetting({ name, title, paper, seeds, grid }: Setting, variants: readonly Variant[]) {
  const arms = [...new Set(variants.map(({ arm }) => arm))];
  return {
    ...(title === name ? {} : { title }),
    ...(paper === null ? {} : { paper }),
    seeds: seedsText(seeds),
    ...(Object.keys(grid).length === 0 ? {} : { grid }),
    arms: Object.fromEntries(
      arms.map((arm) => [arm, resolvedArm(variants.filter((variant) => variant.arm === arm))]),
    ),
  };
}

function resolvedArm(variants: readonly Variant[]) {
  const { data, model, train, success } = variants[0]!;
  return { trials: trialCount(variants), data, model, train, success };
}

function countText({ settings, arms, variants }: Config): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${count(trialCount(variants), 'trial')} in ${count(settings.length, 'setting')} and ${count(arms.length, 'arm')}`;
}

function trialCount(variants: readonly Variant[]): number {
  return variants.reduce((sum, { seeds }) => sum + seeds.length, 0);
}
