// Server-sent events from a fetch body (EventSource cannot send the Authorization header).

/**
 * Yield the data of each event of a byte stream as a string.
 * Follows the event-stream format: LF, CR or CRLF line ends, comments, several data lines per event, a byte order mark;
 * bytes may be cut anywhere, an event cut off at the end is dropped.
 */
export async function* readEvents(stream) {
  const reader = stream.getReader();
  const decoder = new TextDecoder('utf-8');
  let buffer = '';
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      buffer += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const { lines, rest } = takeLines(buffer, done);
      buffer = rest;
      for (const line of lines) {
        if (line === '') {
          if (data.length) yield data.join('\n');
          data = [];
        } else if (line === 'data' || line.startsWith('data:')) {
          data.push(line.slice(5).replace(/^ /, ''));
        }
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Cut complete lines off `buffer`; a CR at the very end may be half of a CRLF and waits for more. */
function takeLines(buffer, final) {
  const lines = [];
  let from = 0;
  for (let at = 0; at < buffer.length; at += 1) {
    const char = buffer[at];
    if (char !== '\n' && char !== '\r') continue;
    if (char === '\r' && at + 1 === buffer.length && !final) break;
    lines.push(buffer.slice(from, at));
    if (char === '\r' && buffer[at + 1] === '\n') at += 1;
    from = at + 1;
  }
  return { lines, rest: buffer.slice(from) };
}
