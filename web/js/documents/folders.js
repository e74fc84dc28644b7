// Files out of folders that were dropped or chosen; each knows its path in them.

// What systems and programs leave in folders beside what people keep there.
const LITTER = /^(\.|~\$|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;
const MAX_FILES = 2000;

/** Too many files at once; `sentence` is the key of what to tell. */
export class TooManyFiles extends Error {
  sentence = 'up.toomany';
}

/** The files of a drop as [{file, path}], folders walked through; the path is the name for a file that stood alone. */
export async function droppedFiles(transfer) {
  // Entries must be taken before anything is waited for: the list is empty afterwards.
  const entries = [...transfer.items].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.length || entries.includes(null)) return chosenFiles(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, '', found);
  return found;
}

/** The files of a picker as [{file, path}], without the litter of their folders. */
export function chosenFiles(files) {
  const found = [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  const kept = found.filter(({ file, path }) => path === file.name || !path.split('/').some((part) => LITTER.test(part)));
  if (kept.length > MAX_FILES) throw new TooManyFiles();
  return kept;
}

async function walk(entry, folder, found) {
  if (folder && LITTER.test(entry.name)) return;
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path });
    if (found.length > MAX_FILES) throw new TooManyFiles();
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A folder is read in batches of a hundred until an empty one.
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const each of batch) await walk(each, path, found);
  }
}
