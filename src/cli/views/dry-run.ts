import { printableLines } from '../../excerpt.js';
import type { DryRun } from '../../runner/dry-run.js';
import type { Estimate } from '../../runner/estimate.js';
import { digits3 } from './digits.js';
import { labelsOf } from './events.js';
import { trialLabel } from './trial-label.js';

/** Every trial with what is stored of it, the populations that the rest would train in, and what that would take. */
export function dryRunText({
  planned,
  trials,
  pending,
  populations,
  backend,
  processes,
  estimate,
  withoutData,
}: DryRun): string {
  const { name, profile } = planned.config;
  const lines = trials.map(
    ({ trial, outcome }) => `${trial.id}  ${outcome ?? 'to do'}  ${trialLabel(trial)}`,
  );
  if (estimate) lines.push(`${name}: ${estimateText(estimate)}`);
  if (withoutData > 0)
    lines.push(
      `${name}: the data of ${withoutData} populations are not here, so ${estimate ? 'they are taken for average' : 'nothing is estimated'}; ` +
        'gnoise data list says what is missing',
    );
  lines.push(
    `${name} (${profile.name}): ${trials.length} trials, ${trials.length - pending} done, ` +
      `${pending} to do in ${populations} populations (${backend}, ${processes} at once)`,
  );
  return printableLines(lines.map((line) => `${line}\n`).join(''));
}

/** What `dryRunText` says, for programs. */
export function dryRunJson({ planned, trials, ...rest }: DryRun) {
  const { name, profile } = planned.config;
  return {
    config: name,
    profile: profile.name,
    trials: trials.map(({ trial, outcome }) => ({ id: trial.id, outcome, ...labelsOf(trial) })),
    ...rest,
  };
}

function estimateText({ seconds, secondsPerTrial, bytes, replicas, sampled, structures }: Estimate): string {
  const hours = seconds / 3600;
  const time = hours < 1 ? `${Math.ceil(60 * hours)} min` : `${digits3(hours)} h`;
  const memory = `${digits3(bytes / 1e6)} MB for ${replicas} in lockstep, beside the data`;
  const kinds = structures === 1 ? 'one population' : `a population of ${sampled} of ${structures} kinds`;
  return (
    `about ${time} on this machine (${digits3(secondsPerTrial)} s per trial and process); ${memory}. ` +
    `Estimated from some seconds of ${kinds}.`
  );
}
