// Following a job of the server until it ends.

import { ApiError, NetworkError, fetchJson, isAbort, request } from '../core/api.js';
import { readEvents } from '../core/sse.js';

// A browser opens six connections to a host; streams must leave some for everything else.
const MAX_STREAMS = 3;
const POLL_MS = 1500;
const MAX_FAILURES = 6;

// So many may ask at the pace above; with more, each asks more seldom, up to the longest pause.
const POLLERS = 5;
const LONGEST_POLL_MS = 20000;

let streams = 0;
let pollers = 0;

/** True for a job that will not change any more. */
export function isOver(job) {
  return job.state === 'done' || job.state === 'dead';
}

/** Yield the job at each change and return after the last; broken connections are tried again for about a minute. */
export async function* follow(id, signal) {
  let failures = 0;
  for (;;) {
    try {
      for await (const job of streams < MAX_STREAMS ? streamed(id, signal) : polled(id, signal)) {
        failures = 0;
        yield job;
        if (isOver(job)) return;
      }
    } catch (error) {
      if (isAbort(error) || error instanceof ApiError) throw error;
    }
    failures += 1;
    if (failures > MAX_FAILURES) throw new NetworkError('the job cannot be followed');
    await pause(Math.min(500 * 2 ** failures, 15000), signal);
  }
}

async function* streamed(id, signal) {
  streams += 1;
  try {
    const response = await request(`/v1/jobs/${encodeURIComponent(id)}/events`, { accept: 'text/event-stream', signal });
    for await (const data of readEvents(response.body)) yield JSON.parse(data);
  } finally {
    streams -= 1;
  }
}

async function* polled(id, signal) {
  pollers += 1;
  try {
    do {
      yield await fetchJson(`/v1/jobs/${encodeURIComponent(id)}`, { signal });
      await pause(Math.min(POLL_MS * Math.max(pollers / POLLERS, 1), LONGEST_POLL_MS), signal);
    } while (streams >= MAX_STREAMS);
  } finally {
    pollers -= 1;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('aborted', 'AbortError'));
    }, { once: true });
  });
}
