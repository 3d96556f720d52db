import { describe, expect, test } from 'vitest';
import { paperTables } from '../paper/index.js';
import type { TrialRecord } from '../results/record.js';
import { buildTables } from './build.js';
import { tableCsv, trialsCsv } from './csv.js';
import { type Example, exampleConfig, exampleRecord, exampleTrial } from './example.test-helper.js';
import { tableMarkdown } from './markdown.js';
import { placeRecords, type TablePlan } from './plan.js';
import type { Row } from './rows.js';
import { tableText } from './text.js';

const cells: Example[] = [
  { setting: 'simple-no-clip', arm: 'no-noise' },
  { setting: 'simple-no-clip', arm: 'with-noise' },
  { setting: 'simple-no-clip', arm: 'dropout' },
  { setting: 'zero-clip-10', arm: 'no-noise' },
  { setting: 'zero-clip-10', arm: 'with-noise' },
];
const grid = [0.1, 0.01].flatMap((rate) => [0, 1].map((seed) => ({ rate, seed })));
const plan: TablePlan = {
  config: exampleConfig,
  trials: cells.flatMap((cell) => grid.map((point) => exampleTrial({ ...cell, ...point }))),
};
const accuracies = [
  [0.899, 0.432, 0.1135, 0.101],
  [0.967, 0.912, 0.52, 0.101],
  [0.113, 0.108],
  [0.114, 0.101, 0.101, 0.1028],
  [0.945, 0.93, 0.9123, 0.1135],
];
const records = cells.flatMap((cell, i) =>
  accuracies[i]!.map((accuracy, j) => exampleRecord({ ...cell, ...grid[j]! }, accuracy)),
);
const noise = { setting: 'zero-clip-10', arm: 'with-noise' };

function rowOf(stored: readonly TrialRecord[], arm = 'with-noise', setting = 'zero-clip-10'): Row {
  return buildTables(plan, stored)[0]!.rows.find(
    (row) => row.arm.name === arm && row.setting.name === setting,
  )!;
}

describe('the three formats of one table', () => {
  const [table] = buildTables(plan, records);

  test('text', () => {
    expect(tableText(table!)).toMatchInlineSnapshot(`
      "Table 1: MNIST test accuracy of a 20-layer network [config mnist20, profile desk, REDUCED: 2 seeds instead of 20]
      arm           trials  best %  paper  diff  average %  paper   diff    success % (95%)  s/m/d/f
      ──────────────────────────────────────────────────────────────────────────────────────────────
      Simple Init, no clipping
        no noise         4    89.9   89.9   0.0       38.6   43.1   -4.5    0.0 [0.0, 49.0]  0/4/0/0
        with noise       4    96.7   96.7   0.0       62.5   52.7   +9.8  50.0 [15.0, 85.0]  2/2/0/0
        dropout        2/4    11.3   11.3   0.0       11.1   10.8   +0.3    0.0 [0.0, 65.8]  0/2/0/0
      Zero init, clip 10
        no noise         4    11.4   11.4   0.0       10.5   10.1   +0.4    0.0 [0.0, 49.0]  0/4/0/0
        with noise       4    94.5   94.5   0.0       72.5   49.7  +22.8  75.0 [30.1, 95.4]  3/1/0/0

      arms compared            pairs  won:lost  McNemar p  mean diff  Wilcoxon p
      ──────────────────────────────────────────────────────────────────────────
      Simple Init, no clipping
        with noise - no noise      4       2:0      0.500      +23.9       0.250
        dropout - no noise         2       0:0          -      -55.5       0.500
      Zero init, clip 10
        with noise - no noise      4       3:0      0.250      +62.1       0.125

      success: testAccuracy above 0.9 at the end of training
      trials: stored, or stored/planned where that differs; s/m/d/f: succeeded, missed, diverged, failed (in no figure)
      diverged trials: averaged with the last figure measured of them, never the best
      arms compared: on pairs of equal seed and grid point; won:lost are pairs in which only one of the two succeeded
      paper: Neelakantan et al. 2015, arXiv 1511.06807, section 4.1, table 1; 2 learning rates x 20 runs per cell
      "
    `);
  });

  test('Markdown', () => {
    expect(tableMarkdown(table!)).toMatchInlineSnapshot(`
      "### Table 1: MNIST test accuracy of a 20-layer network [config mnist20, profile desk, REDUCED: 2 seeds instead of 20]

      | setting                  | arm        | trials | best % | paper | diff | average % | paper |  diff |   success % (95%) | s/m/d/f |
      | :----------------------- | :--------- | -----: | -----: | ----: | ---: | --------: | ----: | ----: | ----------------: | ------: |
      | Simple Init, no clipping | no noise   |      4 |   89.9 |  89.9 |  0.0 |      38.6 |  43.1 |  -4.5 |   0.0 [0.0, 49.0] | 0/4/0/0 |
      | Simple Init, no clipping | with noise |      4 |   96.7 |  96.7 |  0.0 |      62.5 |  52.7 |  +9.8 | 50.0 [15.0, 85.0] | 2/2/0/0 |
      | Simple Init, no clipping | dropout    |    2/4 |   11.3 |  11.3 |  0.0 |      11.1 |  10.8 |  +0.3 |   0.0 [0.0, 65.8] | 0/2/0/0 |
      | Zero init, clip 10       | no noise   |      4 |   11.4 |  11.4 |  0.0 |      10.5 |  10.1 |  +0.4 |   0.0 [0.0, 49.0] | 0/4/0/0 |
      | Zero init, clip 10       | with noise |      4 |   94.5 |  94.5 |  0.0 |      72.5 |  49.7 | +22.8 | 75.0 [30.1, 95.4] | 3/1/0/0 |

      | setting                  | arms compared         | pairs | won:lost | McNemar p | mean diff | Wilcoxon p |
      | :----------------------- | :-------------------- | ----: | -------: | --------: | --------: | ---------: |
      | Simple Init, no clipping | with noise - no noise |     4 |      2:0 |     0.500 |     +23.9 |      0.250 |
      | Simple Init, no clipping | dropout - no noise    |     2 |      0:0 |         - |     -55.5 |      0.500 |
      | Zero init, clip 10       | with noise - no noise |     4 |      3:0 |     0.250 |     +62.1 |      0.125 |

      - success: testAccuracy above 0.9 at the end of training
      - trials: stored, or stored/planned where that differs; s/m/d/f: succeeded, missed, diverged, failed (in no figure)
      - diverged trials: averaged with the last figure measured of them, never the best
      - arms compared: on pairs of equal seed and grid point; won:lost are pairs in which only one of the two succeeded
      - paper: Neelakantan et al. 2015, arXiv 1511.06807, section 4.1, table 1; 2 learning rates x 20 runs per cell
      "
    `);
  });

  test('CSV', () => {
    expect(tableCsv(table!)).toMatchInlineSnapshot(`
      "config,profile,scale,data_source,setting,arm,trials_planned,trials_stored,succeeded,missed,diverged,failed,best_testAccuracy_fraction,paper_best_testAccuracy_fraction,difference_best_testAccuracy_fraction,average_testAccuracy_fraction,paper_average_testAccuracy_fraction,difference_average_testAccuracy_fraction,success_fraction,success_low95_fraction,success_high95_fraction,paper_trials,compared_with,pairs,pairs_won,pairs_lost,mcnemar_p,mean_difference,wilcoxon_p
      mnist20,desk,2 seeds instead of 20,mnist,simple-no-clip,no-noise,4,4,0,4,0,0,0.899,0.899,0,0.386375,0.431,-0.044625,0,0,0.489890836455,40,,,,,,,
      mnist20,desk,2 seeds instead of 20,mnist,simple-no-clip,with-noise,4,4,2,2,0,0,0.967,0.967,0,0.625,0.527,0.098,0.5,0.150038989152,0.849961010848,40,no-noise,4,2,0,0.5,0.238625,0.25
      mnist20,desk,2 seeds instead of 20,mnist,simple-no-clip,dropout,4,2,0,2,0,0,0.113,0.113,0,0.1105,0.108,0.0025,0,0,0.657619772493,40,no-noise,2,0,0,,-0.555,0.5
      mnist20,desk,2 seeds instead of 20,mnist,zero-clip-10,no-noise,4,4,0,4,0,0,0.114,0.114,0,0.1047,0.101,0.0037,0,0,0.489890836455,40,,,,,,,
      mnist20,desk,2 seeds instead of 20,mnist,zero-clip-10,with-noise,4,4,3,1,0,0,0.945,0.945,0,0.7252,0.497,0.2282,0.75,0.300641842582,0.95441273919,40,no-noise,4,3,0,0.25,0.6205,0.125
      "
    `);
  });

  test('trials as CSV', () => {
    expect(trialsCsv(placeRecords(plan, records.slice(0, 3)).placed)).toMatchInlineSnapshot(`
      "id,config,profile,setting,arm,train.rate,seed,data_source,outcome,diverged_at_step,error,testAccuracy,steps,backend,device,population,population_seconds
      80546c98a45f3ea3,mnist20,desk,simple-no-clip,no-noise,0.01,0,mnist,missed,,,0.1135,600,wasm,cpu,8,60
      99377ea7344e81a5,mnist20,desk,simple-no-clip,no-noise,0.1,0,mnist,missed,,,0.899,600,wasm,cpu,8,60
      eb5891e350ef5cd0,mnist20,desk,simple-no-clip,no-noise,0.1,1,mnist,missed,,,0.432,600,wasm,cpu,8,60
      "
    `);
  });
});

test('the order in which records are read changes nothing', () => {
  const csv = (stored: readonly TrialRecord[]) => [
    ...buildTables(plan, stored).map(tableCsv),
    trialsCsv(placeRecords(plan, stored).placed),
  ];
  expect(csv([...records].reverse())).toEqual(csv(records));
});

test('every table of the paper fits a terminal of 120 columns', () => {
  for (const paper of paperTables) {
    const settings = [...new Map(paper.rows.map((row) => [row.setting, row.heading]))];
    const arms = [...new Set(paper.rows.map(({ arm }) => arm))];
    const wide: TablePlan = {
      config: {
        ...exampleConfig,
        settings: settings.map(([name, title]) => ({ name, title, paper: paper.id })),
        arms: arms.map((name) => ({ name, title: name.replaceAll('-', ' ') })),
      },
      trials: paper.rows.map(({ setting, arm }) => exampleTrial({ setting, arm })),
    };
    const stored = paper.rows.map(({ setting, arm }) => exampleRecord({ setting, arm }, 0.95));
    const [table] = buildTables(wide, stored);
    expect(table!.id).toBe(paper.id);
    expect(
      Math.max(
        ...tableText(table!, 120)
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(120);
  }
});

describe('figures', () => {
  test('a failed trial is counted and is in no figure', () => {
    const failed = exampleRecord({ ...noise, seed: 1 }, 0.99, { kind: 'failed', error: 'out of memory' });
    const row = rowOf([exampleRecord(noise, 0.95), failed]);
    expect(row.outcomes).toEqual({ succeeded: 1, missed: 0, diverged: 0, failed: 1 });
    expect(row.counted).toBe(1);
    expect(row.figures).toEqual([0.95, 0.95, 1]);
  });

  test('a diverged trial has not succeeded, is not the best, and is averaged with its last measured figure', () => {
    const diverged: TrialRecord = {
      ...exampleRecord({ ...noise, seed: 1 }, 0.99, { kind: 'diverged', step: 700 }),
      metrics: { testAccuracy: Number.NaN },
    };
    const row = rowOf([exampleRecord(noise, 0.95), diverged]);
    expect(row.figures).toEqual([0.95, (0.95 + 0.99) / 2, 0.5]);
  });

  test('a trial of which nothing was measured has the worst accuracy', () => {
    const unmeasured: TrialRecord = {
      ...exampleRecord(noise, 0, { kind: 'diverged', step: 1 }),
      metrics: {},
      curve: [],
    };
    expect(rowOf([unmeasured]).figures).toEqual([null, 0, 0]);
  });

  test('counts below an error level take accuracy as its complement, the level excluded', () => {
    const single: TablePlan = {
      config: {
        ...exampleConfig,
        settings: [{ name: 'multiplication', title: 'Multiplication', paper: 'table-6' }],
      },
      trials: [exampleTrial({ setting: 'multiplication' })],
    };
    const stored = [0.99, 0.995, 0.97, 0.96].map((accuracy, seed) =>
      exampleRecord({ setting: 'multiplication', seed }, accuracy),
    );
    const { measures, rows } = buildTables(single, stored)[0]!;
    const below = measures.flatMap(({ kind }, i) => (kind === 'below' ? [rows[0]!.figures[i]] : []));
    expect(below).toEqual([1 / 4, 2 / 4, 2 / 4, 1]);
  });

  test('a figure of the paper that is zero is shown as zero, not as missing', () => {
    const kth: TablePlan = {
      config: { ...exampleConfig, settings: [{ name: 'setting-2', title: 'Setting 2', paper: 'table-5' }] },
      trials: [exampleTrial({ setting: 'setting-2' })],
    };
    expect(buildTables(kth, [])[0]!.rows[0]!.paper[0]).toBe(0);
  });
});

describe('what a config asks its tables to show', () => {
  const measured = (example: Example, accuracy: number, level: number): TrialRecord => ({
    ...exampleRecord(example, accuracy),
    metrics: { testAccuracy: accuracy, level },
  });
  const asking = (table: Partial<TablePlan['config']['table']>): TablePlan => ({
    ...plan,
    config: { ...exampleConfig, table: { ...exampleConfig.table, ...table } },
  });

  test('averages of further metrics, beside the paper', () => {
    const stored = [measured(noise, 0.95, 3), measured({ ...noise, seed: 1 }, 0.5, 2)];
    const [table] = buildTables(asking({ columns: ['level', 'testAccuracy'] }), stored);
    const [head] = tableCsv(table!).split('\n');
    expect(head).toContain('success_high95_fraction,average_level');
    expect(head!.match(/,average_testAccuracy_fraction/g)).toHaveLength(1);
    expect(tableText(table!)).toMatch(/arm .* level +success/);
    expect(tableText(table!)).toMatch(/with noise +2\/4 .* 2\.5 /);
  });

  test('per cent of shares only, and the best by what the metric says is better, whatever they are called', () => {
    const experiment = {
      metrics: {
        ...exampleConfig.experiment.metrics,
        solved: { description: 'templates solved', better: 'higher', kind: 'share' },
        errorRate: { description: 'errors a page', better: 'lower', kind: 'cost' },
      },
    } as const;
    const named = asking({ rows: 'points', columns: ['errorRate', 'solved'] });
    const stored = [0.1, 0.01].map((rate) => ({
      ...exampleRecord({ ...noise, rate }, 0.5),
      metrics: { testAccuracy: 0.5, solved: 0.25, errorRate: 100 * rate },
    }));
    const [table] = buildTables({ ...named, config: { ...named.config, experiment } }, stored);
    expect(tableText(table!)).toMatch(/errorRate +solved % +success/);
    const rows = table!.rows.filter(({ arm, stored }) => arm.name === 'with-noise' && stored > 0);
    expect(rows.map(({ point }) => point!['train.rate'])).toEqual([0.01, 0.1]);
    expect(tableCsv(table!).split('\n')[0]).toContain(',average_errorRate,average_solved_fraction,');
  });

  test('how many trials meet a further criterion; of diverged ones none does', () => {
    const stored = [
      measured(noise, 0.95, 3),
      measured({ ...noise, seed: 1 }, 0.5, 3),
      { ...measured({ ...noise, rate: 0.01 }, 0.95, 3), outcome: { kind: 'diverged', step: 9 } as const },
    ];
    const counts = [{ metric: 'level', above: 2 }];
    const [table] = buildTables(asking({ counts }), stored);
    expect(tableText(table!)).toMatch(/level > 2 +success/);
    expect(tableText(table!)).toMatch(/with noise .* 2 +33\.3 /);
    expect(tableCsv(table!)).toContain(',level_above_2_fraction');
  });

  test('p-values corrected for all comparisons of the table, by the test that is named', () => {
    const stored = [0, 1].flatMap((seed) => [
      measured({ setting: 'zero-clip-10', seed }, 0.5, 1),
      measured({ ...noise, seed }, 0.95, 1),
    ]);
    for (const test of ['mcnemar', 'fisher', 'wilcoxon'] as const) {
      const [table] = buildTables(asking({ test }), stored);
      const compared = table!.rows.flatMap(({ comparison }) => comparison ?? []);
      expect(compared.length).toBeGreaterThan(1);
      const own = compared.find(({ pairs }) => pairs === 2)!;
      const p = { mcnemar: 0.5, fisher: 1 / 3, wilcoxon: 0.5 }[test];
      expect(own.corrected).toBeCloseTo(Math.min(1, compared.length * p), 12);
      expect(tableCsv(table!).split('\n')[0]).toMatch(new RegExp(`,fisher_p,holm_${test}_p$`));
    }
    expect(tableCsv(buildTables(asking({}), stored)[0]!).split('\n')[0]).toMatch(/,wilcoxon_p$/);
  });

  test('of the paper only what the experiment reports', () => {
    const settings = [{ name: 'zero-clip-10', title: 'Zero', paper: 'table-2' }];
    const [table] = buildTables({ ...plan, config: { ...exampleConfig, settings } }, records);
    expect(table!.measures.map(({ heading }) => heading)).toEqual(['best', 'average', 'success']);
  });

  test('a row for each grid point, by success, then by the success metric, then by what was asked for', () => {
    const stored = [
      measured({ rate: 0.1, seed: 0 }, 0.5, 1),
      measured({ rate: 0.1, seed: 1 }, 0.95, 1),
      measured({ rate: 0.01, seed: 0 }, 0.95, 1),
      measured({ rate: 0.01, seed: 1 }, 0.95, 1),
      measured({ ...noise, rate: 0.1, seed: 0 }, 0.95, 2),
      measured({ ...noise, rate: 0.1, seed: 1 }, 0.95, 2),
    ];
    const [table] = buildTables(asking({ rows: 'points', columns: ['level'] }), stored);
    const rows = table!.rows.filter(({ setting }) => setting.name === 'zero-clip-10');
    expect(rows.map(({ arm, point, stored }) => [arm.name, point!['train.rate'], stored])).toEqual([
      ['with-noise', 0.1, 2],
      ['no-noise', 0.01, 2],
      ['no-noise', 0.1, 2],
      ['with-noise', 0.01, 0],
    ]);
    expect(rows[0]!.comparison).toMatchObject({ pairs: 2, won: 1, lost: 0 });
    expect(tableText(table!)).toContain('Zero init, clip 10 (rate)\n  with noise, 0.1 ');
    expect(tableCsv(table!)).toContain('zero-clip-10,with-noise,0.1,2,2,2,0,0,0');
  });
});

test('where the paper has a figure over all settings, so has the table; pairs are still of one setting', () => {
  const settings = ['setting-1', 'setting-2', 'setting-3'];
  const cell = (setting: string, arm: string, accuracy: number) => exampleRecord({ setting, arm }, accuracy);
  const kth: TablePlan = {
    config: {
      ...exampleConfig,
      settings: settings.map((name) => ({ name, title: name, paper: 'table-5' })),
    },
    trials: settings.flatMap((setting) =>
      ['no-noise', 'with-noise'].map((arm) => exampleTrial({ setting, arm })),
    ),
  };
  const [table] = buildTables(kth, [
    cell('setting-1', 'no-noise', 0.95),
    cell('setting-1', 'with-noise', 0.1),
    cell('setting-2', 'no-noise', 0.1),
    cell('setting-2', 'with-noise', 0.95),
    cell('setting-3', 'with-noise', 0.95),
  ]);
  const [without, noisy] = table!.rows.filter(({ setting }) => setting.title === 'All settings together');
  expect([without!.stored, noisy!.stored]).toEqual([2, 3]);
  expect([without!.figures[0], without!.paper[0]]).toEqual([0.5, 0.013]);
  expect([noisy!.figures[0], noisy!.paper[0]]).toEqual([2 / 3, 0.113]);
  expect(noisy!.comparison).toMatchObject({ pairs: 2, won: 1, lost: 1 });
});

describe('which trials a table holds', () => {
  test('seeds beyond the planned ones count', () => {
    const row = rowOf([0, 1, 77].map((seed) => exampleRecord({ ...noise, seed }, 0.95)));
    expect([row.planned, row.stored]).toEqual([4, 3]);
  });

  test('trials of another revision, or of a grid point no longer planned, do not', () => {
    const stored = [
      exampleRecord({ ...noise, revision: 2 }, 0.95),
      exampleRecord({ ...noise, rate: 0.5 }, 0.95),
    ];
    expect(placeRecords(plan, stored)).toEqual({ placed: [], unplaced: 2 });
  });

  test('a trial stands under the labels of today, whatever they were when it was trained', () => {
    const renamed = { ...exampleRecord(noise, 0.95), arm: 'noisy', setting: 'zeros' };
    expect(rowOf([renamed]).stored).toBe(1);
  });

  test('settings that answer to no table of the paper have a table without it', () => {
    const control = exampleTrial({ setting: 'five-layers' });
    const [first, second] = buildTables({ ...plan, trials: [...plan.trials, control] }, records);
    expect([first!.id, second!.id]).toEqual(['table-1', 'table']);
    expect(second!.rows).toHaveLength(1);
    expect(tableCsv(second!)).not.toContain('paper_');
  });
});

describe('trials on data that stand in for MNIST', () => {
  const standIn = exampleRecord({ ...noise, source: 'synthetic-digits' }, 0.95);

  test('have a table of their own, with a warning and without the figures of the paper', () => {
    const [table, ...others] = buildTables(plan, [standIn]);
    expect(others).toEqual([]);
    expect(table!.id).toBe('table-1.synthetic-digits');
    for (const text of [tableText(table!), tableMarkdown(table!)]) {
      expect(text).toContain('NOT MNIST: trained on synthetic-digits');
      expect(text).not.toMatch(/Neelakantan|\| +paper/);
    }
    const csv = tableCsv(table!);
    expect(csv).not.toContain('paper_');
    expect(csv).toContain('synthetic-digits,mnist');
  });

  test('are not mixed with those on MNIST, nor paired with them', () => {
    const tables = buildTables(plan, [...records, standIn]);
    expect(tables.map(({ id }) => id)).toEqual(['table-1', 'table-1.synthetic-digits']);
    expect(tables[0]).toEqual(buildTables(plan, records)[0]);
    expect(tables[1]!.rows.at(-1)!.comparison!.pairs).toBe(0);
  });
});

describe('scale', () => {
  test('is in the title and in every line of the CSV when smaller than the paper', () => {
    const [table] = buildTables(plan, records);
    expect(tableText(table!).split('\n')[0]).toContain('REDUCED: 2 seeds instead of 20');
    const [, ...lines] = tableCsv(table!).trim().split('\n');
    for (const line of lines) expect(line).toContain('2 seeds instead of 20');
  });

  test('is that of the paper only under the profile of that name', () => {
    const scaleOf = (name: string) =>
      buildTables({ ...plan, config: { ...exampleConfig, profile: { name, title: null } } }, records)[0]!
        .scale;
    expect(scaleOf('paper')).toBeNull();
    expect(scaleOf('smoke')).not.toBeNull();
  });
});

describe('comparison of arms', () => {
  test('pairs trials of one grid point and seed, and leaves out those that failed', () => {
    const stored = [
      exampleRecord({ seed: 0 }, 0.1),
      exampleRecord({ seed: 1 }, 0.95),
      exampleRecord({ seed: 2 }, 0.1),
      exampleRecord({ seed: 3 }, 0, { kind: 'failed', error: 'x' }),
      exampleRecord({ seed: 0, rate: 0.01 }, 0.1),
      exampleRecord({ ...noise, seed: 0 }, 0.95),
      exampleRecord({ ...noise, seed: 1 }, 0.1),
      exampleRecord({ ...noise, seed: 2 }, 0.96),
      exampleRecord({ ...noise, seed: 3 }, 0.97),
    ];
    expect(rowOf(stored).comparison).toMatchObject({
      baseline: 'no-noise',
      pairs: 3,
      won: 2,
      lost: 1,
      mcNemar: 1,
    });
    expect(rowOf(stored, 'no-noise').comparison).toBeNull();
  });
});
