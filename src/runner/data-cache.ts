import type { DataContext, Experiment, OpenData, Settings } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';

/** The data of the population in training: populations with the same data follow each other, so one is kept open. */
export class DataCache {
  private key = '';
  private current: OpenData | null = null;

  /** Whatever else was open is closed first, so that memory holds one of them. */
  async open(experiment: Experiment, data: Settings['data'], context: DataContext): Promise<OpenData> {
    const key = canonicalJson([experiment.name, data]);
    if (this.current && key === this.key) return this.current;
    this.dispose();
    this.current = await experiment.openData(data, context);
    this.key = key;
    return this.current;
  }

  dispose(): void {
    this.current?.dispose();
    this.current = null;
  }
}
