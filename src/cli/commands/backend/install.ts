import { Option } from '@commander-js/extra-typings';
import { command } from '../../command.js';

export const install = command({
  name: 'install',
  arguments: '',
  text: "gets TensorFlow from Python's package index and builds TensorFlow.js's binding against it",
  options: [
    new Option('--gpu', 'for NVIDIA cards'),
    new Option('--version <version>', 'of TensorFlow'),
    new Option('--force', 'also when it is installed already'),
  ],
  async action(_values, flags, { out, err }) {
    const { installTensorflow } = await import('../../../backends/tensorflow/install.js');
    const progress = (line: string) => err.write(`${line}\n`);
    const { installation, probe, fresh } = await installTensorflow({ ...flags, progress });
    const devices = probe.gpu ? 'CPU and GPU' : 'CPU';
    out.write(
      `TensorFlow ${probe.tensorflowVersion} ${fresh ? 'is installed' : 'is installed already'} and computes on ${devices}: ` +
        `${installation.folder}\n`,
    );
    if (flags.gpu && !probe.gpu)
      err.write('No GPU is visible here, so it computes on the CPU; gnoise doctor says more.\n');
  },
});
