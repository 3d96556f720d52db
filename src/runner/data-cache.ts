import type { DataContext, Experiment, OpenData, Settings } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';

/** The data of the population in training: populations with the same data follow each other, so one is kept open. */
export class DataCache {
  private key = '';
  private current: OpenData | null = null;

  constructor(
    private readonly experiment: Experiment,
    private readonly context: DataContext,
  ) {}

  async open(data: Settings['data']): Promise<OpenData> {
    const key = canonicalJson(data);
    if (this.current && key === this.key) return this.current;
    this.dispose();
    this.current = await this.experiment.openData(data, this.context);
    this.key = key;
    return this.current;
  }

  dispose(): void {
    this.current?.dispose();
    this.current = null;
  }
}
