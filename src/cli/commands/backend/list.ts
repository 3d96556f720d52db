import { command } from '../../command.js';
import { writeJson } from '../../json.js';
import { jsonOption } from '../../options.js';

export const list = command({
  name: 'list',
  arguments: '',
  text: 'what is installed, and what is used',
  options: [jsonOption],
  isDefault: true,
  async action(_values, { json }, { out }) {
    const { diagnoseTensorflow } = await import('../../../backends/tensorflow/diagnose.js');
    const { describeDiagnosis } = await import('../../../backends/tensorflow/diagnosis.js');
    const { gigabytes } = await import('../../../files/space.js');
    const { backendsFolder } = await import('../../../backends/tensorflow/folders.js');
    const { findInstallations } = await import('../../../backends/tensorflow/installations.js');
    const [folder, installations] = [backendsFolder(), await findInstallations()];
    const diagnosis = await diagnoseTensorflow();
    if (json) {
      writeJson(out, { folder, installations, inUse: diagnosis });
      return;
    }
    const lines = installations.map(
      ({ folder, manifest: { tensorflowVersion, flavour, bytes } }) =>
        `TensorFlow ${tensorflowVersion} (${flavour}, ${gigabytes(bytes)}) ${folder}`,
    );
    if (lines.length === 0) lines.push(`Nothing is installed in ${folder}.`);
    const use = describeDiagnosis(diagnosis);
    lines.push(diagnosis.state === 'ready' ? `In use: ${use}` : use);
    out.write(`${lines.join('\n')}\n`);
  },
});
