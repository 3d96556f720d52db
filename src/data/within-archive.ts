import type { Archive, Container, Content, DataFile } from './archive.js';
import { Unpackable } from './look.js';
import { DownloadError } from './mirrors.js';
import { unpackFiles } from './unpack.js';

type Contents = Promise<Map<string, Buffer>>;

/** The archive that was read last, for the further files that are looked for in it. */
let last: { identity: string; contents: Contents } | null = null;

/** An archive as a container of a data set's file, under one of the names that it may have. */
export function withinArchive(
  { root }: Pick<Archive, 'root'>,
  name: string,
  file: DataFile,
  all: () => readonly Content[],
): Container {
  return {
    name,
    async extract({ path, identity }) {
      // What Hugging Face's downloads leave beside them.
      if (/\.(json|lock)$/.test(path)) return null;
      if (last?.identity !== identity) last = { identity, contents: unpackFiles(path, root, all()) };
      try {
        return (await last.contents).get(file.name) ?? null;
      } catch (error) {
        if (!(error instanceof DownloadError)) throw error;
        throw new Unpackable(error.message.replace(`${path} `, 'it '));
      }
    },
  };
}
