import type { DryRun } from '../../runner/dry-run.js';
import type { Estimate } from '../../runner/estimate.js';
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
}: DryRun): string {
  const { name, profile } = planned.config;
  const lines = trials.map(
    ({ trial, outcome }) => `${trial.id}  ${outcome ?? 'to do'}  ${trialLabel(trial)}`,
  );
  if (estimate) lines.push(`${name}: ${estimateText(estimate)}`);
  lines.push(
    `${name} (${profile.name}): ${trials.length} trials, ${trials.length - pending} done, ` +
      `${pending} to do in ${populations} populations (${backend}, ${processes} at once)`,
  );
  return lines.map((line) => `${line}\n`).join('');
}

function estimateText({ seconds, secondsPerTrial, bytes, replicas, sampled, structures }: Estimate): string {
  const hours = seconds / 3600;
  const time = hours < 1 ? `${Math.ceil(60 * hours)} min` : `${hours.toPrecision(3)} h`;
  const memory = `${(bytes / 1e6).toPrecision(3)} MB for ${replicas} in lockstep, beside the data`;
  const kinds = structures === 1 ? 'one population' : `a population of ${sampled} of ${structures} kinds`;
  return (
    `about ${time} on this machine (${secondsPerTrial.toPrecision(3)} s per trial and process); ${memory}. ` +
    `Estimated from some seconds of ${kinds}.`
  );
}
