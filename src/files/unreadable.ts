/** What Node puts for bytes of a name that are no UTF-8. */
const FOREIGN = '\ufffd';

/**
 * Why a file or folder could not be read, in words that follow its name.
 * @param cause what the file system threw.
 * @param what stood to be read.
 */
export function whyUnreadable(cause: unknown, what: 'file' | 'folder' = 'file'): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return (cause as NodeJS.ErrnoException).path?.includes(FOREIGN)
        ? `the ${what} does not exist, or its name is not UTF-8: give it another name`
        : `the ${what} does not exist`;
    case 'ENOTDIR':
      return what === 'file' ? 'the file does not exist' : 'this is no folder';
    case 'EISDIR':
      return 'this is a folder, expected a file';
    case 'EACCES':
    case 'EPERM':
      return `the ${what} cannot be read: permission denied`;
    case 'ENOTFILE':
    case 'EBEYOND':
      return (cause as Error).message;
    case 'ENXIO':
      return 'this is a socket or a device, expected a file';
    case 'ELOOP':
      return `the ${what} is a link, or a circle of links`;
    default:
      return `the ${what} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}
