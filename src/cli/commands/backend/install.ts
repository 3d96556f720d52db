import { Option } from '@commander-js/extra-typings';
import { command } from '../../command.js';
import { writeEvent } from '../../json.js';
import { eventsOption } from '../../options.js';

export const install = command({
  name: 'install',
  arguments: '',
  text: "gets TensorFlow from Python's package index and builds TensorFlow.js's binding against it",
  options: [
    new Option('--gpu', 'for NVIDIA cards'),
    new Option('--version <version>', 'of TensorFlow'),
    new Option('--force', 'also when it is installed already'),
    eventsOption,
  ],
  async action(_values, { json, ...flags }, { out, err }) {
    const { installTensorflow } = await import('../../../backends/tensorflow/install.js');
    const progress = (line: string) => {
      err.write(`${line}\n`);
      if (json) writeEvent(out, 'notice', { text: line.trim() });
    };
    const { installation, probe, fresh } = await installTensorflow({ ...flags, progress });
    const devices = probe.gpu ? 'CPU and GPU' : 'CPU';
    if (json) writeEvent(out, 'installed', { ...installation, ...probe, fresh });
    else
      out.write(
        `TensorFlow ${probe.tensorflowVersion} ${fresh ? 'is installed' : 'is installed already'} and computes on ${devices}: ` +
          `${installation.folder}\n`,
      );
    if (flags.gpu && !probe.gpu)
      err.write('No GPU is visible here, so it computes on the CPU; gnoise doctor says more.\n');
  },
});
